"""The same exchanges with the real Faye and with the sandbox's: what comes back is the same."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from sandbox.faye import FayeOptions, FayeServer
from tests.fakes.faye import FayeServer as RealFaye
from tests.sandbox.faye.talk import (
    Message,
    Talk,
    connect,
    disconnect,
    event,
    handshake,
    soon,
    subscribe,
    unsubscribe,
)

# A session that is not connected ends after two of these: a busy machine's pause must not be one.
PATIENT_S = 60.0
# For exchanges in which a held poll, or a session, comes to its end.
QUICK_S = 1.0
Exchange = Callable[[Talk], Awaitable[None]]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def patient() -> AsyncIterator[Callable[[], tuple[Talk, Talk]]]:
    async with talking(PATIENT_S) as talks:
        yield talks


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def quick() -> AsyncIterator[Callable[[], tuple[Talk, Talk]]]:
    async with talking(QUICK_S) as talks:
        yield talks


@asynccontextmanager
async def talking(timeout_s: float) -> AsyncIterator[Callable[[], tuple[Talk, Talk]]]:
    own = FayeServer(FayeOptions(timeout_s=timeout_s))
    await own.start()
    async with RealFaye(timeout_s=timeout_s) as real, aiohttp.ClientSession() as http:
        yield lambda: (
            Talk(real.url, http, real.publish, real.do),
            Talk(own.url, http, own.publish, partial(do, own)),
        )
    await own.close()


async def do(own: FayeServer, command: str, value: Any = None) -> None:
    """Do what the command of this name does to the real one."""
    match command:
        case "forget":
            own.forget()
        case "evict":
            own.evict()
        case "advise":
            own.terms.reconnect = value
        case "handshakes":
            own.terms.refuses_handshakes = not value


ABSENT = object()
_TYPES: tuple[object, ...] = (
    ABSENT,
    None,
    "",
    [],
    "websocket",
    ["pigeon", "dove"],
    ["pigeon", "websocket"],
)
_WANTED: tuple[object, ...] = (
    ABSENT,
    None,
    "",
    [],
    5,
    "/a",
    "/meta/x",
    "/service/x",
    "/b.c",
    ["/a", "/b.c", "/d"],
)
_NAMES = (
    "/",
    "nope",
    "/a/",
    "/a//b",
    "/*/b",
    "/**/b",
    "/a/**",
    "/**",
    "/*",
    "/å",
    "/a b",
    "/a:b",
    "/a%20b",
    "/a/***",
    "/x-_!~()$@9",
    "/meta",
    "/metax",
    "/meta.x",
    "/meta/*",
    "/service/**",
)
_CHANNELS = (ABSENT, None, "", 5, "/a", "/a/*", "/meta/nope", "/meta/connect/x", *_NAMES)


def combinations(channel: object, **fields: tuple[object, ...]) -> list[Message]:
    """Return messages with each combination of values; ``ABSENT`` leaves a key out."""
    made = []
    for number, values in enumerate(product(*fields.values())):
        message = {"channel": channel, "id": f"m{number}"} | dict(zip(fields, values, strict=True))
        made.append({key: value for key, value in message.items() if value is not ABSENT})
    return made


async def what_is_wrong_with_a_message(talk: Talk) -> None:
    client_id = await talk.session()
    nobodies = (ABSENT, None, "", "nobody", 5, ["x"])
    everybody = (*nobodies, client_id)
    asked = [
        *combinations(
            "/meta/handshake",
            version=(ABSENT, "", "1.0", "99.x"),
            supportedConnectionTypes=_TYPES,
            clientId=(ABSENT, "old"),
        ),
        *combinations(
            "/meta/connect",
            clientId=nobodies,
            connectionType=(ABSENT, None, "", "pigeon", "websocket"),
        ),
        *combinations("/meta/connect", clientId=(client_id,), connectionType=(ABSENT, "pigeon")),
        *combinations("/meta/subscribe", clientId=everybody, subscription=_WANTED),
        *combinations("/meta/subscribe", clientId=(client_id,), subscription=_NAMES),
        *combinations("/meta/unsubscribe", clientId=everybody, subscription=_WANTED),
        *combinations("/meta/unsubscribe", clientId=(client_id,), subscription=_NAMES),
        *combinations("/meta/disconnect", clientId=nobodies),
    ]
    for channel in _CHANNELS:
        asked += combinations(channel, clientId=(ABSENT, "nobody"), data=(ABSENT, None, 0, "x"))
    asked += [event("/a", id=number) for number in (None, 0, "", 7, True)]
    # The session does not last long: what it is needed for goes first.
    asked.sort(key=lambda one: one.get("clientId") != client_id)
    for answer in await talk.post(*asked):
        talk.note("one", answer)


async def what_is_no_message(talk: Talk) -> None:
    client_id = await talk.session()
    bodies = ["{nope", "", "3", '"x"', "true", "null", "[]", "{}", "[null]", "[[]]", "[3]"]
    for body in (*bodies, '[0, "", false, "x", true]', json.dumps(event("/a", id="1"))):
        await talk.post_text(body)
    for body in ("", "[]", "message=", "message=3", f"message={quote(json.dumps([handshake()]))}"):
        await talk.post_text(body, "application/x-www-form-urlencoded")
    await talk.post_text("[]", "text/plain")
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/below/it")):
        frame = json.dumps([soon(client_id)])
        headers = {"Content-Type": "application/json"}
        async with talk.http.request(
            method, talk.url + path, data=frame, headers=headers
        ) as response:
            talk.note(method + path, response.status)


async def events_by_long_polling(talk: Talk) -> None:
    client_id = await talk.session()
    await talk.post(subscribe(client_id, ["/lp/*", "/lp/a", "/lp/**"]))
    await talk.publish("/lp/b", 2)
    await talk.publish("/lp/c", [3])
    await talk.post(connect(client_id, "queued"))
    await talk.post(connect(client_id, "held to the end"))
    await talk.post(soon(client_id, "before"), subscribe(client_id, "/g"), event("/g", "own"))
    own = event("/g", 1, clientId=client_id, id="own", ext={"k": 1}, foo="bar")
    await talk.post(own)
    await talk.post(connect(client_id, "null", advice={"timeout": None}))
    await talk.post(connect(client_id, "own", advice={"timeout": "x"}))
    await talk.post(unsubscribe(client_id, ["/g", "/lp/*"]))
    await talk.publish("/g", "no more")
    await talk.publish("/lp/a", "still")
    await talk.post(soon(client_id))
    await talk.post(disconnect(client_id))
    await talk.post(soon(client_id))


async def seen(talk: Talk, channel: str) -> Callable[[], Awaitable[Any]]:
    """Return what waits until the server has handled a message to this channel."""
    socket, client_id = await talk.watcher()
    await socket.ask(subscribe(client_id, channel))
    await socket.resume(client_id, "watching")
    return socket.hear


async def an_event_while_a_poll_is_held(talk: Talk) -> None:
    client_id = await talk.session()
    await talk.post(subscribe(client_id, "/held"))
    is_there = await seen(talk, "/there-1")
    polling = talk.polling(event("/there-1"), connect(client_id))
    await is_there()
    await talk.publish("/held", "now")
    await polling


async def two_polls_at_once(talk: Talk) -> None:
    client_id = await talk.session()
    is_there = await seen(talk, "/there-2")
    first = talk.polling(event("/there-2"), connect(client_id, "first"))
    await is_there()
    second = talk.polling(event("/there-2"), connect(client_id, "second"))
    await is_there()
    await second
    talk.note("first is answered", first.done())
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def leaving_while_a_poll_is_held(talk: Talk) -> None:
    client_id = await talk.session()
    is_there = await seen(talk, "/there-3")
    polling = talk.polling(event("/there-3"), connect(client_id))
    await is_there()
    leaving = talk.polling(disconnect(client_id))
    await asyncio.gather(polling, leaving)
    # Which of the two connections is read first is nobody's promise.
    talk.said[-2:] = sorted(talk.said[-2:])


async def events_by_websocket(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.ask(subscribe(client_id, ["/ws", "/ws/*"]))
    await talk.publish("/ws", "before the connect")
    await talk.publish("/ws", "also")
    await socket.hear_all()
    await socket.resume(client_id, "first")
    await talk.publish("/ws", 1)
    await socket.hear()
    await socket.hear()
    await talk.publish("/ws/x", "after the connect's end")
    await socket.hear()
    await talk.publish("/ws", {"text": "å" * 3})
    await socket.hear_all()
    await socket.close()


async def frames_that_are_no_messages(talk: Talk) -> None:
    socket = await talk.socket()
    for frame in ("{nope", "3", "null", "[null]", '[null, {"channel": "/a"}]', '"x"'):
        await socket.send_text(frame)
    await socket.hear_all()
    for frame in ("[3]", "{}", "[[]]", "[0]", json.dumps(event("/a", id="4"))):
        await socket.send_text(frame)
        await socket.hear()
    await socket.close()


async def a_connect_among_others_in_a_frame(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.send(connect(client_id, "5", kind="websocket"), subscribe(client_id, "/z"))
    await socket.hear_all()
    await talk.publish("/z", "the effect is immediate")
    await socket.hear_all()
    await socket.hear()
    await socket.ask(soon(client_id, "6", kind="websocket"), unsubscribe(client_id, "/z"))
    await socket.close()


async def two_connects_on_a_websocket(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.resume(client_id, "first")
    await socket.resume(client_id, "second")
    await socket.hear()
    # Nothing more comes: the first is never answered, and the session ends.
    await socket.hear()
    await talk.post(soon(client_id))
    await socket.close()


async def leaving_by_websocket(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.resume(client_id, "held")
    await socket.ask(disconnect(client_id))
    await socket.hear()
    await talk.post(soon(client_id))


async def resuming_on_a_new_websocket(talk: Talk) -> None:
    old, client_id = await talk.watcher()
    await old.ask(subscribe(client_id, "/r"))
    await old.resume(client_id, "2")
    new = await talk.socket()
    await new.resume(client_id, "3")
    await talk.publish("/r", "to the new one")
    await new.hear()
    await old.close()
    talk.note("the new one ends with the old", await new.hear())
    await new.close()
    await talk.publish("/r", "kept 1")
    await talk.publish("/r", "kept 2")
    last = await talk.socket()
    await last.resume(client_id, "4")
    await last.close()


async def a_poll_of_a_session_with_a_websocket(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.ask(subscribe(client_id, "/both"))
    await socket.resume(client_id, "2")
    is_there = await seen(talk, "/there-5")
    polling = talk.polling(event("/there-5"), connect(client_id, "poll"))
    await is_there()
    await talk.publish("/both", "goes to the socket")
    await socket.hear_all()
    await polling
    await socket.close()


async def two_sessions_on_a_websocket(talk: Talk) -> None:
    socket, first = await talk.watcher()
    second = await socket.session()
    await socket.ask(subscribe(first, "/one"), subscribe(second, "/two"))
    await socket.resume(first, "5")
    await socket.send(connect(second, "6", kind="websocket"))
    await socket.hear()
    await talk.publish("/one", 1)
    await talk.publish("/two", 2)
    await socket.hear_all()
    await socket.close()
    await talk.post(soon(first))


async def a_session_that_ends_by_itself(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.send(connect(client_id, "7", kind="websocket"))
    await socket.hear()
    await socket.ask(subscribe(client_id, "/keeps-nothing"))
    await socket.hear()
    await talk.post(connect(client_id))
    await talk.post(subscribe(client_id, "/a"))


async def more_than_a_megabyte(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.ask(subscribe(client_id, "/n"))
    await socket.send(connect(client_id, kind="websocket"))
    await talk.post(event("/n", "x" * 6_000_000, id="1"))
    (heard,) = await socket.hear()
    talk.note("size", len(heard["data"]))
    await socket.close()


async def sessions_that_are_forgotten(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.ask(subscribe(client_id, "/forgotten"))
    await socket.resume(client_id, "held")
    await talk.do("forget")
    await talk.publish("/forgotten", "to nobody")
    await socket.hear()
    await socket.ask(subscribe(client_id, "/forgotten"))
    await socket.ask(connect(client_id, kind="websocket"))
    await socket.close()


async def sessions_that_are_evicted(talk: Talk) -> None:
    socket, client_id = await talk.watcher()
    await socket.resume(client_id, "held")
    await talk.do("evict")
    await socket.hear()
    await talk.post(soon(client_id))


async def what_an_operator_forbids(talk: Talk) -> None:
    client_id = await talk.session()
    await talk.do("advise", value="none")
    await talk.post(handshake(), soon(client_id))
    await talk.do("advise", value=None)
    await talk.do("handshakes", value=False)
    await talk.post(handshake(), handshake(version=""), soon(client_id))
    await talk.do("handshakes", value=True)


WAITING: tuple[Exchange, ...] = (
    events_by_long_polling,
    two_polls_at_once,
    events_by_websocket,
    a_connect_among_others_in_a_frame,
    two_connects_on_a_websocket,
    a_poll_of_a_session_with_a_websocket,
    a_session_that_ends_by_itself,
    sessions_that_are_forgotten,
)
EXCHANGES: tuple[Exchange, ...] = (
    what_is_wrong_with_a_message,
    what_is_no_message,
    an_event_while_a_poll_is_held,
    leaving_while_a_poll_is_held,
    leaving_by_websocket,
    resuming_on_a_new_websocket,
    two_sessions_on_a_websocket,
    more_than_a_megabyte,
    sessions_that_are_evicted,
    what_an_operator_forbids,
    # The last: Faye prints a stack for each, where its process answers the test's commands.
    frames_that_are_no_messages,
)


@pytest.mark.parametrize("exchange", WAITING, ids=lambda one: one.__name__)
async def test_an_exchange_that_waits_goes_as_with_the_real_faye(
    exchange: Exchange, quick: Callable[[], tuple[Talk, Talk]]
) -> None:
    await goes_alike(exchange, *quick())


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: one.__name__)
async def test_an_exchange_goes_as_with_the_real_faye(
    exchange: Exchange, patient: Callable[[], tuple[Talk, Talk]]
) -> None:
    await goes_alike(exchange, *patient())


async def goes_alike(exchange: Exchange, real: Talk, own: Talk) -> None:
    await asyncio.gather(exchange(real), exchange(own))

    assert own.said == real.said
    assert len(real.said) > 2
