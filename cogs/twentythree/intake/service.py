"""The bridge: what the slash commands call, and what runs behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

from ..api import FoundObject
from ..domain.barring import KEEP_GONE, Membership, sentence
from ..domain.cards import AtDetach
from ..domain.following import Category, Follow
from ..domain.model import (
    Attachment,
    CategoryId,
    GuildId,
    Notice,
    ObjectId,
    ObjectInfo,
    ReportNotice,
    RoomId,
)
from ..domain.needs import roots_of
from ..domain.troubles import Fault, Kind
from ..errors import NothingToHearError, StorageError, apart
from ..languages import kept
from ..storage import Attached, Detached, Followed, Refused, SetupDone
from .agenda import Agenda
from .attaching import Attaching
from .channels import Channels
from .confirming import Confirming
from .exchange import (
    BridgeStatus,
    ChannelShape,
    Mode,
    ObjectStatus,
    WantedAttachment,
    WantedFollow,
    WantedSetup,
)
from .following import Following
from .intake import Intake
from .listener import Listener
from .missing import SingleComments
from .objects import Objects
from .ports import BridgeOptions, Ports
from .question_boards import QuestionBoards
from .readings import Readings
from .rumours import Rumours
from .sample_notices import sample_notices
from .schedule import Schedule
from .setting_up import SettingRooms, SettingUp
from .status import Overview
from .watching import Watch
from .workspace_watch import WorkspaceWatch

_log = logging.getLogger("twentythree.intake")

# How long a delivered message can still be edited or asked about.
_KEEP = timedelta(days=7)
# Realtime is there within seconds, or not at all.
_CONNECTING_S = 10.0
_NO_REALTIME = kept(
    "Realtime is not connected, so nothing can be heard: comments come only as the "
    "workspace is read. The bot connects again as soon as it can; try again once "
    "`/video status` says so, and if this stays, whoever runs the bot finds the "
    "reason in its log."
)
_NO_CHANNELS = kept(
    "The workspace names no realtime channel for this, so nothing can be heard: "
    "comments come as the workspace is read. Credentials with the level read or "
    "above may change that."
)


class Bridge:
    """Everything between a workspace and the outbox.

    Attributes:
        servers: which servers may use the workspace.
        states: what is attached, and all that is known of each object.
        rumours: what realtime alone has told.
        intake: the way into the store.
        following: looks after the follows.
        questions: looks after the boards of questions.
        settings: those of rooms and servers.
    """

    def __init__(self, ports: Ports, options: BridgeOptions) -> None:
        self._ports = ports
        self._store = ports.store
        self._api = ports.api
        self._now = ports.clock.now
        self._upkeep_s = options.upkeep_s
        self._keep_trail = timedelta(days=options.trail_days)
        self.servers = options.servers
        self._agenda = agenda = Agenda()
        self.rumours = rumours = Rumours(ports.clock, options)
        self.states = objects = Objects(
            ports.store, agenda, rumours, ports.clock, analytics=options.analytics
        )
        self.intake = intake = Intake(ports, objects, agenda, rumours, options)
        single = SingleComments(ports.api, ports.store, objects)
        readings = Readings(ports, objects, agenda, intake, single, options=options)
        self._listener = listener = Listener(ports, objects, agenda, intake, options)
        self._channels = Channels(ports, objects, agenda, listener, options)
        self._schedule = Schedule(
            ports,
            objects,
            agenda,
            intake,
            readings,
            connection=listener.connection,
            options=options,
        )
        self._workspace_watch = WorkspaceWatch(ports, objects, agenda, options)
        self._confirming = Confirming(ports, intake, single, rumours)
        self._watch = Watch(ports, objects, intake, every_s=options.watch_s)
        self._overview = Overview(objects, listener.connection, rumours, single, ports.clock)
        self._attaching = Attaching(ports, objects, readings, options)
        self.questions = QuestionBoards(ports, objects, agenda)
        self.settings = SettingRooms(ports)
        self.following = Following(
            ports.api.listing, ports.store, self._attaching, now=self._now, every_s=options.follow_s
        )
        # What has changed of servers and is not taken up yet.
        self._changed: set[ObjectId] = set()
        self._freed: set[RoomId] = set()
        self._joined: set[GuildId] = set()
        self._setting_up = SettingUp(ports, self._attaching, self.following)

    async def run(self) -> None:
        """Bring news in, and attach what is followed, until cancelled."""
        await self.states.load()
        self.read_all()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.states.catch_up(), name="attachments")
            tasks.create_task(self._channels.run(), name="channels")
            tasks.create_task(self._schedule.run(), name="readings")
            tasks.create_task(self._workspace_watch.run(), name="workspace")
            tasks.create_task(self._listener.run(), name="realtime")
            tasks.create_task(self.intake.run(), name="intake")
            tasks.create_task(self._confirming.run(), name="confirming")
            tasks.create_task(self._watch.run(), name="live events")
            tasks.create_task(self.following.run(), name="follows")
            tasks.create_task(self.questions.run(), name="questions")
            tasks.create_task(self._prune(), name="pruning")

    def read_all(self) -> None:
        """Have all objects read, before what realtime brings from now on."""
        self.intake.hold(self.states)
        self._agenda.ask(self.states)

    async def _prune(self) -> None:
        """Drop what was delivered, or done, long ago; what the memory needs stays.

        Dropped is as well what servers had that removed the bot long ago.
        """
        while True:
            for step in (self._prune_delivered, self._prune_done, self._forget_servers):
                with apart(_log, "what is old could not be dropped"):
                    await step()
            await asyncio.sleep(self._upkeep_s)

    async def _prune_delivered(self) -> None:
        await self._store.upkeep.prune(self._now() - _KEEP)

    async def _prune_done(self) -> None:
        await self.questions.prune()
        await self._store.trail.prune(self._now(), self._keep_trail)

    async def _forget_servers(self) -> None:
        forgotten, object_ids = await self._store.barred_servers.forget(self._now() - KEEP_GONE)
        for guild_id in forgotten:
            _log.warning("server %d is forgotten: it removed the bot long ago", guild_id)
        for object_id in object_ids:
            await self.states.take_over(object_id)

    async def find(self, object_id: ObjectId) -> FoundObject:
        """Return the video or live event with this ID.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        return await self._api.find(object_id)

    async def has_host(self, host: str) -> bool:
        """Tell whether the workspace's pages are found under this name of a host."""
        return await self._api.has_host(host)

    async def search(self, text: str) -> list[FoundObject]:
        """Return objects whose title matches.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        # One more than Discord shows, so that it can be said that there are more.
        return await self._api.search(text, 26)

    async def attach(self, wanted: WantedAttachment, found: FoundObject | None = None) -> Attached:
        """Attach an object to a room, or change the rules of what is attached.

        ``found``: the object as the workspace has just shown it; ``None``: it is asked.

        Raises:
            WorkspaceError: nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        return await self._attaching.attach(wanted, found)

    def alone_in(self, forum_id: RoomId, object_id: ObjectId) -> AbstractAsyncContextManager[None]:
        """Return a block in which nobody else opens a post for the object in the forum."""
        return self._attaching.openings.alone(forum_id, object_id)

    async def open_post(self, forum_id: RoomId, info: ObjectInfo) -> RoomId | str:
        """Return a post for an object in a forum, in that block; else a sentence says why not."""
        return await self._ports.rooms.open_post(forum_id, info)

    async def close_post(self, post_id: RoomId) -> None:
        """Take back a post that was opened for nothing: what is attached there keeps it."""
        await self._attaching.close_post(post_id)

    async def refused(self, guild_id: GuildId) -> list[Refused]:
        """Return what Discord has refused of a server's notices in a day, newest first."""
        return await self._store.outbox.refused(guild_id, self._now() - timedelta(days=1))

    async def detach(
        self, room_id: RoomId, object_id: ObjectId, cards: AtDetach = AtDetach.DELETE
    ) -> Detached | None:
        """Detach an object from a room; ``None`` where it was not attached.

        ``cards``: what becomes of those of what is planned or on air.
        """
        return await self._attaching.detach(room_id, object_id, cards)

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

    async def know_servers(self, membership: Membership) -> frozenset[GuildId]:
        """Take over which servers the bot is in; return those that got it, and may use this.

        What is attached in others, or in those that may not use the workspace, is barred: nothing
        is posted, and nothing read on its account. What may be posted again is taken up.
        """
        changed = await self._store.barred_servers.know(
            membership=membership, servers=self.servers, now=self._now()
        )
        for guild_id, bar in changed.barred.items():
            _log.warning("server %d gets nothing now: %s", guild_id, sentence(bar))
        for guild_id in changed.freed:
            _log.info("server %d is served again", guild_id)
        # It is told once: what the database cuts off here is taken up the next time.
        self._changed |= changed.objects
        self._freed |= changed.rooms
        self._joined |= changed.joined
        for object_id in tuple(self._changed):
            await self.states.refresh(object_id)
            self._agenda.ask([object_id])
            self._changed.discard(object_id)
        self._ports.rooms.wake(self._freed)
        joined = frozenset(self._joined)
        self._freed.clear()
        self._joined.clear()
        return joined

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
        return await self._setting_up.follow(wanted)

    async def set_up(self, wanted: WantedSetup) -> SetupDone:
        """Attach an object to rooms, or keep follows, and name the moderators: all, or nothing.

        Raises:
            WorkspaceError: the object cannot be read; nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        return await self._setting_up.set_up(wanted)

    async def same_follow(self, wanted: WantedFollow) -> Follow | None:
        """Return the follow that is there already."""
        return await self._setting_up.same_follow(wanted)

    async def unfollow(self, follow_id: int) -> Follow | None:
        """Drop a follow; ``None`` where there was none. What it has attached stays."""
        dropped = await self._store.follows.unfollow(follow_id)
        self._ports.rooms.wake([])
        return dropped

    async def follows(self, guild_id: GuildId | None = None) -> list[Follow]:
        """Return the follows (of a server), oldest first."""
        return await self._store.follows.find(guild_id)

    def sample(self, info: ObjectInfo) -> list[Notice]:
        """Return sample notices for an object."""
        return sample_notices(info, self._now())

    async def report(self, guild_id: GuildId, object_id: ObjectId) -> ReportNotice | None:
        """Return how an object stands, with who acted in the server; ``None``: not attached."""
        return await self._store.reports.now(guild_id, object_id, self._now())

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        """Listen to all of an object's own channels and return the shapes of what came.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
            NothingToHearError: realtime is away, or the object has no channels.
        """
        info = (await self._api.find(object_id)).info
        found = await self._api.realtime(info)
        if not roots_of(found):
            raise NothingToHearError(_NO_CHANNELS)
        connection = self._listener.connection
        with self._listener.listening(roots_of(found)) as probe:
            self._channels.listen(found.url)
            is_there = await connection.comes_within(self._patience_s(seconds))
            if is_there or probe.shapes():
                await asyncio.sleep(seconds)
        shapes = probe.shapes()
        if not shapes and connection.since is None:
            raise NothingToHearError(_NO_REALTIME)
        return shapes

    def _patience_s(self, seconds: float) -> float:
        """Return how long to wait for realtime; not at all where it is known to be away."""
        connection = self._listener.connection
        is_away = connection.away_since(self.states.wanted_since, self._now()) is not None
        return 0.0 if is_away else min(_CONNECTING_S, seconds)

    async def status(self, guild_id: GuildId) -> BridgeStatus:
        """Return the state of what is done for a server."""
        held = await self._store.attachments.find(guild_id=guild_id)
        state = self._overview.of_server(held, await self._store.outbox.waiting(guild_id))
        return replace(state, calendar=await self._store.calendars.counts(guild_id))

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
        return self._overview.faults(guild_id, object_id)

    def remembered(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> list[Attachment]:
        """Return the attachments that match, as they were last seen, without the database."""
        return self._overview.remembered(guild_id, object_id)

    async def mode(self) -> Mode:
        """Return how news arrive for all that is attached, for whoever runs the bot."""
        return self._overview.mode(await self._store.attachments.find())

    def object_status(self, held: Sequence[Attachment]) -> ObjectStatus:
        """Return the state of one object as a server has it attached. ``held``: its attachments.

        Nothing is said of what is done for the object on the account of other servers.
        """
        return self._overview.of_object(held)
