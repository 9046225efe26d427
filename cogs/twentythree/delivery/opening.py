"""Threads on cards, opened once something waits for them; told, like posts, how their events are.

A thread that is opened on a message has its ID. So it is known before it is stored, and opening it
again, after whatever cut that off, finds the same one. Posts show how their events are by the tags
of their forum, which are made where they are missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import discord

from ..domain.model import RoomId
from ..domain.places import PostingPlace
from ..domain.state_tags import set_now, state_ids, tag_of, to_create
from ..embeds import one_line
from ..languages import kept, noted, speaking, tr
from ..storage import DueThread, Store, ThreadToOpen
from .edge import DiscordEdge
from .outcomes import Delivered, GiveUp, Outcome, PauseRoom, Removed, RetryLater
from .threads import MAX_NAME

_log = logging.getLogger("twentythree.delivery")

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
# What a thread is named of which Discord does not take the title.
_PLAIN_NAME = noted("Comments")
_NO_CARD = PauseRoom(
    reason=kept(
        "The card that the thread is to be opened on was deleted; detach the object and attach it "
        "again."
    )
)
_NO_THREAD = PauseRoom(
    reason=kept(
        "Discord opens no thread on the card; attach again with `place: room`, or to another room."
    )
)
_TAKEN = PauseRoom(
    reason=kept(
        "The object is attached to the thread on its card already; detach it in one of them."
    )
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one step came to: the outcome of a request, if there was one, and rooms with work."""

    outcome: Outcome | None = None
    rooms: frozenset[RoomId] = frozenset()


class OpenedRooms:
    """Opens the thread that a room is to be; tells a room that was opened how its event is.

    ``channel_id``: that of the card, once it is known.
    """

    def __init__(
        self, room_id: RoomId, edge: DiscordEdge, store: Store, *, now: Callable[[], datetime]
    ) -> None:
        self._room_id = room_id
        self._edge = edge
        self._store = store
        self._now = now
        self.channel_id: RoomId | None = None

    async def open(self) -> Opening:
        """Open the thread, if anything waits for it and its card is there."""
        wanted = await self._store.threads.to_open(self._room_id, self._now())
        if wanted is None:
            return Opening()
        self.channel_id = wanted.channel_id
        if wanted.message_id is None:
            # Whoever posts the card comes back here.
            is_coming = wanted.is_coming
            return Opening(rooms=frozenset({wanted.channel_id})) if is_coming else _no_card()
        outcome = await self._opened_on(wanted, wanted.message_id)
        match outcome:
            case Delivered(message_id=message_id):
                return await self._record(RoomId(message_id))
            case Removed():
                await self._store.threads.card_is_gone(wanted.batch_id or 0, self._now())
            case _:
                pass
        return Opening(outcome=outcome)

    async def waiting(self) -> frozenset[RoomId]:
        """Return the threads that wait for a card in this room."""
        return await self._store.threads.waiting_for(self._room_id)

    async def _opened_on(self, wanted: ThreadToOpen, message_id: int) -> Outcome:
        poster, channel_id = self._edge.poster, wanted.channel_id
        with speaking(wanted.language.in_server(self._edge.locale_of(channel_id))):
            plain_name = tr(_PLAIN_NAME)
        name = one_line(wanted.title, MAX_NAME) or plain_name
        outcome = await poster.open_thread(channel_id, message_id, name)
        if isinstance(outcome, GiveUp):
            # Discord's word filter is for names, too.
            outcome = await poster.open_thread(channel_id, message_id, plain_name)
        return _NO_THREAD if isinstance(outcome, GiveUp) else outcome

    async def _record(self, thread_id: RoomId) -> Opening:
        is_ours = await self._store.threads.opened(self._room_id, thread_id, self._now())
        if not is_ours:
            return Opening(outcome=_TAKEN)
        _log.info("a thread was opened: room %d", thread_id)
        return Opening(outcome=Delivered(message_id=thread_id), rooms=frozenset({thread_id}))

    async def tell(self) -> RetryLater | None:
        """Tell the room how its event is, if that is due; ``None``: nothing is left to be told.

        Where Discord refuses it for good, the next state is told again, and people once.
        """
        while (told := await self._store.threads.due(self._room_id)) is not None:
            outcome = await self._told(told)
            if isinstance(outcome, RetryLater):
                return outcome
            is_refused = isinstance(outcome, PauseRoom)
            is_news = await self._store.threads.done(told, is_refused=is_refused)
            if is_news and isinstance(outcome, PauseRoom):
                forum_id = told.attachment.forum_id or self._room_id
                await self._edge.teller.tell_of_tags(forum_id, outcome.reason, told.attachment)
        return None

    async def _told(self, told: DueThread) -> Outcome:
        if told.attachment.rules.place is PostingPlace.THREAD:
            return await self._edge.poster.let_rest(self._room_id)
        return await show_state(self._edge, told)


def _no_card() -> Opening:
    return Opening(outcome=_NO_CARD)
