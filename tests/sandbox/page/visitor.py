"""A browser's side of a page, without a browser."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from sandbox.page import Page

_PATIENCE_S = 60.0


class RefusedError(Exception):
    """A verb was answered with an error."""


@dataclass(slots=True)
class Visitor:
    """A WebSocket to a page, whose events are kept in the order in which they come."""

    page: Page
    http: aiohttp.ClientSession
    query: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0
    _read: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _socket: aiohttp.ClientWebSocketResponse = field(init=False)

    async def __aenter__(self) -> Self:
        self._socket = await self.http.ws_connect(
            f"{self.page.url}live{self.query}", origin=self.page.url.rstrip("/")
        )
        await self._take()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def drop(self) -> None:
        """Lose the connection without a word."""
        assert self._socket._response.connection is not None
        transport = self._socket._response.connection.transport
        assert transport is not None
        transport.abort()
        await self._socket.close()

    def again(self) -> Visitor:
        """Return who goes on where this one was."""
        query = f"?since={self.seq}&run={self.state['run']}"
        return Visitor(self.page, self.http, query, state=self.state)

    async def do(self, verb: str, **given: Any) -> Any:
        """Do something; return what came of it."""
        number = await self.send(verb, **given)
        while True:
            frame = await self._take()
            if frame["type"] == "answer" and frame["id"] == number:
                if "error" in frame:
                    raise RefusedError(frame["error"])
                return frame["ok"]

    async def send(self, verb: str, **given: Any) -> int:
        """Ask for something, and do not wait for it; return the number of what is asked."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "do": verb, "with": given})
        return number

    async def say(self, text: str) -> dict[str, Any]:
        """Send a frame as it is; return the next one that comes."""
        await self._socket.send_str(text)
        return await self._take()

    async def event(self, kind: str, **having: Any) -> Any:
        """Return the data of the next event of this type that has these values."""
        while True:
            while self._read < len(self.seen):
                frame = self.seen[self._read]
                self._read += 1
                data = frame["data"]
                if frame["type"] == kind and (not having or having.items() <= data.items()):
                    return data
            await self._take()

    async def until(self, kind: str, is_it: Callable[[Any], bool]) -> Any:
        """Return the data of the last event of this type, as soon as it is such."""
        while True:
            last = next((one["data"] for one in reversed(self.seen) if one["type"] == kind), None)
            if last is not None and is_it(last):
                return last
            await self._take()

    async def closing(self) -> int | None:
        """Wait for the end; return the code."""
        while not self._socket.closed:
            await self._socket.receive(timeout=_PATIENCE_S)
        return self._socket.close_code

    async def _take(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self._socket.receive_json(timeout=_PATIENCE_S)
        match frame["type"]:
            case "snapshot":
                self.state, self.seq = frame["state"], frame["seq"]
            case "resumed":
                self.seq = frame["seq"]
            case "answer":
                pass
            case _:
                assert frame["seq"] == self.seq + 1
                self.seq += 1
                self.seen.append(frame)
        return frame

    # What stands in the state.

    def person(self, role: str) -> str:
        return str(next(one["id"] for one in self.state["persons"] if one["role"] == role))

    def room(self, name: str) -> dict[str, Any]:
        return next(one for one in self.state["channels"] if one["name"] == name)

    def thing(self, title: str) -> dict[str, Any]:
        found = self.state["workspace"]
        return next(one for one in found["videos"] + found["lives"] if one["title"] == title)
