"""``/video status``: does it work, how far behind is it, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, assert_never

import discord
from discord import app_commands

from ..domain.calendar import sentence
from ..domain.following import Follow
from ..domain.model import Attachment, GuildId
from ..domain.troubles import OF_DATABASE, Fault, Faults, Kind, troubles
from ..errors import StorageError
from ..intake import BridgeStatus, Mode, ObjectStatus
from ..languages import listed, many, noted, retold, tr, tr_many
from ..storage import CalendarCounts, Refused
from . import rules, words
from .choices import attached_objects, attachments_of, shown_of, visible, visible_follows
from .context import CommandContext
from .replies import WORKING, Refusal, answering, defer, say
from .room_option import guild_of
from .set_rooms import left_out

_log = logging.getLogger("twentythree.commands")

# A room takes about one message a second, so that some wait is usual.
_LONG_S = 60.0
_UNCOUNTED = noted("Waiting: what comes now is not counted until the database works again")
_MEANWHILE = noted("Until then, the bot goes by the workspace's clock.")
_MAX_ROOMS = 8
_MAX_REASON = 200
_MAX_FAILING = 3
_MAX_REFUSED = 5


def status(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="status", description=noted("Show whether news arrive, and how fast")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(reference=noted("An attached object; default: all of this server"))
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400] | None = None,
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            if reference is None:
                text = await _of_server(context, interaction)
            else:
                meant = await _meant(context, await _shown(context, interaction), reference)
                found = await context.faults(meant[0].guild_id, meant[0].object.object_id)
                text = of_object(context.bridge.object_status(meant), meant, found)
            await say(interaction, text)

    return command


async def _of_server(context: CommandContext, interaction: discord.Interaction) -> str:
    guild_id = GuildId(guild_of(interaction).id)
    found = await context.faults(guild_id)
    try:
        shown = await visible(context, interaction)
        follows = await visible_follows(context, interaction)
        gone = refused(await context.bridge.refused(guild_id), shown)
        state = await context.bridge.status(guild_id)
        hidden = (await context.bridge.settings.of_server(guild_id)).hidden
        told = left_out(hidden, {one.forum_id or one.room_id for one in shown})
        return overall(state, shown, follows, found, gone, hidden=told[:_MAX_ROOMS])
    except StorageError as error:
        _log.warning("the status is told from memory: %s", error)
        if OF_DATABASE.isdisjoint(found):
            # It broke since it was looked at.
            found = {**found, Kind.DATABASE_UNUSABLE: Fault()}
        return from_memory(await _remembered(context, interaction), found)


async def _shown(context: CommandContext, interaction: discord.Interaction) -> list[Attachment]:
    try:
        return await visible(context, interaction)
    except StorageError:
        return await _remembered(context, interaction)


async def _remembered(
    context: CommandContext, interaction: discord.Interaction
) -> list[Attachment]:
    held = context.bridge.remembered(GuildId(guild_of(interaction).id))
    return await shown_of(context, interaction, held)


def from_memory(shown: Sequence[Attachment], faults: Faults) -> str:
    """Return what can be said where the database cannot be read."""
    lines = [
        *_troubles(faults),
        tr("- Attached in this server: {attached}", attached=words.attached(shown)),
    ]
    return "\n".join([*lines, f"- {tr(_UNCOUNTED)}"])


def overall(
    state: BridgeStatus,
    shown: Sequence[Attachment],
    follows: Sequence[Follow] = (),
    faults: Faults = MappingProxyType({}),
    gone: Sequence[str] = (),
    *,
    hidden: Sequence[str] = (),
) -> str:
    """Return the state of what is done for a server, the worst of it first.

    Args:
        state: what is done for it.
        shown: the server's attachments.
        follows: the server's follows.
        faults: what is wrong.
        gone: what Discord refused, a line each.
        hidden: what rooms have left out, a line each.
    """
    found = _troubles({**_of_outbox(state, shown), **faults})
    lines = found or [_mode(state.mode)]
    if state.connected_since is not None:
        lines.append(
            tr(
                "- Connected {when}; all servers share the connection",
                when=words.when(state.connected_since),
            )
        )
    lines.append(tr("- Last event: {when}", when=words.when(state.last_event_at)))
    if OF_DATABASE.isdisjoint(faults):
        lines.append(tr("- Waiting: {waiting}", waiting=_waiting(state)))
    else:
        lines.append(f"- {tr(_UNCOUNTED)}")
    lines.append(tr("- Attached in this server: {attached}", attached=words.attached(shown)))
    lines += _follows(follows)
    lines += _calendar(state.calendar)
    lines += _paused(shown)
    lines += _clock(state.clock_ahead_s)
    lines += hidden
    lines += gone
    held_back = [one for one in shown if one.pause is not None]
    failing = [one for one in follows if one.error is not None]
    if not (found or gone or held_back or failing or state.calendar.obstacle):
        lines.append(tr("- Last error: none"))
    return "\n".join(lines)


def _of_outbox(state: BridgeStatus, shown: Sequence[Attachment]) -> dict[Kind, Fault]:
    """Return what is wrong on the way out of the server's own notices."""
    paused = {one.room_id for one in shown if one.pause is not None and one.bar is None}
    found: dict[Kind, Fault] = {}
    if paused:
        found[Kind.ROOMS_PAUSED] = Fault(count=len(paused))
    elif not state.is_held_up and state.pending and (state.lag_s or 0) > _LONG_S:
        found[Kind.BACKLOG] = Fault(count=state.pending)
    return found


