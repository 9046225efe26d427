"""One open page: its WebSocket, the events that go out on it, and the verbs that come in."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from ..verbs import REFUSALS, Verb, sentence
from .mirror import Mirror

_MOST_WAITING: Final = 1_024
_MOST_VERBS: Final = 32
# A file of 1 MiB as base64, and what stands around it.
_MOST_BYTES: Final = 3 << 19
_HEARTBEAT_S: Final = 20.0
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_CLOSING_S: Final = 2.0


class _TooSlowError(Exception):
    """The page does not read what is sent."""


class OpenPage:
    """A WebSocket with a page at its other end."""

    def __init__(self, mirror: Mirror, verbs: Mapping[str, Verb]) -> None:
        self._mirror = mirror
        self._verbs = verbs
        self._socket = web.WebSocketResponse(
            timeout=_CLOSING_S, heartbeat=_HEARTBEAT_S, max_msg_size=_MOST_BYTES, compress=False
        )
        self._sent = mirror.events.last
        self._doing: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run until the socket closes."""
        await self._socket.prepare(request)
        try:
            async with asyncio.TaskGroup() as tasks:
                working = (
                    tasks.create_task(self._write(request.query)),
                    tasks.create_task(self._watch()),
                )
                async for frame in self._socket:
                    if frame.type is WSMsgType.TEXT:
                        await self._take(frame.data, tasks)
                for task in (*working, *self._doing):
                    task.cancel()
        except* ConnectionError:
            pass
        except* _TooSlowError:
            await self._close(request)
        return self._socket

    async def end(self) -> None:
        """Say that the server goes."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    def _beginning(self, query: Mapping[str, str]) -> list[str]:
        """Return the first frames: what the page has missed, or all that there is."""
        events = self._mirror.events
        since, run = query.get("since", ""), query.get("run", "")
        if _NUMBER.fullmatch(since) and run == self._mirror.run_id:
            missed = events.after(int(since))
            if missed is not None:
                return [json.dumps({"type": "resumed", "seq": int(since)}), *missed]
        return [self._mirror.snapshot()]

    async def _write(self, query: Mapping[str, str]) -> None:
        events = self._mirror.events
        # What is missed, however much it is, is not held against the page.
        self._sent, beginning = events.last, self._beginning(query)
        for text in beginning:
            await self._socket.send_str(text)
        while True:
            await events.wait(self._sent)
            found = events.after(self._sent)
            if found is None:
                raise _TooSlowError
            for text in found:
                await self._socket.send_str(text)
                self._sent += 1

    async def _watch(self) -> None:
        """Give the page up once too much waits for it."""
        events = self._mirror.events
        while True:
            await events.wait(self._sent + _MOST_WAITING)
            if events.last > self._sent + _MOST_WAITING:
                raise _TooSlowError

    async def _close(self, request: web.Request) -> None:
        try:
            async with asyncio.timeout(_CLOSING_S):
                await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        except TimeoutError:
            pass
        if request.transport is not None:
            request.transport.abort()

    async def _take(self, text: str, tasks: asyncio.TaskGroup) -> None:
        asked = _asked(text)
        if asked is None:
            await self._answer(None, error="A frame is an object with id, do and with.")
            return
        number, name, given = asked
        if name not in self._verbs or not isinstance(given, dict):
            await self._answer(number, error=f"There is no verb {name}.")
        elif len(self._doing) >= _MOST_VERBS:
            await self._answer(number, error="Too much is being done at once; try again later.")
        else:
            task = tasks.create_task(self._do(number, self._verbs[name], given))
            self._doing.add(task)
            task.add_done_callback(self._doing.discard)

    async def _do(self, number: Any, run: Verb, given: dict[str, Any]) -> None:
        try:
            answer = {"ok": await run(given)}
        except (*REFUSALS, OSError) as error:
            answer = {"error": _as_sentence(sentence(error))}
        await self._answer(number, **answer)

    async def _answer(self, number: Any, **answer: object) -> None:
        await self._socket.send_json({"type": "answer", "id": number, **answer})


def _asked(text: str) -> tuple[Any, str, Any] | None:
    """Return the number of what a frame asks, its verb and what that is given; else ``None``."""
    try:
        asked = json.loads(text)
        number, name, given = asked["id"], asked["do"], asked.get("with") or {}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return (number, name, given) if isinstance(name, str) else None


def _as_sentence(text: str) -> str:
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."
