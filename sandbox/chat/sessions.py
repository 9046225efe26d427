"""Gateway sessions: they outlive their connections, and keep what was sent for a resume."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

_KEPT: Final = 2000
_RECEIVED: Final = 120
_RECEIVE_WINDOW_S: Final = 60.0
_ANSWER_S: Final = 2.0
_GUILDS: Final = 1 << 0
_SCHEDULED_EVENTS: Final = 1 << 16
_GUILD_MESSAGES, _DIRECT_MESSAGES = 1 << 9, 1 << 12
# Events that come whatever was asked for.
_ALWAYS: Final = {"INTERACTION_CREATE", "USER_UPDATE", "GUILD_MEMBER_UPDATE"}


@dataclass(frozen=True, slots=True)
class Close:
    """Instead of a frame: close the connection with this code."""

    code: int
    reason: str = ""


class Connection:
    """One WebSocket; what is to be sent waits in a queue, so that telling never blocks.

    ``url``: the address by which the client came.
    """

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, url: str
    ) -> None:
        self.socket = socket
        self.url = url
        self._transport = transport
        self._queue: asyncio.Queue[str | Close] = asyncio.Queue()
        self.acks = True
        self.is_silent = False
        self.is_closed_by_us = False
        self._received: deque[float] = deque()

    def receives_too_much(self, now: float) -> bool:
        """Count a frame of the client's; say whether it has sent more than Discord takes."""
        while self._received and self._received[0] <= now - _RECEIVE_WINDOW_S:
            self._received.popleft()
        self._received.append(now)
        return len(self._received) > _RECEIVED

    def send(self, op: int, data: Any, *, seq: int | None = None, event: str | None = None) -> None:
        """Send a frame."""
        self.send_text(json.dumps({"op": op, "d": data, "s": seq, "t": event}))

    def send_text(self, text: str) -> None:
        """Send a frame that is text already; a silent connection swallows it."""
        if not self.is_silent:
            self._queue.put_nowait(text)

    def close(self, code: int, reason: str = "") -> None:
        """Close the connection after what is to be sent before."""
        self.is_closed_by_us = True
        self._queue.put_nowait(Close(code, reason))

    def drop(self) -> None:
        """Cut the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send what waits, until the connection is closed."""
        while True:
            match await self._queue.get():
                case Close(code, reason):
                    # aiohttp's own close cuts the connection where somebody reads from it, and a
                    # client that is busy never sees the code.
                    said = code.to_bytes(2, "big") + reason.encode()
                    with contextlib.suppress(ConnectionError):
                        await self.socket.send_frame(said, WSMsgType.CLOSE)
                    return
                case str(text):
                    try:
                        await self.socket.send_str(text)
                    except ConnectionError:
                        return

    async def answered(self) -> None:
        """Wait until the client has answered a close, or for as long as it may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                async for _ in self.socket:
                    pass


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """What a client gets with IDENTIFY."""

    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    seq: int = 0
    connection: Connection | None = None
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    resumed: int = 0

    def dispatch(self, event: str, data: Any) -> None:
        """Tell an event, now or at the next resume."""
        self.seq += 1
        text = json.dumps({"op": 0, "d": data, "s": self.seq, "t": event})
        self.sent.append((self.seq, text))
        if self.connection is not None:
            self.connection.send_text(text)

    def replay(self, connection: Connection, after: int) -> None:
        """Go on with another connection: tell what it missed, then RESUMED."""
        self.connection = connection
        self.resumed += 1
        for seq, text in self.sent:
            if seq > after:
                connection.send_text(text)
        self.dispatch("RESUMED", {})

    def handles(self, guild_id: int | None) -> bool:
        """Say whether events of the guild go to this shard."""
        index, count = self.shard
        return index == (0 if guild_id is None else shard_of(guild_id, count))


def shard_of(guild_id: int, count: int) -> int:
    """Return which of so many shards is told of a guild."""
    return (guild_id >> 22) % count


class Sessions:
    """All sessions that there are; ``begun`` counts those that there were, too."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self.begun = 0

    def open(self, intents: int, shard: tuple[int, int], connection: Connection) -> Session:
        """Begin a session."""
        self.begun += 1
        session = Session(
            id=secrets.token_hex(16), intents=intents, shard=shard, connection=connection
        )
        self._sessions[session.id] = session
        return session

    def find(self, session_id: object) -> Session | None:
        """Return a session that has not ended."""
        return self._sessions.get(str(session_id))

    def end(self, session: Session) -> None:
        """End a session; one that has ended is no error."""
        self._sessions.pop(session.id, None)

    def clear(self, shard: int | None = None) -> None:
        """End all sessions, or those of a shard."""
        for session in list(self._sessions.values()):
            if shard is None or session.shard[0] == shard:
                self.end(session)

    def dispatch(self, event: str, data: Any, guild_id: int | None) -> None:
        """Tell an event to the sessions that are to know it."""
        for session in self._sessions.values():
            if session.handles(guild_id) and _is_wanted(event, session.intents, guild_id):
                session.dispatch(event, data)


def _is_wanted(event: str, intents: int, guild_id: int | None) -> bool:
    if event in _ALWAYS:
        return True
    if event.startswith(("MESSAGE_", "TYPING_")):
        return bool(intents & (_DIRECT_MESSAGES if guild_id is None else _GUILD_MESSAGES))
    if event.startswith("GUILD_SCHEDULED_EVENT_"):
        return bool(intents & _SCHEDULED_EVENTS)
    return bool(intents & _GUILDS)
