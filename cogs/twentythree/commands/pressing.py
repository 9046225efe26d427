"""A press of a button that outlives everything: acknowledged first, answered in any case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, cast

import discord

from ..domain import barring
from ..domain.model import Attachment, Comment, CommentNotice, Source
from ..domain.room_settings import Manner
from ..embeds import disarm, message
from ..errors import TwentyThreeError, WorkspaceUnreachableError
from ..languages import retold, spoken, tr
from . import acting_words, integrations
from .context import CommandContext
from .replies import Refusal, answering, change, defer, say, say_failed
from .room_finder import FAILURES

_log = logging.getLogger("twentythree.commands")

_Doing: TypeAlias = Coroutine[Any, Any, None]
_MAX_TEXT = 4096
_MAX_LINES = 200


class _UnheardError(Exception):
    """Discord takes no answer to a press, so nobody can be told anything."""


@dataclass(slots=True)
class Press:
    """Somebody pressed a button, chose from a menu or sent a modal.

    Attributes:
        context: what every command has at hand.
        interaction: what Discord told of it.
        custom_id: of the button by which it can be tried again.
        number: of the comment, or of the intent.
        is_own: the answer takes the place of the message with the button.
        acknowledged: whether Discord takes answers to it, where that is found out beside.
    """

    context: CommandContext
    interaction: discord.Interaction
    custom_id: str
    number: int
    is_own: bool = False
    acknowledged: asyncio.Task[bool] | None = field(default=None, init=False)

    async def answered(self, doing: _Doing, *, is_deferred: bool = True) -> None:
        """Do it, with one sentence for whatever goes wrong; ``is_deferred``: acknowledged first.

        Nothing is done where Discord takes no answer any more: who pressed saw that it failed. Nor
        where another process leads by now, which answers.
        """
        await self._answered(doing, self._after_it if is_deferred else self._done)

    async def answered_beside(self, doing: _Doing) -> None:
        """Do it likewise; it only looks things up until it has waited for ``acknowledged``.

        What it has to say waits for that by itself.
        """
        await self._answered(doing, self._beside_it)

    async def _answered(self, doing: _Doing, way: Callable[[_Doing], _Doing]) -> None:
        if self.context.lead.is_over:
            doing.close()
            return
        try:
            async with answering(self.interaction):
                self._check_served()
                await way(doing)
        except FAILURES as error:
            # Too late: nobody can be told any more.
            _log.debug("could not answer a press: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - supervision: who pressed is told in any case
            await say_failed(self.interaction, error)
        finally:
            # Where nothing was done.
            doing.close()

    def _check_served(self) -> None:
        if not self.context.is_served(self.interaction):
            raise Refusal(retold(barring.refusal(self.interaction.guild_id or 0)))

    async def check_user(self) -> None:
        """Make sure that who presses may still use the command.

        Raises:
            Refusal: they may not any more.
        """
        if not await self.context.may_use(self.interaction):
            raise Refusal(integrations.refusal())

    async def _after_it(self, doing: _Doing) -> None:
        if await self._acknowledge():
            await self._done(doing)

    async def _beside_it(self, doing: _Doing) -> None:
        acknowledging = asyncio.create_task(self._acknowledge(), name="acknowledgement")
        self.acknowledged = acknowledging
        try:
            # It is on its way before anything else is.
            await asyncio.sleep(0)
            await self._done(doing)
            await self._heard()
        except asyncio.CancelledError:
            acknowledging.cancel()
            raise
        except _UnheardError:
            return
        except TwentyThreeError:
            # What is refused is said, if anything can be.
            if await acknowledging:
                raise
        finally:
            await asyncio.wait([acknowledging])

    async def _heard(self) -> None:
        """Wait until it is known that Discord takes answers.

        Raises:
            _UnheardError: it does not.
        """
        if self.acknowledged is not None and not await asyncio.shield(self.acknowledged):
            raise _UnheardError

    async def _done(self, doing: _Doing) -> None:
        try:
            await doing
        except WorkspaceUnreachableError:
            await self.answer(tr(acting_words.NOT_DONE), view=again(self.custom_id))

    async def _acknowledge(self) -> bool:
        try:
            if self.is_own:
                await self.interaction.response.defer()
            else:
                await defer(self.interaction)
        except FAILURES as error:
            _log.debug("could not acknowledge a press: %s", type(error).__name__)
            if not isinstance(error, discord.NotFound):
                # It may have been taken all the same, and Discord show that somebody thinks.
                with suppress(*FAILURES):
                    await self.interaction.followup.send(tr(acting_words.LOST), ephemeral=True)
            return False
        return True

    async def answer(
        self,
        text: str,
        *,
        view: discord.ui.View | None = None,
        embed: discord.Embed = discord.utils.MISSING,
    ) -> None:
        """Say it for the eyes of who pressed alone."""
        await self._heard()
        if self.is_own:
            await self.change(text, view=view, embed=embed)
        else:
            shown = discord.utils.MISSING if view is None else view
            await say(self.interaction, text, view=shown, embed=embed, shows_embeds=True)

    async def change(
        self,
        text: str,
        *,
        view: discord.ui.View | None = None,
        embed: discord.Embed | None = discord.utils.MISSING,
    ) -> None:
        """Put it in the place of what the answer says now; what it quotes stays, by default."""
        await self._heard()
        await change(self.interaction, text, view=view, embed=embed)


def view_of(*items: discord.ui.Button[Any] | discord.ui.Select[Any]) -> discord.ui.View:
    """Return buttons and menus for one message, of which discord.py need remember nothing."""
    view = discord.ui.View(timeout=None)
    for one in items:
        view.add_item(one)
    view.stop()
    return view


def button(
    custom_id: str, label: str, *, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    """Return one button."""
    return discord.ui.Button(style=style, label=label, custom_id=custom_id)


def made(buttons: Sequence[Mapping[str, Any]]) -> list[discord.ui.Button[Any]]:
    """Return buttons that are told in the words of Discord's API."""
    parts = (discord.Button(cast("Any", one)) for one in buttons)
    return [discord.ui.Button.from_component(one) for one in parts]


def made_menu(menu: Mapping[str, Any]) -> discord.ui.Select[Any]:
    """Return a menu that is told in the words of Discord's API."""
    found = discord.SelectMenu(cast("Any", menu))
    return discord.ui.Select(
        custom_id=found.custom_id, placeholder=found.placeholder, options=found.options
    )


def again(custom_id: str) -> discord.ui.View:
    """Return the button that has the same done once more."""
    return view_of(button(custom_id, tr(acting_words.AGAIN)))


def quote(comment: Comment, held: Attachment) -> discord.Embed:
    """Return a comment as its notice shows it.

    A time of which nobody knows the zone is left out: the notice that was pressed has a better one.
    """
    notice = CommentNotice(
        object=held.object,
        comment=replace(comment, created_text=""),
        source=Source.RECONCILE,
        seen_at=held.attached_at,
    )
    return discord.Embed.from_dict(message([notice], Manner(language=spoken()))["embeds"][0])


def quote_text(text: str) -> discord.Embed:
    """Return what somebody typed, as it was typed."""
    return discord.Embed(description=disarm(text, _MAX_TEXT, max_lines=_MAX_LINES).text)
