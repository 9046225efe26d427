"""``/video status``: does it work, how far behind is it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import discord
from discord import app_commands

from ..bridge import BridgeStatus, Mode, ObjectStatus
from ..relay.following import Follow
from ..relay.model import Attachment, GuildId
from ..storage import Refused
from . import words
from .choices import attached_objects, attachments_of, visible, visible_follows
from .desk import Desk
from .places import guild_of
from .replies import Refusal, answering, defer, say

_MAX_ROOMS = 8
_MAX_REASON = 200
_MAX_FAILING = 3
_MAX_REFUSED = 5


def status(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="status", description="Show whether news arrive, and how fast")
    @app_commands.rename(reference="id")
    @app_commands.describe(reference="An attached object; default: all of this server")
    @desk.suggesting(reference=attached_objects(desk))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            shown = await visible(desk, interaction)
            if reference is None:
                follows = await visible_follows(desk, interaction)
                guild_id = GuildId(guild_of(interaction).id)
                text = overall(await desk.bridge.status(guild_id), shown, follows)
                lines = refused(await desk.bridge.refused(guild_id), shown)
                text = "\n".join([text, *lines])
            else:
                meant = await _meant(desk, shown, reference)
                text = of_object(desk.bridge.object_status(meant), meant)
            await say(interaction, text)

    return command


def overall(
    state: BridgeStatus, shown: Sequence[Attachment], follows: Sequence[Follow] = ()
) -> str:
    """Return the state of what is done for a server.

    Args:
        state: what is done for it.
        shown: the server's attachments.
        follows: the server's follows.
    """
    lines = [_mode(state.mode)]
    if state.connected_since is not None:
        lines.append(
            f"- Connected {words.when(state.connected_since)}; all servers share the connection"
        )
    lines.append(f"- Last event: {words.when(state.last_event_at)}")
    lines.append(f"- Waiting: {_waiting(state)}")
    lines.append(f"- Attached in this server: {words.many(len(shown), 'object')}")
    lines += _follows(follows)
    lines += _paused(shown)
    lines += _clock(state.clock_ahead_s)
    lines.append(_error(state.last_error))
    return "\n".join(lines)


def _clock(ahead_s: float) -> list[str]:
    minutes = round(abs(ahead_s) / 60)
    if minutes < 1:
        return []
    how = "slow" if ahead_s > 0 else "fast"
    line = (
        f"- The clock of the bot's machine is {words.many(minutes, 'minute')} {how}; set it. Until "
        "then, the bot goes by the workspace's clock."
    )
    return [line]


def _follows(follows: Sequence[Follow]) -> list[str]:
    """Return how many follows there are, and what is wrong with them."""
    if not follows:
        return []
    looks = [one.looked_at for one in follows if one.looked_at is not None]
    last = words.when(max(looks, default=None))
    lines = [f"- Follows in this server: {len(follows)}, last look {last}"]
    failing = [one for one in follows if one.error is not None]
    lines += [
        f"- Following {words.scope(one)} in {words.room(one.room_id)} fails: "
        f"{words.disarmed(one.error or '', _MAX_REASON)}"
        for one in failing[:_MAX_FAILING]
    ]
    return lines


def of_object(state: ObjectStatus, held: Sequence[Attachment]) -> str:
    """Return the state of one object. ``held``: its attachments in this server."""
    rooms = words.listed([words.room(attachment.room_id) for attachment in held[:_MAX_ROOMS]])
    heard = words.listed(state.channels) or "nothing"
    lines = [
        f"{words.link(held[0].object)} in {rooms}",
        _mode(state.mode),
        f"- Listens to: {heard}",
        f"- Last event: {words.when(state.last_event_at)}",
        f"- Last read from the workspace: {words.when(state.last_read_at)}",
        *_verified(state),
        *_delayed(held),
        *_paused(held),
        _error(state.last_error),
    ]
    return "\n".join(lines)


def _verified(state: ObjectStatus) -> list[str]:
    if state.verified_until is None:
        return []
    line = (
        "- Realtime is verified first, since it told of comments that the workspace does not know; "
        f"this ends {words.when(state.verified_until)}"
    )
    return [line]


def _delayed(held: Sequence[Attachment]) -> list[str]:
    """Return what becomes of comments that wait for long, a line for each age limit."""
    rooms: dict[str, list[str]] = {}
    for attachment in held[:_MAX_ROOMS]:
        if words.has_chat(attachment.rules):
            rooms.setdefault(words.max_age(attachment.rules), []).append(
                words.room(attachment.room_id)
            )
    return [f"- Delayed in {words.listed(found)}: {text}" for text, found in rooms.items()]


async def _meant(desk: Desk, shown: Sequence[Attachment], reference: str) -> list[Attachment]:
    meant = await attachments_of(desk, shown, reference)
    if not meant:
        raise Refusal("This is not attached in this server; `/video list` shows what is.")
    return meant


def _mode(mode: Mode) -> str:
    match mode:
        case Mode.REALTIME:
            return "**Realtime**: news arrive as they happen."
        case Mode.POLLING:
            return (
                "**Polling**: realtime does not work now, so the workspace is read every few "
                "seconds; nothing is lost, only later."
            )
        case Mode.IDLE:
            return "**Idle**: nothing is attached here, so nothing is listened to."
        case _:
            assert_never(mode)


def _waiting(state: BridgeStatus) -> str:
    waiting = words.many(state.pending, "notice")
    if not state.pending or state.lag_s is None:
        return waiting
    return f"{waiting}, the oldest for {state.lag_s:.0f} s"


def _paused(shown: Sequence[Attachment]) -> list[str]:
    """Return a line for each paused room, and for each object that is paused in one."""
    paused = {
        (
            words.room(a.room_id)
            if a.bar is None
            else f"{words.link(a.object)} in {words.room(a.room_id)}"
        ): a.pause
        for a in shown
        if a.pause is not None
    }
    lines = [
        f"- Paused: {what} {words.when(pause.since)}: {words.disarmed(pause.reason, _MAX_REASON)}"
        for what, pause in paused.items()
    ]
    more = len(lines) - _MAX_ROOMS
    return lines if more <= 0 else [*lines[:_MAX_ROOMS], f"- and {more} more paused rooms"]


def refused(found: Sequence[Refused], shown: Sequence[Attachment]) -> list[str]:
    """Return what Discord refused in the rooms shown, a line each."""
    rooms = {attachment.room_id for attachment in shown}
    seen = [one for one in found if one.room_id in rooms]
    lines = [_refusal(one) for one in seen[:_MAX_REFUSED]]
    more = len(seen) - _MAX_REFUSED
    return lines if more <= 0 else [*lines[:-1], f"- and {more + 1} more were refused"]


def _refusal(one: Refused) -> str:
    end = "given up" if one.is_final else "tried again"
    return (
        f"- Refused in {words.room(one.room_id)} {words.when(one.at)}, {end}: "
        f"{words.refusal(one.reason, _MAX_REASON)}; {words.subject(one.notice)}"
    )


def _error(error: str | None) -> str:
    return "- Last error: none" if error is None else f"- Last error: {words.disarmed(error, 400)}"
