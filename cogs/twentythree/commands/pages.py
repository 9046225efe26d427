"""A long answer in pages, with buttons that stop when nobody uses them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

import discord

_PAGE_CHARACTERS = 1800
_PAGE_ENTRIES = 8
# Within the 15 minutes for which Discord lets an answer be edited.
_TIMEOUT_S = 300.0


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


class Pager(discord.ui.View):
    """Two buttons below a page. After five minutes without a click they are greyed out."""

    def __init__(
        self, interaction: discord.Interaction, pages: Sequence[str], *, timeout: float = _TIMEOUT_S
    ) -> None:
        super().__init__(timeout=timeout)
        self._interaction = interaction
        self._pages = pages
        self._index = 0
        self._mark()

    @property
    def text(self) -> str:
        """Return the page that is shown, with its number."""
        return f"{self._pages[self._index]}\n-# Page {self._index + 1} of {len(self._pages)}"

    @discord.ui.button(label="Previous", style=discord.ButtonStyle.secondary)
    async def previous(self, interaction: discord.Interaction, _: discord.ui.Button[Pager]) -> None:
        """Show the page before."""
        await self._turn(interaction, -1)

    @discord.ui.button(label="Next", style=discord.ButtonStyle.secondary)
    async def next(self, interaction: discord.Interaction, _: discord.ui.Button[Pager]) -> None:
        """Show the page after."""
        await self._turn(interaction, 1)

    async def on_timeout(self) -> None:
        """Grey the buttons out; an answer that was dismissed cannot be edited any more."""
        self.previous.disabled = self.next.disabled = True
        with contextlib.suppress(discord.HTTPException):
            await self._interaction.edit_original_response(view=self)

    async def _turn(self, interaction: discord.Interaction, by: int) -> None:
        self._interaction = interaction
        self._index = min(max(self._index + by, 0), len(self._pages) - 1)
        self._mark()
        await interaction.response.edit_message(
            content=self.text, view=self, allowed_mentions=discord.AllowedMentions.none()
        )

    def _mark(self) -> None:
        self.previous.disabled = self._index == 0
        self.next.disabled = self._index == len(self._pages) - 1
