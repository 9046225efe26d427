"""``/video attach``: an object into a room, or other options for one that is there."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Literal

import discord
from discord import app_commands

from ..api import FoundObject
from ..delivery import cautions, open_post, remove_post
from ..domain.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    LivePhase,
    ObjectInfo,
    RoomId,
)
from ..intake import WantedAttachment
from ..storage import Attached
from . import words
from .asking import ask, check_again, of_meaning, of_object, of_questions
from .choices import meant_by, searching
from .desk import Desk
from .options import (
    DESCRIBED,
    HOUR_S,
    MAX_HOURS,
    RulesAsked,
    check_asked,
    check_effect,
    idle_options,
)
from .places import Chosen, Place, RoomOption, place_of
from .replies import FAILURES, Refusal, answering, defer, reason

_NO_CARD: dict[LivePhase | None, list[str]] = {
    LivePhase.IDLE: ["- No card yet: no start is planned."],
    LivePhase.ENDED: ["- No card: the event is over."],
    LivePhase.CANCELLED: ["- No card: the event is cancelled."],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options(RulesAsked):
    backfill: int


def attach(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="attach", description="Post an object's comments and live state")
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference="An ID, a link, or the title of a video or live event",
        live="Whether to announce live state; default: on for a live event",
        backfill="How many of the comments already there to post; default: 0",
        **DESCRIBED,
    )
    @desk.suggesting(reference=searching(desk))
    async def command(  # noqa: PLR0917 - discord.py passes options by name
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Chosen, RoomOption] | None = None,
        comments: Literal["promoted", "public", "all", "none"] | None = None,
        live: Literal["on", "off"] | None = None,
        mention: discord.Role | None = None,
        backfill: app_commands.Range[int, 0, 50] = 0,
        max_age: app_commands.Range[int, 0, MAX_HOURS] | None = None,
        no_mention: bool = False,  # noqa: FBT001, FBT002 - discord.py passes options by name
        at_end: Literal["edit", "delete", "announce"] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            place = await place_of(interaction, room)
            options = _Options(
                comments=None if comments is None else CommentPolicy(comments),
                live=None if live is None else live == "on",
                mention=mention,
                mentions_nobody=no_mention,
                max_age_s=None if max_age is None else max_age * HOUR_S,
                at_end=None if at_end is None else AtEnd(at_end),
                backfill=backfill,
            )
            await check_asked(place, options)
            meant = await meant_by(desk, reference)
            found = meant.object
            doubts = [*of_meaning(meant), *await _doubts(desk, place, found, options)]

            async def act(answer: discord.Interaction) -> str:
                if doubts:
                    await check_again(place, options, answer)
                # By the time of an answer it may have become something else.
                seen = None if doubts else meant.found
                return await _attach(desk, answer, place, found, options, seen=seen)

            await ask(desk, interaction, doubts, act, label="Attach anyway")

    return command


async def _doubts(desk: Desk, place: Place, found: ObjectInfo, options: _Options) -> list[str]:
    """Return what to ask before the object is attached, or its rules are changed.

    Raises:
        Refusal: with these options nothing would ever be posted.
    """
    before = await _before(desk, place, found)
    rules = None if before is None else before.rules
    check_effect(found.kind, options, rules)
    is_agreed = before is not None and before.is_agreed
    return [
        *([] if is_agreed else of_object(found, place.room_id)),
        *of_questions(place, found.kind, options.comments, rules),
    ]


async def _attach(
    desk: Desk,
    interaction: discord.Interaction,
    place: Place,
    found: ObjectInfo,
    options: _Options,
    *,
    seen: FoundObject | None,
) -> str:
    if not isinstance(place.room, discord.ForumChannel):
        return await _attach_alone(desk, interaction, place, found, options, seen=seen)
    # Two at once, or a follow beside it, would each open a post.
    async with desk.bridge.alone_in(place.room_id, found.object_id):
        return await _attach_alone(desk, interaction, place, found, options, seen=seen)


async def _attach_alone(
    desk: Desk,
    interaction: discord.Interaction,
    place: Place,
    found: ObjectInfo,
    options: _Options,
    *,
    seen: FoundObject | None,
) -> str:
    before = await _before(desk, place, found)
    async with contextlib.AsyncExitStack() as undo:
        room_id, forum_id = place.room_id, None
        if isinstance(place.room, discord.ForumChannel):
            forum_id = place.room_id
            if before is None:
                post = await _post(place.room, found)
                undo.push_async_callback(remove_post, interaction.client, post.id)
                room_id = RoomId(post.id)
            else:
                room_id = before.room_id
        attached = await desk.bridge.attach(
            WantedAttachment(
                object_id=found.object_id,
                guild_id=GuildId(place.room.guild.id),
                room_id=room_id,
                forum_id=forum_id,
                comments=options.comments,
                live=options.live,
                mention_role_id=options.mention_role_id,
                mentions_nobody=options.mentions_nobody,
                max_age_s=options.max_age_s,
                at_end=options.at_end,
                attached_by=interaction.user.id,
                backfill=options.backfill,
                parent_id=_parent_id(place, forum_id),
                # Whoever gets here was asked.
                is_agreed=not found.is_public,
            ),
            seen,
        )
        undo.pop_all()
    lines = _reply(attached, None if before is None else before.rules, options)
    lines += [f"- {caution}" for caution in cautions(place.room, place.room.guild.me)]
    return "\n".join(lines)


def _parent_id(place: Place, forum_id: RoomId | None) -> RoomId | None:
    if isinstance(place.room, discord.Thread):
        return RoomId(place.room.parent_id)
    return forum_id


async def _before(desk: Desk, place: Place, found: ObjectInfo) -> Attachment | None:
    """Return what is there; of a forum, the post of this object, unless somebody deleted it."""
    if not isinstance(place.room, discord.ForumChannel):
        here = await desk.bridge.attachments(room_id=place.room_id, object_id=found.object_id)
        return here[0] if here else None
    guild_id = GuildId(place.room.guild.id)
    for held in await desk.bridge.attachments(guild_id=guild_id, object_id=found.object_id):
        if held.forum_id != place.room_id:
            continue
        if await _is_there(place.room.guild, held.room_id):
            return held
        await desk.bridge.detach(held.room_id, found.object_id)
    return None


async def _is_there(guild: discord.Guild, room_id: RoomId) -> bool:
    if guild.get_thread(room_id) is None:
        try:
            await guild.fetch_channel(room_id)
        except discord.NotFound:
            return False
    return True


async def _post(forum: discord.ForumChannel, found: ObjectInfo) -> discord.Thread:
    try:
        return await open_post(forum, found)
    except FAILURES as error:
        raise Refusal(
            f"The bot could not open a post in {words.room(forum.id)}: {reason(error)}"
        ) from error


def _reply(attached: Attached, before: AttachmentRules | None, options: _Options) -> list[str]:
    attachment = attached.attachment
    what, where = words.link(attachment.object), words.room(attachment.room_id)
    if attached.is_new:
        lines = [f"Attached {what} to {where}.", *words.rules_lines(attachment.rules)]
        lines += [*_opened(attached), _backfill(attached)]
    else:
        changed = [] if before is None else words.changes(before, attachment.rules)
        changed += _opened(attached)
        lines = [f"{what} was attached to {where} already; ", *changed]
        lines[0] += "changed:" if changed else "nothing changed."
        if options.backfill:
            lines.append("- Back-fill: only when an object is attached for the first time.")
    return [*lines, *_warnings(attachment, options)]


def _opened(attached: Attached) -> list[str]:
    """Return what the card shows that was posted with it, or why there is none."""
    state = attached.opened
    if state is None:
        return _NO_CARD.get(attached.phase, [])
    if state.phase is LivePhase.LIVE:
        return [f"- Posted the card: live since {words.moment(state.started_at, 't')}."]
    return [f"- Posted the card: planned for {words.moment(state.scheduled_at, 'F')}."]


def _backfill(attached: Attached) -> str:
    if attached.backfilled:
        return f"- Back-fill: {words.many(attached.backfilled, 'comment')} on the way."
    return "- Comments that are there already are not posted, only what comes from now on."


def _warnings(attachment: Attachment, options: _Options) -> list[str]:
    rules = attachment.rules
    lines = []
    lines += idle_options(options, rules)
    if attachment.pause is not None:
        lines.append(f"- Paused now: {words.disarmed(attachment.pause.reason, 200)}")
    return lines
