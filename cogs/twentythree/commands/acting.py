"""Acting on comments from rooms: the buttons, menus and modals, which outlive everything.

A ``custom_id`` says which comment is meant, or which reply that waits to be sent. All else is
looked up at each press: whether the server is served, what is attached in the room, and who may.
"""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord

from ..domain.deeds import Action
from ..domain.fields import identity
from ..languages import said_in_all, tr
from . import acting_words, answers, doing
from .context import CommandContext
from .pressing import Press

_MODAL = re.compile(r"tt:reply:(\d{1,20})")
# Those on messages that only ask: the answer takes their place.
_OWN = frozenset({"sure", "send", "drop", "cancel"})


def listen_for_presses(context: CommandContext) -> None:
    """Have buttons, menus and modals taken, as one load of the plugin takes them."""

    class Pressed(ActButton, template=_BUTTON):
        _context = context

    class Picked(PickMenu, template=_MENU):
        _context = context

    async def take(interaction: discord.Interaction, custom_id: str, typed: dict[str, str]) -> None:
        if match := _MODAL.fullmatch(custom_id):
            # What is tried again is the modal.
            number = identity(match[1]) or 0
            press = Press(context, interaction, f"tt:act:reply:{match[1]}", number)
            await press.answered(answers.draft(press, typed.get(answers.INPUT, "")))

    context.buttons += [Pressed, Picked]
    context.modals["tt:reply:"] = take


class ActButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:act:"):
    """Any of the buttons that have something done to a comment, or lead there."""

    _context: CommandContext

    def __init__(self, item: discord.ui.Button[Any], what: Action | str, number: int) -> None:
        super().__init__(item)
        self._what = what
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        what = match["way"] or Action(match["action"])
        return cls(cast("discord.ui.Button[Any]", item), what, identity(match["number"]) or 0)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what it is for."""
        is_own = self._what in _OWN or self.item.label in said_in_all(acting_words.AGAIN)
        press = Press(self._context, interaction, self.custom_id, self._number, is_own=is_own)
        match self._what:
            case Action.REPLY:
                # A modal opens only as the first answer.
                await press.answered(answers.open_modal(press), is_deferred=False)
            case Action.DELETE:
                await press.answered_beside(doing.ask(press))
            case Action() as action:
                await press.answered_beside(doing.act(press, action))
            case way if way in _LOOKING:
                await press.answered_beside(_WAYS[way](press))
            case way:
                await press.answered(_WAYS[way](press))


class PickMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"tt:pick:"):
    """The menu under a message of several comments."""

    _context: CommandContext

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], __: re.Match[str], /
    ) -> Self:
        """Return the menu that was used."""
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the buttons of the comment that was chosen."""
        (chosen,) = self.item.values
        number = identity(chosen) or 0
        press = Press(self._context, interaction, f"tt:row:{number}", number)
        await press.answered_beside(doing.show_row(press))


async def _delete(press: Press) -> None:
    await doing.act(press, Action.DELETE)


async def _cancel(press: Press) -> None:
    await press.answer(tr(acting_words.CANCELLED))


# What buttons beside those of actions do.
_WAYS = {
    "more": doing.show_rest,
    "row": doing.show_row,
    "sure": _delete,
    "cancel": _cancel,
    "send": answers.send,
    "drop": answers.drop,
}
# Those that change nothing before they have waited for the acknowledgement.
_LOOKING = frozenset({"more", "row", "sure"})
_BUTTON = (
    rf"tt:(?:act:(?P<action>{'|'.join(Action)})|(?P<way>{'|'.join(_WAYS)})):(?P<number>\d{{1,20}})"
)
_MENU = r"tt:pick:\d{1,3}"
