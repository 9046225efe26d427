"""A session's way to its client, as Faye keeps it between a connect and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

Message: TypeAlias = dict[str, Any]


class Socket(Protocol):
    """A client's WebSocket."""

    def push(self, messages: list[Message]) -> None:
        """Send messages in one frame; lost if the path is dead or the end was asked for."""

    def end(self) -> None:
        """Close with 1000, after what was pushed."""


class Connection:
    """A WebSocket, or a long poll that is held.

    Only the last connect is answered, and when the first one's time is up; one whose place was
    taken never is.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        self.socket: Socket | None = None
        self._ended = ended
        self._inbox: list[Message] = []
        self._held: asyncio.Future[list[Message]] | None = None
        self._limit: asyncio.Handle | None = None
        self._delivery: asyncio.Handle | None = None

    def connect(self, timeout_s: float) -> asyncio.Future[list[Message]]:
        """Return what the connect's answer brings: the events that came, or none in time."""
        loop = asyncio.get_running_loop()
        self._held = loop.create_future()
        if self._limit is None:
            self._limit = loop.call_later(timeout_s, self.flush)
        return self._held

    def deliver(self, event: Message) -> None:
        """Push an event to the socket, a frame for each; or let the poll end with it."""
        if self.socket is not None:
            self.socket.push([event])
            return
        self._inbox.append(event)
        if self._delivery is None:
            # Not at once, so that what is published together comes together.
            self._delivery = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Answer the connect that is held; without a socket the connection ends with it."""
        self.stop()
        inbox, self._inbox = self._inbox, []
        if self._held is not None and not self._held.done():
            self._held.set_result(inbox)
        if self.socket is None:
            self._ended()

    def stop(self) -> None:
        """Forget the timers."""
        for handle in (self._limit, self._delivery):
            if handle is not None:
                handle.cancel()
        self._limit = self._delivery = None
