"""The tags of a forum for the states of live events: made where they are missing, and set."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

import discord

from ..domain.state_tags import set_now, state_ids, tag_of, to_create
from ..languages import kept, noted, speaking
from ..storage import DueThread
from .edge import DiscordEdge
from .outcomes import Outcome, PauseRoom, Removed

TAGS_WANTED: Final = noted(
    "For tags that show how an event is, create the tags Planned, Live and Ended there yourself, "
    "or grant the bot Manage Channels."
)
_CANNOT_CREATE = PauseRoom(
    reason=kept(
        "The bot may not create tags in this forum; create the tags Planned, Live and Ended there "
        "yourself, or grant the bot Manage Channels. Posting goes on."
    )
)
_CANNOT_SET = PauseRoom(
    reason=kept(
        "The bot may not set the tags of its posts in this forum; grant it Manage Threads there. "
        "Posting goes on."
    )
)
# Two posts of one forum must not both make its tags.
_ALONE: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


async def show_state(edge: DiscordEdge, told: DueThread) -> Outcome:
    """Set the tag of a post that shows the state of its event.

    A refusal is a pause of nothing but this: its reason says what to do.
    """
    held, wanted = told.attachment, tag_of(told.due)
    forum = edge.client.get_channel(held.forum_id or 0)
    if not isinstance(forum, discord.ForumChannel):
        return Removed()
    language = held.settings.language.in_server(str(forum.guild.preferred_locale))
    lock = _ALONE.setdefault(forum.id, asyncio.Lock())
    async with lock:
        with speaking(language):
            made = await _made(edge, forum)
    if isinstance(made, dict):
        tags, refused = made, None
    else:
        tags, refused = _names(forum), made
    if wanted is not None and wanted not in state_ids(tags):
        return refused or Removed()
    is_required = forum.flags.require_tag
    outcome = await edge.poster.set_tags(
        held.room_id, lambda now: set_now(now, tags, wanted, is_required=is_required)
    )
    return _CANNOT_SET if isinstance(outcome, PauseRoom) else outcome


async def _made(edge: DiscordEdge, forum: discord.ForumChannel) -> dict[int, str] | Outcome:
    """Return the tags of a forum, by ID and name, with those of the states."""
    if not to_create(_names(forum).values()):
        return _names(forum)
    if not forum.permissions_for(forum.guild.me).manage_channels:
        return _CANNOT_CREATE
    answer = await edge.poster.add_tags(forum.id, _with_tags)
    if isinstance(answer, PauseRoom):
        return _CANNOT_CREATE
    return answer if not isinstance(answer, list) else _by_id(answer)


def _with_tags(there: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Return a forum's tags, as Discord has them, with what is missing; ``None``: nothing is."""
    new = to_create(str(one["name"]) for one in there)
    return [*there, *({"name": name} for name in new)] if new else None


def _by_id(tags: list[dict[str, Any]]) -> dict[int, str]:
    return {int(one["id"]): str(one["name"]) for one in tags}


def _names(forum: discord.ForumChannel) -> dict[int, str]:
    return {tag.id: tag.name for tag in forum.available_tags}


def lacks_tags(forum: discord.ForumChannel) -> bool:
    """Tell whether a forum has not all tags of the states, and the bot may not make them."""
    may = forum.permissions_for(forum.guild.me).manage_channels
    tags: Mapping[int, str] = _names(forum)
    return not may and bool(to_create(tags.values()))
