"""``/video attach``: an object into a room, or other options for one that is there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from ..api import FoundObject
from ..delivery import REQUEST_ERRORS, cautions, is_seen_by_everyone
from ..domain.acting import Deed
from ..domain.model import (
    Attachment,
    GuildId,
    LivePhase,
    LiveState,
    ObjectInfo,
    RoomId,
)
from ..domain.rules_asked import RulesAsked
from ..embeds import start_words
from ..intake import WantedAttachment
from ..languages import many, noted, retold, tr
from ..storage import Attached
from . import rules, words
from .asking import (
    ask,
    check_again,
    exposes,
    is_exposure_agreed,
    is_object_agreed,
    of_meaning,
    of_object,
    of_questions,
)
from .choices import meant_by, searching
from .context import CommandContext
from .described_options import cannot_act, check_effect, untagged
from .noting import note
from .replies import Refusal, answering, defer
from .room_finder import UNKNOWN_CHANNEL
from .room_option import ROOM, ChosenRoom, Resolved, RoomOption, chosen_room

_NO_CARD: dict[LivePhase | None, list[str]] = {
    LivePhase.IDLE: [noted("- No card yet: no start is planned.")],
    LivePhase.ENDED: [noted("- No card: the event is over.")],
    LivePhase.CANCELLED: [noted("- No card: the event is cancelled.")],
}


def attach(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="attach", description=noted("Post an object's comments and live state")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("An ID, a link, or the title of a video or live event"),
        room=ROOM,
        backfill=noted("How many of the comments already there to post; default: 0"),
    )
    @context.suggesting(reference=searching(context))
    @rules.takes_rules
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        *,
        given: rules.RulesGiven,
        backfill: app_commands.Range[int, 0, 50] = 0,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            chosen = await chosen_room(interaction, room)
            await rules.check_given(chosen, given)
            meant = await meant_by(context, reference)
            found = meant.object
            same = await same_there(context, chosen, found)
            wanted = wanted_by(interaction, chosen, found, given.rules, same, backfill=backfill)
            doubts = [*of_meaning(meant), *doubts_of(chosen, found, given.rules, same)]

            async def act(answer: discord.Interaction) -> str:
                if doubts:
                    await check_again(chosen, given, answer)
                    # Its thread may have been deleted meanwhile.
                    await same_there(context, chosen, found)
                # By the time of an answer it may have become something else.
                seen = None if doubts else meant.found
                return await place(context, answer, chosen, wanted, found, given=given, seen=seen)

            await ask(context, interaction, doubts, act, label=tr("Attach anyway"))

    return command


def wanted_by(
    interaction: discord.Interaction,
    chosen: ChosenRoom,
    found: ObjectInfo,
    asked: RulesAsked,
    same: Attachment | None,
    *,
    backfill: int = 0,
) -> WantedAttachment:
    """Return what somebody asks for who agrees to :func:`doubts_of`."""
    before = None if same is None else same.rules
    room = chosen.room
    return WantedAttachment(
        object_id=found.object_id,
        guild_id=GuildId(room.guild.id),
        room_id=chosen.room_id,
        parent_id=RoomId(room.parent_id) if isinstance(room, discord.Thread) else None,
        attached_by=interaction.user.id,
        rules=asked,
        backfill=backfill,
        # Whoever gets that far was asked.
        is_agreed=not found.is_public,
        is_agreed_for_all=not found.is_public and is_seen_by_everyone(room),
        is_exposure_agreed=exposes(chosen, found.kind, asked.comments, before),
    )


def doubts_of(
    chosen: ChosenRoom, found: ObjectInfo, asked: RulesAsked, same: Attachment | None
) -> list[str]:
    """Return what to ask before the object is attached, or its rules are changed.

    ``same``: the attachment that is there already.

    Raises:
        Refusal: with these options nothing would ever be posted.
    """
    before = None if same is None else same.rules
    check_effect(found.kind, asked, before)
    is_agreed = is_object_agreed(same, chosen.room)
    return [
        *([] if is_agreed else of_object(found, chosen.room_id)),
        *of_questions(
            chosen, found.kind, asked.comments, before, is_agreed=is_exposure_agreed(same)
        ),
    ]


async def place(
    context: CommandContext,
    answer: discord.Interaction,
    chosen: ChosenRoom,
    wanted: WantedAttachment,
    found: ObjectInfo,
    *,
    given: rules.RulesGiven,
    seen: FoundObject | None,
) -> str:
    """Attach the object, note it, and return what to say.

    Raises:
        Refusal: a forum takes no post.
        WorkspaceError: the object cannot be read.
        NotPublicError: nobody agreed to show it.
    """
    async with placed(context, chosen, wanted, found) as there:
        attached = await context.bridge.attach(there, seen)
    await _note(context, answer, attached, given)
    lines = reply_lines(attached, wanted, found)
    lines += cannot_act(attached.attachment.rules, can_write=context.acting.can_write)
    lines += [f"- {retold(caution)}" for caution in cautions(chosen.room, chosen.room.guild.me)]
    lines += untagged(chosen, attached.attachment.object.kind, attached.attachment.rules)
    return "\n".join(lines)


@contextlib.asynccontextmanager
async def placed(
    context: CommandContext,
    chosen: ChosenRoom,
    wanted: WantedAttachment,
    found: ObjectInfo,
) -> AsyncGenerator[WantedAttachment]:
    """Give what is wanted with the room where it goes.

    In a forum that is the object's post, which is opened for it, and goes if the block fails.

    Raises:
        Refusal: the forum takes no post.
    """
    if not isinstance(chosen.room, discord.ForumChannel):
        yield wanted
        return
    # Two at once, or a follow beside it, would each open a post.
    async with context.bridge.alone_in(chosen.room_id, found.object_id):
        before = await same_there(context, chosen, found)
        async with _post(context, chosen.room_id, found, before) as post_id:
            there = replace(wanted, room_id=post_id, forum_id=chosen.room_id)
            yield replace(there, parent_id=chosen.room_id)


async def _note(
    context: CommandContext,
    answer: discord.Interaction,
    attached: Attached,
    given: rules.RulesGiven,
) -> None:
    held = attached.attachment
    if held.rules == attached.before:
        return
    deed = Deed.ATTACH if attached.is_new else Deed.OPTIONS
    await note(context, answer, deed, room_id=held.room_id, about=held.object, detail=given.text)


@contextlib.asynccontextmanager
async def _post(
    context: CommandContext,
    forum_id: RoomId,
    found: ObjectInfo,
    before: Attachment | None,
) -> AsyncGenerator[RoomId]:
    """Give the object's post in a forum; one that is opened for it goes if the block fails."""
    if before is not None:
        yield before.room_id
        return
    post = await context.bridge.open_post(forum_id, found)
    if isinstance(post, str):
        raise Refusal(f"{words.room(forum_id)}: {words.disarmed(retold(post), 300)}")
    async with contextlib.AsyncExitStack() as undo:
        undo.push_async_callback(context.bridge.close_post, post)
        yield post
        undo.pop_all()


