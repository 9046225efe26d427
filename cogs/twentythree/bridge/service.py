"""The bridge: what the slash commands call, and what runs behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from ..api import WorkspaceClient
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..relay.model import (
    Attachment,
    Category,
    CategoryId,
    Follow,
    GuildId,
    Notice,
    ObjectId,
    ObjectInfo,
    RoomId,
)
from ..storage import Attached, Drafting, Followed, NewFollow, Store
from .attaching import Attaching, OpenPost, rules_of
from .following import Following
from .intake import Wake
from .model import BridgeStatus, ChannelShape, Mode, ObjectStatus, WantedAttachment, WantedFollow
from .news import News
from .objects import Known
from .options import BridgeOptions
from .reader import Room
from .samples import sample_notices


async def _no_post(_forum_id: RoomId, _info: ObjectInfo) -> RoomId | None:
    return None


class Bridge:
    """Everything between a workspace and the outbox.

    Args:
        store: attachments, memory and outbox.
        api: the workspace.
        make_client: returns a realtime client for an address.
        metrics: what is counted.
        wake: tells the rooms that there is work, and of batches that were stored with it.
        draft: says what the message of a comment that is alone in a room is stored with. ``None``:
            all batches are left to the rooms.
        options: times and the address of the realtime service.
        budget: whether the workspace may be asked something more now.
        open_post: opens a post in a forum, for what a follow attaches there.
        now: the time, aware.
    """

    def __init__(
        self,
        store: Store,
        api: WorkspaceClient,
        make_client: Callable[[str], RealtimeClient],
        metrics: Metrics,
        *,
        wake: Wake,
        draft: Drafting | None = None,
        options: BridgeOptions,
        budget: Room,
        open_post: OpenPost = _no_post,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._api = api
        self._now = now
        self._wake = wake
        self._news = News(
            store,
            api,
            make_client,
            metrics,
            wake=wake,
            draft=draft,
            options=options,
            budget=budget,
            now=now,
        )
        self._attaching = Attaching(
            api,
            store,
            self._news.readings,
            now=now,
            open_post=open_post,
            same_broadcast=timedelta(seconds=options.same_broadcast_s),
        )
        self._following = Following(api.listing, store, self, now=now, every_s=options.follow_s)

    async def run(self) -> None:
        """Bring news in, and attach what is followed, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._news.run(), name="news")
            tasks.create_task(self._following.run(), name="follows")

    async def find(self, object_id: ObjectId) -> ObjectInfo:
        """Return the video or live event with this ID.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        return await self._api.find(object_id)

    async def search(self, text: str) -> list[ObjectInfo]:
        """Return objects whose title matches.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        return await self._api.search(text)

    async def attach(self, wanted: WantedAttachment) -> Attached:
        """Attach an object to a room, or change the rules of what is attached.

        Raises:
            WorkspaceError: nothing was stored.
        """
        attached = await self._attaching.attach(wanted)
        await self._news.refresh(wanted.object_id)
        self._news.ask(wanted.object_id)
        self._wake({attached.attachment.room_id, *attached.ingested.rooms})
        return attached

    async def detach(self, room_id: RoomId, object_id: ObjectId) -> Attachment | None:
        """Detach an object from a room; ``None`` where it was not attached."""
        gone = await self._store.detach(room_id, object_id)
        await self._news.refresh(object_id)
        return gone

    async def attachments(
        self,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Attachment]:
        """Return the attachments that match, oldest first."""
        return list(
            await self._store.attachments(guild_id=guild_id, room_id=room_id, object_id=object_id)
        )

    # Follows.

    async def categories(self, text: str) -> list[Category]:
        """Return the workspace's categories whose title matches.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        return await self._api.listing.categories(text)

    async def category(self, category_id: CategoryId) -> Category:
        """Return a category of the workspace.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        return await self._api.listing.category(category_id)

    async def follow(self, wanted: WantedFollow) -> Followed:
        """Keep a follow, or change the options of the one that is there."""
        held = await self._store.follows(wanted.guild_id)
        same = (
            one
            for one in held
            if (one.room_id, one.kind, one.category and one.category.category_id)
            == (wanted.room_id, wanted.kind, wanted.category and wanted.category.category_id)
        )
        before = next(same, None)
        done = await self._store.follow(
            NewFollow(
                guild_id=wanted.guild_id,
                room_id=wanted.room_id,
                is_forum=wanted.is_forum,
                kind=wanted.kind,
                category=wanted.category,
                rules=rules_of(wanted, wanted.kind, None if before is None else before.rules),
                followed_by=wanted.followed_by,
            ),
            self._now(),
        )
        self._following.ask(done.follow.follow_id)
        return done

    async def unfollow(self, follow_id: int) -> Follow | None:
        """Drop a follow; ``None`` where there was none. What it has attached stays."""
        return await self._store.unfollow(follow_id)

    async def follows(self, guild_id: GuildId | None = None) -> list[Follow]:
        """Return the follows (of a server), oldest first."""
        return await self._store.follows(guild_id)

    async def attach_followed(self, follow: Follow, info: ObjectInfo, *, mentions: bool) -> bool:
        """Attach what a follow has found; return whether it is done with it.

        Raises:
            WorkspaceError: the object cannot be read.
        """
        up = await self._attaching.attach_followed(follow, info, mentions=mentions)
        if up.attached is not None:
            await self._news.refresh(info.object_id)
            self._news.ask(info.object_id)
            self._wake({up.attached.attachment.room_id, *up.attached.ingested.rooms})
        return up.is_done

    async def let_go(self, attachment: Attachment) -> None:
        """Detach what a follow attached."""
        await self.detach(attachment.room_id, attachment.object.object_id)

    async def sample(self, object_id: ObjectId) -> list[Notice]:
        """Return sample notices for an object.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        known = self._news.objects.get(object_id)
        info = known.info if known else await self._api.find(object_id)
        return sample_notices(info, self._now())

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        """Listen to all of an object's own channels and return the shapes of what came.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        info = await self._api.find(object_id)
        found = await self._news.readings.address_of(info)
        try:
            with self._news.probes.listening(found.address.roots()) as probe:
                self._news.listen(found.url)
                await asyncio.sleep(seconds)
        finally:
            self._news.listen()
        return probe.shapes()

    async def status(self) -> BridgeStatus:
        """Return the state of the whole."""
        counts = await self._store.counts()
        oldest = await self._store.oldest_pending()
        errors = [known.trouble for known in self._news.objects.values() if known.trouble]
        return BridgeStatus(
            mode=self._mode(self._news.objects.values()),
            connected_since=self._news.connected_since,
            last_event_at=self._news.last_event_at,
            lag_s=None if oldest is None else (self._now() - oldest).total_seconds(),
            pending=counts.pending,
            paused_rooms=counts.paused_rooms,
            last_error=errors[-1] if errors else None,
        )

    def object_status(self, object_id: ObjectId) -> ObjectStatus:
        """Return the state of one object; ``idle`` where it is not attached."""
        known = self._news.objects.get(object_id)
        services = self._news.book.services(object_id)
        return ObjectStatus(
            mode=self._mode([known] if known else []),
            channels=tuple(str(service) for service in services),
            last_event_at=known.event_at if known else None,
            last_read_at=known.read_at if known else None,
            last_error=known.trouble if known else None,
            verified_until=self._news.rumours.verified_until(object_id),
        )

    def _mode(self, known: Iterable[Known]) -> Mode:
        found = list(known)
        if not found:
            return Mode.IDLE
        return Mode.REALTIME if all(map(self._news.is_served, found)) else Mode.POLLING
