"""How commands answer: ephemeral, mentioning nobody, in one place."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import discord

from ..embeds import disarm
from ..errors import StorageError, TwentyThreeError
from . import words

_log = logging.getLogger("twentythree.commands")

_MAX_REASON = 200

# What a request to Discord may end in, beside its answer.
FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)


class Refusal(TwentyThreeError):  # noqa: N818 - reads as what happened
    """The command cannot be done as asked; the text says why and what to do."""


def reason(error: BaseException) -> str:
    """Return in a few words why Discord did not do it, ending with a full stop."""
    said = error.text if isinstance(error, discord.HTTPException) else ""
    told = disarm(said or type(error).__name__, _MAX_REASON).text
    return told if told.endswith(".") else f"{told}."


async def say(
    interaction: discord.Interaction, text: str, *, view: discord.ui.View = discord.utils.MISSING
) -> None:
    """Answer for the user's eyes only; works before and after a defer."""
    content = words.cut(text)
    silent = discord.AllowedMentions.none()
    if interaction.response.is_done():
        await interaction.followup.send(
            content, ephemeral=True, allowed_mentions=silent, suppress_embeds=True, view=view
        )
    else:
        await interaction.response.send_message(
            content, ephemeral=True, allowed_mentions=silent, suppress_embeds=True, view=view
        )


async def defer(interaction: discord.Interaction) -> None:
    """Tell Discord that the answer takes longer than its 3 s."""
    await interaction.response.defer(ephemeral=True, thinking=True)


@asynccontextmanager
async def answering(interaction: discord.Interaction) -> AsyncGenerator[None]:
    """Turn what goes wrong in an expected way into its sentence.

    Done here and not in an error handler of the tree, because hosts have their own there and
    would report a mistyped ID as a failure of the program.
    """
    try:
        yield
    except StorageError as error:
        # It names a place on the machine, which is nobody's business here.
        _log.warning("a command failed: %s", error)
        await say(interaction, "The bot's database cannot be used now; its log says why.")
    except TwentyThreeError as error:
        _log.debug("refused a command: %s", type(error).__name__)
        await say(interaction, str(error))
