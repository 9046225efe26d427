"""A workspace that was away: all that failed is read as soon as it answers again.

Each object by itself is asked more rarely after each failure, minutes apart in the end. So one of
them is asked in between for all, and whoever else asks the workspace finds out as well.
"""

from __future__ import annotations

import asyncio

from ..backoff import backoff_s
from ..errors import WorkspaceUnreachableError
from .agenda import Agenda
from .objects import Objects, ObjectState
from .ports import BridgeOptions, Ports


class WorkspaceWatch:
    """Looks whether the workspace answers, while the last of its answers did not come.

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

    async def run(self) -> None:
        """Look until cancelled."""
        looks = 0
        while True:
            await asyncio.sleep(backoff_s(looks, first_s=self._first_s, longest_s=self._longest_s))
            if isinstance(self._api.trouble, WorkspaceUnreachableError):
                self._ask_for_all(looks)
                looks += 1
            elif looks:
                self._catch_up()
                looks = 0

    def _ask_for_all(self, looks: int) -> None:
        """Ask for one object, another each time: what fails may be that object alone."""
        states = self._failing() or self._objects.values()
        if states:
            self._agenda.ask([states[looks % len(states)].object_id])

    def _catch_up(self) -> None:
        self._agenda.ask([state.object_id for state in self._failing()])
        unanswered = [one for one in self._objects.values() if one.lookup_error is not None]
        for state in unanswered:
            state.lookups = 0
        self._agenda.replan([state.object_id for state in unanswered])

    def _failing(self) -> tuple[ObjectState, ...]:
        return tuple(
            one
            for one in self._objects.values()
            if isinstance(one.cause, WorkspaceUnreachableError)
        )
