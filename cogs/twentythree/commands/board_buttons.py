"""The buttons of boards: the next question, all of them, one given back, one that was answered."""

from __future__ import annotations

import logging
import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import discord

from ..domain.acting import WantedAction
from ..domain.board import as_comment
from ..domain.deeds import Action
from ..domain.model import Attachment, CommentId, GuildId, ObjectId, RoomId
from ..embeds import (
    back_button,
    buttons,
    counted,
    large_question,
    page_button,
    question_line,
    question_menu,
)
from ..intake import QuestionPage
from ..languages import noted, tr
from . import words
from .context import CommandContext
from .doing import tell
from .noting import actor_of
from .pressing import Press, made, made_menu, view_of
from .replies import Refusal, answering, change, defer, is_heard, say, say_failed
from .rights import check_moderator, check_shown
from .room_finder import FAILURES
from .room_option import guild_of

_log = logging.getLogger("twentythree.commands")

# Of the words of a question in a list of eight.
_MAX_WORDS = 100
_MINE = noted("It is yours for five minutes; the board says so.")
_NO_ACTIONS = noted(
    "Actions are off here, or the workspace does not let the bot change "
    "comments; `/video attach` turns them on with `actions: on`."
)
_NOT_KEPT = noted("This board is not kept up to date any more; `/video questions` makes one.")


class BoardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:board:"):
    """A button that was pressed on a board, or below what a board has shown.

    Args:
        item: the button.
        named: what its ``custom_id`` carries.
    """

    _context: ClassVar[CommandContext]

    def __init__(self, item: discord.ui.Button[Any], named: Mapping[str, str]) -> None:
        super().__init__(item)
        self._object_id = ObjectId(int(named["object"]))
        self._number = int(named.get("number", 0))

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        if not isinstance(item, discord.ui.Button):
            raise TypeError("not a button")
        return cls(item, match.groupdict())

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let nobody press it in a server that may not use the workspace."""
        return await is_heard(self._context, interaction)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Acknowledge the press, and do what the button says for those who may."""
        try:
            async with answering(interaction):
                await self._acknowledge(interaction)
                await check_moderator(self._context, interaction)
                await self._press(interaction)
        except FAILURES as error:
            # Too late: nobody can be told any more.
            _log.debug("could not answer a press: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - supervision: who pressed is told in any case
            await say_failed(interaction, error)

    async def _acknowledge(self, interaction: discord.Interaction) -> None:
        # Never as a change of the board: what is said while it takes long would stand there.
        await defer(interaction)

    @abstractmethod
    async def _press(self, interaction: discord.Interaction) -> None:
        """Do it."""

    async def _kept(self, interaction: discord.Interaction) -> Attachment:
        """Return what is attached to the room, and has a board there.

        Raises:
            Refusal: there is none any more, or it may not be shown any more.
        """
        found = await self._context.bridge.attachments(
            guild_id=GuildId(guild_of(interaction).id),
            room_id=RoomId(interaction.channel_id or 0),
            object_id=self._object_id,
        )
        for held in found:
            if held.has_board:
                check_shown(held)
                return held
        raise Refusal(tr(_NOT_KEPT))


class NextQuestion(BoardButton, template=r"tt:next:"):
    """Hands out the oldest open question that nobody has."""

    async def _press(self, interaction: discord.Interaction) -> None:
        held = await self._kept(interaction)
        guild_id, kept = GuildId(guild_of(interaction).id), self._context.bridge.questions
        question = await kept.take_next(self._object_id, guild_id, actor_of(interaction))
        if question is None:
            page = await kept.page(self._object_id, guild_id, 0)
            raise Refusal(
                tr("Somebody looks after each open question now; *Show all* tells who.")
                if page.counts.open
                else tr("No question is open.")
            )
        back = back_button(self._object_id, CommentId(question.comment_id))
        offered, lines = [back], [large_question(question), f"-# {tr(_MINE)}"]
        if held.rules_in_force.has_actions:
            offered = [*buttons(as_comment(question, self._object_id)), back]
        else:
            lines.append(f"-# {tr(_NO_ACTIONS)}")
        await say(interaction, "\n".join(lines), view=view_of(*made(offered)))


class GiveBack(BoardButton, template=r"tt:back:"):
    """Lets others have a question; its button is on an answer that only who pressed it sees."""

    async def _acknowledge(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()

    async def _press(self, interaction: discord.Interaction) -> None:
        was_theirs = await self._context.bridge.questions.give_back(
            self._object_id,
            CommentId(self._number),
            GuildId(guild_of(interaction).id),
            interaction.user.id,
        )
        text = tr("Given back; others can take it.")
        if not was_theirs:
            text = tr("It is not yours any more: it was answered, or you have had it for long.")
        await change(interaction, text)


class ShowAll(BoardButton, template=r"tt:all:"):
    """Shows all open questions, a page at a time; any of them can be acted on from there."""

    async def _acknowledge(self, interaction: discord.Interaction) -> None:
        if _is_ephemeral(interaction):
            await interaction.response.defer()
        else:
            await defer(interaction)

    async def _press(self, interaction: discord.Interaction) -> None:
        held = await self._kept(interaction)
        guild_id = GuildId(guild_of(interaction).id)
        page = await self._context.bridge.questions.page(self._object_id, guild_id, self._number)
        lines = [f"**{counted(page.counts)}**"]
        lines += [question_line(one, _MAX_WORDS) for one in page.questions]
        items: list[discord.ui.Button[Any] | discord.ui.Select[Any]] = []
        if page.questions and held.rules_in_force.has_actions:
            items.append(made_menu(question_menu(self._object_id, page.questions)))
        if page.pages > 1:
            lines.append(
                tr("-# Page {number} of {pages}", number=page.number + 1, pages=page.pages)
            )
            items += made(self._turning(page))
        await _show(interaction, words.cut("\n".join(lines)), view_of(*items))

    def _turning(self, page: QuestionPage) -> list[dict[str, Any]]:
        last = page.pages - 1
        before, after = max(0, page.number - 1), min(last, page.number + 1)
        is_first, is_last = page.number == 0, page.number == last
        return [
            page_button(self._object_id, before, tr("Previous"), is_disabled=is_first),
            page_button(self._object_id, after, tr("Next"), is_disabled=is_last),
        ]


class DoneNext(BoardButton, template=r"tt:done:"):
    """Marks the question that the speaker has answered; the board then shows the next one."""

    async def _press(self, interaction: discord.Interaction) -> None:
        held = await self._kept(interaction)
        if not held.rules_in_force.has_actions:
            raise Refusal(tr(_NO_ACTIONS))
        wanted = WantedAction(
            action=Action.ANSWER,
            guild_id=GuildId(guild_of(interaction).id),
            room_id=RoomId(interaction.channel_id or 0),
            object_id=self._object_id,
            comment_id=CommentId(self._number),
            actor=actor_of(interaction),
        )
        done = await self._context.acting.act(wanted)
        press = Press(self._context, interaction, f"tt:act:answer:{self._number}", self._number)
        await tell(press, Action.ANSWER, done)


def make_buttons(context: CommandContext) -> None:
    """Have discord.py know the buttons, as one load of the plugin has them.

    It makes them anew from their ``custom_id`` at each press, also after a restart.
    """

    class NextPressed(NextQuestion, template=r"tt:next:(?P<object>\d+)"):
        _context = context

    class BackPressed(GiveBack, template=r"tt:back:(?P<object>\d+):(?P<number>\d+)"):
        _context = context

    class AllPressed(ShowAll, template=r"tt:all:(?P<object>\d+):(?P<number>\d+)"):
        _context = context

    class DonePressed(DoneNext, template=r"tt:done:(?P<object>\d+):(?P<number>\d+)"):
        _context = context

    context.buttons += [NextPressed, BackPressed, AllPressed, DonePressed]


async def _show(interaction: discord.Interaction, text: str, view: discord.ui.View) -> None:
    """Show a page in place of the one whose button was pressed, or as an answer of its own."""
    if _is_ephemeral(interaction):
        await change(interaction, text, view=view)
    else:
        await say(interaction, text, view=view)


def _is_ephemeral(interaction: discord.Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral
