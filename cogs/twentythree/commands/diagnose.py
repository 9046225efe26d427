"""``/video diagnose``: what an object's own channels carry, without a word of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands

from ..domain.model import ObjectInfo
from ..embeds import one_line
from ..intake import ChannelShape
from ..languages import many, noted, tr
from . import words
from .choices import attached_objects, attachments_of, object_of, visible
from .context import CommandContext
from .replies import Refusal, answering, defer, say
from .rights import check_held, check_here
from .room_option import guild_of

_FILE = "shapes.txt"
_NO_BACKTICK = "\N{MODIFIER LETTER GRAVE ACCENT}"


def diagnose(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""
    busy: set[int] = set()

    @app_commands.command(
        name="diagnose", description=noted("Listen to an object's realtime channels")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("An ID, a link, or a title"),
        seconds=noted("How long to listen; default: 30"),
    )
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        seconds: app_commands.Range[int, 1, 300] = 30,
    ) -> None:
        note = tr("Listening for {seconds} s; the answer comes here.", seconds=seconds)
        async with answering(interaction, note):
            await defer(interaction)
            guild_id = guild_of(interaction).id
            await _check(context, interaction, reference)
            if guild_id in busy:
                raise Refusal(tr("A diagnosis is running in this server; wait until it ends."))
            busy.add(guild_id)
            try:
                found = await object_of(context, reference)
                heard = await context.bridge.diagnose(found.object_id, seconds)
            finally:
                busy.discard(guild_id)
            text = report(found, heard, seconds)
            if len(text) <= words.MAX_CONTENT:
                await say(interaction, text)
                return
            file = discord.File(io.BytesIO(text.encode()), _FILE)
            await say(
                interaction,
                tr("{head} All of it is in the file.", head=_head(found, seconds)),
                file=file,
            )

    return command


async def _check(context: CommandContext, interaction: discord.Interaction, reference: str) -> None:
    """Make sure that the member may write here, or in a room that has it attached.

    Raises:
        Refusal: they may not.
    """
    try:
        check_here(interaction)
    except Refusal as refused:
        held = await attachments_of(context, await visible(context, interaction), reference)
        for one in held:
            with suppress(Refusal):
                await check_held(context, interaction, one)
                return
        raise refused from None


def report(found: ObjectInfo, heard: Sequence[ChannelShape], seconds: int) -> str:
    """Return what was heard: names of sub-channels, keys and types; it may be long."""
    if not heard:
        return tr(
            "{title}: nothing was published within {seconds} s. Write a comment there "
            "while this command listens; if that is not heard either, realtime does not "
            "reach the bot.",
            title=words.link(found),
            seconds=seconds,
        )
    lines = [_head(found, seconds)]
    for shape in heard:
        times = many(shape.count, "message")
        lines.append(f"- {_code(shape.sub_channel)}, {times}: {_code(shape.shape)}")
    return "\n".join(lines)


def _head(found: ObjectInfo, seconds: int) -> str:
    return tr("{title}: heard within {seconds} s.", title=words.link(found), seconds=seconds)


def _code(text: str) -> str:
    """Return the text as code; Discord knows no escape for a backtick in there."""
    shown = one_line(text.replace("`", _NO_BACKTICK), 2 * len(text))
    return f"`{shown}`" if shown else tr("(no name)")
