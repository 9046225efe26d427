"""``/video questions``: a board of an object's questions in a room, or the speaker's view."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands

from ..domain.acting import Deed
from ..domain.model import Attachment, AttachmentRules, CommentPolicy, ObjectKind
from ..domain.shown import BoardView
from ..languages import kept, many, noted, retold, tr
from ..storage import NewBoard
from . import words
from .asking import ask, exposes, is_exposure_agreed, of_questions
from .board_buttons import make_buttons
from .choices import attached_objects, attachments_of, is_in, visible
from .context import CommandContext
from .noting import note
from .replies import WORKING, Refusal, answering, defer, say
from .rights import check_held, check_shown
from .room_option import ChosenRoom, Resolved, RoomOption, check_bot, chosen_room

_OFF = "off"
NAMES = {
    BoardView.BOARD: noted("board of the questions"),
    BoardView.SPEAKER: noted("speaker's view of the questions"),
}

_MADE = {
    BoardView.BOARD: kept("made the board of the questions"),
    BoardView.SPEAKER: kept("made the speaker's view of the questions"),
}


def questions(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""
    make_buttons(context)

    @app_commands.command(
        name="questions", description=noted("Keep the questions of an event in one message")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("An ID, a link, or a title of what is attached to the room"),
        room=noted("Where; default: here"),
        view=noted("All open questions, or the one for the speaker now; off takes both away"),
    )
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        view: Literal["board", "speaker", "off"] = "board",
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            chosen = await chosen_room(interaction, room)
            held = await _held(context, interaction, chosen, reference)
            await check_held(context, interaction, held)
            if view == _OFF:
                await say(interaction, await _removed(context, interaction, held))
                return
            await check_bot(chosen)
            if held.bar is not None and held.pause is not None:
                raise Refusal(
                    tr("There can be no board now. {reason}", reason=retold(held.pause.reason))
                )

            async def act(answer: discord.Interaction) -> str:
                await check_held(context, answer, held)
                return await make_board(context, answer, chosen, held, BoardView(view))

            of, is_agreed = held.object.kind, is_exposure_agreed(held)
            doubts = board_doubts(chosen, of, held.rules, BoardView(view), is_agreed=is_agreed)
            await ask(context, interaction, doubts, act, label=tr("Show anyway"))

    return command


async def _held(
    context: CommandContext, interaction: discord.Interaction, chosen: ChosenRoom, reference: str
) -> Attachment:
    """Return the attachment that is meant: a board is kept where its object is attached.

    Raises:
        Refusal: there is none, or more than one.
    """
    shown = await visible(context, interaction)
    here = [one for one in shown if is_in(one, chosen.room_id)]
    meant = await attachments_of(context, here, reference)
    where = words.room(chosen.room_id)
    if len(meant) > 1:
        raise Refusal(tr("That fits more than one object in {where}; give the ID.", where=where))
    if not meant:
        raise Refusal(
            tr(
                "This is not attached to {where}, and only there can its questions be kept; "
                "`/video attach` does that, with `comments: none` if nothing else is to come.",
                where=where,
            )
        )
    return meant[0]


def board_doubts(
    chosen: ChosenRoom,
    kind: ObjectKind,
    rules: AttachmentRules,
    view: BoardView,
    *,
    is_agreed: bool,
) -> list[str]:
    """Return what to ask: a board shows what viewers may have asked the hosts in private.

    ``kind`` and ``rules`` are those of the attachment; see ``of_questions``.
    """
    if view is BoardView.SPEAKER:
        return []
    if not of_questions(chosen, kind, CommentPolicy.ALL, rules, is_agreed=is_agreed):
        return []
    question = tr(
        "Everybody in this server sees {room}, and the board will show the questions "
        "that viewers ask the hosts in private.",
        room=words.room(chosen.room_id),
    )
    return [question]


async def make_board(
    context: CommandContext,
    interaction: discord.Interaction,
    chosen: ChosenRoom,
    held: Attachment,
    view: BoardView,
) -> str:
    """Make a board where its object is attached, note it, and return what to say.

    Whoever is shown :func:`board_doubts` has agreed to them.

    Raises:
        Refusal: it is not attached there any more.
        WorkspaceError: the questions cannot be read.
    """
    check_shown(held)
    new = NewBoard(
        room_id=held.room_id,
        object_id=held.object.object_id,
        view=view,
        made_by=interaction.user.id,
        is_exposure_agreed=view is BoardView.BOARD
        and exposes(chosen, held.object.kind, CommentPolicy.ALL, None),
    )
    made = await context.bridge.questions.make(new)
    where, name = words.room(held.room_id), tr(NAMES[view])
    if made is None:
        raise Refusal(
            tr(
                "{title} was detached from {where} meanwhile.",
                title=words.link(held.object),
                where=where,
            )
        )
    if made.was_there:
        return tr(
            "{where} has the {name} on {title} already: it moves to the end.",
            where=where,
            name=name,
            title=words.link(held.object),
        )
    await _noted(context, interaction, held, _MADE[view])
    lines = [
        tr(
            "The {name} on {title} is in {where} in a moment.",
            name=name,
            title=words.link(held.object),
            where=where,
        )
    ]
    if context.acting.can_write is False:
        lines.append(
            tr(
                "- The bot's credentials for the workspace may not change comments, so "
                "questions can be looked at, and not be answered, from here."
            )
        )
    return "\n".join(lines)


async def _removed(
    context: CommandContext, interaction: discord.Interaction, held: Attachment
) -> str:
    count = await context.bridge.questions.drop(held.room_id, held.object.object_id)
    what, where = words.link(held.object), words.room(held.room_id)
    if not count:
        return tr(
            "There is no board of the questions on {what} in {where}.", what=what, where=where
        )
    await _noted(context, interaction, held, kept("took the boards of questions away"))
    return tr(
        "Took {boards} of the questions on {what} out of {where}.",
        boards=many(count, "board"),
        what=what,
        where=where,
    )


async def _noted(
    context: CommandContext, interaction: discord.Interaction, held: Attachment, detail: str
) -> None:
    await note(
        context, interaction, Deed.BOARD, room_id=held.room_id, about=held.object, detail=detail
    )
