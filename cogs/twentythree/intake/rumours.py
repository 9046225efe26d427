"""Rumours: what realtime alone has told of comments, until the workspace has been asked.

Every viewer's browser knows the channels, and a realtime service may let anybody publish. So what
realtime tells is shown, and checked at once. Where that goes wrong too often, an object's messages
are shown only once they are confirmed, for a while.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..backoff import backoff_s
from ..domain.ingest import fingerprint
from ..domain.model import Comment, CommentId, ObjectId
from .ports import BridgeOptions, Clock
from .turns import loop_time

# So many forged comments within so long are too many; for how long realtime is verified then.
_TOO_MANY = 3
_WITHIN = timedelta(minutes=10)
_VERIFIED_FOR = timedelta(hours=1)
# Beyond this, an object's messages are not shown before they are confirmed; nor kept, if they are
# not shown: a reading finds them.
_MOST_OPEN = 2_000
# After so many within so long, the next ones are shown once they are confirmed: a room could not
# show more of them sooner, and what a flood has shown takes long to be taken away.
_BURST = 100
_BURST_S = 1.0
# So many are asked about, a page of the list; a reading finds what comes after them, in order.
_MOST_AWAITED = 100
# How often the workspace must deny a comment, a while apart, before that is believed: realtime may
# be ahead of it. What nobody sees yet can wait longer.
_MOST_DENIED = {True: 2, False: 3}
_LONGEST_WAIT_S = 15.0
# For this part of the time between two questions about one comment, questions that take many
# requests are gathered.
_GATHERING = 0.3


@dataclass(slots=True)
class Rumour:
    """What is to be confirmed of one comment.

    ``due`` is the loop's time of the next question. ``fingerprint`` is that of what was told
    (``None``: not known any more), ``told`` how often that was, ``asked`` how often the answer was
    another one. ``is_known``: of a comment that the workspace has told of before. ``is_awaited``:
    of one that nobody has seen, and that later ones must not overtake. ``is_spared``: it was told
    again during a question, whose answer did not count. ``is_alone``: no comment that is known to
    be there could vouch for the last denial, so it takes one more.
    """

    due: float
    fingerprint: str | None
    is_shown: bool
    is_known: bool = False
    is_awaited: bool = False
    told: int = 0
    asked: int = 0
    is_spared: bool = False
    is_alone: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether the workspace need not be asked again."""
        return self.asked >= _MOST_DENIED[self.is_shown] + self.is_alone

    @property
    def is_last(self) -> bool:
        """Whether the next question may be the last one."""
        return self.asked + 1 >= _MOST_DENIED[self.is_shown]


@dataclass(slots=True)
class _Delay:
    """How long questions wait; the longer, the more of them were in vain."""

    until: float = float("-inf")
    times: int = 0

    def begin(self, first_s: float) -> None:
        self.times += 1
        wait_s = backoff_s(self.times, first_s=first_s, longest_s=_LONGEST_WAIT_S)
        self.until = loop_time() + wait_s


@dataclass(slots=True)
class _Object:
    """One object's rumours, and how far they were right.

    ``delay`` is that of all questions, ``unseen_delay`` that of those about what nobody sees.
    """

    open: dict[CommentId, Rumour] = field(default_factory=dict)
    forged: deque[datetime] = field(default_factory=lambda: deque(maxlen=_TOO_MANY))
    verified_until: datetime | None = None
    shown_at: deque[float] = field(default_factory=lambda: deque(maxlen=_BURST))
    delay: _Delay = field(default_factory=_Delay)
    unseen_delay: _Delay = field(default_factory=_Delay)

    def due_at(self, rumour: Rumour) -> float:
        """Return the loop's time of the next question about a comment."""
        if rumour.is_shown:
            return max(rumour.due, self.delay.until)
        return max(rumour.due, self.delay.until, self.unseen_delay.until)


