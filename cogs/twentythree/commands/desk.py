"""What every command has at hand."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeAlias, TypeVar

import discord
from discord import app_commands

from ..domain.model import GuildId, ObjectId
from ..domain.troubles import Faults
from ..intake import Bridge
from .sights import Sights
from .titles import Titles

Choices: TypeAlias = list[app_commands.Choice[str]]
Suggest: TypeAlias = Callable[[discord.Interaction, str], Coroutine[Any, Any, Choices]]

_Callback = TypeVar("_Callback", bound=Callable[..., Any])
_View = TypeVar("_View", bound=discord.ui.View)


class FindFaults(Protocol):
    """Returns what is wrong for a server, or one object there, within seconds in any case."""

    async def __call__(self, guild_id: GuildId, object_id: ObjectId | None = None, /) -> Faults:
        """Look now."""


async def _nothing_wrong(_: GuildId, __: ObjectId | None = None) -> Faults:
    return {}


class Desk:
    """The bridge, and what the commands remember between two keystrokes.

    Args:
        bridge: the relay at work.
        clock: monotonic seconds.
        faults: finds what is wrong.

    Attributes:
        buttons: those that outlive everything; discord.py is to be told of them.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        clock: Callable[[], float],
        faults: FindFaults = _nothing_wrong,
    ) -> None:
        self.bridge = bridge
        self.faults = faults
        self.titles = Titles(bridge.search, clock=clock)
        self.sights = Sights(clock=clock)
        self.buttons: list[type[discord.ui.DynamicItem[Any]]] = []
        self._views: weakref.WeakSet[discord.ui.View] = weakref.WeakSet()

    def is_served(self, interaction: discord.Interaction) -> bool:
        """Tell whether the server may use the workspace."""
        return self.bridge.servers.allows(interaction.guild_id)

    def suggesting(self, **options: Suggest) -> Callable[[_Callback], _Callback]:
        """Give options of a command their autocompletion, in servers that may use the workspace."""
        guarded = {name: app_commands.check(self.is_served)(one) for name, one in options.items()}
        return app_commands.autocomplete(**guarded)

    def open(self, view: _View) -> _View:
        """Remember buttons that are waiting for clicks, and return them."""
        self._views.add(view)
        return view

    async def close(self) -> None:
        """Stop waiting for clicks and rooms; buttons still shown do nothing from now on."""
        for view in tuple(self._views):
            view.stop()
        self._views.clear()
        await self.sights.close()
