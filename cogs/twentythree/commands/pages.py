"""A long answer in pages, with buttons that work for as long as the answer is there.

What a button shows next is made anew from what is true then, so that nothing of an answer needs
to be remembered, and a restart in between does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self, TypeAlias

import discord

from ..domain import barring
from .desk import Desk
from .replies import say

_PAGE_CHARACTERS = 1800
_PAGE_ENTRIES = 8

Pages: TypeAlias = Callable[[discord.Interaction, int], Awaitable[list[str]]]
"""Makes the pages of an answer about a room; 0: about all."""


def paged(
    entries: Iterable[str], *, characters: int = _PAGE_CHARACTERS, count: int = _PAGE_ENTRIES
) -> list[str]:
    """Put the entries on as few pages as may be, in order, none torn apart."""
    pages: list[list[str]] = []
    used = 0
    for entry in entries:
        if not pages or len(pages[-1]) == count or used + 1 + len(entry) > characters:
            pages.append([])
            used = 0
        pages[-1].append(entry)
        used += len(entry) + 1
    return ["\n".join(page) for page in pages]


def turning(desk: Desk, make: Pages) -> type[Turn]:
    """Return the buttons below the pages that ``make`` makes, as one load of the plugin has them.

    discord.py makes them anew from their ``custom_id`` at each press.
    """

    class Turning(Turn, template=r"tt:list:(?P<room>\d+):(?P<page>\d+):(?P<step>[a-z]+)"):
        _desk = desk
        _make = staticmethod(make)

    desk.buttons.append(Turning)
    return Turning


class Turn(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:list:"):
    """A button that leads to another page."""

    _desk: Desk
    _make: Pages

    def __init__(self, room_id: int, page: int, step: str, *, is_disabled: bool = False) -> None:
        super().__init__(
            discord.ui.Button(
                label=step.capitalize(),
                style=discord.ButtonStyle.secondary,
                custom_id=f"tt:list:{room_id}:{page}:{step}",
                disabled=is_disabled,
            )
        )
        self._room_id = room_id
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, __: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        return cls(int(match["room"]), int(match["page"]), match["step"])

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let nobody turn pages in a server that may not use the workspace."""
        if self._desk.is_served(interaction):
            return True
        await say(interaction, barring.refusal(interaction.guild_id or 0))
        return False

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        # Which rooms the member sees may have to be asked, for longer than Discord waits.
        await interaction.response.defer()
        text, view = await self.at(interaction, self._room_id, self._page)
        await interaction.edit_original_response(
            content=text, view=view, allowed_mentions=discord.AllowedMentions.none()
        )

    @classmethod
    async def at(
        cls, interaction: discord.Interaction, room_id: int, page: int
    ) -> tuple[str, discord.ui.View]:
        """Return a page, or the nearest that there is, and its buttons if there are others."""
        pages = await cls._make(interaction, room_id)
        last = len(pages) - 1
        shown = min(page, last)
        view = discord.ui.View(timeout=None)
        if not last:
            return pages[0], view
        view.add_item(cls(room_id, max(shown - 1, 0), "previous", is_disabled=shown == 0))
        view.add_item(cls(room_id, min(shown + 1, last), "next", is_disabled=shown == last))
        return f"{pages[shown]}\n-# Page {shown + 1} of {len(pages)}", view