class Rumours:
    """What is to be asked, and when.

    Args:
        clock: the time.
        options: how long after a comment was shown the workspace is asked about it, and how long
            after that again; whether nothing is ever shown that is not confirmed.

    Attributes:
        stirred: set when there is anything new to be asked.
    """

    def __init__(self, clock: Clock, options: BridgeOptions) -> None:
        self._now = clock.now
        self._confirm_s = options.confirm_s
        self._again_s = options.again_s
        self._verifies = options.verifies
        self._objects: dict[ObjectId, _Object] = {}
        self.stirred = asyncio.Event()

    def shown(
        self, object_id: ObjectId, heard: Iterable[Comment], *, known: Collection[CommentId]
    ) -> None:
        """Note what rooms show by realtime's word; ``known``: what the workspace has told of."""
        now = loop_time()
        for comment in heard:
            comment_id, said = comment.comment_id, fingerprint(comment)
            rumour = self._note(object_id, comment_id, said, now, self._confirm_s, is_shown=True)
            rumour.is_known = comment_id in known
            self._of(object_id).shown_at.append(now)

    def resume(self, object_id: ObjectId, ids: Iterable[CommentId]) -> None:
        """Note what rooms have shown since before the start."""
        now = loop_time()
        for comment_id in ids:
            self._note(object_id, comment_id, None, now, 0.0, is_shown=True)

    def held_back(
        self, object_id: ObjectId, heard: Iterable[Comment], *, is_new: bool = True
    ) -> bool:
        """Note what is shown once it is confirmed; return whether all of it could be noted.

        ``is_new``: the comments are, not only what is told of them.
        """
        awaited, now = _awaited(self._of(object_id)), loop_time()
        for comment in heard:
            if _is_full(self._of(object_id)) or (is_new and awaited >= _MOST_AWAITED):
                return False
            # Realtime may be a moment ahead of the lists.
            said, soon = fingerprint(comment), self._confirm_s / 4
            rumour = self._note(object_id, comment.comment_id, said, now, soon, is_shown=False)
            rumour.is_known = rumour.is_known or not is_new
            if is_new and not (rumour.is_shown or rumour.is_awaited):
                rumour.is_awaited = True
                awaited += 1
        return True

    def answered(self, object_id: ObjectId, found: Iterable[Comment]) -> None:
        """Take the workspace's word; where it is another than realtime's, it is asked again."""
        held = self._objects.get(object_id)
        for comment in found if held is not None and held.open else ():
            rumour = self._of(object_id).open.get(comment.comment_id)
            if rumour is None:
                continue
            if rumour.fingerprint in {None, fingerprint(comment)}:
                del self._of(object_id).open[comment.comment_id]
            else:
                # Whatever it says, the rooms have it now.
                rumour.is_awaited = False
                self._asked(object_id, comment.comment_id, rumour)

    def denied(
        self,
        object_id: ObjectId,
        ids: Collection[CommentId],
        asked: Mapping[CommentId, Rumour],
        *,
        is_vouched: bool = True,
    ) -> dict[CommentId, Rumour]:
        """Note that the workspace does not have these; return those it was asked often enough.

        Args:
            object_id: of which they were said to be.
            ids: the comments.
            asked: what was :meth:`due` when the question began.
            is_vouched: it named one beside them that is there; else it may be silent of all.
        """
        held = self._of(object_id).open
        rumours = {one: held[one] for one in ids if one in held}
        for comment_id, rumour in rumours.items():
            if rumour.told > asked[comment_id].told and not rumour.is_spared:
                # Who forges an ID before it is given must not have the real comment denied.
                rumour.is_spared, rumour.due = True, loop_time()
            else:
                rumour.is_alone = not is_vouched
                self._asked(object_id, comment_id, rumour)
        return {one: rumour for one, rumour in rumours.items() if rumour.is_settled}

    def put_off(self, object_id: ObjectId) -> None:
        """Let an object's questions wait, longer each time, since there was no answer."""
        self._of(object_id).delay.begin(self._again_s)

    def go_on(self, object_id: ObjectId, *, found_any: bool, unseen: bool, is_dear: bool) -> None:
        """Let an object's questions wait no longer than they have to, since there was an answer.

        ``found_any``: it was worth something. ``unseen``: it was about what nobody sees; questions
        about that wait where none of them is worth anything, since anybody can ask for them.
        ``is_dear``: it took many requests, so the next one waits until there is more to ask.
        """
        held = self._of(object_id)
        held.delay = _Delay(until=loop_time() + self._again_s * _GATHERING * is_dear)
        if found_any:
            held.unseen_delay = _Delay()
        elif unseen:
            held.unseen_delay.begin(self._again_s)

    def forget(self, object_id: ObjectId) -> None:
        """Drop an object."""
        self._objects.pop(object_id, None)

    # What is due.

    def ready(self) -> list[ObjectId]:
        """Return the objects with a question that is due, those that wait longest first."""
        at = {object_id: self._due_at(held) for object_id, held in self._objects.items()}
        now = loop_time()
        return sorted((one for one in at if at[one] <= now), key=lambda one: at[one])

    def due(self, object_id: ObjectId) -> dict[CommentId, Rumour]:
        """Return what is to be asked about an object now, as it is now."""
        now = loop_time()
        held = self._of(object_id)
        found = held.open.items()
        return {one: replace(rumour) for one, rumour in found if held.due_at(rumour) <= now}

    def wait_s(self, but: Collection[ObjectId]) -> float | None:
        """Return the seconds until a question is due about an object that is not among ``but``."""
        held = (one for object_id, one in self._objects.items() if object_id not in but)
        at = min(map(self._due_at, held), default=float("inf"))
        return None if at == float("inf") else max(0.0, at - loop_time())

    # How far realtime is believed.

    def note_forged(self, object_id: ObjectId, count: int) -> None:
        """Count what realtime told and the workspace denies."""
        held, now = self._of(object_id), self._now()
        held.forged.extend([now] * min(count, _TOO_MANY))
        if len(held.forged) == _TOO_MANY and now - held.forged[0] <= _WITHIN:
            held.verified_until = now + _VERIFIED_FOR

    def unconfirmed_left(self, object_id: ObjectId) -> int:
        """Return how many of the object's next messages may be shown before they are confirmed."""
        held = self._objects.get(object_id)
        if self._verifies or self.verified_until(object_id) is not None:
            return 0
        if held is None:
            return _BURST
        return 0 if _is_full(held) or _awaited(held) else _BURST - _lately_shown(held)

    def verified_until(self, object_id: ObjectId) -> datetime | None:
        """Return until when they are, where too much of them was forged; else ``None``."""
        held = self._objects.get(object_id)
        until = held.verified_until if held is not None else None
        return until if until is not None and until > self._now() else None

    def _of(self, object_id: ObjectId) -> _Object:
        return self._objects.setdefault(object_id, _Object())

    def _note(
        self,
        object_id: ObjectId,
        comment_id: CommentId,
        said: str | None,
        now: float,
        wait_s: float,
        *,
        is_shown: bool,
    ) -> Rumour:
        due = now + wait_s
        fresh = Rumour(due=due, fingerprint=said, is_shown=is_shown)
        rumour = self._of(object_id).open.setdefault(comment_id, fresh)
        # Who repeats a message must not put its question off.
        rumour.due, rumour.fingerprint = min(rumour.due, due), said
        rumour.told += 1
        rumour.is_shown = rumour.is_shown or is_shown
        if is_shown:
            delay = self._of(object_id).delay
            delay.until = min(delay.until, now + self._again_s)
        self.stirred.set()
        return rumour

    def _asked(self, object_id: ObjectId, comment_id: CommentId, rumour: Rumour) -> None:
        rumour.asked += 1
        rumour.due = loop_time() + self._again_s
        if rumour.is_settled:
            del self._of(object_id).open[comment_id]

    @staticmethod
    def _due_at(held: _Object) -> float:
        return min(map(held.due_at, held.open.values()), default=float("inf"))


def _is_full(held: _Object) -> bool:
    return len(held.open) >= _MOST_OPEN


def _lately_shown(held: _Object) -> int:
    since = loop_time() - _BURST_S
    return sum(at >= since for at in held.shown_at)


def _awaited(held: _Object) -> int:
    return sum(rumour.is_awaited for rumour in held.open.values())
