"""Comments that rooms show and that the workspace does not return: are they gone?

One wrong answer must not blank what is true. A comment is gone where the workspace, asked about
it alone, names it as gone, and one beside it as there; or where readings agree for minutes. In
either case nobody may have lowered the level of the credentials, and the more is missing, the
longer it takes to be believed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta

from ..api import WorkspaceClient
from ..domain.levels import is_lower, lowest, replaces
from ..domain.model import Comment, CommentId, ObjectId
from ..domain.reading import is_much
from ..errors import WorkspaceError, WorkspaceUnreachableError
from ..languages import kept
from ..storage import Ingested, Store
from .intake import Intake
from .objects import Objects, ObjectState, Suspicion
from .ports import Clock
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

# Requests for single comments that one reading may cost, and for those that are known to be there.
MOST_ASKED = 10
_MOST_WITNESSES = 3
# Readings that agree count where they are so far apart.
_APART = timedelta(minutes=1)
_AGREED = 2
# What is much takes one reading more, and so does what no answer about another comment speaks for.
_AGREED_ON_MUCH = 3
_STALE = timedelta(hours=1)
# How many comments are kept in mind that are there but in no list.
_MOST_UNLISTED = 10_000

FEWER = kept("The workspace returns fewer comments than before; rooms stay until that is certain.")
PUT_OFF = kept(
    "The workspace tells of many comments at once what takes them out of rooms; rooms stay until "
    "that is certain."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the workspace said of single comments; of those in neither part it said nothing.

    ``level`` is the lowest level of the credentials, as told with what is ``gone``.
    """

    found: dict[CommentId, Comment]
    gone: frozenset[CommentId]
    level: str | None

    def __or__(self, other: Answers) -> Answers:
        """Return both together."""
        return Answers(
            found=self.found | other.found,
            gone=self.gone | other.gone,
            level=lowest((self.level, other.level)),
        )


class SingleComments:
    """Asks about comments by their IDs.

    Every method raises ``WorkspaceUnreachableError`` where the workspace is away.
    """

    def __init__(self, api: WorkspaceClient, store: Store, objects: Objects) -> None:
        self._api = api
        self._store = store
        self._objects = objects

    async def ask(self, ids: Iterable[CommentId]) -> Answers:
        """Ask about each of some comments."""
        found: dict[CommentId, Comment] = {}
        gone: dict[CommentId, str | None] = {}
        for comment_id in ids:
            try:
                comment = await self._api.comment(comment_id)
            except WorkspaceUnreachableError:
                raise
            except WorkspaceError as error:
                # No answer to this question; whether it is gone stays open.
                _log.debug("comment %d could not be asked about: %s", comment_id, error)
                continue
            if comment is None:
                gone[comment_id] = self._api.level
            else:
                found[comment_id] = comment
        return Answers(found=found, gone=frozenset(gone), level=lowest(gone.values()))

    async def vouches(
        self, object_id: ObjectId, seen: Collection[CommentId], *, but: Collection[CommentId]
    ) -> bool:
        """Tell whether the workspace, asked in the same way, names a comment that is there.

        Args:
            object_id: of which the comment is to be, if it has any.
            seen: what the workspace has just listed.
            but: what is in doubt.
        """
        for comment_id in await self._known(object_id, seen, but):
            if (await self.ask([comment_id])).found:
                return True
        return False

    async def has_any(self, object_id: ObjectId, *, but: Collection[CommentId]) -> bool:
        """Tell whether there is anything to ask that question about."""
        return bool(await self._known(object_id, (), but))

    async def _known(
        self, object_id: ObjectId, seen: Collection[CommentId], but: Collection[CommentId]
    ) -> Sequence[CommentId]:
        """Return comments that are there, as far as is known."""
        near = min(but, default=CommentId(0))
        found = sorted(set(seen) - set(but), key=lambda one: abs(one - near))
        if not found:
            known = await self._store.memory.confirmed(object_id, len(but) + _MOST_WITNESSES)
            found = [one for one in known if one not in but]
        return found[:_MOST_WITNESSES]

    async def lowered(
        self, object_ids: Collection[ObjectId], answers: Answers
    ) -> dict[ObjectId, str]:
        """Return the level of the credentials for each object that was read at a higher one.

        It is asked for, since not each answer may tell it; what these tell counts, too.
        """
        try:
            level = (await self._api.site()).permission_level
        except WorkspaceUnreachableError:
            raise
        except WorkspaceError:
            level = "none"
        return await self.lowered_at(lowest((level, answers.level or None)), object_ids)

    async def lowered_at(
        self, level: str | None, object_ids: Collection[ObjectId]
    ) -> dict[ObjectId, str]:
        """Return this level for each object that was read at a higher one; ``None``: not told."""
        if level is None:
            return {}
        levels = await self._levels(object_ids)
        return {one: level for one in object_ids if is_lower(level, levels.get(one))}

    def lowered_to(self, states: Iterable[ObjectState]) -> str | None:
        """Return the level of the credentials if any of these was read at a higher one."""
        level = self._api.level
        if level is None or not any(is_lower(level, one.level) for one in states):
            return None
        return level

    async def note_level(self, object_ids: Collection[ObjectId], level: str | None) -> None:
        """Remember the level at which objects were read just now, unless it is lower than before.

        One that allows as much to be seen counts, too: it may allow more, or less, to be changed.
        """
        levels = await self._levels(object_ids)
        due = [one for one in object_ids if replaces(level, levels.get(one))]
        if due and level is not None:
            await self._store.memory.note_level(due, level)
            for state in self._objects.those(due):
                state.level = level

    async def _levels(self, object_ids: Collection[ObjectId]) -> dict[ObjectId, str | None]:
        """Return at which level each object was read, as the store has it."""
        levels = {
            state.object_id: state.level
            for state in self._objects.those(object_ids)
            if state.is_level_known
        }
        if unknown := [one for one in object_ids if one not in levels]:
            levels |= await self._store.memory.levels(unknown)
            for state in self._objects.those(unknown):
                state.level, state.is_level_known = levels.get(state.object_id), True
        return levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a reading sought and did not find.

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


