"""A bridge whose follows a test has looked after by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import EllipsisType
from typing import Any

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.following import Category, Follow
from cogs.twentythree.domain.model import (
    CategoryId,
    GuildId,
    LiveNotice,
    LiveObservation,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    ProgrammeNotice,
    RoomId,
)
from cogs.twentythree.intake import Bridge, BridgeOptions, WantedAttachment, WantedFollow
from cogs.twentythree.storage import Attached, Store
from tests.fakes.asked import with_rules
from tests.fakes.intake import ClockSet, RoomsWoken, ports
from tests.fakes.workspace import FakeWorkspace

CLOSED = "Discord opens no post in the forum: A tag is required"

GUILD, ROOM, FORUM = GuildId(1), RoomId(10), RoomId(11)
TALKS = Category(category_id=CategoryId(70), title="Talks")
START = datetime(2030, 1, 2, 12, tzinfo=UTC)


class _Forum(RoomsWoken):
    """Opens posts in the forum of a town."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self._town = town

    async def open_post(self, forum_id: RoomId, info: ObjectInfo) -> RoomId | str:
        if not self._town.is_forum_open:
            self._town.refusals += 1
            return CLOSED
        self._town.posts.append((forum_id, info))
        return RoomId(500 + len(self._town.posts))


class Town:
    """A bridge whose follows a test has looked after by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.listing = self.workspace.listing
        self.now = START
        self.posts: list[tuple[RoomId, ObjectInfo]] = []
        self.is_forum_open = True
        self.refusals = 0
        self.rooms = _Forum(self)
        self.woken, self.work = self.rooms.woken, self.rooms.work
        clock = ClockSet(lambda: self.now)
        joined = ports(store, self.workspace, rooms=self.rooms, clock=clock)
        self.bridge = Bridge(joined, BridgeOptions(follow_s=3600))
        self.following = self.bridge.following

    async def follow(
        self, kind: ObjectKind = ObjectKind.LIVE, category: Category | None = None, **values: Any
    ) -> Follow:
        wanted: dict[str, Any] = {"guild_id": GUILD, "room_id": ROOM, "followed_by": 5} | values
        done = await self.bridge.follow(
            WantedFollow(kind=kind, category=category, **with_rules(wanted))
        )
        return done.follow

    def event(
        self,
        object_id: int,
        *,
        category: int | None = None,
        is_on: bool = False,
        hours: float = 1,
    ) -> ObjectInfo:
        """Plan a live event, or let one be on air."""
        info = self.workspace.add(object_id, ObjectKind.LIVE)
        self.listing.upcoming.setdefault(category, []).append(info)
        self.workspace.live_states[info.object_id] = LiveObservation(
            object_id=info.object_id,
            is_broadcasting=is_on,
            scheduled_at=self.now + timedelta(hours=hours),
        )
        return info

    def film(
        self,
        object_id: int,
        *,
        category: int | None = None,
        published: datetime | EllipsisType | None = ...,
    ) -> ObjectInfo:
        """Add a video; it was published just now, unless told otherwise. ``None``: not told."""
        info = self.workspace.add(object_id)
        self.listing.films.setdefault(category, []).append(info)
        at = self.now if published is ... else published
        if at is not None:
            self.listing.published[info.object_id] = at
        return info

    async def look(self, minutes: float = 2) -> None:
        self.now += timedelta(minutes=minutes)
        await self.following.look(await self.store.follows.find())
        await self.following._let_go()

    async def attached(self) -> list[int]:
        return [one.object.object_id for one in await self.store.attachments.find()]

    async def cards(self, room: RoomId = ROOM) -> list[LiveNotice]:
        found = (await self.store.outbox.work(room)).pending
        return [one.notice for one in found if isinstance(one.notice, LiveNotice)]

    async def programme(self, room: RoomId = ROOM) -> ProgrammeNotice | None:
        found = (await self.store.outbox.work(room)).pending
        for one in found:
            if isinstance(one.notice, ProgrammeNotice):
                return one.notice
        return None

    async def post(self, room: RoomId = ROOM) -> None:
        """Have what waits in a room go out, as one message."""
        waiting = (await self.store.outbox.work(room)).pending
        draft = Draft(nonce="n", body="{}")
        batch = await self.store.outbox.start_batch(room, waiting, draft=draft, now=self.now)
        assert batch is not None
        await self.store.outbox.settle(batch.batch_id, message_id=1, shown="digest", now=self.now)

    async def attach(self, object_id: int, room: RoomId = ROOM) -> Attached:
        """Attach by hand."""
        wanted = WantedAttachment(
            object_id=ObjectId(object_id), guild_id=GUILD, room_id=room, attached_by=6
        )
        return await self.bridge.attach(wanted)
