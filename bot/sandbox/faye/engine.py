"""Sessions, subscriptions and queues, as Faye's memory engine keeps them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from .grammar import patterns_of

Message: TypeAlias = dict[str, Any]


class Socket(Protocol):
    """Where a session's events are pushed while it has a WebSocket."""

    def push(self, messages: list[Message]) -> None:
        """Send messages; lost if the path is dead."""

    def end(self) -> None:
        """Close with 1000."""


@dataclass(slots=True, eq=False)
class Session:
    """One client. ``held`` is its connect that waits for events or the timeout."""

    client_id: str
    expires: asyncio.TimerHandle
    channels: set[str] = field(default_factory=set)
    queue: list[Message] = field(default_factory=list)
    socket: Socket | None = None
    held: asyncio.Future[None] | None = None


class Engine:
    """All sessions of a server. A session ends twice the timeout after its last connect."""

    def __init__(self, timeout_s: float, new_id: Callable[[], str]) -> None:
        self._timeout_s = timeout_s
        self._new_id = new_id
        self._sessions: dict[str, Session] = {}
        self._subscribers: defaultdict[str, set[str]] = defaultdict(set)

    def open(self) -> Session:
        """Begin a session."""
        client_id = self._new_id()
        session = Session(client_id, self._timer(client_id))
        self._sessions[client_id] = session
        return session

    def find(self, client_id: object) -> Session | None:
        """Return a session, if it still is one."""
        return self._sessions.get(client_id) if isinstance(client_id, str) else None

    def touch(self, session: Session) -> None:
        """Put the end of a session off; only a connect does."""
        session.expires.cancel()
        session.expires = self._timer(session.client_id)

    def subscribe(self, session: Session, channel: str) -> None:
        """Let a session have a channel's events; twice is once."""
        session.channels.add(channel)
        self._subscribers[channel].add(session.client_id)

    def unsubscribe(self, session: Session, channel: str) -> None:
        """Take a channel away; one that it does not have is no error."""
        session.channels.discard(channel)
        self._subscribers[channel].discard(session.client_id)

    def publish(self, event: Message) -> None:
        """Give an event to each session with a matching subscription, once."""
        ids = {one for name in patterns_of(event["channel"]) for one in self._subscribers[name]}
        for client_id in sorted(ids):
            self._deliver(self._sessions[client_id], event)

    def take(self, session: Session) -> list[Message]:
        """Return and empty a session's queue."""
        queue, session.queue = session.queue, []
        return queue

    async def hold(self, session: Session, timeout_s: float | None) -> None:
        """Wait for events, or for the timeout that the client or the server wants.

        A second connect takes the place of the first, which is then never answered.
        """
        loop = asyncio.get_running_loop()
        if session.queue or timeout_s == 0:
            return
        wanted = self._timeout_s if timeout_s is None else min(timeout_s, self._timeout_s)
        held: asyncio.Future[None] = loop.create_future()
        session.held = held
        timer = loop.call_later(wanted, _release, held)
        try:
            await held
        finally:
            timer.cancel()

    def attach(self, session: Session, socket: Socket) -> None:
        """Push a session's events to a socket from now on, the waiting ones at once."""
        session.socket = socket
        if session.queue:
            socket.push(self.take(session))

    def detach(self, socket: Socket) -> None:
        """Queue again for the sessions of a socket that is gone."""
        for session in self._sessions.values():
            if session.socket is socket:
                session.socket = None

    def close(self, session: Session) -> None:
        """End a session and its socket; its held connect is not answered."""
        self._drop(session)
        if session.socket is not None:
            session.socket.end()

    def forget(self) -> None:
        """Forget all sessions without closing a socket, as when the store is flushed."""
        for session in tuple(self._sessions.values()):
            self._drop(session)
            if session.held is not None:
                _release(session.held)

    def subscriptions(self) -> Iterable[str]:
        """Return the channels that somebody is subscribed to."""
        return sorted(name for name, found in self._subscribers.items() if found)

    def _deliver(self, session: Session, event: Message) -> None:
        if session.socket is not None:
            session.socket.push([event])
            return
        session.queue.append(event)
        if session.held is not None:
            _release(session.held)

    def _drop(self, session: Session) -> None:
        session.expires.cancel()
        self._sessions.pop(session.client_id, None)
        for channel in session.channels:
            self._subscribers[channel].discard(session.client_id)

    def _timer(self, client_id: str) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(2 * self._timeout_s, self._expire, client_id)

    def _expire(self, client_id: str) -> None:
        session = self._sessions.get(client_id)
        if session is not None:
            self.close(session)


def _release(held: asyncio.Future[None]) -> None:
    if not held.done():
        held.set_result(None)
