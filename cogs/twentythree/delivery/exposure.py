"""Rooms that everybody in a server sees by now, and that would show them private questions.

Who attached with all comments was asked if everybody saw the room then. Permissions change later:
that is looked at when Discord tells of it, at the start, and before such a question is posted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime

import discord

from ..backoff import backoff_s
from ..domain.model import (
    Attachment,
    Batch,
    BoardNotice,
    CommentNotice,
    GuildId,
    Notice,
    ObjectId,
    ObjectKind,
    ReportNotice,
    RoomId,
)
from ..errors import log_failure
from ..storage import Store
from .edge import DiscordEdge
from .permissions import is_seen_by_everyone

_log = logging.getLogger("twentythree.delivery")

# Until it is asked again who sees a room of a server that Discord has not listed yet.
_UNKNOWN_S = 1.0


class ExposureWatch:
    """Bars what would show private questions to a whole server, tells of it once, and frees it.

    Args:
        edge: knows who sees a room.
        store: what is attached, and what was agreed to.
        wake: tells rooms that there is something to do.
        now: the time, aware.
    """

    def __init__(
        self,
        edge: DiscordEdge,
        store: Store,
        wake: Callable[[Collection[RoomId]], None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._edge = edge
        self._store = store
        self._wake = wake
        self._now = now
        self._called: set[GuildId] = set()
        self._is_called = asyncio.Event()
        # What rooms that everybody sees may show, as far as it was looked at since permissions have
        # changed.
        self._agreed: set[tuple[RoomId, ObjectId]] = set()

    def call(self, guild_ids: Collection[int]) -> None:
        """Tell that who sees the rooms of servers may have changed; quick."""
        self._called.update(map(GuildId, guild_ids))
        self._agreed.clear()
        self._is_called.set()

    async def run(self) -> None:
        """Look at the servers of which that was told, until cancelled."""
        options = self._edge.options
        again: set[GuildId] = set()
        failures = 0
        while True:
            # Nobody may tell of these again.
            wait_s = backoff_s(
                failures, first_s=options.retry_first_s, longest_s=options.retry_longest_s
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s if again else None):
                    await self._is_called.wait()
            self._is_called.clear()
            called, self._called = self._called | again, set()
            again = {one for one in called if not await self._is_looked_at(one)}
            failures = failures + 1 if again else 0

    async def _is_looked_at(self, guild_id: GuildId) -> bool:
        try:
            await self._settle(await self._store.exposures.doubtful(guild_id=guild_id))
        except Exception as error:  # noqa: BLE001 - supervision: one server holds up no other
            log_failure(_log, f"who sees the rooms of {guild_id} could not be looked at", error)
            return False
        return True

    async def hold_s(self, room_id: RoomId, batch: Batch) -> float | None:
        """Return for how long a batch is not to be posted, or edited; ``None``: it may be.

        0: it is barred by now, and a board hides its questions. Else who sees its room is not
        known yet.

        Raises:
            StorageError: the database could not be asked.
        """
        asked = {
            (room_id, object_id)
            for one in batch.notices
            if (object_id := _asked_in_private(one.notice)) is not None
        }
        if not asked or asked <= self._agreed:
            return None
        room = self._edge.poster.rooms.find(room_id)
        if room is None and not self._edge.client.is_ready():
            # Its shard may not have listed its servers yet.
            return _UNKNOWN_S
        if room is not None and _is_seen_by_everyone(room) is False:
            return None
        held = await self._store.exposures.doubtful(room_id=room_id)
        concerned = [one for one in held if (room_id, one.object.object_id) in asked]
        if concerned and await self._settle(concerned):
            return 0.0
        if room is not None:
            self._agreed |= asked
        return None

    async def _settle(self, held: Sequence[Attachment]) -> bool:
        """Bar and free; say whether any of them is barred now."""
        seen = {one.attachment_id: self._is_seen(one) for one in held}
        known = {one: is_seen for one, is_seen in seen.items() if is_seen is not None}
        if not known:
            return False
        done = await self._store.exposures.settle(known, self._now())
        self._wake(done.rooms)
        for room_id in dict.fromkeys(one.room_id for one in done.barred):
            here = [one for one in done.barred if one.room_id == room_id]
            reasons = [one.pause.reason for one in here if one.pause is not None]
            _log.warning("room %d is seen by everybody: private questions wait", room_id)
            await self._edge.teller.tell(room_id, reasons[0], here)
        return done.is_any

    def _is_seen(self, held: Attachment) -> bool | None:
        """Tell whether everybody in the server sees the room; ``None``: that is not known."""
        guild = self._edge.client.get_guild(held.guild_id)
        if guild is None or guild.unavailable:
            return None
        room = guild.get_channel_or_thread(held.room_id)
        if room is None and held.forum_id is not None:
            # An archived post, or a thread on a card: neither is private.
            room = guild.get_channel(held.forum_id)
        return None if room is None else _is_seen_by_everyone(room)


def _is_seen_by_everyone(room: discord.abc.GuildChannel | discord.Thread) -> bool | None:
    try:
        return is_seen_by_everyone(room)
    except discord.ClientException:
        # A thread whose channel is not in the cache.
        return None


def _asked_in_private(notice: Notice) -> ObjectId | None:
    """Return the object of which a notice may show what viewers have asked in private."""
    match notice:
        case CommentNotice(comment=comment):
            quote = comment.answers
            is_asked = quote is not None and bool(quote.text) and not quote.is_promoted
            is_private = is_asked or not comment.is_promoted
        case ReportNotice(questions=questions):
            is_private = any(not one.is_promoted for one in questions.shown)
        case BoardNotice(questions=questions):
            is_private = any(not one.is_promoted for one in questions)
        case _:
            return None
    is_live = notice.object.kind is ObjectKind.LIVE
    return notice.object.object_id if is_private and is_live else None
