"""Keeping follows, what rooms have set, and what ``/video setup`` sets: all at once, or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

from ..domain.following import Follow
from ..domain.model import GuildId, RoomId
from ..domain.room_settings import RoomSettingsAsked
from ..errors import StorageError
from ..storage import Followed, NewFollow, RoomsSet, SetupDone
from .attaching import Attaching
from .exchange import WantedFollow, WantedSetup
from .following import Following
from .ports import Ports


class SettingRooms:
    """Sets how rooms look and what they leave out.

    Args:
        ports: the store and the clock.
    """

    def __init__(self, ports: Ports) -> None:
        self._store = ports.store
        self._now = ports.clock.now
        self._turns: WeakValueDictionary[GuildId, asyncio.Lock] = WeakValueDictionary()

    def alone_in(self, guild_id: GuildId) -> asyncio.Lock:
        """Return what keeps others from setting anything in a server, to be entered.

        What is set is made of what was set before.
        """
        return self._turns.setdefault(guild_id, asyncio.Lock())

    async def of_server(self, guild_id: GuildId) -> RoomsSet:
        """Return what a server and its rooms have set."""
        return await self._store.rooms.of_server(guild_id)

    async def set_room(self, guild_id: GuildId, room_id: RoomId, asked: RoomSettingsAsked) -> None:
        """Have a room set this, and nothing else; what waits there follows."""
        await self._store.rooms.set_room(guild_id, room_id, asked, self._now())

    async def set_defaults(self, guild_id: GuildId, asked: RoomSettingsAsked) -> None:
        """Have a server set this for its rooms, and nothing else."""
        await self._store.rooms.set_defaults(guild_id, asked, self._now())


# So long a person waits for a reply that tells what came of it.
_FIRST_LOOK_S = 20.0


class SettingUp:
    """The use cases behind ``/video follow`` and ``/video setup``.

    Args:
        ports: the store, the clock and the rooms.
        attaching: attaches objects.
        following: looks after the follows.
    """

    def __init__(self, ports: Ports, attaching: Attaching, following: Following) -> None:
        self._follows = ports.store.follows
        self._rooms = ports.rooms
        self._now = ports.clock.now
        self._attaching = attaching
        self._following = following
        self._turns: WeakValueDictionary[GuildId, asyncio.Lock] = WeakValueDictionary()

    async def follow(self, wanted: WantedFollow) -> Followed:
        """Keep a follow, or change the options of the one that is there, and look after it."""
        async with self._alone_in(wanted.guild_id):
            done = await self._follows.follow(await self._new(wanted), self._now())
        self._rooms.wake(done.rooms)
        return await self._looked(done)

    async def set_up(self, wanted: WantedSetup) -> SetupDone:
        """Attach an object to rooms, or keep follows, and name the moderators: all, or nothing.

        Raises:
            WorkspaceError: the object cannot be read; nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        async with self._alone_in(wanted.entry.guild_id):
            follows = [await self._new(one) for one in wanted.follows]
            done = await self._attaching.set_up(wanted, follows)
        self._rooms.wake(done.rooms.union(*(one.rooms for one in done.followed)))
        looked = await asyncio.gather(*map(self._looked, done.followed))
        return replace(done, followed=tuple(looked))

    def _alone_in(self, guild_id: GuildId) -> asyncio.Lock:
        """Return what lets one at a time change follows: two would put back each other's."""
        return self._turns.setdefault(guild_id, asyncio.Lock())

    async def same_follow(self, wanted: WantedFollow) -> Follow | None:
        """Return the follow that is there already."""
        same = (
            one
            for one in await self._follows.find(wanted.guild_id)
            if (one.room_id, one.kind, one.category and one.category.category_id)
            == (wanted.room_id, wanted.kind, wanted.category and wanted.category.category_id)
        )
        return next(same, None)

    async def _new(self, wanted: WantedFollow) -> NewFollow:
        before = await self.same_follow(wanted)
        return NewFollow(
            guild_id=wanted.guild_id,
            room_id=wanted.room_id,
            is_forum=wanted.is_forum,
            kind=wanted.kind,
            category=wanted.category,
            rules=wanted.rules.applied(wanted.kind, None if before is None else before.rules),
            followed_by=wanted.followed_by,
            has_calendar=wanted.keeps_calendar(before),
            is_exposure_agreed=wanted.is_exposure_agreed,
        )

    async def _looked(self, done: Followed) -> Followed:
        """Have a follow looked after, and return how it stands then."""
        follow = done.follow
        await self._following.first_look(follow.follow_id, within_s=_FIRST_LOOK_S)
        try:
            found = await self._follows.find(follow.guild_id)
        except StorageError:
            # It is kept all the same.
            return done
        follows = {one.follow_id: one for one in found}
        return replace(done, follow=follows.get(follow.follow_id, follow))
