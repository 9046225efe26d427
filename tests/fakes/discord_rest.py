"""A few routes of Discord's REST API, for the real discord.py without a gateway."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import discord
from aiohttp import web
from discord.http import Route

BOT_ID, GUILD_ID, ROLE_ID = 42, 9, 90
_BOT = {"id": str(BOT_ID), "username": "bridge", "discriminator": "0", "avatar": None, "bot": True}
_MESSAGE: dict[str, Any] = {
    "content": "",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "pinned": False,
    "type": 0,
}
_GUILD: dict[str, Any] = {
    "name": "Guild",
    "icon": None,
    "emojis": [],
    "features": [],
    "owner_id": "1",
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "nsfw_level": 0,
    "premium_tier": 0,
    "preferred_locale": "en-US",
    "threads": [],
    "member_count": 1,
}
_APPLICATION = {
    "id": str(BOT_ID),
    "name": "bridge",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": _BOT,
    "verify_key": "",
}


@dataclass
class Fault:
    """What happens to the next request: its answer, or none; ``is_done``: after it took effect."""

    status: int | None = None
    code: int = 0
    is_done: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)


class DiscordRest:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.messages: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.faults: deque[Fault] = deque()
        self.refusals: dict[tuple[str, int], tuple[int, int]] = {}
        self.archived: set[int] = set()
        self.locked: set[int] = set()
        self.requests: list[tuple[str, str, Any]] = []
        self.files: dict[str, bytes] = {}
        self._count = 0
        self._nonces: dict[str, dict[str, Any]] = {}

    def snowflake(self) -> int:
        self._count += 1
        return discord.utils.time_snowflake(self.now) + self._count

    def in_room(self, room_id: int) -> list[dict[str, Any]]:
        return [one for one in self.messages if one["channel_id"] == str(room_id)]

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.strip("/")
        body = await self._read(request)
        self.requests.append((request.method, path, body))
        return self._handled(request, path, body)

    async def _read(self, request: web.Request) -> Any:
        if request.content_type != "multipart/form-data":
            return await request.json() if request.can_read_body else None
        form = await request.post()
        files = (part for part in form.values() if isinstance(part, web.FileField))
        self.files = {part.filename: part.file.read() for part in files}
        return json.loads(str(form["payload_json"]))

    def _handled(self, request: web.Request, path: str, body: Any) -> web.StreamResponse:
        fault = None if path.startswith(("users/@me", "oauth2")) else self._fault()
        if fault is not None and not fault.is_done:
            return self._faulty(fault, request)
        status, answer = self._answer(request, path.split("/"), body)
        if fault is not None:
            return self._faulty(fault, request)
        return _json(status, answer)

    def _fault(self) -> Fault | None:
        return self.faults.popleft() if self.faults else None

    def _faulty(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.status is None:
            assert request.transport is not None
            request.transport.abort()
            raise asyncio.CancelledError
        body = {"code": fault.code, "message": "a fault", **fault.body}
        return _json(fault.status, body, fault.headers)

    def _answer(self, request: web.Request, path: list[str], body: Any) -> tuple[int, Any]:
        match request.method, path:
            case "GET", ["users", "@me"]:
                return 200, _BOT
            case "GET", ["oauth2", "applications", "@me"]:
                return 200, _APPLICATION
            case method, ["channels", room_id, *rest]:
                refusal = self.refusals.get((method, int(room_id)))
                if refusal is not None:
                    return refusal[0], {"code": refusal[1], "message": "refused"}
                return self._in_channel(request, int(room_id), rest, body)
            case _:
                raise AssertionError(path)

    def _in_channel(
        self, request: web.Request, room_id: int, rest: list[str], body: Any
    ) -> tuple[int, Any]:
        match request.method, rest:
            case "POST", ["messages"]:
                return self._create(room_id, body)
            case "GET", ["messages"]:
                return 200, self._history(room_id, request.query)
            case "PATCH", ["messages", message_id]:
                return self._change(room_id, message_id, body)
            case "DELETE", [*_, message_id]:
                return self._delete(message_id)
            case "GET" | "DELETE", _:
                answer: tuple[int, Any] = 200, {"id": str(room_id), "type": 11}
            case "PATCH", []:
                return self._reopen(room_id)
            case "POST", ["threads"]:
                answer = 201, self._open(room_id, body)
            case _:
                raise AssertionError(rest)
        return answer

    def _create(self, room_id: int, body: dict[str, Any]) -> tuple[int, Any]:
        if room_id in self.archived:
            return 400, {"code": 50083, "message": "archived"}
        nonce = body.get("nonce", "") if body.get("enforce_nonce") else ""
        if nonce in self._nonces:
            known = self._nonces[nonce]
            if known["id"] in self.deleted:
                return 404, {"code": 10008, "message": "Unknown Message"}
            return 200, known
        message = self._message(room_id, body)
        if nonce:
            self._nonces[nonce] = message
        return 200, message

    def _message(self, room_id: int, body: dict[str, Any]) -> dict[str, Any]:
        message = {
            **_MESSAGE,
            "content": body.get("content") or "",
            "id": str(self.snowflake()),
            "channel_id": str(room_id),
            "author": _BOT,
            "embeds": [{**embed, "type": "rich"} for embed in body.get("embeds", [])],
            "timestamp": self.now.isoformat(),
        }
        self.messages.append(message)
        return message

    def _change(self, room_id: int, message_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        if room_id in self.archived:
            return 400, {"code": 50083, "message": "archived"}
        for message in self.messages:
            if message["id"] == message_id and message_id not in self.deleted:
                message.update(content=body["content"], embeds=body["embeds"])
                return 200, message
        return 404, {"code": 10008, "message": "Unknown Message"}

    def _reopen(self, room_id: int) -> tuple[int, Any]:
        if room_id in self.locked:
            return 403, {"code": 50083, "message": "archived"}
        self.archived.discard(room_id)
        return 200, {"id": str(room_id), "type": 11}

    def _delete(self, message_id: str) -> tuple[int, Any]:
        is_there = any(one["id"] == message_id for one in self.messages)
        if not is_there or message_id in self.deleted:
            return 404, {"code": 10008, "message": "Unknown Message"}
        self.deleted.add(message_id)
        return 204, None

    def _history(self, room_id: int, query: Any) -> list[Any]:
        found = [one for one in self.in_room(room_id) if int(one["id"]) > int(query["after"])]
        return list(reversed(found[: int(query["limit"])]))

    def _open(self, forum_id: int, body: dict[str, Any]) -> dict[str, Any]:
        id_ = self.snowflake()
        return {
            "id": str(id_),
            "parent_id": str(forum_id),
            "owner_id": str(BOT_ID),
            "guild_id": str(GUILD_ID),
            "name": body["name"],
            "type": 11,
            "message_count": 0,
            "member_count": 1,
            "applied_tags": body.get("applied_tags", []),
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": body["auto_archive_duration"],
                "archive_timestamp": self.now.isoformat(),
                "locked": False,
            },
            "message": self._message(id_, body["message"]),
        }


@asynccontextmanager
async def logged_in(server: DiscordRest) -> AsyncGenerator[discord.Client]:
    """Give a real client whose requests go to the server, without a gateway."""
    base = Route.BASE
    async with server.serving() as address:
        Route.BASE = address
        client = discord.Client(
            intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.all()
        )
        try:
            await client.login("token")
            yield client
        finally:
            await client.close()
            Route.BASE = base


def guild(client: discord.Client, *channels: dict[str, Any], **values: Any) -> discord.Guild:
    """Put a server into the client's cache, in which the bot has the role ``ROLE_ID``."""
    role = {"color": 0, "hoist": False, "position": 0, "managed": False, "mentionable": False}
    data: Any = {
        **_GUILD,
        "id": str(GUILD_ID),
        "roles": [
            {**role, "id": str(GUILD_ID), "name": "@everyone", "permissions": "0"},
            {**role, "id": str(ROLE_ID), "name": "bots", "permissions": "0", "position": 1},
        ],
        "members": [
            {
                "user": _BOT,
                "roles": [str(ROLE_ID)],
                "joined_at": "2020-01-01T00:00:00+00:00",
                "deaf": False,
                "mute": False,
                "flags": 0,
            }
        ],
        "channels": channels,
        **values,
    }
    return client._connection._add_guild_from_data(data)


def channel(id_: int, kind: int = 0, *, allow: int = 0, **values: Any) -> dict[str, Any]:
    overwrite = {"id": str(ROLE_ID), "type": 0, "allow": str(allow), "deny": "0"}
    return {
        "id": str(id_),
        "type": kind,
        "name": f"room-{id_}",
        "position": 0,
        "permission_overwrites": [overwrite],
        **values,
    }


class Impatient:
    """Stands in for ``asyncio`` in ``discord.http``: nothing is slept out."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    if status == HTTPStatus.NO_CONTENT:
        return web.Response(status=status)
    # The type without a charset: discord.py compares the whole string.
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
