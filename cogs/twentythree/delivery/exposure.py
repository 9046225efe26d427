"""Rooms that everybody in a server sees by now, and that would show them what is private.

Who attached with all comments, or what is not public, was asked; it is stored whether everybody saw
the room then. Permissions change later: that is looked at when Discord tells of it, at the start,
and before such a question, or such an object, is posted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias

import discord

from ..backoff import backoff_s
from ..domain.batching import Batch
from ..domain.deeds import LogNotice
from ..domain.ingest import is_over
from ..domain.model import (
    Attachment,
    BoardNotice,
    CommentNotice,
    DigestNotice,
    GuildId,
    LiveNotice,
    Notice,
    ObjectId,
    ObjectKind,
    ProgrammeNotice,
    ReportNotice,
    RoomId,
    VideoNotice,
)
from ..errors import log_failure
from ..storage import ExposuresSettled, Store
from .edge import DiscordEdge
from .permissions import is_seen_by_everyone

_log = logging.getLogger("twentythree.delivery")

_OfObject: TypeAlias = (
    BoardNotice | CommentNotice | DigestNotice | LiveNotice | ReportNotice | VideoNotice
)
# Until it is asked again who sees a room of a server that Discord has not listed yet.
_UNKNOWN_S = 1.0


class ExposureWatch:
    """Bars what would show a whole server what is private, tells of it once, and frees it.

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
        # changed. Who began to look before that writes into the set of then.
        self._agreed: set[tuple[RoomId, ObjectId]] = set()

    def call(self, guild_ids: Collection[int]) -> None:
        """Tell that who sees the rooms of servers may have changed; quick."""
        self._called.update(map(GuildId, guild_ids))
        self._agreed = set()
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

    async def hold_s(self, room_id: RoomId, batch: Batch, *, is_edit: bool = False) -> float | None:
        """Return for how long a batch is not to be posted, or edited; ``None``: it may be.

        0: it is barred by now, or hides what is asked in private. Else who sees its room is not
        known yet. An edit (``is_edit``) shows no object that was not shown before.

        Raises:
            StorageError: the database could not be asked.
        """
        asked = _asked_in_private(batch)
        hidden = set[ObjectId]() if is_edit else _not_public(batch)
        shown = {(room_id, object_id) for object_id in asked | hidden}
        agreed = self._agreed
        if shown <= agreed:
            return None
        room = self._edge.poster.rooms.find(room_id)
        if room is None and not self._edge.client.is_ready():
            # Its shard may not have listed its servers yet.
            return _UNKNOWN_S
        if room is not None and _is_seen_by_everyone(room) is False:
            return None
        held = await self._store.exposures.doubtful(room_id=room_id)
        done = await self._settle([one for one in held if (room_id, one.object.object_id) in shown])
        if asked & done.exposed or hidden & done.not_public:
            return 0.0
        if room is not None and not (asked | hidden) & (done.exposed | done.not_public):
            agreed |= shown
        return None

    async def _settle(self, held: Sequence[Attachment]) -> ExposuresSettled:
        """Bar and free what is attached; where it is not known who sees its room, it stays."""
        seen = {one.attachment_id: self._is_seen(one) for one in held}
        known = {one: is_seen for one, is_seen in seen.items() if is_seen is not None}
        if not known:
            return ExposuresSettled()
        done = await self._store.exposures.settle(known, self._now())
        self._wake(done.rooms)
        for room_id in dict.fromkeys(one.room_id for one in done.barred):
            here = [one for one in done.barred if one.room_id == room_id]
            reasons = [one.pause.reason for one in here if one.pause is not None]
            _log.warning("room %d is seen by everybody: what is private waits", room_id)
            await self._edge.teller.tell(room_id, reasons[0], here)
        return done

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


def _asked_in_private(batch: Batch) -> set[ObjectId]:
    """Return the objects of which a batch may show what viewers have asked in private."""
    live = (one for one in _about_objects(batch) if one.object.kind is ObjectKind.LIVE)
    return {one.object.object_id for one in live if _is_private(one)}


def _is_private(notice: Notice) -> bool:
    match notice:
        case CommentNotice(comment=comment):
            quote = comment.answers
            is_asked = quote is not None and bool(quote.text) and not quote.is_promoted
            return is_asked or not comment.is_promoted
        case ReportNotice(questions=questions):
            return any(not one.is_promoted for one in questions.shown)
        case BoardNotice(questions=questions):
            return any(not one.is_promoted for one in questions)
        case _:
            return False


def _not_public(batch: Batch) -> set[ObjectId]:
    """Return the objects that a batch shows, and of which not everybody may know."""
    return {one.object.object_id for one in _about_objects(batch) if not one.object.is_public}


def _about_objects(batch: Batch) -> Iterator[_OfObject]:
    """Yield what a batch shows of single objects; of what is taken away nothing is shown.

    A programme is of what is public, and the log names nothing else.
    """
    for one in batch.notices:
        if not isinstance(one.notice, ProgrammeNotice | LogNotice) and not is_over(one.notice):
            yield one.notice
