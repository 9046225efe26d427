"""The gateway: what people's doings become for the bot.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web

from . import payloads, permissions
from .core import Core
from .model import Guild, Member
from .rest.accounts import application_flags
from .sessions import Connection, Session, shard_of
from .world import World

_HEARTBEAT, _IDENTIFY, _RESUME, _MEMBERS = 1, 2, 6, 8
_RECONNECT, _INVALID_SESSION, _HELLO, _ACK = 7, 9, 10, 11
_IGNORED: Final = {3, 4, 31}  # presence, voice, soundboard
_MAX_FRAME: Final = 4096
_ALL_INTENTS: Final = (1 << 26) - 1
_PRIVILEGED: Final = 1 << 1 | 1 << 8 | 1 << 15
_CLEAN_CLOSES: Final = {1000, 1001}
_MOST_GUILDS: Final = 2500


class _Refused(Exception):  # noqa: N818 - no error of ours: the client is sent away
    """The connection ends with this close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """Speaks with clients."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.sessions = core.sessions
        self._connections: dict[Connection, Session | None] = {}
        self._identified_at: dict[int, float] = {}
        self.identifies = 0
        self.resumes = 0

    # What the rest of the stand-in does with it.

    @property
    def is_ready(self) -> bool:
        """Whether a client is connected and identified, with all of its shards."""
        there = {session.shard for session in self._connections.values() if session is not None}
        return any(all((one, count) in there for one in range(count)) for _, count in there)

    @property
    def connections(self) -> int:
        """How many connections there are: one of each shard of a client."""
        return len(self._connections)

    # What can be done to clients.

    def drop(self, shard: int | None = None) -> None:
        """Cut all connections, or those of a shard, without a word; they may be resumed."""
        for connection in self._of(shard):
            connection.drop()

    def close_all(self, code: int) -> None:
        """Close all connections with a code."""
        for connection in self._connections:
            connection.close(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7."""
        for connection in self._connections:
            connection.send(_RECONNECT, None)

    def invalidate(self, shard: int | None = None, *, resumable: bool = False) -> None:
        """Send op 9 to all, or to a shard; unless resumable, the sessions are gone."""
        for connection in self._of(shard):
            connection.send(_INVALID_SESSION, resumable)
        if not resumable:
            self.sessions.clear(shard)

    def forget_sessions(self) -> None:
        """Forget all sessions, so that a resume is answered with op 9."""
        self.sessions.clear()

    def _of(self, shard: int | None) -> list[Connection]:
        """Return all connections, or those of a shard."""
        return [
            connection
            for connection, session in self._connections.items()
            if shard is None or (session is not None and session.shard[0] == shard)
        ]

    def stop_acks(self) -> None:
        """Acknowledge no more heartbeats on the present connections."""
        for connection in self._connections:
            connection.acks = False

    def go_silent(self) -> None:
        """Send nothing more on the present connections, which stay open."""
        for connection in self._connections:
            connection.is_silent = True

    # One connection.

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket."""
        if self._core.rules.refuses_connections:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        socket = web.WebSocketResponse(compress=False, max_msg_size=_MAX_FRAME * 16, timeout=2.0)
        await socket.prepare(request)
        url = f"ws://{request.host}{request.path}"
        connection = Connection(socket, request.transport, url)
        self._connections[connection] = None
        writer = asyncio.create_task(connection.write())
        try:
            await self._serve(connection)
        except _Refused as refused:
            connection.close(refused.code, str(refused))
            await writer
            await connection.answered()
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._left(connection)
        return socket

    def _left(self, connection: Connection) -> None:
        session = self._connections.pop(connection)
        if session is not None and session.connection is connection:
            session.connection = None
            is_clean = connection.socket.close_code in _CLEAN_CLOSES
            if is_clean and not connection.is_closed_by_us:
                self.sessions.end(session)
        self._core.changes.tell()

    async def _serve(self, connection: Connection) -> None:
        interval_ms = int(self._core.options.heartbeat_interval_s * 1000)
        connection.send(_HELLO, {"heartbeat_interval": interval_ms, "_trace": []})
        async for frame in connection.socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._receive(connection, frame.data)
            elif frame.type is aiohttp.WSMsgType.ERROR:
                return

    def _receive(self, connection: Connection, text: str) -> None:
        if connection.receives_too_much(self._core.options.now()):
            raise _Refused(4008, "Rate limited.")
        if len(text.encode()) > _MAX_FRAME:
            raise _Refused(4002, "Error while decoding payload.")
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _Refused(4002, "Error while decoding payload.") from error
        if op == _HEARTBEAT:
            if connection.acks:
                connection.send(_ACK, None)
        elif op == _IDENTIFY:
            self._identify(connection, data)
        elif op == _RESUME:
            self._resume(connection, data)
        else:
            self._other(connection, op, data)

    def _other(self, connection: Connection, op: object, data: Any) -> None:
        if op != _MEMBERS and op not in _IGNORED:
            raise _Refused(4001, "Unknown opcode.")
        session = self._connections[connection]
        if session is None:
            raise _Refused(4003, "Not authenticated.")
        if op == _MEMBERS:
            session.dispatch("GUILD_MEMBERS_CHUNK", _members_chunk(self._core.world, data))

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        if self._connections[connection] is not None:
            raise _Refused(4005, "Already authenticated.")
        self._check_token(data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            raise _Refused(4013, "Invalid intent(s).")
        if intents & _PRIVILEGED & ~self._core.rules.privileged_intents:
            raise _Refused(4014, "Disallowed intent(s).")
        shard = self._shard(data.get("shard", [0, 1]))
        if shard[0] in self._core.rules.refused_shards:
            connection.drop()
            return
        if self._is_too_soon(shard):
            connection.send(_INVALID_SESSION, False)
            return
        session = self.sessions.open(intents, shard, connection)
        self._connections[connection] = session
        self.identifies += 1
        for event, told in _greeting(self._core, session, connection.url):
            session.dispatch(event, told)
        self._core.changes.tell()

    def _shard(self, asked: Any) -> tuple[int, int]:
        """Return which shard of how many identifies."""
        match asked:
            case [int(index), int(count)] if 0 <= index < count:
                pass
            case _:
                raise _Refused(4010, "Invalid shard.")
        world = self._core.world
        mine = [one for one in world.guilds.values() if shard_of(one.id, count) == index]
        if sum(world.bot_in(guild) is not None for guild in mine) > _MOST_GUILDS:
            raise _Refused(4011, "Sharding required.")
        return index, count

    def _is_too_soon(self, shard: tuple[int, int]) -> bool:
        """Say whether too many shards identify at once; if not, count this one."""
        index, count = shard
        options = self._core.options
        turn, now = index % options.max_concurrency, options.now()
        last = self._identified_at.get(turn)
        if count > 1 and last is not None and now - last < options.identify_window_s:
            return True
        self._identified_at[turn] = now
        return False

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        self._check_token(data)
        session = self.sessions.find(data.get("session_id"))
        after = data.get("seq")
        if session is None or not isinstance(after, int):
            connection.send(_INVALID_SESSION, False)
            return
        if session.shard[0] in self._core.rules.refused_shards:
            connection.drop()
            return
        if after > session.seq:
            raise _Refused(4007, "Invalid seq.")
        if session.connection is not None:
            session.connection.drop()
        self._connections[connection] = session
        session.replay(connection, after)
        self.resumes += 1
        self._core.changes.tell()

    def _check_token(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise _Refused(4002, "Error while decoding payload.")
        if data.get("token") != self._core.options.token or self._core.rules.is_token_refused:
            raise _Refused(4004, "Authentication failed.")


def introduction(core: Core, guild: Guild, member: Member) -> dict[str, Any]:
    """Return GUILD_CREATE's data: active threads that the bot sees are in it."""
    threads = [
        one
        for one in guild.channels.values()
        if one.thread is not None
        and not one.thread.is_archived
        and core.world.may(member.user.id, one) & permissions.VIEW
    ]
    return payloads.guild_create(guild, member, threads)


def _greeting(core: Core, session: Session, url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield READY and the GUILD_CREATEs of a new session, to be resumed at ``url``."""
    bot = core.world.bot
    mine = [
        (guild, member)
        for guild in core.world.guilds.values()
        if (member := core.world.bot_in(guild)) is not None and session.handles(guild.id)
    ]
    flags = application_flags(core.rules.privileged_intents)
    yield (
        "READY",
        {
            "v": 10,
            "user": {**payloads.user(bot), "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild, _ in mine],
            "session_id": session.id,
            "session_type": "normal",
            # Whoever came through a proxy comes back through it.
            "resume_gateway_url": url,
            "shard": list(session.shard),
            "application": {"id": str(bot.id), "flags": flags},
            "private_channels": [],
            "relationships": [],
            "_trace": [],
        },
    )
    for guild, member in mine:
        if guild.is_available:
            yield "GUILD_CREATE", introduction(core, guild, member)


def _members_chunk(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request for a guild's members."""
    guild = world.guilds[int(asked["guild_id"])]
    return {
        "guild_id": str(guild.id),
        "members": [payloads.member(one) for one in guild.members.values()],
        "chunk_index": 0,
        "chunk_count": 1,
        "nonce": asked.get("nonce"),
    }
