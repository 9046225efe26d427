"""What every command has at hand."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import discord
from discord import app_commands

from ..actions import Acting
from ..api import FoundObject
from ..domain.model import GuildId, ObjectId, ObjectInfo
from ..domain.troubles import Faults
from ..errors import TwentyThreeError
from ..intake import Bridge
from ..storage import Lead
from .integrations import Integrations
from .room_finder import RoomFinder
from .words import speak_with

if TYPE_CHECKING:
    from ..actions import Acting

_log = logging.getLogger("twentythree.commands")

_FRESH_S = 60.0
_PATIENCE_S = 2.0
_MAX_ANSWERS = 200
_MAX_SEARCHES = 2
_CLOSING_S = 1.0

Choices: TypeAlias = list[app_commands.Choice[str]]
Suggest: TypeAlias = Callable[[discord.Interaction, str], Coroutine[Any, Any, Choices]]
TakeModal: TypeAlias = Callable[[discord.Interaction, str, dict[str, str]], Awaitable[None]]
"""Takes a modal: its ``custom_id``, and what was typed by the ``custom_id`` of each input."""

_Callback = TypeVar("_Callback", bound=Callable[..., Any])
_View = TypeVar("_View", bound=discord.ui.View)


class FindFaults(Protocol):
    """Returns what is wrong for a server, or one object there, within seconds in any case."""

    async def __call__(self, guild_id: GuildId, object_id: ObjectId | None = None, /) -> Faults:
        """Look now."""


async def _nothing_wrong(_: GuildId, __: ObjectId | None = None) -> Faults:
    return {}


class TitleSearch:
    """Remembers what the workspace answered to the last searches.

    Args:
        search: asks the workspace.
        clock: monotonic seconds.
        patience_s: how long one autocompletion may wait for the workspace.
    """

    def __init__(
        self,
        search: Callable[[str], Awaitable[Sequence[FoundObject]]],
        *,
        clock: Callable[[], float],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._search = search
        self._clock = clock
        self._patience_s = patience_s
        self._answers: OrderedDict[str, tuple[float, tuple[ObjectInfo, ...]]] = OrderedDict()
        self._searches = 0

    async def suggest(self, text: str) -> tuple[ObjectInfo, ...]:
        """Return objects whose title fits; never raises.

        A slow or failing workspace, and more than a few searches at once, are answered from
        what earlier searches found.
        """
        wanted = " ".join(text.split()).casefold()
        if not wanted.isdecimal():
            return await self._fitting(wanted)
        # The workspace searches in titles only: IDs are looked for in what it has listed.
        _, fitting = await asyncio.gather(self._fitting(""), self._fitting(wanted))
        found = [*self._numbered(wanted), *fitting]
        return tuple({info.object_id: info for info in found}.values())

    async def _fitting(self, wanted: str) -> tuple[ObjectInfo, ...]:
        known = self._answers.get(wanted)
        if known is not None and self._clock() - known[0] < _FRESH_S:
            return known[1]
        if self._searches >= _MAX_SEARCHES:
            return self._recall(wanted)
        return await self._ask(wanted)

    async def _ask(self, wanted: str) -> tuple[ObjectInfo, ...]:
        self._searches += 1
        try:
            async with asyncio.timeout(self._patience_s):
                found = tuple(one.info for one in await self._search(wanted))
        except (TimeoutError, TwentyThreeError) as error:
            _log.debug("a search for autocomplete gave nothing: %s", type(error).__name__)
            return self._recall(wanted)
        finally:
            self._searches -= 1
        self._answers[wanted] = (self._clock(), found)
        self._answers.move_to_end(wanted)
        while len(self._answers) > _MAX_ANSWERS:
            self._answers.popitem(last=False)
        return found

    def _numbered(self, digits: str) -> list[ObjectInfo]:
        """Return what earlier searches found whose ID begins so."""
        found = (info for _, answer in self._answers.values() for info in answer)
        return [info for info in found if str(info.object_id).startswith(digits)]

    def _recall(self, wanted: str) -> tuple[ObjectInfo, ...]:
        """Return what earlier searches found that holds the text in its title."""
        found = {
            info.object_id: info
            for _, answer in self._answers.values()
            for info in answer
            if wanted in info.title.casefold()
        }
        return tuple(found.values())


class CommandContext:
    """The bridge, and what the commands remember between two keystrokes.

    Args:
        bridge: the relay at work.
        acting: acts on comments, and keeps the trail.
        clock: monotonic seconds.
        faults: finds what is wrong.
        lead: once it is over, others answer.

    Attributes:
        buttons: those that outlive everything; discord.py is to be told of them.
        modals: who takes modals, by the beginning of their ``custom_id``; they outlive everything.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        acting: Acting,
        clock: Callable[[], float],
        faults: FindFaults = _nothing_wrong,
        lead: Lead | None = None,
    ) -> None:
        self.lead = lead or Lead.alone()
        self.bridge = bridge
        self.acting = acting
        self.faults = faults
        self.titles = TitleSearch(bridge.search, clock=clock)
        self.rooms = RoomFinder(clock=clock)
        self.integrations = Integrations(clock=clock)
        self.buttons: list[type[discord.ui.DynamicItem[Any]]] = []
        self.modals: dict[str, TakeModal] = {}
        self._later: set[asyncio.Task[None]] = set()
        self._views: weakref.WeakSet[discord.ui.View] = weakref.WeakSet()

    def is_served(self, interaction: discord.Interaction) -> bool:
        """Tell whether the server may use the workspace."""
        return self.bridge.servers.allows(interaction.guild_id)

    async def may_use(self, interaction: discord.Interaction) -> bool:
        """Tell whether who presses may still use ``/video``: Discord asks only for commands."""
        may = interaction.permissions
        if is_timed_out(interaction.user):
            return False
        if may.administrator:
            return True
        word = await self.integrations.word_on(interaction)
        return may.manage_guild if word is None else word

    def suggesting(self, **options: Suggest) -> Callable[[_Callback], _Callback]:
        """Give options of a command their autocompletion, in servers that may use the workspace."""
        guarded = {name: app_commands.check(self._is_heard)(one) for name, one in options.items()}
        return app_commands.autocomplete(**guarded)

    def _is_heard(self, interaction: discord.Interaction) -> bool:
        speak_with(interaction)
        return self.is_served(interaction)

    def open(self, view: _View) -> _View:
        """Remember buttons that are waiting for clicks, and return them."""
        self._views.add(view)
        return view

    async def take_modal(self, interaction: discord.Interaction) -> None:
        """Take what somebody typed into a modal, if it is one of ours.

        discord.py knows only the modals that were opened since the last start.
        """
        data: Any = interaction.data or {}
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        custom_id = str(data.get("custom_id", ""))
        for beginning, take in self.modals.items():
            if custom_id.startswith(beginning):
                await take(interaction, custom_id, _typed(data.get("components", ())))

    def later(self, saying: Coroutine[Any, Any, None]) -> None:
        """Have something said as soon as it is known; the end of the plugin cancels it."""
        task = asyncio.create_task(saying, name="saying later")
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Stop waiting for clicks, rooms and news; buttons still shown do nothing from now on."""
        for view in tuple(self._views):
            view.stop()
        self._views.clear()
        waiting = set(self._later)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=_CLOSING_S)
        await self.rooms.close()
        await self.integrations.close()


def is_timed_out(user: discord.Member | discord.User) -> bool:
    """Tell whether a member may do nothing but look for now; administrators never are."""
    return isinstance(user, discord.Member) and user.is_timed_out()


def _typed(components: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return what was typed into a modal, by the inputs' ``custom_id``."""
    found: dict[str, str] = {}
    for one in components:
        inside = [*one.get("components", ()), *filter(None, [one.get("component")])]
        found |= _typed(inside)
        if isinstance(one.get("value"), str):
            found[str(one.get("custom_id", ""))] = one["value"]
    return found
