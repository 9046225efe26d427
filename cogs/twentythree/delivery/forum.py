"""A forum as a room: the bot opens a post in it, and the post is the room."""

from __future__ import annotations

import contextlib
import logging
from typing import Final

import aiohttp
import discord

from ..domain.model import ObjectInfo
from ..embeds import one_line
from ..embeds.links import safe_url

_log = logging.getLogger("twentythree.delivery")

_FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
_MAX_NAME = 100
_WEEK_MIN: Final = 10_080


async def open_post(forum: discord.ForumChannel, found: ObjectInfo) -> discord.Thread:
    """Open a post named after the object, and return it.

    Where the forum asks for a tag, the first one that members may set is taken.

    Raises:
        discord.HTTPException: Discord refused it.
    """
    name = one_line(found.title, _MAX_NAME) or "Untitled"
    link = safe_url(found.url)
    embed = discord.Embed(
        description="Comments and live states are posted here.", title="About this post", url=link
    )
    if picture := safe_url(found.picture_url or ""):
        embed.set_image(url=picture)
    tags = [tag for tag in forum.available_tags if not tag.moderated]
    opened = await forum.create_thread(
        name=name,
        embed=embed,
        auto_archive_duration=_WEEK_MIN,
        applied_tags=tags[:1] if forum.flags.require_tag else [],
        allowed_mentions=discord.AllowedMentions.none(),
        reason=f"Attached TwentyThree object {found.object_id}",
    )
    return opened.thread


async def remove_post(client: discord.Client, post_id: int) -> None:
    """Take a post back: deleting needs Manage Threads, closing one's own post needs nothing."""
    # By its ID: the gateway may not have told of it yet.
    try:
        await client.http.delete_channel(post_id)
    except discord.Forbidden:
        with contextlib.suppress(*_FAILURES):
            await client.http.edit_channel(post_id, archived=True)
    except _FAILURES as error:
        _log.warning("a post without an attachment stays: %s", type(error).__name__)
