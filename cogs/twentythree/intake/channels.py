"""The channels of all attached objects: looked up, remembered, and asked for until they stand."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ..api import RealtimeAddress
from ..backoff import backoff_s
from ..domain.model import ObjectId, ObjectKind
from ..errors import WorkspaceError, apart, log_failure, told_of
from ..languages import kept
from .agenda import Agenda, Todo
from .listener import Listener
from .objects import NEVER, Objects, ObjectState
from .ports import BridgeOptions, Ports
from .turns import Budget, Turns, loop_time

_log = logging.getLogger("twentythree.intake")

# From so many objects on, lists of the workspace are asked before each object is.
_MANY = 3
# A channel that is refused for long is asked for no more rarely than this.
_MOST_AGAIN_S = 60.0
# Readings wait no longer than this for look-ups, which may hang; and look so often. It is less than
# realtime waits for a reading.
_MOST_AHEAD_S = 3.0
_LOOK_S = 0.02
_NOT_TOLD = kept("The workspace could not say where all news are published; it is asked again.")


class Channels:
    """Looks up where the news of each object are published, and has that listened to.

    Args:
        ports: the workspace, its budget, and the store, where addresses outlast the process.
        objects: the attached objects.
        agenda: what is to be looked up.
        listener: the connection.
        options: times and the address of the realtime service.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        agenda: Agenda,
        listener: Listener,
        options: BridgeOptions,
    ) -> None:
        self._api = ports.api
        self._store = ports.store
        self._objects = objects
        self._column = agenda.look_ups
        self._listener = listener
        self._connection = listener.connection
        self._options = options
        # Turns of their own: hints make readings without end.
        self._turns: Turns[ObjectId] = Turns(ports.budget, spacing_s=0.0)
        self._listing = asyncio.Lock()
        self._listed_in_vain = NEVER
        # When the workspace was last asked where the service is.
        self._asked_where = NEVER

    async def run(self) -> None:
        """Look up what is due, until cancelled."""
        self._turns.reclaim()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_up(), name="agenda of look-ups")
            while True:
                object_id = await self._turns.next()
                tasks.create_task(self._take_turn(object_id))

    async def _take_up(self) -> None:
        while True:
            self._plan(await self._column.take())

    def _plan(self, todo: Todo) -> None:
        for object_id in todo.forgotten:
            self._turns.forget(object_id)
        for state in self._objects.those(todo.attached):
            is_known = state.has_channels_for(state.needs)
            self._turns.ask([state.object_id], is_urgent=not is_known)
        if todo.forgotten or todo.attached:
            self.listen()
        replanned = self._turns.waiting() if todo.replanned is None else todo.replanned
        for object_id in replanned:
            self._turns.within(object_id, self._pause_s(object_id))

    def listen(self, url: str | None = None) -> None:
        """Listen to the channels of all objects, and to nothing else.

        ``url``: where the service is, as the workspace has just told.
        """
        url = self._options.realtime_url or url or self._usual_url()
        self._listener.want(url, self._objects.channels())

    def _usual_url(self) -> str | None:
        """Return the address that most objects name, while there is no connection to go by."""
        if self._listener.has_address:
            return None
        found = (one.address for one in self._objects.values() if one.address is not None)
        urls = Counter(one.url for one in found if one.url is not None)
        return next((url for url, _ in urls.most_common(1)), None)

    # An object's turn.

    async def _take_turn(self, object_id: ObjectId) -> None:
        try:
            if (state := self._objects.get(object_id)) is not None:
                with apart(_log, f"looking for the channels of {object_id} failed"):
                    await self._see_to(state)
        finally:
            self._turns.done(object_id, self._pause_s(object_id))

    async def _see_to(self, state: ObjectState) -> None:
        if self._is_due(state):
            await self._look_at_lists()
            # The lists may have told all.
            if self._is_due(state) and self._objects.get(state.object_id) is state:
                await self._look_up(state)
        self._objects.new.discard(state.object_id)
        if state.refusals and self._connection.is_connected:
            wanted = state.channels.keys()
            lacking = wanted - self._connection.standing(wanted)
            state.refusals = state.refusals + 1 if lacking else 0
            self._listener.ask_again(lacking)

    def _pause_s(self, object_id: ObjectId) -> float:
        """Return the seconds until an object's next turn, should nobody ask before."""
        state, options = self._objects.get(object_id), self._options
        if state is None or not state.needs.anything:
            return options.upkeep_s
        pauses = [options.upkeep_s]
        if (astray_in_s := self._astray_in_s()) is not None:
            pauses.append(astray_in_s)
        if state.refusals and self._connection.is_connected:
            pauses.append(min(_MOST_AGAIN_S, backoff_s(state.refusals, first_s=options.channel_s)))
        if state.is_unanswered:
            pauses.append(
                min(options.reconcile_s, backoff_s(state.lookups, first_s=options.channel_s))
            )
        elif not state.has_channels_for(state.needs):
            pauses.append(backoff_s(state.lookups, first_s=options.reconcile_s))
        return min(pauses)

    def _is_due(self, state: ObjectState) -> bool:
        """Tell whether the workspace is to be asked for the channels of an object."""
        if not state.needs.anything:
            return False
        if state.is_unanswered or self._astray_in_s() == 0:
            return True
        since_s = loop_time() - state.looked_up
        if not state.has_channels_for(state.needs):
            # Each time in vain, it is twice as long until the next.
            wait_s = backoff_s(state.lookups, first_s=self._options.reconcile_s)
            return since_s >= min(wait_s, self._options.upkeep_s)
        is_refused = state.refusals > 0 and not self._connection.serves(state, state.needs)
        return is_refused and since_s >= self._options.reconcile_s

    def _astray_in_s(self) -> float | None:
        """Return in how many seconds to ask where the service is, which is away; it may have moved.

        ``None``: it is there, or nobody has told yet where it is. Whatever object has its turn next
        is asked about: there is one service for all.
        """
        if self._connection.is_connected or not self._listener.has_address:
            return None
        asked, options = self._connection.asked_in_vain, self._options
        wait_s = backoff_s(asked + 1, first_s=options.poll_s, longest_s=options.reconcile_s)
        return max(0.0, self._asked_where + wait_s - loop_time())

    async def _look_at_lists(self) -> None:
        """Find the channels of many objects at once, where lists of the workspace tell them."""
        async with self._listing:
            new = [
                one
                for one in self._objects.values()
                if one.looked_up == NEVER and one.needs.comments and not one.was_sought
            ]
            if len(new) < _MANY or loop_time() - self._listed_in_vain < self._options.upkeep_s:
                return
            for state in new:
                state.was_sought = True
            try:
                found = await self._api.listed_realtime([one.info for one in new])
            except WorkspaceError as error:
                _log.debug("no list told any channels: %s", error)
                return
            self._listed_in_vain = NEVER if found else loop_time()
            told: dict[ObjectId, RealtimeAddress] = {}
            for state in new:
                if (address := found.get(state.object_id)) is not None:
                    told |= self._take_listed(state, address)
            urls = {one.url for one in found.values()}
            self.listen(urls.pop() if len(urls) == 1 else None)
            await self._remember(told)

    def _take_listed(
        self, state: ObjectState, found: RealtimeAddress
    ) -> Mapping[ObjectId, RealtimeAddress]:
        if state.info.kind is ObjectKind.VIDEO:
            return self._took(state, found)
        # No list tells where its own changes are published.
        state.listed_root = found.comments_root
        return self._learn(state, replace(found, is_whole=False))

    async def _look_up(self, state: ObjectState) -> None:
        root, state.listed_root = state.listed_root, None
        self._asked_where = loop_time()
        if not self._connection.is_connected:
            self._connection.asked_in_vain += 1
        try:
            found = await self._api.realtime(state.info, root=root)
        except Exception as error:  # noqa: BLE001 - supervision: one object holds up no other
            if not isinstance(error, WorkspaceError):
                log_failure(_log, f"the channels of {state.object_id} are not known", error)
            state.looked_up, state.lookups = loop_time(), state.lookups + 1
            state.lookup_error = told_of(error)
            return
        told = self._took(state, found)
        self.listen(found.url)
        await self._remember(told)

    def _took(
        self, state: ObjectState, found: RealtimeAddress
    ) -> Mapping[ObjectId, RealtimeAddress]:
        """Take over all that the workspace tells of an object; return what is new of it."""
        told = self._learn(state, found)
        state.looked_up = loop_time()
        state.lookup_error = None if found.is_whole else _NOT_TOLD
        state.lookups = (
            0 if state.has_channels_for(state.needs) and found.is_whole else state.lookups + 1
        )
        return told

    def _learn(
        self, state: ObjectState, found: RealtimeAddress
    ) -> Mapping[ObjectId, RealtimeAddress]:
        address = found.over(state.address)
        is_known = address == state.address and state.is_kept
        # It may have been detached meanwhile.
        if is_known or self._objects.get(state.object_id) is not state:
            return {}
        state.is_kept = True
        self._objects.learn(state, address)
        return {state.object_id: address}

    async def _remember(self, told: Mapping[ObjectId, RealtimeAddress]) -> None:
        # What the last run knew is mostly as it was: no transaction for that.
        if told:
            await self._store.realtime_addresses.remember(told)


class AfterLookUps:
    """The budget of readings: look-ups of what is new go first, for they make it realtime."""

    def __init__(self, budget: Budget, objects: Objects) -> None:
        self._budget = budget
        self._objects = objects

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin."""
        objects = self._objects
        is_ahead = objects.new and loop_time() - objects.new_since < _MOST_AHEAD_S
        return max(_LOOK_S if is_ahead else 0.0, self._budget.wait_s(is_urgent=is_urgent))
