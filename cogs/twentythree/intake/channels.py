"""The channels of all attached objects: looked up, remembered, and asked for until they stand."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..api import RealtimeAddress, WorkspaceClient
from ..domain.model import ObjectId, ObjectKind
from ..errors import WorkspaceError
from ..storage import Store
from .book import ChannelBook, Needs, channels_of
from .diagnosis import Probes
from .listener import Listener
from .objects import Known, Objects
from .options import BridgeOptions
from .reader import Reader, Room, loop_time

_log = logging.getLogger("twentythree.intake")

_NEVER = float("-inf")
# From so many objects on, lists of the workspace are asked before each object is.
_MANY = 3
# A channel that is refused for long is asked for no more rarely than this.
_MOST_AGAIN_S = 60.0
# Readings wait no longer than this for look-ups, which may hang; and look so often. It is less than
# realtime waits for a reading.
_MOST_AHEAD_S = 3.0
_LOOK_S = 0.02
_NOT_TOLD = "The workspace could not say where all news are published; it is asked again."


class Channels:
    """What realtime carries of each object, and what is done as long as it does not.

    Args:
        objects: the attached objects.
        api: the workspace, which tells where news are published.
        store: where that outlasts the process.
        listener: the connection.
        options: times and the address of the realtime service.
        budget: whether the workspace may be asked something more now.

    Attributes:
        book: which channel belongs to which object.
        probes: the diagnoses under way.
    """

    def __init__(
        self,
        objects: Objects,
        api: WorkspaceClient,
        store: Store,
        listener: Listener,
        *,
        options: BridgeOptions,
        budget: Room,
    ) -> None:
        self._objects = objects
        self._api = api
        self._store = store
        self._listener = listener
        self._options = options
        self.book = ChannelBook(options.analytics)
        self.probes = Probes()
        # A turn of their own: hints make readings without end.
        self._reader: Reader[ObjectId] = Reader(
            self._turn, self._pause_s, clock=loop_time, budget=budget, spacing_s=0.0
        )
        # What is new and not looked up yet, and since when there is any.
        self._new: set[ObjectId] = set()
        self._new_since = _NEVER
        self._remembered: dict[ObjectId, RealtimeAddress] = {}
        self._listing = asyncio.Lock()
        self._listed: dict[ObjectId, RealtimeAddress] = {}
        self._listed_in_vain = _NEVER

    async def run(self) -> None:
        """Look up what is due, until cancelled."""
        await self._reader.run()

    # What is attached.

    async def recall(self) -> None:
        """Take over what the store remembers of the last run."""
        self._remembered = await self._store.realtime_addresses.find()

    def take(self, known: Known) -> None:
        """Take an object over that is attached now, or otherwise than before."""
        object_id = known.info.object_id
        address = self.book.address(object_id) or self._remembered.pop(object_id, None)
        if address is not None:
            self.book.learn(object_id, address, known.needs)
        # What is remembered is listened to meanwhile.
        is_known = self.is_known(known)
        if not is_known and known.looked_up == _NEVER:
            self._new_since = self._new_since if self._new else loop_time()
            self._new.add(object_id)
        self._reader.ask([object_id], is_urgent=not is_known)

    def forget(self, object_id: ObjectId) -> None:
        """Drop an object."""
        self._reader.forget(object_id)
        self._new.discard(object_id)
        self._remembered.pop(object_id, None)
        self._listed.pop(object_id, None)
        self.book.forget(object_id)

    def ahead_s(self) -> float:
        """Return the seconds after which readings may look again whether they may begin."""
        is_ahead = self._new and loop_time() - self._new_since < _MOST_AHEAD_S
        return _LOOK_S if is_ahead else 0.0

    def connected(self) -> None:
        """Plan anew: what is refused in the new session is asked for again."""
        self._reader.replan()

    def listen(self, url: str | None = None) -> None:
        """Listen to what the book and the probes want, and to nothing else."""
        channels = self.book.channels() | self.probes.patterns()
        self._listener.want(self._options.realtime_url or url or self._usual_url(), channels)

    def _usual_url(self) -> str | None:
        """Return the address that most objects name, while there is no connection to go by."""
        if self._listener.has_address:
            return None
        urls = Counter(one.url for one in self.book.addresses() if one.url is not None)
        return next((url for url, _ in urls.most_common(1)), None)

    # What stands.

    def is_known(self, known: Known) -> bool:
        """Tell whether all that is asked for of an object has a channel."""
        return self.book.knows(known.info.object_id, known.needs)

    def has_address(self, object_id: ObjectId) -> bool:
        """Tell whether it is known where an object's news are published."""
        return self.book.address(object_id) is not None

    def is_unnamed(self, object_id: ObjectId, needs: Needs) -> bool:
        """Tell whether the workspace was asked for channels for this and names none."""
        known = self._objects.get(object_id)
        was_told = known is not None and not self._is_open(known)
        return was_told and not self.book.knows(object_id, needs)

    def is_served(self, known: Known) -> bool:
        """Tell whether realtime carries all that is asked for of an object now."""
        return self.serves(known.info.object_id, known.needs)

    def serves(self, object_id: ObjectId, needs: Needs) -> bool:
        """Tell whether realtime carries this of an object now: all of its channels stand."""
        if not (self._listener.is_connected and self.book.knows(object_id, needs)):
            return False
        wanted = self._wanted(object_id, needs)
        return len(self._listener.standing(wanted)) == len(wanted)

    def services(self, object_id: ObjectId, needs: Needs) -> tuple[str, ...]:
        """Return the services of an object that are listened to, of those that carry this.

        While there is no connection, those that will be.
        """
        wanted = self.book.wanted(object_id)
        heard = frozenset(wanted)
        if self._listener.is_connected:
            heard = self._listener.standing(heard)
        found = (one for channel, one in wanted.items() if channel in heard)
        return tuple(dict.fromkeys(str(one) for one in found if needs.asks_for(one)))

    def counts(self, held: Iterable[tuple[ObjectId, Needs]]) -> tuple[int, int]:
        """Return how many channels carry this of these objects, and how many of them stand.

        An object that is still to be looked up counts with the channels that it may have.
        """
        wanted = standing = 0
        for object_id, needs in held:
            known = self._objects.get(object_id)
            if known is None:
                continue
            if self.book.address(object_id) is None and self._is_open(known):
                wanted += needs.promoted + needs.every_comment + needs.live
            mine = self._wanted(object_id, needs)
            wanted += len(mine)
            standing += len(self._listener.standing(mine))
        return wanted, standing

    def refused(self, channel: str) -> Known | None:
        """Ask for a channel again later; return whose it is."""
        found = self.book.find(channel)
        known = None if found is None else self._objects.get(found[0])
        if known is not None and not known.refusals:
            known.refusals = 1
            self._reader.replan([known.info.object_id])
        return known

    def _wanted(self, object_id: ObjectId, needs: Needs) -> frozenset[str]:
        address = self.book.address(object_id)
        return frozenset() if address is None else frozenset(channels_of(address, needs))

    # An object's turn.

    async def _turn(self, object_id: ObjectId) -> None:
        known = self._objects.get(object_id)
        if known is None:
            return
        if self._is_due(known):
            await self._look_at_lists()
            # The lists may have told all.
            if self._is_due(known) and self._objects.get(object_id) is known:
                await self._look_up(known)
        self._new.discard(object_id)
        if known.refusals and self._listener.is_connected:
            wanted = self.book.wanted(object_id).keys()
            lacking = wanted - self._listener.standing(wanted)
            known.refusals = known.refusals + 1 if lacking else 0
            self._listener.ask_again(lacking)

    def _pause_s(self, object_id: ObjectId) -> float:
        """Return the seconds until an object's next turn, should nobody ask before."""
        known, options = self._objects.get(object_id), self._options
        if known is None or self._asks_nothing(known):
            return options.upkeep_s
        pauses = [options.upkeep_s]
        if known.refusals and self._listener.is_connected:
            pauses.append(min(_MOST_AGAIN_S, _grown(options.channel_s, known.refusals)))
        if self._is_open(known):
            pauses.append(min(options.reconcile_s, _grown(options.channel_s, known.lookups)))
        elif not self.is_known(known):
            pauses.append(_grown(options.reconcile_s, known.lookups))
        return min(pauses)

    def _is_due(self, known: Known) -> bool:
        """Tell whether the workspace is to be asked for the channels of an object."""
        if self._asks_nothing(known):
            return False
        if self._is_open(known):
            return True
        since_s = loop_time() - known.looked_up
        if not self.is_known(known):
            # Each time in vain, it is twice as long until the next.
            wait_s = _grown(self._options.reconcile_s, known.lookups)
            return since_s >= min(wait_s, self._options.upkeep_s)
        is_refused = known.refusals > 0 and not self.is_served(known)
        return is_refused and since_s >= self._options.reconcile_s

    @staticmethod
    def _is_open(known: Known) -> bool:
        """Tell whether the workspace has not told yet where the object's news are published."""
        return known.looked_up == _NEVER or known.lookup_error is not None

    @staticmethod
    def _asks_nothing(known: Known) -> bool:
        return not (known.needs.comments or known.needs.live)

    async def _look_at_lists(self) -> None:
        """Find the channels of many objects at once, where lists of the workspace tell them."""
        async with self._listing:
            new = [
                one
                for one in self._objects.values()
                if one.looked_up == _NEVER and one.needs.comments and not one.was_sought
            ]
            if len(new) < _MANY or loop_time() - self._listed_in_vain < self._options.upkeep_s:
                return
            for known in new:
                known.was_sought = True
            try:
                found = await self._api.listed_realtime([one.info for one in new])
            except WorkspaceError as error:
                _log.debug("no list told any channels: %s", error)
                return
            self._listed_in_vain = _NEVER if found else loop_time()
            told: dict[ObjectId, RealtimeAddress] = {}
            for known in new:
                if (address := found.get(known.info.object_id)) is not None:
                    told |= self._take_listed(known, address)
            urls = {one.url for one in found.values()}
            self.listen(urls.pop() if len(urls) == 1 else None)
            await self._remember(told)

    def _take_listed(
        self, known: Known, found: RealtimeAddress
    ) -> Mapping[ObjectId, RealtimeAddress]:
        if known.info.kind is ObjectKind.VIDEO:
            return self._took(known, found)
        # No list tells where its own changes are published.
        self._listed[known.info.object_id] = found
        return self._learn(known, replace(found, is_whole=False))

    async def _look_up(self, known: Known) -> None:
        listed = self._listed.pop(known.info.object_id, None)
        root = None if listed is None else listed.comments_root
        try:
            found = await self._api.realtime(known.info, root=root)
        except WorkspaceError as error:
            known.looked_up, known.lookups = loop_time(), known.lookups + 1
            known.lookup_error = str(error)
            return
        told = self._took(known, found)
        self.listen(found.url)
        await self._remember(told)

    def _took(self, known: Known, found: RealtimeAddress) -> Mapping[ObjectId, RealtimeAddress]:
        """Take over all that the workspace tells of an object; return what is new of it."""
        told = self._learn(known, found)
        known.looked_up = loop_time()
        known.lookup_error = None if found.is_whole else _NOT_TOLD
        known.lookups = 0 if self.is_known(known) and found.is_whole else known.lookups + 1
        return told

    def _learn(self, known: Known, found: RealtimeAddress) -> Mapping[ObjectId, RealtimeAddress]:
        object_id = known.info.object_id
        before = self.book.address(object_id)
        address = found.over(before)
        # It may have been detached meanwhile.
        if address == before or self._objects.get(object_id) is not known:
            return {}
        self.book.learn(object_id, address, known.needs)
        return {object_id: address}

    async def _remember(self, told: Mapping[ObjectId, RealtimeAddress]) -> None:
        # What the last run knew is mostly as it was: no transaction for that.
        if told:
            await self._store.realtime_addresses.remember(told)


class AfterLookUps:
    """The budget of readings: look-ups of what is new go first, for they make it realtime."""

    def __init__(self, budget: Room, channels: Channels) -> None:
        self._budget = budget
        self._channels = channels

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin."""
        return max(self._channels.ahead_s(), self._budget.wait_s(is_urgent=is_urgent))


def _grown(first_s: float, times: int) -> float:
    """Return a pause that is twice as long each time; the first has its own length."""
    return first_s * 2.0 ** min(max(0, times - 1), 20)
