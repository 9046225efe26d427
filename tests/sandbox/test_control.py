"""The sandbox's controls over HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from sandbox import Sandbox
from sandbox.control import application
from sandbox.workspace import Level, Video

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


async def test_comments_are_made_promoted_and_deleted(client: Client) -> None:
    video = await do(client, "workspace/add_video", title="Film")
    comment = await do(
        client, "workspace/post_comment", object_id=str(video["object_id"]), text="Hi", kind="chat"
    )
    await do(client, "workspace/promote", comment_id=comment["comment_id"])
    (seen,) = await do(client, "workspace/comments")
    await do(client, "workspace/delete_comment", comment_id=comment["comment_id"])

    assert (seen["text"], seen["kind"], seen["is_promoted"]) == ("Hi", "chat", True)
    assert await do(client, "workspace/comments") == []
    published = await do(client, "workspace/published", since=1)
    assert [(one["kind"], one["fate"]) for one in published] == [
        ("all_json", "sent"),
        ("promoted_json", "sent"),
    ]


async def test_a_live_event_is_played(client: Client, sandbox: Sandbox) -> None:
    live_id = (await do(client, "workspace/add_live", title="Webinar"))["object_id"]
    live = sandbox.workspace.state.live(live_id)
    await do(client, "workspace/schedule", live_id=live_id, start=1_900_000_000)
    await do(client, "workspace/go_live", live_id=live_id)
    await do(client, "workspace/set_viewers", live_id=live_id, count=7)
    assert (live.status, live.viewers, live.scheduled) == ("live", 7, 1_900_000_000)
    await do(client, "workspace/end_broadcast", live_id=live_id)
    await do(client, "workspace/cancel", live_id=live_id)

    assert (live.status, live.is_cancelled) == ("previous", True)


async def test_what_goes_wrong_at_the_workspace_is_switched(
    client: Client, sandbox: Sandbox
) -> None:
    url = f"{sandbox.workspace.url}/api/2/site/get"
    fault = await do(client, "workspace/fault", method="site/get", status=503, hangs=True)
    async with aiohttp.ClientSession() as http:
        await do(client, "workspace/release_fault", **fault)
        async with http.get(url) as response:
            assert response.status == 503
        assert await do(client, "workspace/wait_for_fault", **fault) == {"hits": 1}
        await do(client, "workspace/clear_faults")
        async with http.get(url) as response:
            assert response.status == 200
    calls = await do(client, "workspace/calls", method="site/.*")
    await do(client, "workspace/down", is_down=True)
    await do(client, "workspace/lose", count=3)

    assert [call["status"] for call in calls] == [503, 200]
    assert await do(client, "workspace/calls", since=2) == []
    assert sandbox.workspace.is_down
    assert sandbox.workspace.changes.losing == 3


async def test_the_workspace_is_made_to_lie_and_its_objects_to_turn(
    client: Client, sandbox: Sandbox
) -> None:
    video = await do(client, "workspace/add_video", title="Film")
    asked = {"object_id": video["object_id"], "text": "Hi", "comment_id": 5}
    await do(client, "workspace/post_comment", **asked)
    lies: dict[str, Any] = {"lie": "half", "level": Level.READ, "renames": {"comment_id": "id"}}
    await do(client, "workspace/fault", **lies)
    await do(client, "workspace/fault", is_refused=True)
    turned = {"title": "Draft", "is_published": False}
    await do(client, "workspace/edit_object", object_id=video["object_id"], **turned)
    headers = {"Authorization": f"Bearer {sandbox.workspace.account(Level.ADMIN).bearer}"}
    url = f"{sandbox.workspace.url}/api/2/comment/list"
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(url) as response:
            body = await response.json()
        async with http.get(url) as response:
            assert response.status == 401

    assert (body["permission_level"], [row["id"] for row in body["data"]]) == ("read", [5])
    film = sandbox.workspace.state.thing(video["object_id"])
    assert isinstance(film, Video)
    assert (film.title, film.is_published) == ("Draft", False)


async def test_options_of_the_workspace_are_changed_in_their_own_types(
    client: Client, sandbox: Sandbox
) -> None:
    shown = await do(
        client,
        "workspace/options",
        payload="nothing",
        versions=["1"],
        promote_level=Level.READ,
        is_closed=True,
    )

    options = sandbox.workspace.options
    assert (shown["payload"], shown["versions"], shown["is_closed"]) == ("nothing", ["1"], True)
    assert options.promote_level is Level.READ
    assert options.versions == {"1"}
    assert await do(client, "workspace/options") == shown


async def test_the_realtime_service_is_played(client: Client, sandbox: Sandbox) -> None:
    faye = sandbox.faye
    url = faye.url
    await do(client, "faye/silence", is_silent=True)
    await do(client, "faye/upgrades", is_refused=True)
    await do(client, "faye/handshakes", is_refused=True)
    await do(client, "faye/advise", reconnect="none")
    assert (faye.is_silent, faye.refuses_upgrades) == (True, True)
    assert (faye.terms.refuses_handshakes, faye.terms.reconnect) == (True, "none")
    for verb in ("forget", "evict", "drop", "stop", "start"):
        await do(client, f"faye/{verb}")
    await do(client, "faye/publish", channel="/a", data={"n": 1})

    assert faye.url == url
    assert await do(client, "faye/subscriptions") == []


async def test_the_chats_verbs_are_there(client: Client) -> None:
    guild = await do(client, "chat/add_guild", name="Team")

    assert int(guild["id"])


@pytest.mark.parametrize("verb", ["workspace/fly", "nowhere/promote"])
async def test_a_verb_that_is_not_there_is_not_found(client: Client, verb: str) -> None:
    assert await refusal(client, verb, "{}") == (404, f"There is no verb {verb}.")


@pytest.mark.parametrize(
    ("verb", "asked", "sentence"),
    [
        ("workspace/promote", "", "comment_id: Missing required argument."),
        ("workspace/promote", {"comment_id": 1}, "No such object."),
        ("workspace/promote", {"comment_id": "x"}, "comment_id: Input should be a valid integer"),
        ("workspace/down", {"is_down": True, "why": 1}, "why: Unexpected keyword argument."),
        ("workspace/options", {"payload": "poem"}, "payload: Input should be 'row'"),
        ("workspace/release_fault", {"fault_id": 1}, "There is no fault 1."),
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