class Missing:
    """Finds out whether comments are gone, a few per reading.

    What turns out to be there is taken in, and asked about last from then on.

    Args:
        single: asks about single comments.
        objects: what is suspected of each.
        intake: the way in, and out.
        clock: the time.
    """

    def __init__(
        self,
        single: SingleComments,
        objects: Objects,
        intake: Intake,
        clock: Clock,
    ) -> None:
        self._single = single
        self._objects = objects
        self._intake = intake
        self._now = clock.now
        self._unlisted: dict[CommentId, int] = {}
        self._turn = 0

    def doubts(self, object_ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
        """Return what is in doubt about these objects, a sentence each."""
        return {
            state.object_id: state.reason or (FEWER if state.is_thinned else PUT_OFF)
            for state in self._objects.those(object_ids)
            if state.reason is not None or state.is_thinned or state.put_off
        }

    async def take(self, object_id: ObjectId, found: Sequence[Comment], since: float) -> Ingested:
        """Take in what a list holds that is read ``since`` then, in the loop's seconds.

        What would take much out of rooms at once, an answer in which nothing is promoted say, is
        left as it is until readings have agreed on it.
        """
        done = await self._intake.ingest_read(object_id, found, believed=frozenset(), since=since)
        if sure := self._note_put_off(object_id, found, done.put_off):
            again = [one for one in found if one.comment_id in sure]
            await self._intake.ingest_read(object_id, again, believed=sure, since=since)
        return done

    def _note_put_off(
        self, object_id: ObjectId, found: Iterable[Comment], put_off: AbstractSet[CommentId]
    ) -> frozenset[CommentId]:
        """Note what was put off, and what is as it was after all; return what is certain."""
        state = self._objects.get(object_id)
        if state is None:
            return frozenset()
        for one in found:
            if one.comment_id not in put_off:
                state.put_off.pop(one.comment_id, None)
        for comment_id in put_off:
            self._note(state.put_off, comment_id)
        sure = frozenset(one for one in put_off if state.put_off[one].times >= _AGREED_ON_MUCH)
        for comment_id in sure:
            del state.put_off[comment_id]
        return sure

    async def settle(self, sought: Sought) -> frozenset[ObjectId]:
        """Take away what is gone.

        Returns:
            The objects of comments that a list without a hole should have held.

        Raises:
            WorkspaceUnreachableError: the workspace is away.
        """
        self._clear(sought.within, sought.seen)
        order = sorted(dict.fromkeys(sought.doubted), key=lambda one: self._unlisted.get(one, 0))
        since = loop_time()
        answers = await self._single.ask(order[:MOST_ASKED])
        here: dict[ObjectId, list[Comment]] = {}
        for found in answers.found.values():
            self._note_unlisted(found.comment_id)
            if found.object_id in sought.within:
                here.setdefault(found.object_id, []).append(found)
        for object_id, comments in here.items():
            await self.take(object_id, comments, since)
        self._clear(sought.within, answers.found.keys())
        # One that no room shows is nobody's.
        missing = answers.gone & sought.owners.keys()
        if sought.sure.isdisjoint(answers.found):
            # A sample: readings that agree decide about the rest.
            missing |= sought.sure - set(order[:MOST_ASKED]) - self._unlisted.keys()
        if missing:
            await self._judge(sought, missing, answers)
        self._compare(sought, Counter(sought.owners[one] for one in sought.sure - missing))
        return frozenset(sought.owners[one] for one in sought.sure & answers.found.keys())

    def _compare(self, sought: Sought, unlisted: Counter[ObjectId]) -> None:
        """Note of which objects a list lacks much that is there."""
        shown = Counter(sought.owners.values())
        for state in self._objects.those(sought.within):
            lacking = unlisted[state.object_id]
            state.is_thinned = lacking > 0 and is_much(lacking, shown[state.object_id])

    async def _judge(
        self, sought: Sought, missing: Collection[CommentId], answers: Answers
    ) -> None:
        by_object: dict[ObjectId, set[CommentId]] = {}
        for comment_id in missing:
            by_object.setdefault(sought.owners[comment_id], set()).add(comment_id)
        shown = Counter(sought.owners.values())
        is_vouched = await self._single.vouches(min(by_object), sought.seen, but=missing)
        lowered = await self._single.lowered(by_object, answers)
        for state in self._objects.those(by_object):
            object_id, ids = state.object_id, by_object[state.object_id]
            suspicions = state.suspicions
            for comment_id in ids:
                self._note(suspicions, comment_id)
            if object_id in lowered:
                state.reason = lowered_sentence(lowered[object_id])
                continue
            is_little = not is_much(len(ids), shown[object_id])
            is_sure = is_vouched or await self._is_told(object_id, ids, sought)
            certain = _AGREED if is_little and is_sure else _AGREED_ON_MUCH
            gone = {one for one in ids if suspicions[one].times >= certain}
            if is_sure and is_little:
                # Once more: what was wrong may have become right between the two questions.
                gone |= (await self._single.ask(ids & answers.gone)).gone
            await self._take_away(state, gone)

    async def _is_told(
        self, object_id: ObjectId, ids: Collection[CommentId], sought: Sought
    ) -> bool:
        """Tell whether realtime speaks for what no other comment could speak for."""
        return sought.told.issuperset(ids) and not await self._single.has_any(object_id, but=ids)

    async def _take_away(self, state: ObjectState, gone: Collection[CommentId]) -> None:
        if gone:
            await self._intake.take_away(state.object_id, gone)
        for comment_id in gone:
            # Nothing else is ever told of it.
            state.put_off.pop(comment_id, None)
        self._clear([state.object_id], gone)
        if state.suspicions:
            if state.reason is None:
                _log.warning(
                    "the workspace returns fewer comments of %s than before", state.object_id
                )
            state.reason = FEWER

    def _note(self, suspicions: dict[CommentId, Suspicion], comment_id: CommentId) -> None:
        now = self._now()
        held = suspicions.setdefault(comment_id, Suspicion(last=now))
        if now - held.last >= _APART:
            held.last, held.times = now, held.times + 1

    def _clear(self, object_ids: Iterable[ObjectId], there: Collection[CommentId]) -> None:
        """Drop suspicions that have come to nothing, and what was said of them."""
        oldest = self._now() - _STALE
        for state in self._objects.those(object_ids):
            if not state.suspicions:
                continue
            state.suspicions = {
                one: held
                for one, held in state.suspicions.items()
                if one not in there and held.last >= oldest
            }
            if not state.suspicions:
                state.reason, state.is_thinned = None, False

    def _note_unlisted(self, comment_id: CommentId) -> None:
        self._turn += 1
        self._unlisted.pop(comment_id, None)
        self._unlisted[comment_id] = self._turn
        if len(self._unlisted) > _MOST_UNLISTED:
            del self._unlisted[next(iter(self._unlisted))]


def lowered_sentence(level: str) -> str:
    """Return what people read of an object that was read at a higher level than this one."""
    return kept(
        "The credentials have only level {level} now, so rooms stay as they are; "
        "give the bot credentials of the level that it had."
    ).format(level=level)