async def same_there(
    context: CommandContext, chosen: ChosenRoom, found: ObjectInfo
) -> Attachment | None:
    """Return what is there, also in a post of the forum, or in a thread on its card in the room.

    One that somebody has deleted is detached: it is attached anew.
    """
    guild_id = GuildId(chosen.room.guild.id)
    for held in await context.bridge.attachments(guild_id=guild_id, object_id=found.object_id):
        if held.room_id == chosen.room_id:
            return held
        if held.forum_id != chosen.room_id:
            continue
        if await _is_there(chosen.room.guild, held.room_id):
            return held
        await context.bridge.detach(held.room_id, found.object_id)
    return None


async def _is_there(guild: discord.Guild, room_id: RoomId) -> bool:
    """Tell whether a post is there, as far as Discord tells: no answer is not a deletion."""
    if guild.get_thread(room_id) is None:
        try:
            await guild.fetch_channel(room_id)
        except discord.NotFound as error:
            return error.code != UNKNOWN_CHANNEL
        except (RuntimeError, *REQUEST_ERRORS):
            return True
    return True


def reply_lines(attached: Attached, wanted: WantedAttachment, found: ObjectInfo) -> list[str]:
    """Return what to say of what was attached."""
    attachment, before = attached.attachment, attached.before
    what, where = words.link(attachment.object), words.room(attachment.room_id)
    if before is None:
        lines = [
            tr("Attached {what} to {where}.", what=what, where=where),
            *rules.lines(attachment.rules),
        ]
        lines += [*_opened(attached), _backfill(attached)]
    else:
        changed = [*rules.changes(before, attachment.rules), *_opened(attached)]
        if changed:
            said = tr("{what} was attached to {where} already; changed:", what=what, where=where)
        else:
            said = tr(
                "{what} was attached to {where} already; nothing changed.", what=what, where=where
            )
        lines = [said, *changed]
        if wanted.backfill:
            lines.append(tr("- Back-fill: only when an object is attached for the first time."))
    lines += rules.idle(wanted.rules, attachment.rules)
    if wanted.rules.start_text and attachment.rules.announces_live:
        lines.append(tr("- A start will say: {preview}", preview=_preview(attachment, found)))
    if attachment.pause is not None:
        lines.append(
            tr(
                "- Paused now: {reason}",
                reason=words.disarmed(retold(attachment.pause.reason), 200),
            )
        )
    return lines


def _preview(attachment: Attachment, found: ObjectInfo) -> str:
    """Return what a start would say, were it now; nobody is mentioned by it."""
    state = LiveState(phase=LivePhase.LIVE, started_at=attachment.attached_at)
    said = start_words(attachment.rules.start_text, found, state)
    role = attachment.rules.mention_role_id
    return said if role is None else f"{words.role(role)} {said}"


def _opened(attached: Attached) -> list[str]:
    """Return what the card shows that was posted with it, or why there is none."""
    state = attached.opened
    if state is None:
        return [tr(one) for one in _NO_CARD.get(attached.phase, [])]
    if state.phase is LivePhase.LIVE:
        return [
            tr("- Posted the card: live since {when}.", when=words.moment(state.started_at, "t"))
        ]
    return [
        tr("- Posted the card: planned for {when}.", when=words.moment(state.scheduled_at, "F"))
    ]


def _backfill(attached: Attached) -> str:
    if attached.backfilled:
        return tr(
            "- Back-fill: {comments} on the way.",
            comments=many(attached.backfilled, "comment"),
        )
    return tr("- Comments that are there already are not posted, only what comes from now on.")
