"""One batch, once: the order of storing, sending and recording that says nothing twice.

A batch is stored with its nonce and body before the first attempt, and every attempt is counted
before it is made, the first one with the batch. Thus whatever is cut off, a crash included, leaves
a batch that can be sent again: with its nonce Discord returns the message that is there already,
and past Discord's memory for nonces the room's history is asked first. What is recorded as shown
is the stored body, or nothing where something newer may have been sent: then its notices are
stale, and an edit sets both right.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar, assert_never

from ..domain import batching
from ..domain.batching import Batch, Draft
from ..domain.ingest import is_over, takes_away
from ..domain.model import (
    BoardNotice,
    CommentNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ProgrammeNotice,
    QueuedNotice,
    ReportNotice,
    RoomId,
)
from ..domain.room_settings import Manner
from ..embeds import (
    MESSAGE_SIZE,
    body_json,
    can_draw,
    charts_of,
    cost,
    digest,
    lines,
    sheets_of,
)
from ..languages import kept
from ..metrics import Metrics
from ..storage import DOOMED, REMOVED, BatchPart, RoomWork, Store
from .edge import DiscordEdge
from .files import drawn, written
from .outcomes import Delivered, GiveUp, Outcome, PauseRoom, Removed, RetryLater, is_past_editing

_log = logging.getLogger("twentythree.delivery")

_T = TypeVar("_T")
# Characters of comments that are rendered in one step of the loop; a short one has a hundred.
_MOST_AT_ONCE = 8_000


class RoomBatches:
    """Sends the batches of one room and records what became of them.

    ``is_done``: as the last batch was recorded, there was nothing more to do in the room.
    ``has_left``: something of the message that was deleted last is to be posted anew.
    """

    def __init__(
        self,
        room_id: RoomId,
        edge: DiscordEdge,
        store: Store,
        metrics: Metrics,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self.room_id = room_id
        self._poster = edge.poster
        self._teller = edge.teller
        self._options = edge.options
        self._store = store
        self._metrics = metrics
        self._now = now
        self.is_done = self.has_left = False
        self._refused_edit: int | None = None
        # Of a message that was refused: stored, the first attempt counted, and never sent.
        self._new_parts: set[int] = set()

    async def start(
        self, pending: Sequence[QueuedNotice], manner: Manner | None = None
    ) -> Batch | None:
        """Store the next batch; ``None`` where what was pending has just been withdrawn."""
        allowance, now = self._poster.allowance(self.room_id), self._now()
        manner = manner or Manner()

        def planned() -> tuple[tuple[QueuedNotice, ...], Draft]:
            queued = batching.plan(
                pending,
                MESSAGE_SIZE,
                cost=lambda notice: cost(notice, manner.language),
                lines=lambda notices: lines(notices, manner),
                allowance=allowance,
                layout=manner.layout,
            )
            # Files go along with edits only: a body that is sent again has no file to remember.
            bare = tuple(replace(one, notice=_without_files(one.notice)) for one in queued)
            return bare, draft_of(queued, now, manner)

        queued, draft = await _aside([one.notice for one in pending], planned)
        return await self._store.outbox.start_batch(self.room_id, queued, draft=draft, now=now)

    async def digested(self, work: RoomWork) -> bool:
        """Put a digest in place of what waited too long; return whether there was any."""
        if work.max_age_s is None:
            return False
        now = self._now()
        oldest = now - timedelta(seconds=work.max_age_s)
        chat = (one for one in work.pending if batching.rank(one.notice) == batching.CHAT_RANK)
        if all(one.queued_at >= oldest for one in chat):
            return False
        count = await self._store.digests.make(self.room_id, now)
        if count:
            self._metrics.notice("digested", count)
            _log.warning("%d comments waited too long for room %d", count, self.room_id)
        return count > 0

    async def deliver(self, batch: Batch) -> Outcome:
        """Send a batch, or send it again, and record the outcome where it is final.

        One bad text must not take the others with it: a message that is refused is stored as two
        halves, each to be sent. It takes few of them to find what Discord does not want.
        """
        self.is_done = False
        outcome = await self._sent(batch)
        if isinstance(outcome, GiveUp) and len(batch.notices) > 1:
            parts = _halves(batch)
            self._new_parts.update(await self._store.outbox.split(batch, parts))
        else:
            self._count(outcome, batch.notices)
            await self._record(batch, outcome)
        return outcome

    async def edit(self, batch: Batch) -> Outcome:
        """Make the batch's message show what its notices say now, or be gone.

        What takes something away is a promise: where the edit cannot be made, the message is
        deleted, and what may still be shown of it is sent again. So is a board that Discord does
        not edit any more.
        """
        self.has_left = False
        if batch.shown == DOOMED or all(is_over(one.notice) for one in batch.notices):
            return await self._taken_down(batch)
        body, outcome = await self._edited(batch)
        if self._is_to_be_deleted(batch, outcome):
            return await self._taken_down(batch)
        match outcome:
            case Delivered():
                await self._store.outbox.mark_shown(batch, shown=digest(body))
            case Removed():
                await self._store.outbox.give_up(batch.batch_id, reason=REMOVED, now=self._now())
                _log.info("a message in room %d was deleted; it is edited no more", self.room_id)
            case GiveUp(reason=reason):
                # As good as shown: the same edit would be refused again, the next may not be.
                await self._store.outbox.mark_shown(batch, shown=digest(body))
                await self._note(batch, reason)
                _log.warning("an edit in room %d was refused: %s", self.room_id, reason)
            case RetryLater():
                await self._doubted(batch, outcome)
            case PauseRoom():
                pass
            case _:
                assert_never(outcome)
        return outcome

    def _is_to_be_deleted(self, batch: Batch, outcome: Outcome) -> bool:
        """Say whether a message goes since it could not be edited: a promise, or an old board."""
        is_promise = any(map(takes_away, batch.notices))
        if is_promise and self._is_hopeless(batch, outcome):
            return True
        return _is_board(batch) and is_past_editing(outcome)

    def _is_hopeless(self, batch: Batch, outcome: Outcome) -> bool:
        """Say whether an edit that is a promise cannot be made, now or ever."""
        match outcome:
            case GiveUp():
                return True
            case RetryLater(code=int()):
                # The first time it may be a hiccup.
                was_refused, self._refused_edit = self._refused_edit, batch.batch_id
                return was_refused == batch.batch_id
            case RetryLater(is_local=True, after_s=after_s):
                return after_s > self._options.removal_patience_s
            case _:
                return False

    async def _taken_down(self, batch: Batch) -> Outcome:
        # Stored before it is done: what is left must be sent again also after a crash.
        if batch.shown != DOOMED:
            await self._store.outbox.doom(batch.batch_id)
        outcome = await self._poster.delete(self.room_id, batch.message_id or 0)
        match outcome:
            case Delivered() | Removed():
                now = self._now()
                left = tuple(one for one in batch.notices if not is_over(one.notice))
                # What is above it then, nobody knows now.
                manner = replace(batch.manner, after=None)
                draft = draft_of(left, now, manner) if left else None
                rest = None if draft is None else BatchPart(notices=left, draft=draft)
                started = await self._store.outbox.take_down(batch, rest, now=now)
                self.has_left = started is not None
                self._metrics.notice("deleted", len(batch.notices))
            case GiveUp(reason=reason):
                outcome = RetryLater(reason=kept("refused, {what}").format(what=reason), code=0)
                await self._stuck(batch, outcome)
            case RetryLater(code=int()):
                await self._stuck(batch, outcome)
            case RetryLater() | PauseRoom():
                pass
            case _:
                assert_never(outcome)
        return outcome

    async def _stuck(self, batch: Batch, outcome: RetryLater) -> None:
        await self._doubted(batch, outcome)
        held = await self._store.attachments.find(room_id=self.room_id)
        await self._teller.tell_of_stuck(self.room_id, batch.message_id or 0, held)

    async def _doubted(self, batch: Batch, outcome: RetryLater) -> None:
        """Remember a refusal that may be about this message alone."""
        if outcome.code is not None:
            await self._note(batch, outcome.reason)

    async def _note(self, batch: Batch, reason: str) -> None:
        await self._store.outbox.note_refusal(batch.batch_id, reason, now=self._now())

    async def _edited(self, batch: Batch) -> tuple[str, Outcome]:
        """Edit the message, with files if it takes them; return what it shows and the outcome."""
        notices, message_id = [one.notice for one in batch.notices], batch.message_id or 0
        takes_files = self._poster.takes_files(self.room_id)
        manner = batch.manner
        charts = charts_of(notices, manner.language) if takes_files else []
        with_charts = bool(charts) and can_draw()
        body = await _rendered(notices, manner, with_charts=with_charts, with_sheets=takes_files)
        if digest(body) == batch.shown:
            return body, Delivered(message_id=message_id)
        pictures = await drawn(charts)
        if with_charts and not pictures:
            body = await _rendered(notices, manner, with_sheets=takes_files)
        sheets = sheets_of(notices, manner.language) if takes_files else []
        files = [*pictures, *written(sheets)]
        if files:
            outcome = await self._poster.edit(self.room_id, message_id, body, files)
            if not isinstance(outcome, PauseRoom | GiveUp):
                return body, self._counted(outcome, batch)
            # A room that takes no files takes the text.
            body = await _rendered(notices, manner)
        outcome = await self._poster.edit(self.room_id, message_id, body)
        return body, self._counted(outcome, batch)

    def _counted(self, outcome: Outcome, batch: Batch) -> Outcome:
        if isinstance(outcome, Delivered):
            self._metrics.notice("edited", len(batch.notices))
        return outcome

    async def _sent(self, batch: Batch) -> Outcome:
        # The clock may have been corrected since.
        is_late = abs(self._now() - batch.created_at) > self._options.nonce_window
        is_new = batch.attempts == 0 or batch.batch_id in self._new_parts
        self._new_parts.discard(batch.batch_id)
        if is_new and not is_late and all(is_over(one.notice) for one in batch.notices):
            return Removed()
        if all(_is_unwanted(one.notice) for one in batch.notices):
            # Where it was sent, it is edited or deleted.
            return await self._found(batch) or Removed()
        body = batch.body
        # Also where it was never sent: it takes little to be sure, once it is late.
        if not is_new or is_late:
            self._metrics.notice("resent", len(batch.notices))
            found = await self._found(batch) if is_late else None
            if found is not None:
                return found
            await self._store.outbox.record_attempt(batch.batch_id)
        if is_late or batch.is_stale:
            # If it is not there, it need not look as it did: a start that is over by now must not
            # call anyone, and what was removed must not be shown. If it is, Discord returns it
            # by its nonce, and it is edited.
            body = await _rendered([one.notice for one in batch.notices], batch.manner)
        return await self._poster.post(self.room_id, body, batch.nonce)

    async def _found(self, batch: Batch) -> Outcome | None:
        return await self._poster.find(self.room_id, batch.body, batch.created_at)

    async def _record(self, batch: Batch, outcome: Outcome) -> None:
        match outcome:
            case Delivered(message_id=message_id):
                has_more = await self._store.outbox.settle(
                    batch.batch_id,
                    message_id=message_id,
                    # It may have been sent as its notices were meanwhile, now or before a crash.
                    shown=None if batch.is_stale else digest(batch.body),
                    now=self._now(),
                )
                self.is_done = not has_more
            case Removed() if all(is_over(one.notice) for one in batch.notices):
                # Should it come back, it is news again.
                await self._store.outbox.take_down(batch, None, now=self._now())
            case Removed():
                await self._store.outbox.give_up(batch.batch_id, reason=REMOVED, now=self._now())
            case GiveUp(reason=reason):
                await self._note(batch, reason)
                await self._store.outbox.give_up(batch.batch_id, reason=reason, now=self._now())
            case RetryLater():
                await self._doubted(batch, outcome)
            case PauseRoom():
                pass
            case _:
                assert_never(outcome)

    def _count(self, outcome: Outcome, notices: Sequence[QueuedNotice]) -> None:
        match outcome:
            case Delivered() | Removed():
                self._metrics.notice("delivered", len(notices))
                for queued in notices:
                    self._metrics.posted(self._age_s(queued))
            case GiveUp(reason=reason):
                self._metrics.notice("given_up", len(notices))
                keys = ", ".join(queued.event_key for queued in notices)
                _log.warning(
                    "Discord takes no message of %s in room %d: %s", keys, self.room_id, reason
                )
            case RetryLater():
                self._metrics.notice("retried", len(notices))
            case PauseRoom():
                self._metrics.notice("paused", len(notices))
            case _:
                assert_never(outcome)

    def _age_s(self, queued: QueuedNotice) -> float:
        notice = queued.notice
        since = notice.seen_at if isinstance(notice, CommentNotice) else queued.queued_at
        return max(0.0, (self._now() - since).total_seconds())


def _halves(batch: Batch) -> list[BatchPart]:
    """Return a batch as two, the second of which comes after the first."""
    middle = len(batch.notices) // 2
    first = draft_of(batch.notices[:middle], batch.created_at, batch.manner)
    manner = replace(batch.manner, after=first.about)
    second = draft_of(batch.notices[middle:], batch.created_at, manner)
    return [
        BatchPart(notices=batch.notices[:middle], draft=first),
        BatchPart(notices=batch.notices[middle:], draft=second),
    ]


async def _rendered(
    notices: Sequence[Notice],
    manner: Manner,
    *,
    with_charts: bool = False,
    with_sheets: bool = False,
) -> str:
    def render() -> str:
        return body_json(notices, manner, with_charts=with_charts, with_sheets=with_sheets)

    return await _aside(notices, render)


async def _aside(notices: Sequence[Notice], render: Callable[[], _T]) -> _T:
    """Render where it holds up nobody: long texts take some milliseconds each."""
    is_long = sum(map(_length, notices)) > _MOST_AT_ONCE
    return await asyncio.to_thread(render) if is_long else render()


def _length(notice: Notice) -> int:
    match notice:
        case CommentNotice():
            return len(notice.comment.text) + sum(len(one.text) for one in notice.replies)
        case ReportNotice():
            return sum(len(one.text) for one in notice.questions.shown)
        case _:
            return 0


def _without_files(notice: Notice) -> Notice:
    """Return a notice without what becomes a file: where it had any, its batch is stale at once.

    Then it is posted as the notice is, in text, and edited.
    """
    match notice:
        case LiveNotice():
            return replace(notice, series=None)
        case ReportNotice():
            bare = replace(notice.questions, shown=())
            return replace(notice, series=None, questions=bare)
        case _:
            return notice


def _is_unwanted(notice: Notice) -> bool:
    """Tell whether a card is not to be sent any more, if it has not been."""
    match notice:
        case LiveNotice():
            return notice.is_withdrawn or notice.is_released
        case ProgrammeNotice() | BoardNotice():
            return notice.is_withdrawn
        case _:
            return False


def _is_board(batch: Batch) -> bool:
    return any(isinstance(one.notice, BoardNotice) for one in batch.notices)


# https://discord.com/developers/docs/resources/message#create-message
MAX_NONCE = 25


def draft_of(
    notices: Sequence[NewNotice | QueuedNotice], now: datetime, manner: Manner | None = None
) -> Draft:
    """Return what a message of these notices, all of one room, is stored with."""
    manner = manner or Manner()
    keys = [one.event_key for one in notices]
    return Draft(
        nonce=nonce(notices[0].room_id, keys, now),
        body=body_json([one.notice for one in notices], manner),
        manner=manner,
        about=batching.about(notices[-1].notice),
    )


def draft_lone(new: NewNotice, manner: Manner, now: datetime) -> Draft:
    """Return what the message of a notice that is alone in it is stored with."""
    return draft_of([new], now, manner)


def nonce(room_id: RoomId, event_keys: Iterable[str], created_at: datetime) -> str:
    """Return the nonce of a batch: the same batch always has the same one, no other has it.

    A digest of 125 bits. ``created_at`` is aware.
    """
    when = created_at.astimezone(UTC).isoformat()
    text = "\n".join((str(room_id), when, *event_keys))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:MAX_NONCE]