def _troubles(faults: Faults) -> list[str]:
    """Return what is wrong, the worst first, a line each."""
    safe = {
        kind: replace(fault, said=words.disarmed(retold(fault.said), _MAX_REASON))
        for kind, fault in faults.items()
    }
    found = [one.sentence(words.when, mark="**") for one in troubles(safe)]
    return found[:1] + [f"- {one}" for one in found[1:]]


def _clock(ahead_s: float) -> list[str]:
    minutes = round(abs(ahead_s) / 60)
    if minutes < 1:
        return []
    off = many(minutes, "minute")
    if ahead_s > 0:
        said = tr("- The clock of the bot's machine is {minutes} slow; set it.", minutes=off)
    else:
        said = tr("- The clock of the bot's machine is {minutes} fast; set it.", minutes=off)
    return [f"{said} {tr(_MEANWHILE)}"]


def _follows(follows: Sequence[Follow]) -> list[str]:
    """Return how many follows there are, and what is wrong with them."""
    if not follows:
        return []
    looks = [one.looked_at for one in follows if one.looked_at is not None]
    last = words.when(max(looks, default=None))
    lines = [
        tr(
            "- Follows in this server: {count}, last looked for new ones {last}",
            count=len(follows),
            last=last,
        )
    ]
    failing = [one for one in follows if one.error is not None]
    lines += [
        tr(
            "- Following {scope} in {room} fails: {error}",
            scope=words.scope(one),
            room=words.room(one.room_id),
            error=words.disarmed(retold(one.error or ""), _MAX_REASON),
        )
        for one in failing[:_MAX_FAILING]
    ]
    return lines


def _calendar(counts: CalendarCounts) -> list[str]:
    """Return how many scheduled events there are, and what is in the way of others."""
    lines = []
    if counts.made:
        lines.append(tr("- Scheduled events in the calendar: {count}", count=counts.made))
    if counts.obstacle is not None:
        reason = retold(sentence(counts.obstacle))
        since = words.when(counts.since)
        lines.append(tr("- The calendar waits {since}: {reason}", since=since, reason=reason))
    return lines


def of_object(
    state: ObjectStatus, held: Sequence[Attachment], faults: Faults = MappingProxyType({})
) -> str:
    """Return the state of one object.

    Args:
        state: how it is.
        held: its attachments in this server.
        faults: what is wrong for it.
    """
    rooms = listed([words.room(attachment.room_id) for attachment in held[:_MAX_ROOMS]])
    heard = listed(state.channels) or tr("nothing")
    lines = [
        tr("{title} in {rooms}", title=words.link(held[0].object), rooms=rooms),
        *(_troubles(faults) or [_mode(state.mode)]),
        tr("- Listens to: {heard}", heard=heard),
        tr("- Last event: {when}", when=words.when(state.last_event_at)),
        tr("- Last read from the workspace: {when}", when=words.when(state.last_read_at)),
        *_verified(state),
        *_late(held),
        *_paused(held),
        *_error(state.last_error),
    ]
    return "\n".join(lines)


