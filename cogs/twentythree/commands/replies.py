"""How commands answer: ephemeral, mentioning nobody, in one place."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeAlias

import discord

from ..delivery import open_global_lock
from ..domain import barring
from ..embeds import disarm
from ..errors import MISTAKE, StorageClosedError, StorageError, TwentyThreeError, log_failure
from ..languages import noted, retold, tr
from . import integrations, words
from .context import CommandContext
from .room_finder import FAILURES
from .words import speak_with

_log = logging.getLogger("twentythree.commands")

_MAX_REASON = 200
_NOTE = "twentythree"
# So long a person looks at a command that shows nothing.
_PATIENCE_S = 4.0
_EDIT_S = 10.0
_PAGE_CHARACTERS = 1800
_PAGE_ENTRIES = 8
# Discord takes an answer for 15 minutes.
_LONGEST_S = 840.0
_TOO_LONG = noted(
    "This took longer than Discord waits for an answer, so it was given up; "
    "`/video list` shows what was done."
)
NO_DATABASE = noted("The bot's database cannot be used now; its log says why.")
WAITING = noted("Still waiting for the workspace; the answer comes here.")
WORKING = noted("Still at work; the answer comes here.")


class Refusal(TwentyThreeError):  # noqa: N818 - reads as what happened
    """The command cannot be done as asked; the text says why and what to do, and to whom.

    It is in the language of who gave the command, and in no log.
    """

    def told(self) -> str:
        """Return it as it is."""
        return str(self)


def reason(error: BaseException) -> str:
    """Return in a few words why Discord did not do it, ending with a full stop."""
    said = error.text if isinstance(error, discord.HTTPException) else ""
    told = disarm(said or type(error).__name__, _MAX_REASON).text
    return told if told.endswith(".") else f"{told}."


class _Note:
    """Says in place of an answer, once it takes long, that it is still to come."""

    def __init__(self, interaction: discord.Interaction, text: str) -> None:
        self._interaction = interaction
        self._text = text
        self._turn = asyncio.Lock()
        self._is_over = self._is_shown = False

    async def run(self) -> None:
        await asyncio.sleep(_PATIENCE_S)
        async with self._turn:
            if self._is_over:
                return
            self._is_shown = True
            try:
                async with asyncio.timeout(_EDIT_S):
                    await self._interaction.edit_original_response(
                        content=tr(self._text), view=None
                    )
            except FAILURES as error:
                _log.debug("could not say that it takes long: %s", type(error).__name__)

    async def over(self) -> bool:
        """Say nothing from now on; return whether it was said."""
        async with self._turn:
            self._is_over = True
        return self._is_shown


@asynccontextmanager
async def waiting(interaction: discord.Interaction, note: str = WAITING) -> AsyncGenerator[None]:
    """Say once that the answer of a deferred interaction is still to come, if that takes long."""
    interaction.extras[_NOTE] = saying = _Note(interaction, note)
    task = asyncio.create_task(saying.run(), name="note")
    try:
        yield
    finally:
        try:
            await saying.over()
        finally:
            task.cancel()


async def say(
    interaction: discord.Interaction,
    text: str,
    *,
    view: discord.ui.View = discord.utils.MISSING,
    file: discord.File = discord.utils.MISSING,
    embed: discord.Embed = discord.utils.MISSING,
    shows_embeds: bool = False,
) -> None:
    """Answer for the user's eyes only; works before and after a defer.

    ``shows_embeds``: ours, now or later, and with them those that Discord makes of links.
    """
    content = words.cut(text)
    silent = discord.AllowedMentions.none()
    note: _Note | None = interaction.extras.get(_NOTE)
    if note is not None and await note.over():
        # The answer takes the place of what was said meanwhile.
        del interaction.extras[_NOTE]
        await interaction.edit_original_response(
            content=content,
            allowed_mentions=silent,
            view=None if view is discord.utils.MISSING else view,
            attachments=[] if file is discord.utils.MISSING else [file],
            embed=None if embed is discord.utils.MISSING else embed,
        )
    elif interaction.response.is_done():
        await interaction.followup.send(
            content,
            ephemeral=True,
            allowed_mentions=silent,
            suppress_embeds=not shows_embeds,
            view=view,
            file=file,
            embed=embed,
        )
    else:
        await interaction.response.send_message(
            content,
            ephemeral=True,
            allowed_mentions=silent,
            suppress_embeds=not shows_embeds,
            view=view,
            file=file,
            embed=embed,
        )


async def change(
    interaction: discord.Interaction,
    text: str,
    *,
    view: discord.ui.View | None = None,
    embed: discord.Embed | None = discord.utils.MISSING,
) -> None:
    """Have the answer say something else, or the message whose button was pressed."""
    note: _Note | None = interaction.extras.pop(_NOTE, None)
    if note is not None:
        await note.over()
    await interaction.edit_original_response(
        content=words.cut(text),
        view=view,
        embed=embed,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def defer(interaction: discord.Interaction) -> None:
    """Tell Discord that the answer takes longer than its 3 s."""
    await interaction.response.defer(ephemeral=True, thinking=True)


@asynccontextmanager
async def in_time(interaction: discord.Interaction, note: str = WAITING) -> AsyncGenerator[None]:
    """Give up what takes longer than Discord waits for its answer; ``note``: see ``waiting``.

    Raises:
        Refusal: it did.
    """
    bound = asyncio.timeout(_LONGEST_S)
    try:
        async with waiting(interaction, note), bound:
            yield
    except TimeoutError:
        if not bound.expired():
            raise
        open_global_lock(interaction.client)
        raise Refusal(tr(_TOO_LONG)) from None


@asynccontextmanager
async def answering(interaction: discord.Interaction, note: str = WAITING) -> AsyncGenerator[None]:
    """Turn what goes wrong in an expected way into its sentence; ``note``: see ``waiting``.

    Done here and not in an error handler of the tree, because hosts have their own there and
    would report a mistyped ID as a failure of the program.
    """
    speak_with(interaction)
    try:
        async with in_time(interaction, note):
            yield
    except TwentyThreeError as error:
        await say(interaction, sentence_of(error))


def sentence_of(error: TwentyThreeError) -> str:
    """Return what people are told of a failure that was to be expected.

    Of the database that is not its own sentence, which names a place on the machine.
    """
    if isinstance(error, StorageError) and not isinstance(error, StorageClosedError):
        _log.warning("a command failed: %s", error)
        return tr(NO_DATABASE)
    _log.debug("refused a command: %s", type(error).__name__)
    return error.told()


async def say_failed(interaction: discord.Interaction, error: Exception) -> None:
    """Say to who pressed that something unexpected went wrong; the log gets the rest."""
    log_failure(_log, "a press failed", error)
    with suppress(*FAILURES, RuntimeError):
        await say(interaction, tr(MISTAKE))


async def is_heard(context: CommandContext, interaction: discord.Interaction) -> bool:
    """Tell whether a press is answered here: not where another process leads, which does.

    Nor is it in a server that may not use the workspace; there that is said.
    """
    if context.lead.is_over:
        return False
    speak_with(interaction)
    if context.is_served(interaction):
        return True
    await say(interaction, retold(barring.refusal(interaction.guild_id or 0)))
    return False


# Answers in pages. What a button shows next is made anew from what is true then, so that nothing of
# an answer needs to be remembered, and a restart in between does no harm.

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


def turning(context: CommandContext, make: Pages) -> type[Turn]:
    """Return the buttons below the pages that ``make`` makes, as one load of the plugin has them.

    discord.py makes them anew from their ``custom_id`` at each press.
    """

    class Turning(Turn, template=r"tt:list:(?P<room>\d+):(?P<page>\d+):(?P<step>[a-z]+)"):
        _context = context
        _make = staticmethod(make)

    context.buttons.append(Turning)
    return Turning


_STEPS = {"previous": noted("Previous"), "next": noted("Next")}


class Turn(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:list:"):
    """A button that leads to another page."""

    _context: CommandContext
    _make: Pages

    def __init__(self, room_id: int, page: int, step: str, *, is_disabled: bool = False) -> None:
        super().__init__(
            discord.ui.Button(
                label=tr(_STEPS[step]),
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
        """Let nobody turn pages who may not use the command any more, or whose server may not."""
        if not await is_heard(self._context, interaction):
            return False
        if not await self._context.may_use(interaction):
            await say(interaction, integrations.refusal())
            return False
        return True

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        try:
            async with answering(interaction, WORKING):
                # Which rooms the member sees may have to be asked, for longer than Discord waits.
                await interaction.response.defer()
                text, view = await self.at(interaction, self._room_id, self._page)
                await change(interaction, text, view=view)
        except FAILURES as error:
            # Too late: nobody can be told any more.
            _log.debug("could not turn a page: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - supervision: who pressed is told in any case
            await say_failed(interaction, error)

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
        where = tr("-# Page {number} of {pages}", number=shown + 1, pages=len(pages))
        return f"{pages[shown]}\n{where}", view
