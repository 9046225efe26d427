"""The sandbox's workspace, changed through the plugin's own client: each version, each way in."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, Bearer, Credentials, OAuth1, WorkspaceClient
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    ObjectKind,
    Quote,
)
from cogs.twentythree.errors import (
    AccessDeniedError,
    UnknownObjectError,
    WorkspaceRefusedError,
    WorkspaceUnreachableError,
)
from sandbox.workspace import Level, Workspace, WorkspaceFault

VERSIONS = pytest.mark.parametrize("version", ["1", "2"])


def client(
    http: aiohttp.ClientSession,
    workspace: Workspace,
    version: str = "2",
    *,
    level: Level = Level.WRITE,
    is_signed: bool = False,
    timeout_s: float = 10,
) -> WorkspaceClient:
    account = workspace.account(level)
    keys = account.oauth
    credentials: Credentials = Bearer(token=account.bearer)
    if is_signed:
        credentials = OAuth1(
            consumer_key=keys.consumer_key,
            consumer_secret=keys.consumer_secret,
            token=keys.token,
            token_secret=keys.token_secret,
        )
    config = ApiConfig(
        site_url=workspace.url,
        credentials=credentials,
        version=version,  # type: ignore[arg-type]
        timeout_s=timeout_s,
    )
    return WorkspaceClient(http, config)


@pytest.fixture
def live_id(workspace: Workspace) -> ObjectId:
    return ObjectId(workspace.state.add_live("Webinar").object_id)


async def ask(workspace: Workspace, live_id: ObjectId, text: str = "Why?") -> CommentId:
    made = await workspace.changes.post_comment(live_id, text, kind="question", author="Ada")
    return CommentId(made.comment_id)


def posts(workspace: Workspace, method: str) -> int:
    """Return how many calls of a method came in; each must have been a POST."""
    calls = [one for one in workspace.log if one.method == method]
    assert {one.http_method for one in calls} <= {"POST"}
    return len(calls)


@VERSIONS
@pytest.mark.parametrize("way", ["bearer", "oauth"])
async def test_all_that_staff_do_to_a_question(
    workspace: Workspace,
    http: aiohttp.ClientSession,
    live_id: ObjectId,
    version: str,
    way: str,
) -> None:
    api = client(http, workspace, version, is_signed=way == "oauth")
    question = await ask(workspace, live_id)

    for is_promoted in (True, True, False, False):
        await api.writing.promote(question, is_promoted=is_promoted)
        found = await api.comment(question)
        assert found is not None
        assert found.is_promoted is is_promoted
    for status in (CommentStatus.ANSWERED, CommentStatus.DISMISSED, CommentStatus.OPEN):
        await api.writing.set_status(live_id, question, status)
        found = await api.comment(question)
        assert found is not None
        assert found.status is status
    await api.writing.delete(question)
    assert await api.comment(question) is None
    for act in (
        api.writing.promote(question, is_promoted=True),
        api.writing.set_status(live_id, question, CommentStatus.OPEN),
        api.writing.delete(question),
        api.writing.copy(question),
        api.writing.reply(ObjectKind.LIVE, live_id, to=question, text="Hi", name="Staff"),
    ):
        with pytest.raises(UnknownObjectError, match="this comment no more"):
            await act
    assert api.can_write


@VERSIONS
async def test_an_answer_quotes_what_it_answers(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId, version: str
) -> None:
    api = client(http, workspace, version)
    question = await ask(workspace, live_id, "Rye & oat?")

    made = await api.writing.reply(
        ObjectKind.LIVE, live_id, to=question, text='Rye + oat,\n"both" é', name="Bakery (Bo)"
    )

    assert made is not None
    found = await api.comment(made)
    (listed, asked) = (await api.comments(live_id)).comments
    assert found == listed
    assert (listed.text, listed.author) == ('Rye + oat,\n"both" é', "Bakery (Bo)")
    assert listed.answers == Quote(comment_id=question, author="Ada", text="Rye & oat?")
    assert asked.answers is None
    await workspace.changes.delete_comment(question)
    found = await api.comment(made)
    assert found is not None
    assert found.answers == Quote(comment_id=question)


@VERSIONS
async def test_a_video_is_commented_on_and_has_no_status(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    api = client(http, workspace, version)
    video_id = ObjectId(workspace.state.add_video("Film").object_id)
    said = CommentId((await workspace.changes.post_comment(video_id, "Hi")).comment_id)

    made = await api.writing.reply(ObjectKind.VIDEO, video_id, to=said, text="Hi!", name="Staff")

    assert made is not None
    with pytest.raises(WorkspaceRefusedError, match="said at live events"):
        await api.writing.set_status(video_id, said, CommentStatus.ANSWERED)


@VERSIONS
async def test_a_chat_line_becomes_a_question_as_well(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId, version: str
) -> None:
    api = client(http, workspace, version)
    said = await workspace.changes.post_comment(live_id, "Why?", kind="chat", author="Ada")

    made = await api.writing.copy(CommentId(said.comment_id))

    assert made is not None
    found = await api.comment(made)
    assert found is not None
    assert (found.kind, found.text, found.author) == (CommentKind.QUESTION, "Why?", "Ada")
    assert len(workspace.state.comments) == 2


@VERSIONS
async def test_a_level_that_is_too_low_is_named(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId, version: str
) -> None:
    api = client(http, workspace, version, level=Level.READ)
    question = await ask(workspace, live_id)

    for act in (
        api.writing.promote(question, is_promoted=True),
        api.writing.set_status(live_id, question, CommentStatus.ANSWERED),
        api.writing.delete(question),
        api.writing.copy(question),
    ):
        with pytest.raises(AccessDeniedError, match="the permission level write"):
            await act
    await api.comment(question)
    assert api.can_write is False
    assert not workspace.state.comment(question).is_promoted


@VERSIONS
async def test_what_is_not_taken_as_an_answer_is_told_why(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId, version: str
) -> None:
    api = client(http, workspace, version)
    question = await ask(workspace, live_id)
    workspace.options.spam = "watches"
    workspace.options.most_text = 100

    async def refused(text: str) -> str:
        with pytest.raises(WorkspaceRefusedError) as caught:
            await api.writing.reply(ObjectKind.LIVE, live_id, to=question, text=text, name="Staff")
        return str(caught.value)

    assert "for spam" in await refused("Cheap watches")
    assert "may be too long" in await refused("x" * 101)
    workspace.changes.edit_object(live_id, comment_mode="none")
    assert "switched off" in await refused("Hi")
    workspace.changes.edit_object(live_id, comment_mode="full")
    assert set(workspace.state.comments) == {question}


@VERSIONS
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("fault", ["drops", "status", "slow"])
async def test_a_lost_answer_is_no_second_request(
    workspace: Workspace,
    http: aiohttp.ClientSession,
    live_id: ObjectId,
    version: str,
    fault: str,
    *,
    is_late: bool,
) -> None:
    api = client(http, workspace, version, timeout_s=0.3)
    question = await ask(workspace, live_id)
    for method in ("comment/add", "comment/clone", "comment/promote"):
        made = WorkspaceFault(method=method, is_late=is_late, drops=fault == "drops")
        made.status = 503 if fault == "status" else None
        made.hangs = fault == "slow"
        workspace.add_fault(made)

    for act in (
        api.writing.promote(question, is_promoted=True),
        api.writing.copy(question),
        api.writing.reply(ObjectKind.LIVE, live_id, to=question, text="Hi", name="Staff"),
    ):
        with pytest.raises(WorkspaceUnreachableError) as caught:
            await act
        assert caught.value.was_sent

    assert workspace.state.comment(question).is_promoted is is_late
    assert len(workspace.state.comments) == (3 if is_late else 1)
    workspace.clear_faults()
    assert workspace.calls["comment/add"] == 1
    assert workspace.calls["comment/clone"] == 1
    assert posts(workspace, "comment/promote") <= 1


async def test_nothing_is_sent_to_a_workspace_that_takes_no_connection(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId
) -> None:
    api = client(http, workspace)
    question = await ask(workspace, live_id)
    await workspace.close()

    with pytest.raises(WorkspaceUnreachableError) as caught:
        await api.writing.delete(question)

    assert not caught.value.was_sent
    assert question in workspace.state.comments


async def test_two_members_of_staff_at_the_same_moment(
    workspace: Workspace, http: aiohttp.ClientSession, live_id: ObjectId
) -> None:
    api = client(http, workspace)
    question = await ask(workspace, live_id)
    workspace.add_fault(
        WorkspaceFault(
            method="comment/delete",
            meanwhile=lambda: workspace.changes.delete_comment(question),
        )
    )

    with pytest.raises(UnknownObjectError):
        await api.writing.delete(question)

    other = await ask(workspace, live_id)
    await asyncio.gather(
        api.writing.promote(other, is_promoted=True), api.writing.promote(other, is_promoted=True)
    )
    assert workspace.state.comment(other).is_promoted
