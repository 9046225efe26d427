"""Telling people, once, that a room takes no messages."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import discord

from ..domain.barring import Bar
from ..domain.model import Attachment, GuildId, ObjectId, RoomId
from ..domain.places import card_room, is_to_be_opened
from ..embeds import disarm
from ..languages import Language, noted, retold, speaking, tr
from .gate import Gate
from .outcomes import REQUEST_ERRORS

_log = logging.getLogger("twentythree.delivery")

_MAX_TOLD = 3
_MAX_TITLE = 200
_MAX_LOGGED = 10
_BOT_ADD = discord.AuditLogAction.bot_add
_GREETING = noted(
    "`/video setup` sets up which webinars and comments are posted where. Nothing is posted before "
    "that; it is for whoever manages the server, and takes a minute."
)


# A room and what is paused in it, or a message that stays.
_About: TypeAlias = tuple[RoomId, frozenset[ObjectId] | int]


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
        about = room_id, frozenset(one.object.object_id for one in paused)
        # A thread that nobody has opened yet has no name.
        place = card_room(paused[0]) if is_to_be_opened(room_id) and paused else room_id
        with speaking(self._language(paused)):
            text = _text(place, retold(reason), paused)
            # Whoever agreed to show what is not public did so for another room.
            in_server = _text(place, retold(reason), [_unnamed(one) for one in paused])
        if not await self._told(about, text, paused, in_server):
            _log.warning("nobody could be told that room %d is paused", room_id)

    async def tell_of_stuck(
        self, room_id: RoomId, message_id: int, held: Sequence[Attachment]
    ) -> None:
        """Tell that a message shows what it must not, and that Discord takes no deletion of it."""
        with speaking(self._language(held)):
            text = _stuck(room_id, message_id, held)
        if not await self._told((room_id, message_id), text, held):
            _log.warning("nobody could be told of a message in room %d that stays", room_id)

    async def tell_of_tags(self, forum_id: RoomId, reason: str, held: Attachment) -> None:
        """Tell that the posts of a forum do not show the states of their events."""
        language = self._language([held])
        with speaking(language):
            text = tr(
                "The tags in {room} do not show how the events are. {reason}",
                room=f"<#{forum_id}>",
                reason=retold(reason),
            )
        if not await self.tell_one(held.guild_id, [held.attached_by], text, language):
            _log.warning("nobody could be told that forum %d has no tags", forum_id)

    async def tell_one(
        self,
        guild_id: GuildId,
        people: Sequence[int],
        text: str,
        language: Language = Language.ENGLISH,
    ) -> bool:
        """Tell the first who can be reached, else a room of the server; say whether.

        ``text`` is in the language, or was kept.
        """
        guild = self._client.get_guild(guild_id)
        with speaking(language):
            text = retold(text)
            # Of a server whose shard is away, only the ID may be known.
            if guild is not None and guild.name:
                name = disarm(guild.name, _MAX_TITLE).text
                text = tr("In {server}: {text}", server=name, text=text)
        for user_id in people[:_MAX_TOLD]:
            if await self._is_sent(partial(self._in_private, user_id, text)):
                return True
        return await self._server_is_told(guild_id, text)

    async def greet(self, guild_id: GuildId, language: Language = Language.ENGLISH) -> bool:
        """Say once how a server is set up: to whoever added the bot, else where it may be said.

        Returns whether it was said.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return False
        with speaking(language):
            text, name = tr(_GREETING), disarm(guild.name, _MAX_TITLE).text
            private = tr("In {server}: {text}", server=name, text=text)
        added = await self._is_sent(partial(self._adder_is_told, guild, private))
        if added or await self._server_is_told(guild_id, text):
            return True
        rooms = (one for one in guild.text_channels if _may_write(one))
        for room in itertools.islice(rooms, _MAX_TOLD):
            if await self._is_sent(partial(_in_room, room, text)):
                return True
        return False

    async def _adder_is_told(self, guild: discord.Guild, text: str) -> bool:
        """Say whether Discord's log tells who added the bot, and they were told."""
        if not guild.me.guild_permissions.view_audit_log:
            return False
        async for entry in guild.audit_logs(limit=_MAX_LOGGED, action=_BOT_ADD):
            if entry.target is not None and entry.target.id == guild.me.id and entry.user_id:
                return await self._in_private(entry.user_id, text)
        return False

    def _language(self, held: Sequence[Attachment]) -> Language:
        """Return the language of those who attached: that of their room."""
        if not held:
            return Language.ENGLISH
        guild = self._client.get_guild(held[0].guild_id)
        locale = None if guild is None else str(guild.preferred_locale)
        return held[0].settings.language.in_server(locale)

    async def _told(
        self, about: _About, text: str, held: Sequence[Attachment], in_server: str = ""
    ) -> bool:
        """Say whether somebody was told, now or not long ago, or nobody is to be.

        ``in_server``: what a room of the server is told, where that is something else.
        """
        now = self._clock()
        self._told_at = {one: at for one, at in self._told_at.items() if now - at < self._again_s}
        if not held or about in self._told_at:
            return True
        self._told_at[about] = now
        people = list(dict.fromkeys(attachment.attached_by for attachment in held))
        reached = [
            await self._is_sent(partial(self._in_private, id_, text)) for id_ in people[:_MAX_TOLD]
        ]
        if any(reached):
            return True
        return await self._server_is_told(held[0].guild_id, in_server or text, held[0].room_id)

    async def _in_private(self, user_id: int, text: str) -> bool:
        user = await self._client.fetch_user(user_id)
        await user.send(text, allowed_mentions=discord.AllowedMentions.none())
        return True

    async def _server_is_told(
        self, guild_id: GuildId, text: str, but: RoomId | None = None
    ) -> bool:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return False
        for room in filter(None, (guild.public_updates_channel, guild.system_channel)):
            is_other = room.id != but
            if is_other and await self._is_sent(partial(_in_room, room, text)):
                return True
        return False

    async def _is_sent(self, send: Callable[[], Awaitable[bool]]) -> bool:
        try:
            async with self._gate.passing(is_word=True), asyncio.timeout(self._timeout_s):
                return await send()
        except REQUEST_ERRORS as error:
            _log.debug("telling failed: %s", type(error).__name__)
            return False


