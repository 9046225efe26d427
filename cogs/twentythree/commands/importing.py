"""``/video import``: a file of ``/video export``, shown first as what it would change."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from typing import Any, assert_never

import discord
from discord import app_commands

from ..domain import export_file
from ..domain.acting import Deed
from ..domain.export_file import MAX_BYTES
from ..domain.model import GuildId, RoomId
from ..errors import ForeignFileError, StorageError
from ..languages import Language, kept, many, noted, speaking, tr
from . import attach, follow, words
from .asking import CHANGED, ask, is_exposure_agreed
from .context import CommandContext
from .import_plan import FAILURES_OF_ENTRIES, held_in, plan_of
from .import_steps import (
    AttachStep,
    BoardStep,
    FollowStep,
    ImportPlan,
    LogStep,
    ModeratorsStep,
    RoomStep,
    Step,
)
from .noting import actor_of, note
from .questions import board_doubts, make_board
from .replies import Refusal, answering, defer, reason, say, sentence_of
from .room_finder import FAILURES
from .room_option import ChosenRoom
from .set_options import SettingsGiven
from .set_rooms import set_defaults, set_room

_FETCH_S = 30.0
# One line of the answer; so many that are asked about fit into one.
_MAX_LINE = 400
_LIMIT = words.MAX_CONTENT - 100


def import_file(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="import",
        description=noted("Take a file of /video export; it asks before it does anything"),
    )
    @app_commands.describe(file=noted("A file that /video export has made in this server"))
    async def command(interaction: discord.Interaction, file: discord.Attachment) -> None:
        async with answering(interaction):
            await defer(interaction)
            export = export_file.read(await _data(file))
            plan = await plan_of(context, interaction, export)
            if not plan.steps:
                await say(interaction, fitted(_nothing(plan)))
                return
            agreed = frozenset(doubt for one in plan.steps for doubt in _asked(one))

            async def act(answer: discord.Interaction) -> str:
                # Rights, rooms and objects may be others by now.
                now = await plan_of(context, answer, export)
                return await _imported(context, answer, now, agreed)

            await ask(context, interaction, [fitted(_preview(plan))], act, label=tr("Import"))

    return command


async def _data(file: discord.Attachment) -> bytes:
    """Return what is in a file.

    Raises:
        ForeignFileError: it is too large to be one of ours; it is not fetched then.
        Refusal: Discord does not give it.
    """
    if file.size > MAX_BYTES:
        raise ForeignFileError(kept("it is larger than {size} KiB").format(size=MAX_BYTES // 1024))
    try:
        async with asyncio.timeout(_FETCH_S):
            return await file.read()
    except FAILURES as error:
        raise Refusal(
            tr("Discord did not give the file: {reason}", reason=reason(error))
        ) from error


# What is said before.


def _preview(plan: ImportPlan) -> Iterator[str]:
    """Yield what an import would do, what must be agreed to first."""
    yield tr("Nothing is changed yet. The import would do this:")
    for step in plan.steps:
        yield from (f"- ⚠️ {doubt}" for doubt in _asked(step))
    yield from _later(plan)
    yield from _listed(tr("New"), [_told(one) for one in plan.steps if one.is_new])
    yield from _listed(tr("Changed"), [_told(one) for one in plan.steps if not one.is_new])
    yield from _rest(plan)


def _asked(step: Step) -> list[str]:
    """Return what is asked of a step, with what it is about."""
    return [f"{step.text}: {doubt}" for doubt in step.doubts]


def _told(step: Step) -> str:
    names = ", ".join(f"`{name}`" for name in step.changed)
    return f"{step.text}: {names}" if names else step.text


def _nothing(plan: ImportPlan) -> Iterator[str]:
    yield tr("There is nothing to import.")
    yield from _later(plan)
    yield from _rest(plan)


def _later(plan: ImportPlan) -> Iterator[str]:
    """Yield that there is more to be done; it stands before what an answer may not hold."""
    if plan.later:
        rest = many(plan.later, "entry")
        yield tr("**For another import**: {rest}; give the command again after this one", rest=rest)


def _rest(plan: ImportPlan) -> Iterator[str]:
    if plan.left:
        yield tr(
            "**As the file has it already**: {entries}",
            entries=many(plan.left, "entry"),
        )
    yield from _listed(tr("Cannot be"), plan.cannot)


def _listed(title: str, lines: Collection[str]) -> Iterator[str]:
    if lines:
        yield f"**{title}**: {len(lines)}"
        yield from (f"- {line}" for line in lines)


def fitted(lines: Iterator[str]) -> str:
    """Return as many lines as an answer holds, and how many more there are."""
    kept: list[str] = []
    left = _LIMIT
    found = list(lines)
    for line in found:
        shown = line if len(line) <= _MAX_LINE else f"{line[: _MAX_LINE - 1]}…"
        left -= len(shown) + 1
        if left < 0:
            return "\n".join(
                [*kept, tr("- and {lines}", lines=many(len(found) - len(kept), "more line"))]
            )
        kept.append(shown)
    return "\n".join(kept)


# What is done.


async def _imported(
    context: CommandContext,
    answer: discord.Interaction,
    plan: ImportPlan,
    agreed: Collection[str],
) -> str:
    """Do what the plan says, and return what to say of it.

    Args:
        context: the bridge.
        answer: the press of who agreed.
        plan: what there is to do now.
        agreed: what was asked.
    """
    done: list[Step] = []
    failed, later = list(plan.cannot), plan.later
    for number, step in enumerate(plan.steps, 1):
        try:
            if not set(_asked(step)) <= set(agreed):
                raise Refusal(tr(CHANGED))
            await _do(context, answer, step)
        except FAILURES_OF_ENTRIES as error:
            failed.append(f"{step.text}: {error.told()}")
        except StorageError as error:
            # The next one would fare no better, and wait as long for it.
            failed.append(f"{step.text}: {sentence_of(error)}")
            later += len(plan.steps) - number
            break
        else:
            done.append(step)
    with speaking(Language.ENGLISH):
        detail = tr("{entries} of a file", entries=many(len(done), "entry"))
    if done:
        room_id = RoomId(answer.channel_id or 0)
        await note(context, answer, Deed.IMPORT, room_id=room_id, detail=detail)
    return fitted(_outcome(done, ImportPlan(left=plan.left, later=later, cannot=failed)))


def _outcome(done: Collection[Step], rest: ImportPlan) -> Iterator[str]:
    yield tr("Imported {entries}.", entries=many(len(done), "entry"))
    yield from _later(rest)
    yield from _listed(tr("New"), [_told(one) for one in done if one.is_new])
    yield from _listed(tr("Changed"), [_told(one) for one in done if not one.is_new])
    yield from _rest(rest)


async def _do(context: CommandContext, answer: discord.Interaction, step: Step) -> None:
    match step:
        case AttachStep(chosen=chosen, given=given, found=found):
            same = await attach.same_there(context, chosen, found.info)
            _check(step, attach.doubts_of(chosen, found.info, given.rules, same))
            wanted = attach.wanted_by(answer, chosen, found.info, given.rules, same)
            await attach.place(context, answer, chosen, wanted, found.info, given=given, seen=found)
        case FollowStep(chosen=chosen, given=given, wanted=wanted):
            _check(step, await follow.doubts_of(context, chosen, wanted))
            await follow.keep(context, answer, chosen, wanted, given)
        case BoardStep(chosen=chosen, object_id=object_id, view=view):
            held = await held_in(context, chosen, object_id)
            if held is None:
                raise Refusal(tr("Its object is not attached there."))
            of, is_agreed = held.object.kind, is_exposure_agreed(held)
            _check(step, board_doubts(chosen, of, held.rules, view, is_agreed=is_agreed))
            await make_board(context, answer, chosen, held, view)
        case RoomStep(chosen=chosen, given=asked):
            await _set(context, answer, chosen, asked)
        case ModeratorsStep(role_id=role_id):
            guild_id = GuildId(answer.guild_id or 0)
            await context.acting.set_moderators(guild_id, role_id, actor_of(answer))
        case LogStep(room_id=room_id):
            guild_id = GuildId(answer.guild_id or 0)
            await context.acting.set_log_room(guild_id, room_id, actor_of(answer))
        case _:
            assert_never(step)


def _check(step: Step, doubts: Collection[str]) -> None:
    """Make sure that nothing else is to be agreed to by now: the steps before may take long.

    Raises:
        Refusal: something is.
    """
    if not set(doubts) <= set(step.doubts):
        raise Refusal(tr(CHANGED))


async def _set(
    context: CommandContext,
    answer: discord.Interaction,
    chosen: ChosenRoom | None,
    asked: SettingsGiven,
) -> None:
    if chosen is None:
        await set_defaults(context, answer, asked)
    else:
        await set_room(context, answer, chosen, asked)
