"""Which notices share a message, and in which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import assert_never

from .deeds import LogNotice
from .model import (
    BoardNotice,
    CommentKind,
    CommentNotice,
    DigestNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ObjectId,
    ObjectInfo,
    ProgrammeNotice,
    QueuedNotice,
    ReportNotice,
    RoomId,
    Standing,
    VideoNotice,
)
from .room_settings import Layout, Manner

# Of digests, and of what may become one. What staff did is told last of all.
DIGEST_RANK = 2
CHAT_RANK = 3
_LOG_RANK = 4
# As many requests as the pace of all rooms together lets through in a quarter of a second. Where
# more rooms wait for their turn, what comes meanwhile shares a message with what waits.
_MOST_LONE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a batch is stored with: its nonce, its message as JSON, the object it ends with."""

    nonce: str
    body: str
    manner: Manner = field(default_factory=Manner)
    about: ObjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The notices that go out, or went out, as one Discord message.

    ``nonce`` (at most 25 characters) and ``body`` (the JSON of the message as first sent) are
    stored before the first attempt. ``attempts`` is how often it may have been sent before: each
    is counted in the store before it is made. ``message_id`` is ``None`` while its fate is not
    recorded. ``shown`` is the digest of the body that Discord was last known to show.
    ``is_stale``: a notice has changed since the batch was stored or its message edited.
    ``manner``: how its message is made.
    """

    batch_id: int
    room_id: RoomId
    nonce: str
    body: str
    notices: tuple[QueuedNotice, ...]
    created_at: datetime
    attempts: int = 0
    message_id: int | None = None
    shown: str | None = None
    is_stale: bool = False
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSize:
    """What one message holds at most: embeds, and characters of all of them together.

    ``actions``: comments that can be acted on; Discord takes five menus of 25 options.
    """

    embeds: int
    characters: int
    actions: int = 125


class Form(StrEnum):
    """How the comments of a message are shown: an embed each, or a line each."""

    CARDS = "cards"
    LINES = "lines"


def form_of(costs: Sequence[int], size: MessageSize) -> Form:
    """Return the form of a message, given the characters that each comment takes as an embed.

    It follows from the comments alone: rendered again, a message has the form it had.
    """
    fits = len(costs) <= size.embeds and sum(costs) <= size.characters
    return Form.CARDS if fits or len(costs) == 1 else Form.LINES


def rank(notice: Notice) -> int:
    """Return a notice's place among others in its room, lowest first; equals go by age.

    What staff have chosen, and what is over soon, does not wait behind chat.
    """
    match notice:
        case LiveNotice():
            return 0
        case VideoNotice() | ProgrammeNotice() | ReportNotice() | BoardNotice():
            return 1
        case CommentNotice(comment=comment) if comment.is_promoted:
            return 1
        case DigestNotice():
            return DIGEST_RANK
        case CommentNotice():
            return CHAT_RANK
        case LogNotice():
            return _LOG_RANK
        case _:  # pragma: no cover
            assert_never(notice)


def plan(
    queued: Sequence[QueuedNotice],
    size: MessageSize,
    *,
    cost: Callable[[Notice], int],
    lines: Callable[[Sequence[Notice]], int] | None = None,
    allowance: int | None = None,
    layout: Layout = Layout.CARDS,
) -> tuple[QueuedNotice, ...]:
    """Return the notices of the next message, at least one if any wait.

    Notices go by rank, and by age within one. A card of a live event is alone in its message,
    since it is edited, and so are a programme, a board and a digest. Comments go one by one while
    the room's rate limit has a message left for each; else as embeds that share messages, if that
    takes no more messages than are left; else as lines. A question that waits for somebody to
    act on it has a message to itself for as long as there is one left, and enough for the rest.
    The first comment goes in any case, so that one that takes too much cannot stop a room for ever.
    What a log room is told shares messages in the same way, but for the lines. Where a room has
    lines only, as many share a message as it holds.

    Args:
        queued: what waits in one room, oldest first; what waits beyond it may be left out.
        size: what a message holds as embeds.
        cost: the characters that a notice takes as an embed.
        lines: how many of these comments, from the first, one message holds as lines.
            ``None``: there is no such form.
        allowance: messages that the room's rate limit lets through at once; ``None``: nothing
            is known of it, and comments share messages as embeds.
        layout: that of the room.
    """
    ordered = sorted(queued, key=lambda one: rank(one.notice))
    kind = LogNotice if _is_of_log(ordered) else CommentNotice
    run = list(takewhile(lambda one: isinstance(one.notice, kind), ordered))
    if not run or (allowance is not None and len(ordered) <= allowance):
        return tuple(ordered[:1])
    # Of what is alone in its message anyway, it does not matter.
    costs = [cost(one.notice) if isinstance(one.notice, kind) else None for one in ordered]
    if allowance is not None and (count := _apart(ordered, len(run), costs, size, allowance)):
        return tuple(run[:count])
    run = run[: _acted_on_in_one(run, size)]
    if layout is not Layout.CARDS and lines is not None and kind is CommentNotice:
        return tuple(run[: max(1, lines([one.notice for one in run]))])
    messages = _messages(costs[: len(run)], size)
    as_lines = 0
    if lines is not None and allowance is not None and len(messages) > max(1, allowance):
        as_lines = lines([one.notice for one in run])
    return tuple(run[: max(messages[0], as_lines)])


def _is_of_log(ordered: Sequence[QueuedNotice]) -> bool:
    return bool(ordered) and isinstance(ordered[0].notice, LogNotice)


def about(notice: Notice) -> ObjectId | None:
    """Return the object that a notice is about; ``None``: it is about many, or none."""
    match notice:
        case ProgrammeNotice() | LogNotice():
            return None
        case _:
            return notice.object.object_id


def takes_actions(notice: Notice) -> bool:
    """Tell whether a message offers to act on what it says: on comments that are shown."""
    return (
        isinstance(notice, CommentNotice)
        and notice.has_actions
        and notice.standing is Standing.SHOWN
    )


def _waits_for_staff(notice: Notice) -> bool:
    """Tell whether a notice is a question that somebody may want to act on at once."""
    return (
        isinstance(notice, CommentNotice)
        and takes_actions(notice)
        and notice.comment.kind is CommentKind.QUESTION
        and not notice.comment.is_promoted
    )


def _apart(
    ordered: Sequence[QueuedNotice],
    of_run: int,
    costs: Sequence[int | None],
    size: MessageSize,
    allowance: int,
) -> int:
    """Return how many go first where the next question of the run is alone in its message.

    0 where that, and all that waits besides, takes more messages than are left.
    """
    waiting = enumerate(ordered[:of_run])
    at = next((number for number, one in waiting if _waits_for_staff(one.notice)), None)
    if at is None:
        return 0
    before, after = _messages(costs[:at], size), _messages(costs[at + 1 :], size)
    if len(before) + 1 + len(after) > allowance:
        return 0
    return before[0] if before else 1


def _acted_on_in_one(run: Sequence[QueuedNotice], size: MessageSize) -> int:
    """Return how many comments, from the first, one message has menus for."""
    taking = [number for number, one in enumerate(run) if takes_actions(one.notice)]
    return len(run) if len(taking) <= size.actions else taking[size.actions]


def _messages(costs: Sequence[int | None], size: MessageSize) -> list[int]:
    """Return how many notices each message takes, where comments share them as embeds."""
    messages: list[int] = []
    left: int | None = None
    for cost in costs:
        if cost is None or left is None or messages[-1] == size.embeds or cost > left:
            messages.append(0)
            left = size.characters
        messages[-1] += 1
        left = None if cost is None else left - cost
    return messages


def lone(new: Sequence[NewNotice], idle: Collection[RoomId]) -> list[NewNotice]:
    """Return those of new notices that may go out at once: each is alone in a room.

    ``idle``: the rooms that take messages, and in which nothing waits already.
    """
    if len(new) > _MOST_LONE:
        return []
    count = Counter(one.room_id for one in new)
    return [one for one in new if count[one.room_id] == 1 and one.room_id in idle]


def digest(
    of: ObjectInfo, since: Sequence[datetime], waiting: DigestNotice | None
) -> DigestNotice | None:
    """Return what is said in place of comments that waited for too long; ``None``: they stay.

    Args:
        of: the object that they are on.
        since: when each began to wait.
        waiting: the digest that waits already, whose place this one takes.
    """
    if not since:
        return None
    new = DigestNotice(object=of, count=len(since), since=min(since), until=max(since))
    if waiting is None:
        # One comment takes no more room than its digest.
        return None if new.count == 1 else new
    return replace(
        waiting,
        count=waiting.count + new.count,
        since=min(waiting.since, new.since),
        until=max(waiting.until, new.until),
    )
