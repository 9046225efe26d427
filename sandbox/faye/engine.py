"""Sessions, their subscriptions, queues and ways to their clients, as Faye's engine keeps them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeAlias

from .grammar import patterns_of

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


@dataclass(slots=True, eq=False)
class _Session:
    """One client; ``waiting`` are its events while it has no connection."""

    expires: asyncio.TimerHandle
    channels: set[str] = field(default_factory=set)
    waiting: list[Message] = field(default_factory=list)


class Engine:
    """All sessions of a server. A session ends twice the timeout after its last connect."""

    def __init__(self, timeout_s: float, new_id: Callable[[], str]) -> None:
        self._timeout_s = timeout_s
        self._new_id = new_id
        self._sessions: dict[str, _Session] = {}
        self._subscribers: defaultdict[str, set[str]] = defaultdict(set)
        self._connections: dict[str, Connection] = {}

    def open(self) -> str:
        """Begin a session and return its ID."""
        client_id = self._new_id()
        self._sessions[client_id] = _Session(self._timer(client_id))
        return client_id

    def knows(self, client_id: object) -> bool:
        """Tell whether it is a session."""
        return isinstance(client_id, str) and client_id in self._sessions

    def subscribe(self, client_id: str, channel: str) -> None:
        """Let a session have a channel's events; twice is once."""
        self._sessions[client_id].channels.add(channel)
        self._subscribers[channel].add(client_id)

    def unsubscribe(self, client_id: str, channel: str) -> None:
        """Take a channel away; one that it does not have is no error."""
        self._sessions[client_id].channels.discard(channel)
        self._subscribers[channel].discard(client_id)

    def publish(self, event: Message) -> None:
        """Give an event to each session with a matching subscription, once."""
        patterns = patterns_of(event["channel"])
        found = {one for name in patterns for one in self._subscribers.get(name, ())}
        for client_id in sorted(found):
            self._sessions[client_id].waiting.append(event)
            self._deliver(client_id)

    def connect(self, client_id: str, timeout_s: float | None) -> asyncio.Future[list[Message]]:
        """Hold a connect for the server's timeout or the one that the client wants.

        The session is put off its end; nothing else does that.
        """
        session = self._sessions[client_id]
        session.expires.cancel()
        session.expires = self._timer(client_id)
        connection = self._connection(client_id)
        held = connection.connect(self._timeout_s if timeout_s is None else timeout_s)
        self._deliver(client_id)
        return held

    def bind(self, client_id: str, socket: Socket) -> None:
        """Push a session's events to a socket from its next connect on."""
        self._connection(client_id).socket = socket

    def release(self, client_id: str, *, closes: bool = True) -> None:
        """End a session's connection and answer its connect; events wait for the next.

        ``closes``: its socket too, which may be a newer one than the one that is gone: a session
        that was resumed on a new socket loses that when the old one is seen to close.
        """
        connection = self._connections.get(client_id)
        if connection is None:
            return
        if not closes:
            connection.socket = None
        connection.flush()
        self._end_connection(client_id)

    def end(self, client_id: str) -> None:
        """End a session; its connection follows, after the reply that says so."""
        self._drop(client_id)
        asyncio.get_running_loop().call_soon(self.release, client_id)

    def evict(self) -> None:
        """End all sessions, as when they expire."""
        for client_id in tuple(self._sessions):
            self.end(client_id)

    def forget(self) -> None:
        """Forget all sessions without closing a socket, as when the store is flushed."""
        for client_id in tuple(self._sessions):
            self._drop(client_id)

    def close(self) -> None:
        """Forget everything; no timer is left."""
        self.forget()
        for connection in self._connections.values():
            connection.stop()
        self._connections.clear()

    def subscriptions(self) -> list[str]:
        """Return the channels that somebody is subscribed to."""
        return sorted(name for name, found in self._subscribers.items() if found)

    def _deliver(self, client_id: str) -> None:
        """Hand over what waits, if there is a way to the client."""
        connection = self._connections.get(client_id)
        if connection is None:
            return
        session = self._sessions[client_id]
        waiting, session.waiting = session.waiting, []
        for event in waiting:
            connection.deliver(event)

    def _connection(self, client_id: str) -> Connection:
        if client_id not in self._connections:
            ended = partial(self._end_connection, client_id)
            self._connections[client_id] = Connection(ended)
        return self._connections[client_id]

    def _end_connection(self, client_id: str) -> None:
        connection = self._connections.pop(client_id, None)
        if connection is not None and connection.socket is not None:
            connection.socket.end()

    def _drop(self, client_id: str) -> None:
        session = self._sessions.pop(client_id)
        session.expires.cancel()
        for channel in session.channels:
            self._subscribers[channel].discard(client_id)

    def _timer(self, client_id: str) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(2 * self._timeout_s, self.end, client_id)
