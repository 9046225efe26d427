"""What is attached, and all that is known of each object while it is: one state, in one place.

Names of channels are secrets: they are never shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

from ..bayeux import CatchUp
from ..domain.model import Attachment, CommentId, GuildId, ObjectId, ObjectInfo
from ..domain.needs import Needs, RealtimeAddress, Service, channels_of, needs_of, root_of
from ..domain.reading import PageSeen
from ..domain.series import Sample
from ..errors import StorageError, apart, told_of
from ..storage import Store
from .agenda import Agenda
from .ports import Analytics, Clock
from .rumours import Rumours
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

NEVER = float("-inf")
# So long after the database has failed it is asked once more.
_AGAIN_S = 0.5
# More than a day of minutes; older ones are dropped.
_MOST_HEARD = 1_500
# Addresses of what was never attached in the end are not kept without end.
_MOST_TOLD = 1_000


@dataclass(slots=True)
class Bookmark:
    """What is kept of one list of comments between two readings.

    ``next_page`` is where the next thorough reading goes on, if one was not enough.
    ``promoted`` is the first page of the promoted comments as it was the last time.
    """

    next_page: int | None = None
    promoted: PageSeen | None = None


@dataclass(slots=True)
class Suspicion:
    """How many readings have said it of a comment, and when the last of them that counts was."""

    last: datetime
    times: int = 1


@dataclass(slots=True)
class ObjectState:
    """One attached object.

    Attributes:
        info: what it is.
        needs: what its attachments ask for together.
        attachments: these, as far as they are read for.
        event_at: when something last happened on it.

        address: where its news are published, as far as that is known.
        is_kept: whether the store has it as well.
        channels: what it is to be listened to on, each with the service behind it.
        catch_up: its analytics as one stream, where they can be caught up with.
        listed_root: the root of its comments' channels, where only a list has told that.
        looked_up: the loop's seconds of the last look for its channels.
        was_sought: these were looked for on a list.
        lookups: the looks for them that did not find all.
        lookup_error: the sentence of the last one, where it failed.
        refusals: how often the realtime service refused one since all stood last: each time it is
            asked again.

        hold: the number of the gap whose reading its realtime messages wait for; 0: they do not.
        misread: the messages since the last that was understood: they held and named no comment.
        heard: what realtime told of viewers, to be stored with the next look.

        refreshed: the loop's seconds of the last look at its title.
        live_at: those of the beginning of the last look at its live state that was taken in.
        listed_at: those of the last reading of its own list of comments.
        thorough_at: those of the last that went down to the oldest comment on show.
        is_asked: its own list is to be read.
        named: comments to be looked for.
        was_late: its own list held what should have been known.
        is_listed: the list of the whole workspace holds its comments.
        begins_anew: known ground is not to be trusted.
        read_at: when a reading last worked.
        failures: the readings that failed in a row.
        unknown_since: since when the workspace has said each time that it knows no such object.
        cause: why the last one did.
        bookmark: what is kept of its own list.

        doubt: a sentence while the workspace returns less of its comments than before.
        doubts: the readings in a row that said so.
        suspicions: its comments on show that readings did not find.
        put_off: those that readings have found to be otherwise, too many at once to be believed.
        reason: what was last said of these.
        is_thinned: the last list held far less of it than there is.

        level: the level of the credentials that it was read at.
        is_level_known: whether the store was asked for that.
    """

    info: ObjectInfo
    needs: Needs
    attachments: tuple[Attachment, ...] = ()
    event_at: datetime | None = None

    address: RealtimeAddress | None = None
    is_kept: bool = True
    channels: dict[str, Service] = field(default_factory=dict)
    catch_up: CatchUp | None = None
    listed_root: str | None = None
    looked_up: float = NEVER
    was_sought: bool = False
    lookups: int = 0
    lookup_error: str | None = None
    refusals: int = 0

    hold: int = 0
    misread: int = 0
    heard: deque[Sample] = field(default_factory=lambda: deque(maxlen=_MOST_HEARD))

    refreshed: float = NEVER
    live_at: float = NEVER
    listed_at: float = NEVER
    thorough_at: float = NEVER
    is_asked: bool = False
    named: frozenset[CommentId] = frozenset()
    was_late: bool = False
    is_listed: bool = True
    begins_anew: bool = False
    read_at: datetime | None = None
    failures: int = 0
    unknown_since: datetime | None = None
    cause: Exception | None = None
    bookmark: Bookmark = field(default_factory=Bookmark)

    doubt: str | None = None
    doubts: int = 0
    suspicions: dict[CommentId, Suspicion] = field(default_factory=dict)
    put_off: dict[CommentId, Suspicion] = field(default_factory=dict)
    reason: str | None = None
    is_thinned: bool = False

    level: str | None = None
    is_level_known: bool = False

    @property
    def object_id(self) -> ObjectId:
        """Its ID."""
        return self.info.object_id

    # Realtime.

    @property
    def is_unanswered(self) -> bool:
        """Whether the workspace has not told yet where its news are published."""
        return self.looked_up == NEVER or self.lookup_error is not None

    def has_channels_for(self, needs: Needs) -> bool:
        """Tell whether there is a channel for all of this."""
        has_root = self.address is not None and self.address.comments_root is not None
        has_events = self.address is not None and self.address.events is not None
        return (has_root or not needs.comments) and (has_events or not needs.live)

    def channels_for(self, needs: Needs) -> frozenset[str]:
        """Return the channels that carry this."""
        return frozenset() if self.address is None else frozenset(channels_of(self.address, needs))

    def is_double(self, data: object) -> bool:
        """Tell whether a message of its analytics came before, by catching up or not."""
        return self.catch_up is not None and not self.catch_up.is_new(data)

    # Readings.

    @property
    def error(self) -> str | None:
        """Why the last reading failed, a sentence."""
        return None if self.cause is None else told_of(self.cause)

    @property
    def trouble(self) -> str | None:
        """What is wrong with reading it, a sentence."""
        return self.error or self.lookup_error or self.doubt

    def failed(self, error: Exception) -> None:
        """Note a reading that failed."""
        self.failures += 1
        self.cause = error

    def doubted(self, doubt: str | None) -> None:
        """Note whether a reading has left a doubt."""
        self.doubt = doubt
        self.doubts = 0 if doubt is None else self.doubts + 1

    def succeeded(self, now: datetime) -> None:
        """Note a reading that worked."""
        self.failures = 0
        self.unknown_since = None
        self.cause = None
        self.read_at = now


@dataclass(slots=True)
class FeedState:
    """What is known of the list of all comments of the workspace.

    ``top`` is the newest comment down from which it has been read without a hole.
    """

    top: CommentId | None = None
    bookmark: Bookmark = field(default_factory=Bookmark)


class Objects:
    """All attached objects by ID.

    Args:
        store: where attachments are.
        agenda: told what is attached, and what is no more.
        rumours: forget what is no more.
        clock: the time.
        analytics: where viewers are heard of, if anywhere.

    Attributes:
        feed: what is known of the workspace's list.
        new: those that were not looked up yet, and of which realtime does not carry all.
        new_since: since when there are any, the loop's seconds.
        wanted_since: since when anything is attached.
    """

    def __init__(
        self,
        store: Store,
        agenda: Agenda,
        rumours: Rumours,
        clock: Clock,
        *,
        analytics: Analytics | None = None,
    ) -> None:
        self._store = store
        self._agenda = agenda
        self._rumours = rumours
        self._analytics = analytics
        self._now = clock.now
        self._states: dict[ObjectId, ObjectState] = {}
        # Of an odd workspace several objects name one channel.
        self._behind: dict[str, set[ObjectId]] = {}
        self._remembered: dict[ObjectId, RealtimeAddress] = {}
        # What other answers have told of what is not attached yet.
        self._told: dict[ObjectId, RealtimeAddress] = {}
        self._refreshing: WeakValueDictionary[ObjectId, asyncio.Lock] = WeakValueDictionary()
        # What the database did not tell of, though something of it has changed there.
        self._left: set[ObjectId] = set()
        self._is_left = asyncio.Event()
        # Counts what was taken over of attachments.
        self._taken = 0
        self.feed = FeedState()
        self.new: set[ObjectId] = set()
        self.new_since = NEVER
        self.wanted_since: datetime | None = None

    def __iter__(self) -> Iterator[ObjectId]:
        return iter(tuple(self._states))

    def __len__(self) -> int:
        return len(self._states)

    def get(self, object_id: ObjectId) -> ObjectState | None:
        """Return the object, or ``None`` where it is not attached."""
        return self._states.get(object_id)

    def those(self, object_ids: Iterable[ObjectId]) -> list[ObjectState]:
        """Return those of these objects that are attached."""
        found = map(self._states.get, object_ids)
        return [state for state in found if state is not None]

    def values(self) -> tuple[ObjectState, ...]:
        """Return all objects."""
        return tuple(self._states.values())

    def attachments(self, guild_id: GuildId | None = None) -> list[Attachment]:
        """Return the attachments (of a server) that are read for, as they were last seen."""
        mine = (one for state in self._states.values() for one in state.attachments)
        return [one for one in mine if guild_id in {None, one.guild_id}]

    # What is attached.

    async def load(self) -> None:
        """Take over all that the store holds, and what the last run knew of channels."""
        self._remembered = await self._store.realtime_addresses.find()
        before, held = -1, list[Attachment]()
        # What was changed while it was read is read again.
        while before != self._taken:
            before, held = self._taken, await self._store.attachments.find()
        by_object: dict[ObjectId, list[Attachment]] = {}
        for one in held:
            by_object.setdefault(one.object.object_id, []).append(one)
        for object_id, mine in by_object.items():
            self.set(object_id, mine)

    async def refresh(self, object_id: ObjectId) -> None:
        """Take over what the store holds of one object's attachments."""
        async with self.alone(object_id):
            self.set(object_id, await self._store.attachments.find(object_id=object_id))

    def alone(self, object_id: ObjectId) -> asyncio.Lock:
        """Return what is held from before the store is asked until its answer is :meth:`set`.

        One that is answered late would undo what is newer.
        """
        return self._refreshing.setdefault(object_id, asyncio.Lock())

    async def take_over(self, object_id: ObjectId) -> bool:
        """Take over what has just been stored of an object; say whether that could be done now.

        It is stored, so that nobody is to be told otherwise: it is taken over later, where the
        database does not tell of it now, and the object is read then.
        """
        level = logging.DEBUG if object_id in self._left else logging.WARNING
        self._left.add(object_id)
        self._is_left.set()
        try:
            await self.refresh(object_id)
        except StorageError as error:
            _log.log(level, "what is attached of %s is taken over later: %s", object_id, error)
            return False
        self._left.discard(object_id)
        return True

    async def catch_up(self) -> None:
        """Take over what was left for later, until cancelled."""
        while True:
            await self._is_left.wait()
            await asyncio.sleep(_AGAIN_S)
            self._is_left.clear()
            for object_id in tuple(self._left):
                with apart(_log, f"what is attached of {object_id} could not be taken over"):
                    if await self.take_over(object_id):
                        self.read_anew(object_id)

    def read_anew(self, object_id: ObjectId) -> None:
        """Have an object read, its title as well: it was seen before its comments were read."""
        if (state := self._states.get(object_id)) is not None:
            # It may be private by now, and have been read with others.
            state.refreshed = NEVER
            state.is_level_known = False
            self._agenda.ask([object_id])

    def set(self, object_id: ObjectId, attachments: Sequence[Attachment]) -> ObjectState | None:
        """Set the attachments of one object; without any it is dropped and ``None`` returned.

        Nothing is read on the account of a server that is barred.
        """
        self._taken += 1
        found = [one for one in attachments if one.bar is None or not one.bar.is_of_server]
        if not found:
            self._drop(object_id)
            return None
        # What is barred for not being public has the title of before.
        found.sort(key=lambda one: one.bar is None)
        info, needs = found[-1].object, needs_of(found)
        state = self._states.setdefault(object_id, ObjectState(info=info, needs=needs))
        state.info, state.needs, state.attachments = info, needs, tuple(found)
        self.wanted_since = self.wanted_since or self._now()
        # What is remembered is listened to meanwhile.
        told = self._told.pop(object_id, None)
        known = state.address or self._remembered.pop(object_id, None)
        state.is_kept = state.is_kept and (known is not None or told is None)
        self.learn(state, known or told)
        if state.looked_up == NEVER and not state.has_channels_for(needs):
            self.new_since = self.new_since if self.new else loop_time()
            self.new.add(object_id)
        self._agenda.attached(object_id)
        return state

    def _drop(self, object_id: ObjectId) -> None:
        state = self._states.pop(object_id, None)
        if state is not None:
            self._leave(state)
        self._remembered.pop(object_id, None)
        self.new.discard(object_id)
        if not self._states:
            self.wanted_since = None
        self._rumours.forget(object_id)
        self._agenda.forget(object_id)

    # Channels.

    def hear_of(self, object_id: ObjectId, address: RealtimeAddress) -> None:
        """Take it that an answer on something else told where an object's news are published.

        It is listened to as soon as it is attached; the look-up then is in no hurry.
        """
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        if object_id not in self._states:
            self._told[object_id] = address

    def learn(self, state: ObjectState, address: RealtimeAddress | None) -> None:
        """Set where an object's news are published."""
        self._leave(state)
        state.address = address
        state.channels = {} if address is None else channels_of(address, state.needs)
        state.channels |= self._analytics_of(state)
        for channel in state.channels:
            self._behind.setdefault(channel, set()).add(state.object_id)

    def _leave(self, state: ObjectState) -> None:
        for channel in state.channels:
            self._behind[channel].discard(state.object_id)
            if not self._behind[channel]:
                del self._behind[channel]

    def behind(self, channel: str) -> list[tuple[ObjectState, Service]]:
        """Return the objects that name a channel, each with the service that it is to it."""
        found = self.those(self._behind.get(channel, ()))
        return [(state, state.channels[channel]) for state in found]

    def all_behind(self, channels: Iterable[str]) -> tuple[ObjectId, ...]:
        """Return the objects behind these channels; a probe's patterns have none."""
        found = (one for channel in channels for one in self._behind.get(channel, ()))
        return tuple(dict.fromkeys(found))

    def channels(self) -> frozenset[str]:
        """Return all channels to listen to."""
        return frozenset(self._behind)

    def _analytics_of(self, state: ObjectState) -> dict[str, Service]:
        """Return the channels of an object's analytics; nothing relies on them."""
        events = state.address and state.address.events
        if self._analytics is None or not events or not state.needs.live:
            state.catch_up = None
            return {}
        channel = f"{root_of(events)}/{self._analytics.sub_channel}"
        if self._analytics.catch_up is None:
            return {channel: Service.ANALYTICS}
        stream = CatchUp(channel, self._analytics.catch_up)
        if state.catch_up is None or state.catch_up.channels != stream.channels:
            # Else what was heard stays heard.
            state.catch_up = stream
        return dict.fromkeys(stream.channels, Service.ANALYTICS)
