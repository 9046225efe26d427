"""Telling people, once, that a room takes no messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeAlias

import aiohttp
import discord

from ..embeds import disarm
from ..relay.model import Attachment, ObjectId, RoomId
from .gate import Gate
from .waits import Held

_log = logging.getLogger("twentythree.rooms")

_MAX_TOLD = 3
_MAX_TITLE = 200
_ERRORS = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    Held,
)


_About: TypeAlias = tuple[RoomId, frozenset[ObjectId]]


class Teller:
    """Tells whoever attached; where none can be reached, a room of the server.

    That is the moderators' room, which Discord calls the channel for community updates; where
    there is none, or the bot may not write there, the channel for Discord's own messages.
    """

    def __init__(
        self,
        client: discord.Client,
        gate: Gate,
        *,
        request_timeout_s: float,
        again_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._gate = gate
        self._timeout_s = request_timeout_s
        self._again_s = again_s
        self._clock = clock
        self._told_at: dict[_About, float] = {}

    async def tell(self, room_id: RoomId, reason: str, paused: Sequence[Attachment]) -> None:
        """Tell why nothing goes to the room; a failure to tell is logged, not raised."""
        now = self._clock()
        self._told_at = {one: at for one, at in self._told_at.items() if now - at < self._again_s}
        about = room_id, frozenset(one.object.object_id for one in paused)
        if not paused or about in self._told_at:
            return
        self._told_at[about] = now
        text = _text(room_id, reason, paused)
        people = list(dict.fromkeys(attachment.attached_by for attachment in paused))
        reached = [
            await self._is_sent(partial(self._in_private, id_, text)) for id_ in people[:_MAX_TOLD]
        ]
        if not any(reached) and not await self._server_is_told(paused[0], text):
            _log.warning("nobody could be told that room %d is paused", room_id)

    async def _in_private(self, user_id: int, text: str) -> bool:
        user = await self._client.fetch_user(user_id)
        await user.send(text, allowed_mentions=discord.AllowedMentions.none())
        return True

    async def _server_is_told(self, attachment: Attachment, text: str) -> bool:
        guild = self._client.get_guild(attachment.guild_id)
        if guild is None:
            return False
        for room in filter(None, (guild.public_updates_channel, guild.system_channel)):
            is_other = room.id != attachment.room_id
            if is_other and await self._is_sent(partial(_in_room, room, text)):
                return True
        return False

    async def _is_sent(self, send: Callable[[], Awaitable[bool]]) -> bool:
        try:
            async with self._gate.passing(), asyncio.timeout(self._timeout_s):
                return await send()
        except _ERRORS as error:
            _log.debug("telling failed: %s", type(error).__name__)
            return False


async def _in_room(room: discord.TextChannel, text: str) -> bool:
    await room.send(text, allowed_mentions=discord.AllowedMentions.none())
    return True


def _text(room_id: RoomId, reason: str, paused: Sequence[Attachment]) -> str:
    title = disarm(paused[0].object.title, _MAX_TITLE).text
    more = f" and {len(paused) - 1} more" if len(paused) > 1 else ""
    return (
        f"Notices about {title}{more} cannot be posted in <#{room_id}>. {reason} "
        "They wait, and go out by themselves once it works again."
    )
