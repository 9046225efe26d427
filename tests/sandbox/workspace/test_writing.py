"""The writing methods of the sandbox's workspace, called bare."""

import pytest

from sandbox.workspace import Level, Workspace
from tests.sandbox.workspace.calling import Caller


@pytest.fixture
def live_id(workspace: Workspace) -> int:
    return workspace.state.add_live("Webinar").object_id


async def test_anybody_may_comment_on_what_they_see(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    private = workspace.state.add_live("Board", is_private=True)

    status, answer = await api.post("comment/add", object_id=live_id, content="Hi", name="Ada")
    hidden, _ = await api.post("comment/add", object_id=private.object_id, content="Hi")
    opened, _ = await api.post(
        "comment/add", object_id=private.object_id, content="Hi", object_token=private.token
    )

    assert (status, hidden, opened) == (200, 404, 200)
    assert workspace.state.comment(answer["data"]["comment_id"]).author == "Ada"
    for bad in ({"content": ""}, {"content": "x", "comment_type": "poem"}):
        assert (await api.post("comment/add", object_id=live_id, **bad))[0] == 400


async def test_who_may_promote_is_an_option(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id}

    assert (await api.post("comment/promote", Level.READ, **given))[0] == 403
    workspace.options.promote_level = Level.READ
    assert (await api.post("comment/promote", Level.READ, **given))[0] == 200
    assert comment.is_promoted
    await api.post("comment/promote", Level.READ, **given)
    assert not comment.is_promoted
    await api.post("comment/promote", Level.READ, promoted_p=0, **given)
    assert not comment.is_promoted


async def test_questions_are_marked_as_answered(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id, "object_id": live_id}

    status, _ = await api.post("comment/update", Level.WRITE, comment_status="answered", **given)
    bad, _ = await api.post("comment/update", Level.WRITE, comment_status="x", **given)
    other, _ = await api.post("comment/update", Level.WRITE, **(given | {"object_id": 1}))

    assert (status, bad, other, comment.status) == (200, 400, 404, "answered")


async def test_comments_are_deleted(api: Caller, workspace: Workspace, live_id: int) -> None:
    comment = await workspace.changes.post_comment(live_id, "Spam")
    given = {"comment_id": comment.comment_id}

    assert (await api.post("comment/delete", Level.WRITE, **given))[0] == 200
    assert (await api.post("comment/delete", Level.WRITE, **given))[0] == 404


async def test_a_live_event_is_run_by_the_api(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    live = workspace.state.live(live_id)

    async def update(**params: object) -> str:
        assert (await api.post("live/update", Level.WRITE, live_id=live_id, **params))[0] == 200
        return live.status

    assert await update(start_time=1_900_000_500) == "upcoming"
    assert await update(broadcasting_p=1) == "live"
    assert await update(broadcasting_p=0) == "previous"
    await update(cancelled_p=1)
    assert live.is_cancelled
    assert live.scheduled == 1_900_000_500


async def test_a_realtime_service_that_fails_fails_no_call(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    async def publisher(channel: str, data: object) -> None:
        raise OSError(channel, data)

    workspace.publish_by(publisher, "http://127.0.0.1:9/faye")

    status, _ = await api.post("comment/add", object_id=live_id, content="Hi")

    assert status == 200
    assert [one.fate for one in workspace.changes.published] == ["failed"]
