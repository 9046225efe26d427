"""What is wrong on purpose, a switch each."""

from __future__ import annotations

import asyncio
from typing import Final, Literal, TypeAlias

from ..house import Sandbox
from ..workspace import WorkspaceFault

Wrong: TypeAlias = Literal["realtime_away", "workspace_away", "discord_429"]

_ROOMS: Final = r"/channels/.*"
# So long Discord asks to wait: a bot that obeys stays well below what gets it banned.
_RETRY_AFTER_S: Final = 2.0


class Switches:
    """Turns on and off what is wrong; at first nothing is."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._turning = asyncio.Lock()
        self.state: dict[Wrong, bool] = {
            "realtime_away": False,
            "workspace_away": False,
            "discord_429": False,
        }

    async def turn(self, name: Wrong, *, on: bool) -> None:
        """Make something wrong, or right again.

        Raises:
            OSError: the realtime service cannot listen again.
        """
        async with self._turning:
            if self.state[name] == on:
                return
            match name:
                case "realtime_away":
                    await (self._sandbox.faye.close() if on else self._sandbox.faye.start())
                case "workspace_away":
                    self._turn_workspace(on=on)
                case "discord_429":
                    self._turn_discord(on=on)
            self.state[name] = on

    def _turn_workspace(self, *, on: bool) -> None:
        self._sandbox.workspace.clear_faults()
        if on:
            self._sandbox.workspace.add_fault(WorkspaceFault(times=None, status=503))

    def _turn_discord(self, *, on: bool) -> None:
        chat = self._sandbox.chat
        chat.faults.clear()
        if on:
            chat.fault("*", _ROOMS, times=None, status=429, retry_after_s=_RETRY_AFTER_S)
