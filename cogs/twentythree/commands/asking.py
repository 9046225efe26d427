"""Asking before something is shown that not everybody may see."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import discord

from ..delivery import Room, is_seen_by_everyone
from ..domain.following import Follow
from ..domain.model import Attachment, AttachmentRules, CommentPolicy, ObjectInfo, ObjectKind
from ..errors import MISTAKE, TwentyThreeError
from ..languages import noted, tr
from . import integrations, words
from .choices import Meant
from .context import CommandContext
from .replies import Refusal, in_time, is_heard, say, sentence_of
from .room_finder import FAILURES
from .room_option import ChosenRoom, check_sight
from .rules import RulesGiven, check_given

_log = logging.getLogger("twentythree.commands")

# Within the 15 minutes for which Discord lets an answer be edited.
_TIMEOUT_S = 300.0
_NOT_DONE = noted(
    "Nobody answered within five minutes, so nothing was done; give the command again."
)
CHANGED = noted("It is not as it was when you were asked; give the command again.")

Act: TypeAlias = Callable[[discord.Interaction], Awaitable[str]]


class Question(discord.ui.View):
    """Two buttons below a question, for whoever gave the command.

    Args:
        context: tells which servers may use the workspace.
        interaction: the command.
        act: does what was asked for, and returns what to say; it checks all rights again.
        label: of the button that has it done.
    """

    def __init__(
        self,
        context: CommandContext,
        interaction: discord.Interaction,
        act: Act,
        *,
        label: str,
        timeout: float = _TIMEOUT_S,
    ) -> None:
        super().__init__(timeout=timeout)
        self._context = context
        self._interaction = interaction
        self._act = act
        self._is_answered = False
        self.yes.label = label
        self.no.label = tr("Cancel")

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Let nobody else answer, and nobody in a server that may not use the workspace."""
        if not await is_heard(self._context, interaction):
            return False
        if interaction.user.id != self._interaction.user.id:
            return False
        if not await self._context.may_use(interaction):
            await say(interaction, integrations.refusal())
            return False
        return True

    @discord.ui.button(style=discord.ButtonStyle.danger)
    async def yes(self, interaction: discord.Interaction, _: discord.ui.Button[Question]) -> None:
        """Do it."""
        if not await self._is_first(interaction):
            return
        try:
            async with in_time(interaction):
                text = await self._act(interaction)
        except TwentyThreeError as error:
            text = sentence_of(error)
        await self._end(interaction, text)

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def no(self, interaction: discord.Interaction, _: discord.ui.Button[Question]) -> None:
        """Leave it."""
        if not await self._is_first(interaction):
            return
        await self._end(interaction, tr("Cancelled; nothing was changed."))

    async def _is_first(self, interaction: discord.Interaction) -> bool:
        """Acknowledge an answer; say whether it counts: only the first one, if it was in time.

        Where Discord lost the acknowledgement, who pressed saw that it failed, and may once more.
        """
        if self.is_finished() or self._is_answered:
            return False
        self._is_answered = True
        try:
            await interaction.response.defer()
        except BaseException:
            self._is_answered = False
            raise
        is_in_time = not self.is_finished()
        self.stop()
        return is_in_time

    async def on_timeout(self) -> None:
        """Say that it is too late; an answer that was dismissed cannot be edited any more."""
        with contextlib.suppress(*FAILURES):
            await self._end(self._interaction, tr(_NOT_DONE))

    async def on_error(
        self,
        interaction: discord.Interaction,
        error: Exception,
        _: discord.ui.Item[Question],
        /,
    ) -> None:
        """Say one sentence; the log gets the rest."""
        if not interaction.response.is_done() and isinstance(error, FAILURES):
            # Too late, or cut off: nothing was done, and the question stands.
            _log.debug("could not acknowledge an answer: %s", type(error).__name__)
            return
        _log.error("a button failed", exc_info=error)
        with contextlib.suppress(*FAILURES):
            await self._end(interaction, tr(MISTAKE))

    async def _end(self, interaction: discord.Interaction, text: str) -> None:
        silent = discord.AllowedMentions.none()
        await interaction.edit_original_response(
            content=words.cut(text), view=None, allowed_mentions=silent
        )


