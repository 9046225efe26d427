"""A workspace that was away: all that failed is read as soon as it answers again.

Each object by itself is asked more rarely after each failure, minutes apart in the end. So one of
them is asked in between for all, and whoever else asks the workspace finds out as well.
"""

from __future__ import annotations

import asyncio

from ..backoff import backoff_s
from ..domain.model import ObjectId
from ..errors import WorkspaceUnreachableError
from .agenda import Agenda
from .objects import Objects
from .ports import BridgeOptions, Ports


class WorkspaceWatch:
    """Looks whether the workspace answers, while the last of its answers did not come.

    It is away where what was asked for meanwhile fails as well. Else what fails does so by itself,
    and is not asked about more often for that.

    Args:
        ports: the workspace.
        objects: the attached objects.
        agenda: where readings and look-ups are asked for.
        options: times.
    """

    def __init__(
        self, ports: Ports, objects: Objects, agenda: Agenda, options: BridgeOptions
    ) -> None:
        self._api = ports.api
        self._objects = objects
        self._agenda = agenda
        self._first_s = options.spacing_s
        self._longest_s = max(options.spacing_s, options.poll_s)
        # What was asked for since there is trouble, each with its failures before that.
        self._asked: dict[ObjectId, int] = {}
        self._looks = 0
        self._turn = 0
        self._is_away = False

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            pause_s = backoff_s(self._looks, first_s=self._first_s, longest_s=self._longest_s)
            await asyncio.sleep(pause_s)
            self.look()

    def look(self) -> None:
        """Ask for one object where there is trouble; for all that failed where there was."""
        asked = self._objects.those(self._asked)
        self._is_away |= any(one.failures > self._asked[one.object_id] for one in asked)
        if isinstance(self._api.trouble, WorkspaceUnreachableError):
            self._ask_for_one()
            self._looks += 1
        elif self._looks:
            self._catch_up()
            self._asked.clear()
            self._looks, self._is_away = 0, False

    def _ask_for_one(self) -> None:
        """Ask for another object each time, and for one that does not fail if there is any."""
        states = self._objects.values()
        states = tuple(one for one in states if one.cause is None) or states
        if states:
            state = states[self._turn % len(states)]
            self._turn += 1
            self._asked.setdefault(state.object_id, state.failures)
            self._agenda.ask([state.object_id])

    def _catch_up(self) -> None:
        failing = [
            one
            for one in self._objects.values()
            if isinstance(one.cause, WorkspaceUnreachableError)
        ]
        # It may have been away for so short a time that nothing was asked meanwhile.
        due = [one for one in failing if self._is_away or one.failures == 1]
        self._agenda.ask([one.object_id for one in due])
        if self._is_away:
            unanswered = [one for one in self._objects.values() if one.lookup_error is not None]
            for state in unanswered:
                state.lookups = 0
            self._agenda.replan([state.object_id for state in unanswered])
