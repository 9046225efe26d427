"""Rooms that take no messages: kept in the store, told to people, and over once one is taken.

How full the outbox is, is counted now and then, since that takes long where much waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

import discord

from ..domain.model import RoomId
from ..domain.places import posts_to
from ..errors import StorageError
from ..languages import kept
from ..metrics import Metrics
from ..storage import Store
from .edge import DiscordEdge
from .outcomes import NO_PERMISSION
from .permissions import Room, missing

_log = logging.getLogger("twentythree.delivery")


class Pauses:
    """Pauses rooms, and lifts that again."""

    def __init__(
        self,
        edge: DiscordEdge,
        store: Store,
        gauges: OutboxGauges,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._edge = edge
        self._store = store
        self._gauges = gauges
        self._now = now
        self._paused: set[RoomId] = set()
        self._post_refused: set[RoomId] = set()
        # A room's posts and edits are two workers: what the store has must be what the later said.
        self._turn = asyncio.Lock()

    async def recall(self) -> None:
        """Learn from the store which rooms are paused.

        Raises:
            StorageError: it could not be read.
        """
        held = await self._store.attachments.find()
        self._paused = {
            room for one in held if one.pause is not None for room in (one.room_id, posts_to(one))
        }

    async def begin(self, room_id: RoomId, reason: str, *, is_post: bool) -> None:
        """Pause a room that took no post, or no edit, and tell people so."""
        if is_post:
            self._post_refused.add(room_id)
        reason = self._exact(room_id, reason)
        async with self._turn:
            paused = await self._store.attachments.pause(room_id, reason, self._now())
            self._paused.add(room_id)
        if paused:
            _log.warning("room %d is paused: %s", room_id, reason)
            self._gauges.changed()
            await self._edge.teller.tell(room_id, reason, paused)

    async def end(self, room_id: RoomId, *, is_post: bool) -> None:
        """Lift the pause of a room that took a post, or an edit."""
        if is_post:
            self._post_refused.discard(room_id)
        if not self._may_resume(room_id):
            return
        async with self._turn:
            # Or it has become otherwise meanwhile.
            if not self._may_resume(room_id):
                return
            await self._store.attachments.resume(room_id)
            self._paused.discard(room_id)
        _log.info("room %d is not paused any more", room_id)
        self._gauges.changed()

    def _may_resume(self, room_id: RoomId) -> bool:
        # That a message can be edited does not say that another can be posted.
        return room_id in self._paused and room_id not in self._post_refused

    def _exact(self, room_id: RoomId, reason: str) -> str:
        """Return a reason that names the permissions that are missing, where the cache knows."""
        room = self._edge.poster.rooms.find(room_id)
        if reason != NO_PERMISSION.reason or not isinstance(room, Room):
            return reason
        try:
            lacking = missing(room, room.guild.me)
        except discord.ClientException:
            return reason
        names = " and ".join(lacking)
        if not lacking:
            return reason
        return kept("The bot may not post in this room; grant it {names} there.").format(
            names=names
        )


class OutboxGauges:
    """Sets the gauges of the outbox after changes, once in ``every_s`` at most."""

    def __init__(self, store: Store, metrics: Metrics, every_s: float) -> None:
        self._store = store
        self._metrics = metrics
        self._every_s = every_s
        self._is_changed = asyncio.Event()

    def changed(self) -> None:
        """Tell that the outbox is otherwise now."""
        self._is_changed.set()

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            await self._is_changed.wait()
            self._is_changed.clear()
            await self._count()
            await asyncio.sleep(self._every_s)

    async def _count(self) -> None:
        try:
            counts = await self._store.upkeep.counts()
        except StorageError as error:
            _log.debug("the store could not be counted: %s", error)
            return
        self._metrics.outbox(counts.pending)
        self._metrics.rooms_paused(counts.paused_rooms)
