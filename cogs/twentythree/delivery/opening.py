"""Threads on cards, opened once something waits for them; told, like posts, how their events are.

A thread that is opened on a message has its ID. So it is known before it is stored, and opening it
again, after whatever cut that off, finds the same one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..domain.model import RoomId
from ..domain.places import PostingPlace
from ..embeds import one_line
from ..languages import kept, noted, speaking, tr
from ..storage import DueThread, Store, ThreadToOpen
from .edge import DiscordEdge
from .outcomes import Delivered, GiveUp, Outcome, PauseRoom, Removed, RetryLater
from .state_tagging import show_state
from .threads import MAX_NAME

_log = logging.getLogger("twentythree.delivery")

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