def _verified(state: ObjectStatus) -> list[str]:
    if state.verified_until is None:
        return []
    line = tr(
        "- Realtime is verified first, since it told of comments that the workspace "
        "does not know; this ends {when}",
        when=words.when(state.verified_until),
    )
    return [line]


def _late(held: Sequence[Attachment]) -> list[str]:
    """Return what becomes of comments that wait for long, a line for each age limit."""
    rooms: dict[str, list[str]] = {}
    for attachment in held[:_MAX_ROOMS]:
        if rules.has_chat(attachment.rules):
            rooms.setdefault(rules.max_age(attachment.rules), []).append(
                words.room(attachment.room_id)
            )
    return [
        tr("- Comments that wait in {found}: {text}", found=listed(found), text=text)
        for text, found in rooms.items()
    ]


async def _meant(
    context: CommandContext, shown: Sequence[Attachment], reference: str
) -> list[Attachment]:
    meant = await attachments_of(context, shown, reference)
    if not meant:
        raise Refusal(tr("This is not attached in this server; `/video list` shows what is."))
    return meant


def _mode(mode: Mode) -> str:
    match mode:
        case Mode.REALTIME:
            return tr("**Realtime**: news arrives as it happens.")
        case Mode.POLLING:
            return tr(
                "**Polling**: the workspace is read every few seconds; news comes later, and "
                "nothing is lost."
            )
        case Mode.IDLE:
            return tr("**Idle**: nothing is attached here, so nothing is listened to.")
        case _:
            assert_never(mode)


def _waiting(state: BridgeStatus) -> str:
    waiting = many(state.pending, "notice")
    if not state.pending or state.lag_s is None:
        return waiting
    return tr(
        "{waiting}, the oldest for {seconds} s", waiting=waiting, seconds=f"{state.lag_s:.0f}"
    )


def _paused(shown: Sequence[Attachment]) -> list[str]:
    """Return a line for each paused room, and for each object that is paused in one."""
    paused = {
        (
            words.room(a.room_id)
            if a.bar is None
            else tr("{title} in {room}", title=words.link(a.object), room=words.room(a.room_id))
        ): a.pause
        for a in shown
        if a.pause is not None
    }
    lines = [
        tr(
            "- Paused: {what} {when}: {reason}",
            what=what,
            when=words.when(pause.since),
            reason=words.disarmed(retold(pause.reason), _MAX_REASON),
        )
        for what, pause in paused.items()
    ]
    more = len(lines) - _MAX_ROOMS
    return (
        lines
        if more <= 0
        else [
            *lines[:_MAX_ROOMS],
            tr_many("- and {count} more paused room", "- and {count} more paused rooms", more),
        ]
    )


def refused(found: Sequence[Refused], shown: Sequence[Attachment]) -> list[str]:
    """Return what Discord refused in the rooms shown, a line each."""
    rooms = {attachment.room_id for attachment in shown}
    seen = [one for one in found if one.room_id in rooms]
    lines = [_refusal(one) for one in seen[:_MAX_REFUSED]]
    more = len(seen) - _MAX_REFUSED
    return (
        lines if more <= 0 else [*lines[:-1], tr("- and {more} more were refused", more=more + 1)]
    )


def _refusal(one: Refused) -> str:
    end = tr("given up") if one.is_final else tr("tried again")
    return tr(
        "- Refused in {room} {when}, {end}: {refusal}; {subject}",
        room=words.room(one.room_id),
        when=words.when(one.at),
        end=end,
        refusal=words.refusal(one.reason, _MAX_REASON),
        subject=words.subject(one.notice),
    )


def _error(error: str | None) -> list[str]:
    return (
        []
        if error is None
        else [tr("- Last error: {error}", error=words.disarmed(retold(error), 400))]
    )