async def ask(
    context: CommandContext,
    interaction: discord.Interaction,
    doubts: list[str],
    act: Act,
    *,
    label: str,
) -> None:
    """Ask whether to go on in spite of the doubts; where there are none, do it at once."""
    if not doubts:
        await say(interaction, await act(interaction))
        return
    question = context.open(Question(context, interaction, act, label=label))
    await say(interaction, "\n".join(doubts), view=question)


async def check_again(
    chosen: ChosenRoom, given: RulesGiven, interaction: discord.Interaction
) -> None:
    """Make sure that whoever answers may still do it.

    Raises:
        Refusal: they may not any more.
    """
    now = _by_now(chosen, interaction)
    await check_sight(interaction, now.room, now.permissions)
    await check_given(now, given)


def _by_now(chosen: ChosenRoom, interaction: discord.Interaction) -> ChosenRoom:
    """Return the room with what the member may do there by now."""
    member, room = interaction.user, chosen.room
    if interaction.guild is None or not isinstance(member, discord.Member):
        raise Refusal(tr("This works only in a server that the bot is a member of."))
    now = interaction.guild.get_channel_or_thread(room.id) or room
    if isinstance(now, discord.abc.GuildChannel):
        return ChosenRoom(room=chosen.room, permissions=now.permissions_for(member))
    if now.parent is None:
        raise Refusal(tr("The bot cannot see {room} any more.", room=words.room(room.id)))
    return ChosenRoom(room=chosen.room, permissions=now.permissions_for(member))


def of_meaning(meant: Meant) -> list[str]:
    """Return what to ask where another object may be meant."""
    if meant.doubt is None:
        return []
    return [
        tr(
            "{doubt} Attach {title} ({object_id})?",
            doubt=meant.doubt,
            title=words.link(meant.object),
            object_id=meant.object.object_id,
        )
    ]


def of_object(found: ObjectInfo, room_id: int) -> list[str]:
    """Return what to ask before an object is shown that is not public."""
    if found.is_public:
        return []
    room = words.room(room_id)
    if found.kind is ObjectKind.LIVE:
        said = tr(
            "This event is private; its title, picture and link will be visible in {room}.",
            room=room,
        )
    else:
        said = tr(
            "This video is not published; its title, picture and link will be visible in {room}.",
            room=room,
        )
    return [said]


def is_object_agreed(same: Attachment | None, room: Room) -> bool:
    """Tell whether somebody agreed that the room, as it is seen now, shows what is not public."""
    if same is None or not same.is_agreed:
        return False
    return same.is_agreed_for_all is not False or not is_seen_by_everyone(room)


def of_questions(
    chosen: ChosenRoom,
    kind: ObjectKind,
    asked: CommentPolicy | None,
    before: AttachmentRules | None,
    *,
    is_agreed: bool = False,
) -> list[str]:
    """Return what to ask before viewers' questions are shown where everybody reads them.

    ``before``: the rules that are there already; ``is_agreed``: somebody has agreed under these.
    """
    if is_agreed and before is not None and before.comments is CommentPolicy.ALL:
        return []
    if not exposes(chosen, kind, asked, before):
        return []
    where = words.room(chosen.room_id)
    question = tr(
        "Everybody in this server sees {where}, and with `comments: all` it will show "
        "the questions that viewers ask the hosts in private.",
        where=where,
    )
    return [question]


def is_exposure_agreed(same: Attachment | Follow | None) -> bool:
    """Tell whether somebody agreed that a server reads it; earlier versions did not note it."""
    return same is not None and same.is_exposure_agreed is not False


def exposes(
    chosen: ChosenRoom,
    kind: ObjectKind,
    asked: CommentPolicy | None,
    before: AttachmentRules | None,
) -> bool:
    """Tell whether a whole server would read what viewers ask the hosts in private."""
    policy = asked if asked is not None or before is None else before.comments
    is_private = policy is CommentPolicy.ALL and kind is ObjectKind.LIVE
    return is_private and is_seen_by_everyone(chosen.room)
