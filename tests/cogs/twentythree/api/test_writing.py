"""Changing comments: one request each, and what an error says of its effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, OAuth1, WorkspaceClient
from cogs.twentythree.domain.acting import MAX_REPLY
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    ObjectKind,
)
from cogs.twentythree.errors import (
    AccessDeniedError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceRefusedError,
    WorkspaceUnreachableError,
)
from tests.fakes.site import Handler, ScriptedSite, drop, never, page, status

LIVE, COMMENT = ObjectId(700001), CommentId(900001)
PROMOTE, ADD = "/api/2/comment/promote", "/api/2/comment/add"
DONE = {"status": "ok", "permission_level": "write", "cached": False, "data": {}}

Act = Callable[[WorkspaceClient], Awaitable[object]]
Make = Callable[..., WorkspaceClient]


async def promote(client: WorkspaceClient) -> None:
    await client.writing.promote(COMMENT, is_promoted=True)


async def update(client: WorkspaceClient) -> None:
    await client.writing.set_status(LIVE, COMMENT, CommentStatus.OPEN)


async def delete(client: WorkspaceClient) -> None:
    await client.writing.delete(COMMENT)


async def add(client: WorkspaceClient) -> CommentId | None:
    return await client.writing.reply(ObjectKind.LIVE, LIVE, to=COMMENT, text="Rye.", name="Staff")


async def clone(client: WorkspaceClient) -> CommentId | None:
    return await client.writing.copy(COMMENT)


ACTS: dict[str, Act] = {
    "promote": promote,
    "update": update,
    "delete": delete,
    "add": add,
    "clone": clone,
}


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        yield made


@pytest.fixture
async def make(site: ScriptedSite) -> AsyncIterator[Make]:
    async with aiohttp.ClientSession() as http:

        def made(**options: Any) -> WorkspaceClient:
            config: dict[str, Any] = {"site_url": site.url, "version": "2"} | options
            return WorkspaceClient(http, ApiConfig(**config))

        yield made


def path_of(act: Act, version: str) -> str:
    name = next(name for name, one in ACTS.items() if one is act)
    return {"1": "/api/comment/", "2": "/api/2/comment/"}[version] + name


async def failure(act: Act, client: WorkspaceClient) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        await act(client)
    return caught.value


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    ("handler", "code"),
    [(status(503), "503"), (status(429), "429"), (drop, "connection"), (never, "timeout")],
    ids=["error", "too many", "cut", "slow"],
)
async def test_what_gets_no_answer_is_not_asked_again_and_may_have_been_done(
    site: ScriptedSite, make: Make, name: str, handler: Handler, code: str
) -> None:
    site.handle(f"/api/2/comment/{name}", handler)

    error = await failure(ACTS[name], make(timeout_s=0.2))

    assert isinstance(error, WorkspaceUnreachableError)
    assert (error.method, error.code, error.was_sent) == (f"comment/{name}", code, True)
    assert len(site.seen) == 1


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    "reply", [b"<html>", b"{", {"a": 1}, "<h1>Moved</h1>"], ids=["page", "cut", "other", "moved"]
)
async def test_an_answer_that_cannot_be_read_says_nothing(
    site: ScriptedSite, make: Make, name: str, reply: object
) -> None:
    path = f"/api/2/comment/{name}"
    site.answer(path, reply)
    if reply == "<h1>Moved</h1>":
        site.handle(path, status(302, Location="/elsewhere"))

    error = await failure(ACTS[name], make())

    assert isinstance(error, WorkspaceUnreachableError)
    assert (error.code, error.was_sent) == ("unreadable", True)
    assert "could not be read" in str(error)
    assert len(site.seen) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
async def test_what_found_no_connection_was_not_sent(make: Make, url: str) -> None:
    error = await failure(promote, make(site_url=url))

    assert isinstance(error, WorkspaceUnreachableError)
    assert (error.code, error.was_sent) == ("connection", False)


async def test_what_found_no_connection_to_trust_was_not_sent(
    site: ScriptedSite, make: Make
) -> None:
    # Not TLS at all.
    error = await failure(promote, make(site_url=site.url.replace("http://", "https://")))

    assert isinstance(error, WorkspaceUnreachableError)
    assert not error.was_sent
    assert site.seen == []


Refusal = tuple[Act, str, int, type[WorkspaceError], str]


@pytest.mark.parametrize(
    "refusal",
    [
        (add, "comment_is_spam", 400, WorkspaceRefusedError, "for spam"),
        (add, "feature_not_available", 412, WorkspaceRefusedError, "switched off"),
        (add, "invalid_input", 400, WorkspaceRefusedError, "too long"),
        (update, "invalid_type", 400, WorkspaceRefusedError, "live events"),
        (clone, "no_such_method", 404, WorkspaceRefusedError, "refused comment/clone"),
        (promote, "out_of_order", 409, WorkspaceRefusedError, "(out_of_order)"),
        (promote, "permission_denied", 403, AccessDeniedError, "permission level write"),
        (add, "permission_denied", 403, AccessDeniedError, "permission level write"),
        (promote, "invalid_token", 401, AccessDeniedError, "permission level write"),
        (delete, "no_such_object", 404, UnknownObjectError, "has this comment no more"),
        (add, "no_such_comment", 404, UnknownObjectError, "has this comment no more"),
        (add, "no_such_object", 404, UnknownObjectError, "no video or live event"),
    ],
)
@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_refusal_is_one_clear_sentence(
    site: ScriptedSite, make: Make, version: str, refusal: Refusal
) -> None:
    act, code, http_status, kind, said = refusal
    answer = {"status": "error", "code": code, "message": "No", "permission_level": "read"}
    site.answer(path_of(act, version), answer, status=200 if version == "1" else http_status)

    error = await failure(act, make(version=version))

    assert type(error) is kind
    assert error.code == code
    assert said in str(error)
    assert len(site.seen) == 1


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "empty", "no text"),
        (" \n", "empty", "no text"),
        ("x" * (MAX_REPLY + 1), "too_long", "shorten"),
    ],
    ids=["nothing", "blank", "long"],
)
async def test_no_text_or_too_much_is_not_sent(
    site: ScriptedSite, make: Make, text: str, code: str, said: str
) -> None:
    with pytest.raises(WorkspaceRefusedError, match=said) as caught:
        await make().writing.reply(ObjectKind.LIVE, LIVE, to=COMMENT, text=text, name="Staff")

    assert caught.value.code == code
    assert site.seen == []


async def test_text_that_no_encoder_takes_is_sent_without_it(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(ADD, DONE)

    await make().writing.reply(
        ObjectKind.LIVE, LIVE, to=COMMENT, text=" a\ud800b\0 ", name="\udc00"
    )

    assert "content=a%EF%BF%BDb%EF%BF%BD&name=%EF%BF%BD" in site.seen[0].body


@pytest.mark.parametrize(
    "told",
    [
        (DONE | {"data": {"comment_id": 900002}}, 900002),
        (DONE | {"data": {"comment_id": "900002"}}, 900002),
        (DONE | {"comment_id": 900002}, 900002),
        (DONE | {"data": [{"comment_id": "900002"}]}, 900002),
        ({"status": "ok", "comment": {"comment_id": "900002"}}, 900002),
        (DONE | {"data": {"comment_id": 900001}, "comment_id": 900002}, 900002),
        (DONE | {"data": {"comment_id": 900001}}, None),
        (DONE | {"data": {"comment_id": "soon"}}, None),
        (DONE, None),
        # As the vendor's document of version 1 has it.
        ({"status": "ok", "message": "The comment was added", "photo": {}}, None),
    ],
)
@pytest.mark.parametrize("act", [add, clone])
@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_id_of_what_was_made_is_told_where_the_answer_has_one(
    site: ScriptedSite, make: Make, act: Act, version: str, told: tuple[object, int | None]
) -> None:
    answer, made = told
    site.answer(path_of(act, version), answer)

    assert await act(make(version=version)) == made


@pytest.mark.parametrize("name", ACTS)
async def test_an_answer_without_rows_is_good(site: ScriptedSite, make: Make, name: str) -> None:
    site.answer(f"/api/2/comment/{name}", {"status": "ok", "message": "Done"})

    assert await ACTS[name](make()) is None
    assert len(site.seen) == 1


# The version.


async def test_a_version_that_is_open_is_found_out_before(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/site/get", page({"site_name": "Example"}))
    site.answer("/api/comment/promote", DONE)

    await promote(make(version="auto"))

    assert site.paths() == ["/api/2/site/get", "/api/site/get", "/api/comment/promote"]


async def test_who_may_not_ask_for_the_site_may_still_act(site: ScriptedSite, make: Make) -> None:
    refusal = {"status": "error", "code": "permission_denied", "message": "No"}
    site.answer("/api/2/site/get", refusal, status=403)
    site.answer(PROMOTE, DONE)

    await promote(make(version="auto"))

    assert site.paths() == ["/api/2/site/get", PROMOTE]


async def test_where_no_version_is_found_out_nothing_was_sent(
    site: ScriptedSite, make: Make
) -> None:
    site.handle("/api/2/site/get", status(503))

    error = await failure(promote, make(version="auto", attempts=1))

    assert isinstance(error, WorkspaceUnreachableError)
    assert not error.was_sent
    site.answer("/api/2/site/get", "<html>A shop</html>")
    assert isinstance(await failure(promote, make(version="auto")), UnreadableAnswerError)
    assert PROMOTE not in site.paths()


# The level, and the workspace's trouble.


@pytest.mark.parametrize(
    ("level", "can_write"),
    [
        ("write", True),
        ("admin", True),
        ("super", True),
        ("read", False),
        ("none", False),
        ("", False),
        ("captain", False),
    ],
)
async def test_any_answer_tells_whether_comments_may_be_changed(
    site: ScriptedSite, make: Make, level: str, *, can_write: bool
) -> None:
    site.answer("/api/2/comment/list", page(level=level))
    client = make()
    assert client.can_write is None

    await client.comment(COMMENT)

    assert client.can_write is can_write


async def test_a_change_that_fails_is_a_trouble_as_any_call(site: ScriptedSite, make: Make) -> None:
    site.handle(PROMOTE, status(503))
    client = make()

    error = await failure(promote, client)

    assert client.trouble is error
    assert client.trouble_since is not None
    site.answer(PROMOTE, DONE)
    await promote(client)
    assert client.trouble is None
    assert client.trouble_since is None
    assert len(site.seen) == 2


async def test_refused_credentials_are_told_as_such(site: ScriptedSite, make: Make) -> None:
    keys = OAuth1(consumer_key="k", consumer_secret="s", token="t", token_secret="ts")
    site.handle(PROMOTE, status(401))

    assert isinstance(await failure(promote, make(credentials=keys)), CredentialsRefusedError)


async def test_acts_at_the_same_moment_share_nothing(site: ScriptedSite, make: Make) -> None:
    site.answer(PROMOTE, DONE)
    client = make()

    await asyncio.gather(*(promote(client) for _ in range(5)))

    # Nothing is in the address.
    assert [(seen.http_method, seen.url) for seen in site.seen] == [("POST", PROMOTE)] * 5
    assert client.can_write


async def test_a_copy_is_a_question_unless_another_kind_is_wanted(
    site: ScriptedSite, make: Make
) -> None:
    site.answer("/api/2/comment/clone", DONE)

    await make().writing.copy(COMMENT)
    await make().writing.copy(COMMENT, CommentKind.CHAT)

    kinds = [seen.body.rpartition("clone_comment_type=")[2] for seen in site.seen]
    assert kinds == ["question", "chat"]
