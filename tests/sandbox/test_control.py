"""The sandbox's controls over HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from sandbox import Sandbox
from sandbox.control import application

Client = TestClient[Request, Application]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as made:
        yield made


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(sandbox))) as made:
        yield made


async def do(client: Client, verb: str, **asked: Any) -> Any:
    async with client.post(f"/control/{verb}", json=asked) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def refusal(client: Client, verb: str, body: str) -> tuple[int, str]:
    async with client.post(f"/control/{verb}", data=body) as response:
        return response.status, await response.text()


async def test_comments_are_made_and_promoted(client: Client, sandbox: Sandbox) -> None:
    video = await do(client, "workspace/add_video", title="Film")
    comment = await do(
        client, "workspace/post_comment", object_id=str(video["object_id"]), text="Hi", kind="chat"
    )
    await do(client, "workspace/promote", comment_id=comment["comment_id"])

    (seen,) = sandbox.workspace.state.comments.values()
    assert (seen.text, seen.kind, seen.is_promoted) == ("Hi", "chat", True)
    assert (comment["comment_id"], comment["is_promoted"]) == (seen.comment_id, False)


async def test_a_live_event_is_played(client: Client, sandbox: Sandbox) -> None:
    live_id = (await do(client, "workspace/add_live", title="Webinar"))["object_id"]
    live = sandbox.workspace.state.live(live_id)
    await do(client, "workspace/go_live", live_id=live_id)
    assert live.status == "live"
    await do(client, "workspace/end_broadcast", live_id=live_id)

    assert live.status == "previous"


async def test_a_room_is_made_and_read_with_ids_that_keep_all_their_digits(
    client: Client, sandbox: Sandbox
) -> None:
    chat = sandbox.chat
    guild = await do(client, "chat/add_guild", name="Team")
    room = await do(client, "chat/add_channel", guild_id=guild["id"], name="talks")
    said = chat.rooms.write(int(room["id"]), chat.owner, "Hello")
    await do(client, "chat/rules", is_rate_limited=False)

    (shown,) = await do(client, "chat/messages", channel_id=room["id"])
    assert (shown["id"], shown["content"]) == (str(said.id), "Hello")
    assert (shown["author_id"], shown["sent_at"]) == (str(chat.owner.id), said.created_at)
    asked = {"channel_id": room["id"], "text": "ello"}
    assert await do(client, "chat/wait_for_message", **asked) == shown
    assert await do(client, "chat/posts") == []
    assert not chat.rules.is_rate_limited


@pytest.mark.parametrize("verb", ["workspace/fly", "nowhere/promote"])
async def test_a_verb_that_is_not_there_is_not_found(client: Client, verb: str) -> None:
    assert await refusal(client, verb, "{}") == (404, f"There is no verb {verb}.")


@pytest.mark.parametrize(
    ("verb", "asked", "sentence"),
    [
        ("workspace/promote", "", "comment_id: Missing required argument."),
        ("workspace/promote", {"comment_id": 1}, "No such object."),
        ("workspace/promote", {"comment_id": "x"}, "comment_id: Input should be a valid integer"),
        ("workspace/promote", {"comment_id": 1, "why": 1}, "why: Unexpected keyword argument."),
        ("workspace/post_comment", {"object_id": 1, "text": ""}, "No such object."),
        ("chat/slash", {"channel_id": 5, "user_id": 6, "command": "x"}, "no such channel or user"),
        ("workspace/promote", [1], "A verb wants a JSON object."),
        ("workspace/promote", "{", "Expecting property name"),
        ("chat/add_channel", {"guild_id": 5, "name": "x"}, "nothing has this ID"),
        (
            "chat/wait_until_ready",
            {"timeout_s": 0},
            "What was waited for did not come in time.",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_sentence(
    client: Client, verb: str, asked: Any, sentence: str
) -> None:
    body = asked if isinstance(asked, str) else json.dumps(asked)

    status, text = await refusal(client, verb, body)

    assert status == 400
    assert text.startswith(f"{verb}: ")
    assert sentence in text
