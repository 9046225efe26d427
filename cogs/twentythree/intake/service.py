"""The bridge: what the slash commands call, and what runs behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..api import WorkspaceClient
from ..domain.barring import Servers, sentence
from ..domain.cards import AtDetach
from ..domain.following import Category, Follow
from ..domain.model import Attachment, CategoryId, GuildId, Notice, ObjectId, ObjectInfo, RoomId
from ..domain.troubles import Fault, Kind
from ..errors import NothingToHearError, StorageError
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..storage import Attached, Detached, Drafting, Followed, NewFollow, Refused, Store
from .attaching import Attaching, ClosePost, OpenPost, no_close, no_post, rules_of
from .book import Needs, needs_of, roots_of
from .faults import faults_of
from .following import Following
from .intake import Wake
from .model import BridgeStatus, ChannelShape, Mode, ObjectStatus, WantedAttachment, WantedFollow
from .news import News, Tell, tell_nobody
from .options import BridgeOptions
from .reader import Room
from .samples import sample_notices

_log = logging.getLogger("twentythree.intake")

# So long a person waits for a reply that tells what came of it.
_FIRST_LOOK_S = 20.0
# Realtime is there within seconds, or not at all.
_CONNECTING_S = 10.0
_NO_REALTIME = (
    "Realtime is not connected, so nothing can be heard: comments come only as the workspace is "
    "read. The bot connects again as soon as it can; try again once `/video status` says so, and "
    "if this stays, whoever runs the bot finds the reason in its log."
)
_NO_CHANNELS = (
    "The workspace names no realtime channel for this, so nothing can be heard: comments come as "
    "the workspace is read. Credentials with the level read or above may change that."
)


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
        tell: tells people of what is barred from now on, for not being public any more.
        servers: which servers may use the workspace.
        close_post: takes one back that was opened for nothing.
        now: the time, aware; live events are told by it.
        ahead: how much it is ahead of this machine's clock.
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
        open_post: OpenPost = no_post,
        tell: Tell = tell_nobody,
        servers: Servers = Servers(),  # noqa: B008 - frozen
        close_post: ClosePost = no_close,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ahead: Callable[[], timedelta] = timedelta,
    ) -> None:
        self._store = store
        self._api = api
        self._now = now
        self._ahead = ahead
        self._wake = wake
        self._tell = tell
        self.servers = servers
        self._news = News(
            store,
            api,
            make_client,
            metrics,
            wake=wake,
            draft=draft,
            tell=tell,
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
            close_post=close_post,
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

    async def has_host(self, host: str) -> bool:
        """Tell whether the workspace's pages are found under this name of a host."""
        return await self._api.has_host(host)

    async def search(self, text: str) -> list[ObjectInfo]:
        """Return objects whose title matches.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        # One more than Discord shows, so that it can be said that there are more.
        return await self._api.search(text, 26)

    async def attach(self, wanted: WantedAttachment) -> Attached:
        """Attach an object to a room, or change the rules of what is attached.

        Raises:
            WorkspaceError: nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        attached = await self._attaching.attach(wanted)
        await self._took(attached)
        return attached

    async def _took(self, attached: Attached) -> None:
        object_id = attached.attachment.object.object_id
        await self._news.refresh(object_id)
        self._news.ask(object_id)
        self._wake({attached.attachment.room_id, *attached.rooms})
        await self._tell(attached.barred)

    def alone_in(self, forum_id: RoomId, object_id: ObjectId) -> AbstractAsyncContextManager[None]:
        """Return a block in which nobody else opens a post for the object in the forum."""
        return self._attaching.openings.alone(forum_id, object_id)

    async def refused(self, guild_id: GuildId) -> list[Refused]:
        """Return what Discord has refused of a server's notices in a day, newest first."""
        return await self._store.outbox.refused(guild_id, self._now() - timedelta(days=1))

    async def detach(
        self, room_id: RoomId, object_id: ObjectId, cards: AtDetach = AtDetach.DELETE
    ) -> Detached | None:
        """Detach an object from a room; ``None`` where it was not attached.

        ``cards``: what becomes of those of what is planned or on air.
        """
        gone = await self._store.attachments.detach(room_id, object_id, cards)
        await self._news.refresh(object_id)
        self._wake([room_id])
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
            await self._store.attachments.find(
                guild_id=guild_id, room_id=room_id, object_id=object_id
            )
        )

    async def note_parent(self, room_id: RoomId, parent_id: RoomId) -> None:
        """Remember the channel of a thread: it tells who may know of the thread."""
        await self._store.attachments.note_parent(room_id, parent_id)

    async def know_servers(self, present: Collection[GuildId]) -> None:
        """Take over which servers the bot is in.

        What is attached in others, or in those that may not use the workspace, is barred: nothing
        is posted, and nothing read on its account. What may be posted again is taken up.
        """
        changed = await self._store.barred_servers.know(
            present=present, servers=self.servers, now=self._now()
        )
        for guild_id, bar in changed.barred.items():
            _log.warning("server %d gets nothing now: %s", guild_id, sentence(bar))
        for guild_id in changed.freed:
            _log.info("server %d is served again", guild_id)
        for object_id in changed.objects:
            await self._news.refresh(object_id)
            self._news.ask(object_id)
        self._wake(changed.rooms)

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
        """Keep a follow, or change the options of the one that is there.

        It is looked after before this returns, unless that takes long.
        """
        before = await self.same_follow(wanted)
        done = await self._store.follows.follow(
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
        await self._following.first_look(done.follow.follow_id, within_s=_FIRST_LOOK_S)
        follows = {one.follow_id: one for one in await self._store.follows.find(wanted.guild_id)}
        return replace(done, follow=follows.get(done.follow.follow_id, done.follow))

    async def same_follow(self, wanted: WantedFollow) -> Follow | None:
        """Return the follow that is there already."""
        same = (
            one
            for one in await self.follows(wanted.guild_id)
            if (one.room_id, one.kind, one.category and one.category.category_id)
            == (wanted.room_id, wanted.kind, wanted.category and wanted.category.category_id)
        )
        return next(same, None)

    async def unfollow(self, follow_id: int) -> Follow | None:
        """Drop a follow; ``None`` where there was none. What it has attached stays."""
        return await self._store.follows.unfollow(follow_id)

    async def follows(self, guild_id: GuildId | None = None) -> list[Follow]:
        """Return the follows (of a server), oldest first."""
        return await self._store.follows.find(guild_id)

    async def attach_followed(
        self, follow: Follow, info: ObjectInfo, *, mentions: bool, is_one_of_many: bool
    ) -> str | None:
        """Attach what a follow has found; return why that cannot be done now, if so.

        Raises:
            WorkspaceError: the object cannot be read.
        """
        up = await self._attaching.attach_followed(
            follow, info, mentions=mentions, is_one_of_many=is_one_of_many
        )
        if up.attached is not None:
            await self._took(up.attached)
        return up.error

    async def let_go(self, attachment: Attachment) -> None:
        """Detach what a follow attached."""
        await self.detach(attachment.room_id, attachment.object.object_id)

    def sample(self, info: ObjectInfo) -> list[Notice]:
        """Return sample notices for an object."""
        return sample_notices(info, self._now())

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        """Listen to all of an object's own channels and return the shapes of what came.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
            NothingToHearError: realtime is away, or the object has no channels.
        """
        info = await self._api.find(object_id)
        found = await self._api.realtime(info)
        if not roots_of(found):
            raise NothingToHearError(_NO_CHANNELS)
        channels = self._news.channels
        try:
            with channels.probes.listening(roots_of(found)) as probe:
                channels.listen(found.url)
                is_there = await self._news.comes_within(min(_CONNECTING_S, seconds))
                if is_there or probe.shapes():
                    await asyncio.sleep(seconds)
        finally:
            channels.listen()
        shapes = probe.shapes()
        if not shapes and self._news.connected_since is None:
            raise NothingToHearError(_NO_REALTIME)
        return shapes

    async def status(self, guild_id: GuildId) -> BridgeStatus:
        """Return the state of what is done for a server."""
        held = await self._store.attachments.find(guild_id=guild_id)
        waiting = await self._store.outbox.waiting(guild_id)
        known = [one for one in map(self._news.objects.get, _objects(held)) if one is not None]
        events = [one.event_at for one in known if one.event_at is not None]
        errors = [one.trouble for one in known if one.trouble is not None]
        wanted, standing = self._news.channels.counts(_needs(held))
        lag = None if waiting.since is None else self._now() - waiting.since
        return BridgeStatus(
            mode=self._mode(held),
            connected_since=self._news.connected_since,
            last_event_at=max(events, default=None),
            lag_s=None if lag is None else lag.total_seconds(),
            pending=waiting.count,
            last_error=errors[-1] if errors else None,
            clock_ahead_s=self._ahead().total_seconds(),
            channels_wanted=wanted,
            channels_standing=standing,
        )

    async def people(self) -> dict[GuildId, list[int]]:
        """Return for each server that is served who has attached or follows there, last first."""
        try:
            held, follows = await self._store.attachments.find(), await self._store.follows.find()
        except StorageError:
            held, follows = self.remembered(), []
        served = [one for one in held if one.bar is None or not one.bar.is_of_server]
        came = [(one.attached_at, one.guild_id, one.attached_by) for one in served]
        barred = {one.guild_id for one in held} - {one.guild_id for one in served}
        came += [(f.followed_at, f.guild_id, f.followed_by) for f in follows]
        found: dict[GuildId, list[int]] = {}
        for _, guild_id, user_id in sorted(came, reverse=True):
            mine = found.setdefault(guild_id, [])
            if guild_id not in barred and user_id not in mine:
                mine.append(user_id)
        return {guild_id: mine for guild_id, mine in found.items() if mine}

    def faults(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> dict[Kind, Fault]:
        """Return what is wrong on the way in (for a server, for an object), as memory tells."""
        return faults_of(self._news, _needs(self.remembered(guild_id, object_id)))

    def remembered(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> list[Attachment]:
        """Return the attachments that match, as they were last seen, without the database."""
        found = self._news.objects.held(guild_id)
        return [one for one in found if object_id in {None, one.object.object_id}]

    async def mode(self) -> Mode:
        """Return how news arrive for all that is attached, for whoever runs the bot."""
        return self._mode(await self._store.attachments.find())

    def object_status(self, held: Sequence[Attachment]) -> ObjectStatus:
        """Return the state of one object as a server has it attached. ``held``: its attachments.

        Nothing is said of what is done for the object on the account of other servers.
        """
        object_id = held[0].object.object_id
        known = self._news.objects.get(object_id)
        needs = needs_of(held)
        return ObjectStatus(
            mode=self._mode(held),
            channels=self._news.channels.services(object_id, needs),
            last_event_at=known.event_at if known else None,
            last_read_at=known.read_at if known else None,
            last_error=known.trouble if known else None,
            verified_until=self._news.rumours.verified_until(object_id),
        )

    def _mode(self, held: Sequence[Attachment]) -> Mode:
        """Return how news arrive for these attachments."""
        if not held:
            return Mode.IDLE
        is_realtime = all(self._news.channels.serves(*one) for one in _needs(held))
        return Mode.REALTIME if is_realtime else Mode.POLLING


def _objects(held: Iterable[Attachment]) -> frozenset[ObjectId]:
    return frozenset(one.object.object_id for one in held)


def _needs(held: Iterable[Attachment]) -> list[tuple[ObjectId, Needs]]:
    """Return what the attachments ask for of each object."""
    by_object: dict[ObjectId, list[Attachment]] = {}
    for one in held:
        by_object.setdefault(one.object.object_id, []).append(one)
    return [(object_id, needs_of(mine)) for object_id, mine in by_object.items()]
