"""Comments that rooms show and that the workspace does not return: are they gone?

One wrong answer must not blank what is true. A comment is gone where the workspace, asked about
it alone, names it as gone, and one beside it as there; or where readings agree for minutes. In
either case nobody may have lowered the level of the credentials, and the more is missing, the
longer it takes to be believed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain.model import CommentId, ObjectId
from .intake import Intake
from .witness import MOST_ASKED, Answers, Witness

_log = logging.getLogger("twentythree.intake")

# Readings that agree count where they are so far apart.
_APART = timedelta(minutes=1)
_AGREED = 2
# What is more than a tenth of what is on show takes one reading more, and so does what no answer
# about another comment speaks for.
_PART = 10
_LEAST_PART = 5
_AGREED_ON_MUCH = 3
_STALE = timedelta(hours=1)
# How many comments are kept in mind that are there but in no list.
_MOST_UNLISTED = 10_000

FEWER = "The workspace returns fewer comments than before; rooms stay until that is certain."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a reading did not find.

    Attributes:
        doubted: the comments, those to be asked about first at the front.
        owners: the objects of what is on show, as far as the reading went.
        within: the objects whose comments are taken in.
        told: those of the doubted that realtime has named.
        sure: those of the doubted that a list without a hole did not hold.
        seen: what the reading found.
    """

    doubted: Sequence[CommentId]
    owners: Mapping[CommentId, ObjectId]
    within: frozenset[ObjectId]
    told: frozenset[CommentId]
    sure: frozenset[CommentId]
    seen: frozenset[CommentId]


@dataclass(slots=True)
class _Suspicion:
    """How many readings have missed a comment, and when the last of them that counts was."""

    last: datetime
    times: int = 1


class Doubts:
    """Finds out whether comments are gone, a few per reading.

    What turns out to be there is taken in, and asked about last from then on.
    """

    def __init__(self, witness: Witness, intake: Intake, *, now: Callable[[], datetime]) -> None:
        self._witness = witness
        self._intake = intake
        self._now = now
        self._unlisted: dict[CommentId, int] = {}
        self._turn = 0
        self._suspects: dict[ObjectId, dict[CommentId, _Suspicion]] = {}
        self._reasons: dict[ObjectId, str] = {}
        # Objects of which the last list held far less than there is.
        self._thinned: set[ObjectId] = set()

    def words(self, object_ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
        """Return what is in doubt about these objects, a sentence each."""
        thinned = dict.fromkeys(self._thinned, FEWER) | self._reasons
        return {one: thinned[one] for one in object_ids if one in thinned}

    def forget(self, object_id: ObjectId) -> None:
        """Drop an object."""
        self._suspects.pop(object_id, None)
        self._reasons.pop(object_id, None)
        self._thinned.discard(object_id)

    async def settle(self, case: Case) -> frozenset[ObjectId]:
        """Take away what is gone.

        Returns:
            The objects of comments that a list without a hole should have held.

        Raises:
            WorkspaceUnreachableError: the workspace is away.
        """
        self._clear(case.within, case.seen)
        order = sorted(dict.fromkeys(case.doubted), key=lambda one: self._unlisted.get(one, 0))
        answers = await self._witness.ask(order[:MOST_ASKED])
        for found in answers.found.values():
            self._note_unlisted(found.comment_id)
            if found.object_id in case.within:
                await self._intake.ingest_read(found.object_id, [found])
        self._clear(case.within, answers.found.keys())
        # One that no room shows is nobody's.
        missing = answers.gone & case.owners.keys()
        if case.sure.isdisjoint(answers.found):
            # A sample: readings that agree decide about the rest.
            missing |= case.sure - set(order[:MOST_ASKED]) - self._unlisted.keys()
        if missing:
            await self._judge(case, missing, answers)
        self._compare(case, Counter(case.owners[one] for one in case.sure - missing))
        return frozenset(case.owners[one] for one in case.sure & answers.found.keys())

    def _compare(self, case: Case, unlisted: Counter[ObjectId]) -> None:
        """Note of which objects a list lacks much that is there."""
        shown = Counter(case.owners.values())
        self._thinned -= case.within
        self._thinned |= {one for one in unlisted if _is_much(unlisted[one], shown[one])}

    async def _judge(self, case: Case, missing: Collection[CommentId], answers: Answers) -> None:
        by_object: dict[ObjectId, set[CommentId]] = {}
        for comment_id in missing:
            by_object.setdefault(case.owners[comment_id], set()).add(comment_id)
        shown = Counter(case.owners.values())
        is_vouched = await self._witness.vouches(min(by_object), case.seen, but=missing)
        lowered = await self._witness.lowered(by_object, answers)
        for object_id, ids in by_object.items():
            suspects = self._suspects.setdefault(object_id, {})
            for comment_id in ids:
                self._note(suspects, comment_id)
            if object_id in lowered:
                level = lowered[object_id]
                self._reasons[object_id] = (
                    f"The credentials have only level {level} now, so rooms stay as they are; "
                    "give the bot credentials of the level that it had."
                )
                continue
            is_much = _is_much(len(ids), shown[object_id])
            is_sure = is_vouched or await self._is_told(object_id, ids, case)
            certain = _AGREED_ON_MUCH if is_much or not is_sure else _AGREED
            gone = {one for one in ids if suspects[one].times >= certain}
            if is_sure and not is_much:
                # Once more: what was wrong may have become right between the two questions.
                gone |= (await self._witness.ask(ids & answers.gone)).gone
            await self._take_away(object_id, gone)

    async def _is_told(self, object_id: ObjectId, ids: Collection[CommentId], case: Case) -> bool:
        """Tell whether realtime speaks for what no other comment could speak for."""
        return case.told.issuperset(ids) and not await self._witness.has_any(object_id, but=ids)

    async def _take_away(self, object_id: ObjectId, gone: Collection[CommentId]) -> None:
        if gone:
            await self._intake.take_away(object_id, gone)
        self._clear([object_id], gone)
        if object_id in self._suspects:
            if object_id not in self._reasons:
                _log.warning("the workspace returns fewer comments of %s than before", object_id)
            self._reasons[object_id] = FEWER

    def _note(self, suspects: dict[CommentId, _Suspicion], comment_id: CommentId) -> None:
        now = self._now()
        held = suspects.setdefault(comment_id, _Suspicion(last=now))
        if now - held.last >= _APART:
            held.last, held.times = now, held.times + 1

    def _clear(self, object_ids: Iterable[ObjectId], there: Collection[CommentId]) -> None:
        """Drop suspicions that have come to nothing, and what was said of them."""
        oldest = self._now() - _STALE
        for object_id in [one for one in object_ids if one in self._suspects]:
            suspects = self._suspects[object_id]
            for comment_id in [
                one for one, held in suspects.items() if one in there or held.last < oldest
            ]:
                del suspects[comment_id]
            if not suspects:
                self.forget(object_id)

    def _note_unlisted(self, comment_id: CommentId) -> None:
        self._turn += 1
        self._unlisted.pop(comment_id, None)
        self._unlisted[comment_id] = self._turn
        if len(self._unlisted) > _MOST_UNLISTED:
            del self._unlisted[next(iter(self._unlisted))]


def _is_much(missing: int, shown: int) -> bool:
    return missing > max(_LEAST_PART, shown // _PART)