def _may_write(room: discord.TextChannel) -> bool:
    may = room.permissions_for(room.guild.me)
    return may.view_channel and may.send_messages


async def _in_room(room: discord.TextChannel, text: str) -> bool:
    await room.send(text, allowed_mentions=discord.AllowedMentions.none())
    return True


def _stuck(room_id: RoomId, message_id: int, held: Sequence[Attachment]) -> str:
    guild_id = held[0].guild_id if held else 0
    return tr(
        "A message shows a comment that was taken away on the platform, and Discord "
        "lets the bot neither edit nor delete it; please delete it: {url}",
        url=f"https://discord.com/channels/{guild_id}/{room_id}/{message_id}",
    )


def _unnamed(held: Attachment) -> Attachment:
    """Return an attachment with a number for a title that not everybody may know."""
    # What is barred for that has the title of before; where somebody had agreed to show it, it may
    # not have been public then either.
    is_of_before = held.bar is Bar.NOT_PUBLIC and held.is_agreed_for_all is None
    if held.object.is_public or is_of_before:
        return held
    return replace(held, object=replace(held.object, title=str(held.object.object_id)))


def _text(room_id: RoomId, reason: str, paused: Sequence[Attachment]) -> str:
    title = disarm(paused[0].object.title, _MAX_TITLE).text if paused else ""
    if len(paused) > 1:
        title = tr("{shown} and {more} more", shown=title, more=len(paused) - 1)
    return tr(
        "Notices about {title} cannot be posted in {room}. {reason} They wait, and are posted "
        "once it works again.",
        title=title,
        room=f"<#{room_id}>",
        reason=reason,
    )
