"""Threads as rooms: posts that the bot opens in a forum, and threads that people have closed."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import discord

from ..domain.model import ObjectInfo, ObjectKind
from ..domain.state_tags import LIVE, PLANNED, first_tag
from ..embeds import one_line, safe_url
from ..languages import Language, speaking, tr

_log = logging.getLogger("twentythree.delivery")

_FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
MAX_NAME = 100
WEEK_MIN: Final = 10_080
# Discord counts from about the last message.
_ABOUT = timedelta(minutes=1)


def is_closed_by_people(room: Mapping[str, Any]) -> bool:
    """Tell whether a channel, as Discord's API shows it, is a thread that people have archived.

    Discord archives one by itself once nobody has written for ``auto_archive_duration`` minutes;
    one that is archived sooner was closed by somebody.

    Raises:
        KeyError, TypeError, ValueError: it is not as Discord's API has it.
    """
    state = room.get("thread_metadata")
    if not state or not state["archived"]:
        return False
    last = discord.utils.snowflake_time(int(room.get("last_message_id") or room["id"]))
    lasts = timedelta(minutes=state["auto_archive_duration"])
    return datetime.fromisoformat(state["archive_timestamp"]) - last < lasts - _ABOUT


def is_closable(client: discord.Client, room: Mapping[str, Any]) -> bool:
    """Tell whether the bot may archive a thread: its own, or any with Manage Threads.

    Raises:
        KeyError, TypeError, ValueError: as above.
    """
    if client.user is not None and int(room["owner_id"]) == client.user.id:
        return True
    parent = client.get_channel(int(room["parent_id"]))
    if not isinstance(parent, discord.abc.GuildChannel):
        return False
    return parent.permissions_for(parent.guild.me).manage_threads


async def open_post(
    forum: discord.ForumChannel, found: ObjectInfo, language: Language = Language.ENGLISH
) -> discord.Thread:
    """Open a post named after the object, and return it.

    Where the forum asks for a tag, one that members may set is taken: that of the event's state,
    if it is there.

    Raises:
        discord.HTTPException: Discord refused it.
    """
    link = safe_url(found.url)
    with speaking(language):
        embed = discord.Embed(
            description=tr("Comments and live states are posted here."),
            title=tr("About this post"),
            url=link,
        )
    if picture := safe_url(found.picture_url or ""):
        embed.set_image(url=picture)
    opened = await forum.create_thread(
        name=post_name(found, language),
        embed=embed,
        auto_archive_duration=WEEK_MIN,
        applied_tags=_required(forum, found) if forum.flags.require_tag else [],
        allowed_mentions=discord.AllowedMentions.none(),
        reason=f"Attached TwentyThree object {found.object_id}",
    )
    return opened.thread


def post_name(found: ObjectInfo, language: Language) -> str:
    """Return how a post of the object is named."""
    with speaking(language):
        return one_line(found.title, MAX_NAME) or tr("Untitled")


def _required(forum: discord.ForumChannel, found: ObjectInfo) -> list[discord.ForumTag]:
    tags = {tag.id: tag for tag in forum.available_tags}
    names = {tag_id: tag.name for tag_id, tag in tags.items()}
    moderated = [tag_id for tag_id, tag in tags.items() if tag.moderated]
    is_planned = found.kind is ObjectKind.LIVE and found.at is not None
    wanted = LIVE if found.is_on_air else PLANNED if is_planned else None
    return [tags[one] for one in first_tag(names, wanted, moderated)]


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
