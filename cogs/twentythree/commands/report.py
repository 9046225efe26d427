"""``/video report``: how a broadcast went, or goes, and what was asked and not answered."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from ..delivery import Chat, MessageFile, drawn, is_seen_by_everyone, written
from ..domain.model import Attachment, ReportNotice, RoomId
from ..domain.room_settings import Manner
from ..embeds import charts_of, message, sheets_of
from ..languages import noted, spoken, tr
from . import words
from .asking import CHANGED, ask, check_again, is_object_agreed, of_object
from .choices import attached_objects, attachments_of, visible
from .context import CommandContext
from .replies import WORKING, Refusal, answering, defer, reason, say
from .rights import check_shown
from .room_finder import FAILURES
from .room_option import ChosenRoom, Resolved, RoomOption, check_bot, check_member, chosen_room
from .rules import RulesGiven
from .sample_post import place_of
from .set_rooms import settings_room


def report(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="report",
        description=noted("How a broadcast went, and what was asked and not answered"),
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("An ID, a link, or a title of what is attached in this server"),
        room=noted("Where to post it; default: only you see it"),
    )
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            held = await _held(context, interaction, reference)
            notice = await _report(context, held)
            if room is None:
                await _show(interaction, notice)
                return
            chosen = await chosen_room(interaction, room)
            check_member(chosen)
            await check_bot(chosen)
            place = await place_of(context, chosen, notice.object)
            doubts = await _doubts(context, chosen, place, notice)

            async def act(answer: discord.Interaction) -> str:
                now = notice
                if doubts:
                    await check_again(chosen, RulesGiven(), answer)
                    # What was deleted since must not be shown, nor what nobody was asked about.
                    now = await _report(context, await _held(context, answer, reference))
                    if not set(await _doubts(context, chosen, place, now)) <= set(doubts):
                        raise Refusal(tr(CHANGED))
                settings = await context.bridge.settings.of_server(held.guild_id)
                manner = Manner(language=settings.language(settings_room(chosen)))
                posted = await _post(place, now, manner)
                return tr(
                    "Posted the report of {title}: {jump_url}",
                    title=words.link(now.object),
                    jump_url=posted.jump_url,
                )

            await ask(context, interaction, doubts, act, label=tr("Post anyway"))

    return command


async def _held(
    context: CommandContext, interaction: discord.Interaction, reference: str
) -> Attachment:
    """Return the attachment in this server that is meant; one that shows its object, if any does.

    Raises:
        Refusal: there is none, or of more than one object, or it may be shown nowhere here.
    """
    meant = await attachments_of(context, await visible(context, interaction), reference)
    if not meant:
        raise Refusal(tr("This is not attached in this server; `/video list` shows what is."))
    if len({one.object.object_id for one in meant}) > 1:
        raise Refusal(tr("That fits more than one object; choose one of the suggestions."))
    held = next((one for one in meant if one.bar is None), meant[0])
    check_shown(held)
    return held


async def _report(context: CommandContext, held: Attachment) -> ReportNotice:
    found = await context.bridge.report(held.guild_id, held.object.object_id)
    if found is None:
        raise Refusal(tr("{title} was detached meanwhile.", title=words.link(held.object)))
    # What is not public any more keeps the name that the server knows.
    return replace(found, object=held.object)


async def _doubts(
    context: CommandContext, chosen: ChosenRoom, place: Chat, notice: ReportNotice
) -> list[str]:
    """Return what to ask before everybody in the room reads it."""
    room_id = RoomId(place.id)
    here = await context.bridge.attachments(room_id=room_id, object_id=notice.object.object_id)
    is_agreed = any(is_object_agreed(one, chosen.room) for one in here)
    doubts = [] if is_agreed else of_object(notice.object, room_id)
    is_private = any(not one.is_promoted for one in notice.questions.shown)
    if is_private and is_seen_by_everyone(chosen.room):
        doubts.append(
            tr(
                "Everybody in this server sees {room}, and the report will show there what "
                "viewers have asked the hosts in private.",
                room=words.room(room_id),
            )
        )
    return doubts


async def _show(interaction: discord.Interaction, notice: ReportNotice) -> None:
    """Answer with the report; its chart is text."""
    embed, sheets = await asyncio.to_thread(_rendered, notice, Manner(language=spoken()))
    file = _as_file(sheets[0]) if sheets else discord.utils.MISSING
    await say(interaction, "", embed=embed, file=file, shows_embeds=True)


async def _post(room: Chat, notice: ReportNotice, manner: Manner) -> discord.Message:
    takes_files = room.permissions_for(room.guild.me).attach_files
    charts = await drawn(charts_of([notice], manner.language)) if takes_files else []
    embed, sheets = await asyncio.to_thread(_rendered, notice, manner, with_charts=bool(charts))
    files = [_as_file(one) for one in (*charts, *sheets)] if takes_files else []
    try:
        return await room.send(
            embed=embed, files=files, allowed_mentions=discord.AllowedMentions.none()
        )
    except FAILURES as error:
        raise Refusal(
            tr(
                "Discord did not take the report in {room}: {reason}",
                room=words.room(room.id),
                reason=reason(error),
            )
        ) from error


def _rendered(
    notice: ReportNotice, manner: Manner, *, with_charts: bool = False
) -> tuple[discord.Embed, Sequence[MessageFile]]:
    (embed,) = message([notice], manner, with_charts=with_charts)["embeds"]
    return discord.Embed.from_dict(embed), written(sheets_of([notice], manner.language))


def _as_file(one: MessageFile) -> discord.File:
    return discord.File(io.BytesIO(one.data), one.filename)
