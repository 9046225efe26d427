"""A page's WebSocket: all at once, events in order, and going on after a loss."""

from __future__ import annotations

import asyncio
import base64
import secrets
import socket
from urllib.parse import urlsplit

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.page import Page, Scene
from tests.sandbox.page.conftest import NoProcess
from tests.sandbox.page.visitor import RefusedError, Visitor

# RFC 6455: a close frame of the server's, with the code 1013.
_TRY_AGAIN_LATER = b"\x88\x02\x03\xf5"
_PATIENCE_S = 60.0


async def test_a_page_gets_all_that_there_is(visitor: Visitor) -> None:
    state = visitor.state

    assert [one["role"] for one in state["persons"]] == ["administrator", "moderator", "member"]
    assert state["me"] == visitor.person("administrator")
    assert visitor.thing("Product film")["is_live"] is False
    assert visitor.thing("The launch")["state"] == "planned"
    assert state["switches"] == {
        "realtime_away": False,
        "workspace_away": False,
        "discord_429": False,
    }
    assert state["bot"] == {"running": False, "since": None}
    assert (state["journey"], state["status"], state["replies"]) == (None, None, [])
    assert {one["username"] for one in state["users"]} == {"Ann", "Mia", "Noah", "Sandbox bot"}


async def test_what_a_viewer_writes_is_an_event_and_stands_in_the_next_snapshot(
    visitor: Visitor, page: Page, http: aiohttp.ClientSession
) -> None:
    film = visitor.thing("Product film")["id"]

    made = await visitor.do("comment", object_id=film, kind="comment", name="Ada", text="Fine")
    told = await visitor.event("comment")

    assert told["object_id"] == film
    assert told["comment"]["id"] == made["comment_id"]
    assert (told["comment"]["name"], told["comment"]["text"]) == ("Ada", "Fine")
    async with Visitor(page, http) as other:
        assert other.thing("Product film")["comments"] == [told["comment"]]


async def test_a_page_goes_on_where_it_was_lost(visitor: Visitor, scene: Scene) -> None:
    await visitor.do("add_video", title="Before")
    await visitor.event("object")
    await visitor.drop()
    for title in ("Second", "Third"):
        scene.sandbox.workspace.state.add_video(title)

    async with visitor.again() as again:
        titles = [(await again.event("object"))["title"] for _ in range(2)]

    assert titles == ["Second", "Third"]
    assert [one["type"] for one in again.seen] == ["object", "object"]


async def test_a_page_that_cannot_go_on_begins_anew(visitor: Visitor) -> None:
    run = visitor.state["run"]

    endless = f"?since={'9' * 5_000}&run={run}"
    for query in ("?since=0&run=another", f"?since=9999&run={run}", "?since=x", endless):
        async with Visitor(visitor.page, visitor.http, query) as again:
            assert again.state["run"] == run


async def test_a_page_that_was_away_for_too_long_begins_anew(
    visitor: Visitor, sandbox: Sandbox
) -> None:
    await visitor.drop()
    await flood(sandbox, 4_200, "x")

    async with visitor.again() as again:
        assert (again.seq, again.seen) == (4_200, [])
        assert len(again.state["workspace"]["videos"]) > 4_000


async def test_a_page_that_does_not_read_is_closed_and_holds_nobody_up(
    visitor: Visitor, sandbox: Sandbox
) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        slow = await not_reading(visitor.page)
        # More than what lies between the two takes in.
        reading = asyncio.create_task(visitor.event("object", title="The last"))
        await flood(sandbox, 3_000, "x" * 5_000)
        sandbox.workspace.state.add_video("The last")
        await reading
        got = await asyncio.to_thread(rest_of, slow)

    assert got.endswith(_TRY_AGAIN_LATER)


async def flood(sandbox: Sandbox, count: int, title: str) -> None:
    for number in range(count):
        sandbox.workspace.state.add_video(title)
        if number % 50 == 0:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)


async def not_reading(page: Page) -> socket.socket:
    """Open a page, and read nothing but that it is open."""
    port = urlsplit(page.url).port or 0
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    await asyncio.to_thread(raw.connect, ("127.0.0.1", port))
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = [
        "GET /live HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    ]
    raw.sendall("\r\n".join([*lines, "", ""]).encode())
    begun = await asyncio.to_thread(raw.recv, 12)
    assert begun == b"HTTP/1.1 101"
    return raw


def rest_of(raw: socket.socket) -> bytes:
    """Read to the end; return the last of it."""
    last = b""
    with raw:
        try:
            while part := raw.recv(1 << 16):
                last = (last + part)[-64:]
        except ConnectionResetError:
            pass
    return last


async def test_a_frame_that_asks_for_nothing_is_answered_with_a_sentence(visitor: Visitor) -> None:
    odd = ('{"id": 1, "do": []}', '{"id": 1, "do": {}}', "[" * 100_000)
    for frame in ("no JSON", "[]", '"x"', "null", '{"id": 1}', '{"do": "say"}', *odd):
        answer = await visitor.say(frame)
        assert answer["error"] == "A frame is an object with id, do and with.", frame[:99]

    assert await visitor.do("add_video", title="It goes on")


async def test_a_page_is_told_that_the_server_goes(
    scene: Scene, http: aiohttp.ClientSession
) -> None:
    async with Page(scene, NoProcess()) as page:
        other = await Visitor(page, http).__aenter__()
        closing = asyncio.create_task(other.closing())

    assert await closing == aiohttp.WSCloseCode.GOING_AWAY


async def test_not_too_much_is_done_at_once(visitor: Visitor) -> None:
    film = visitor.thing("Product film")["id"]
    bursts = [visitor.send("burst", object_id=film, count=500) for _ in range(32)]
    await asyncio.gather(*bursts)

    with pytest.raises(RefusedError, match="Too much is being done at once"):
        await visitor.do("add_video", title="One too many")
