"""The way into the store, for realtime messages and for what readings find.

This is the one place where a comment waits between the socket and the store: what the realtime
client hands over is taken from it at once. Messages wait while a transaction runs; the next one
takes all that came meanwhile, so that a burst costs few transactions and a lone comment no wait.
After a gap the messages of an object wait for its reading, so that a room gets what was missed
before what is new.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import timedelta

from ..domain.decoding import decode_comments, shape
from ..domain.ingest import fingerprint
from ..domain.model import Comment, CommentId, LiveObservation, ObjectId, Source
from ..domain.needs import Service
from ..errors import StorageError, log_failure
from ..storage import Ingested
from .agenda import Agenda
from .objects import Objects, ObjectState
from .ports import BridgeOptions, Ports
from .rumours import Rumours
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

# Past this, what came for an object is dropped and read from the workspace instead. Past the
# second, so it is for each object with more than a handful.
_MOST_OF_OBJECT = 1_000
_MOST_WAITING = 20_000
_HANDFUL = 20
# So many go into the store at once, before another object has its turn and before it is seen
# whether the next ones are to be confirmed first.
_MOST_AT_ONCE = 100
# What a hold lasts is counted in so many parts: so a process that was frozen has lost only one.
_PARTS = 10
# For so long realtime waits for what is being done to a comment from a room.
_SETTLING_S = 1.0
# No reading is under way for so long.
_LONGEST_READING_S = 600.0
# So many unknown shapes of messages are counted, and logged at each power of ten.
_MOST_SHAPES = 100


class Intake:
    """Takes realtime messages in, and what readings find.

    Args:
        ports: the store, the rooms, the metrics and the clock.
        objects: what is attached.
        agenda: what is to be read.
        rumours: what is to be confirmed.
        options: how long messages wait for a reading, and what is the same broadcast.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        agenda: Agenda,
        rumours: Rumours,
        options: BridgeOptions,
    ) -> None:
        self._store = ports.store
        self._rooms = ports.rooms
        self._metrics = ports.metrics
        self._now = ports.clock.now
        self._objects = objects
        self._agenda = agenda
        self._rumours = rumours
        self._hold_s = options.hold_s
        self._same_broadcast = timedelta(seconds=options.same_broadcast_s)
        self._holds = 0
        self._storing: set[ObjectId] = set()
        self._settling: dict[CommentId, list[Comment]] = {}
        # When somebody last began to act on a comment from a room, or was done: the loop's seconds.
        self._acted: dict[CommentId, float] = {}
        self._waiting: dict[ObjectId, list[Comment]] = {}
        self._count = 0
        self._dropped: set[ObjectId] = set()
        self._arrived = asyncio.Event()
        self._shapes: Counter[str] = Counter()

    # Realtime.

    def deliver(self, state: ObjectState, service: Service, data: object) -> None:
        """Take one message: whole comments are queued, anything else is a hint to read."""
        object_id = state.object_id
        if service is not Service.COMMENTS:
            self._agenda.hint(object_id)
            return
        if self._is_full(object_id):
            self._drop(object_id)
            return
        decoded = decode_comments(data, object_id)
        if decoded.is_hint:
            self._note_shape(data)
            self._agenda.hint(object_id, decoded.named)
            if not decoded.named and not decoded.comments:
                state.misread += 1
        if decoded.comments:
            state.misread = 0
            now = [one for one in decoded.comments if not self._set_aside(one)]
            if now:
                self._queue(object_id, now)

    @contextmanager
    def settling(self, comment_id: CommentId) -> Generator[None]:
        """Have what realtime tells of a comment wait while somebody acts on it.

        Else rooms would show twice what was done: at first without who did it. It waits a second
        at most. What was read of it before takes nothing of that back.
        """
        aside: list[Comment] = []
        self._acted[comment_id] = loop_time()
        self._settling[comment_id] = aside
        loop = asyncio.get_running_loop()
        over = loop.call_later(_SETTLING_S, self._settled, comment_id, aside)
        try:
            yield
        finally:
            over.cancel()
            self._settled(comment_id, aside)
            now = loop_time()
            recent = now - _LONGEST_READING_S
            self._acted = {one: at for one, at in self._acted.items() if at > recent}
            self._acted[comment_id] = now

    def is_overtaken(self, comment_id: CommentId, since: float) -> bool:
        """Tell whether a comment that was asked for since then has been acted on meanwhile."""
        return self._acted.get(comment_id, since) > since

    def knows(self, comment: Comment) -> None:
        """Drop what realtime has told of a comment while it was acted on, as far as it is known.

        That would be stored, and looked at, for nothing. What is otherwise stays, with all after.
        """
        aside, known = self._settling.get(comment.comment_id, []), fingerprint(comment)
        while aside and fingerprint(aside[0]) == known:
            del aside[0]

    def _set_aside(self, comment: Comment) -> bool:
        aside = self._settling.get(comment.comment_id)
        if aside is None or len(aside) >= _HANDFUL:
            return False
        aside.append(comment)
        return True

    def _settled(self, comment_id: CommentId, aside: list[Comment]) -> None:
        if self._settling.get(comment_id) is aside:
            del self._settling[comment_id]
            for comment in aside:
                self._queue(comment.object_id, [comment])

    def hold(self, object_ids: Iterable[ObjectId]) -> None:
        """Let the objects' messages wait for a reading that begins after now."""
        self._holds += 1
        held = self._objects.those(object_ids)
        for state in held:
            state.hold = self._holds
        self._count_down([state.object_id for state in held], self._holds, _PARTS)

    def _count_down(
        self,
        object_ids: Sequence[ObjectId],
        hold: int,
        left: int,
        waited_for: object = None,
    ) -> None:
        """Let messages go whose reading takes too long, as soon as no parts of the time are left.

        ``waited_for``: the oldest transaction under way, so far. Time in which it stays the same
        does not count: the reading that comes first waits for the store as well.
        """
        asyncio.get_running_loop().call_later(
            self._hold_s / _PARTS, self._counted, object_ids, hold, left - 1, waited_for
        )

    def _counted(
        self, object_ids: Sequence[ObjectId], hold: int, left: int, waited_for: object
    ) -> None:
        oldest = self._store.oldest_begun
        if oldest is not None and oldest is waited_for:
            left = _PARTS
        held = [one for one in object_ids if self._is_on(one, hold)]
        if held and left:
            self._count_down(held, hold, left, oldest)
            return
        for object_id in held:
            self.release(object_id, hold)

    def _is_on(self, object_id: ObjectId, hold: int) -> bool:
        state = self._objects.get(object_id)
        return state is None or state.hold == hold

    def release(self, object_id: ObjectId, hold: int) -> None:
        """Let an object's messages go on, unless a later hold came in between.

        ``hold``: what its ``hold`` was when the reading began.
        """
        if not self._is_on(object_id, hold):
            return
        if (state := self._objects.get(object_id)) is not None:
            state.hold = 0
        self._arrived.set()

    async def run(self) -> None:
        """Move what waits into the store, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            for object_id in list(self._waiting):
                # A gap, and the hold after it, may come while another object is stored.
                if not self._is_held(object_id):
                    await self._move(object_id)

    def _is_held(self, object_id: ObjectId) -> bool:
        """Tell whether an object's messages wait for a reading, or for its being stored."""
        state = self._objects.get(object_id)
        return object_id in self._storing or (state is not None and state.hold != 0)

    async def _move(self, object_id: ObjectId) -> None:
        waiting = self._waiting.pop(object_id)
        left = self._rumours.unconfirmed_left(object_id)
        most = min(_MOST_AT_ONCE, left or _MOST_AT_ONCE)
        comments, later = _parted(waiting, most)
        if later:
            self._waiting[object_id] = later
            self._arrived.set()
        try:
            if left:
                await self.ingest(object_id, comments, Source.REALTIME)
            else:
                self._hold_back(object_id, comments)
        except (StorageError, asyncio.CancelledError):
            # They go again, and before what has come meanwhile. What is stored is no news then.
            self._waiting[object_id] = comments + self._waiting.get(object_id, [])
            self._arrived.set()
            raise
        except Exception as error:  # noqa: BLE001 - supervision: one object holds up no other
            # Here it would be in vain again; the reading tells of it where it finds no way either.
            log_failure(_log, f"what realtime tells of {object_id} could not be taken", error)
            self._agenda.hint(object_id)
        self._count -= len(comments)
        if object_id in self._dropped and not later:
            # What was dropped since the first hint.
            self._dropped.discard(object_id)
            self._agenda.hint(object_id)

    def _hold_back(
        self, object_id: ObjectId, comments: Iterable[Comment], *, is_new: bool = True
    ) -> None:
        """Have the workspace asked before anything is shown."""
        if not self._rumours.held_back(object_id, comments, is_new=is_new):
            self._agenda.hint(object_id)

    # The way into the store.

    async def ingest_read(
        self,
        object_id: ObjectId,
        comments: Iterable[Comment],
        *,
        believed: AbstractSet[CommentId] | None = None,
        since: float | None = None,
    ) -> Ingested:
        """Take in what a reading found; until it is stored, what came by realtime waits.

        No hold is too long for that: where the store is locked, nothing else could go on either.
        ``believed``: see ``Memory.ingest``. ``since``: when the reading began, the loop's seconds;
        what was acted on from a room meanwhile is read again.
        """
        found = list(comments)
        if since is not None:
            overtaken = {it.comment_id for it in found if self.is_overtaken(it.comment_id, since)}
            found = [one for one in found if one.comment_id not in overtaken]
            if overtaken:
                self._agenda.hint(object_id, overtaken)
        self._storing.add(object_id)
        try:
            return await self.ingest(object_id, found, Source.RECONCILE, believed=believed)
        except BaseException:
            # The next reading finds it again, and must still be first.
            self.hold([object_id])
            raise
        finally:
            self._storing.discard(object_id)
            self._arrived.set()

    async def ingest(
        self,
        object_id: ObjectId,
        comments: Iterable[Comment],
        source: Source,
        *,
        believed: AbstractSet[CommentId] | None = None,
    ) -> Ingested:
        """Take comments in and wake the rooms they go to. Doubles change nothing."""
        batch = list(comments)
        if source is not Source.REALTIME:
            _note_way("received", batch)
        done = await self._store.memory.ingest(
            object_id,
            batch,
            source=source,
            now=self._now(),
            draft=self._rooms.draft,
            believed=believed,
        )
        _note_way("stored", batch)
        self.took(object_id, done, source=source)
        if source is Source.REALTIME:
            shown = [comment for comment in batch if comment.comment_id in done.unconfirmed]
            self._rumours.shown(object_id, shown, known=done.known)
            if doubtful := [one for one in batch if one.comment_id in done.doubtful]:
                self._hold_back(object_id, doubtful, is_new=False)
        else:
            self._rumours.answered(
                object_id, [one for one in batch if one.comment_id not in done.put_off]
            )
            self._note_forged(object_id, len(done.forged))
        return done

    async def disown(
        self,
        object_id: ObjectId,
        denied: Collection[CommentId],
        *,
        told_again: AbstractSet[CommentId],
    ) -> None:
        """Take away what realtime has told of and the workspace denies.

        What the workspace once had is looked for by a reading, and so is what was told again since
        the workspace was asked.
        """
        done = await self._store.memory.disown(object_id, denied)
        self._rooms.wake(done.rooms)
        self._note_forged(object_id, len(denied) - len(done.doubtful))
        if named := done.doubtful | told_again:
            self._agenda.hint(object_id, named)

    async def take_away(self, object_id: ObjectId, gone: Collection[CommentId]) -> None:
        """Take comments away that the workspace has no more."""
        self.took(object_id, await self._store.memory.take_away(object_id, gone))

    def doubt(self, object_id: ObjectId, comment_id: CommentId) -> None:
        """Have the object read again, since the workspace has just denied a comment of it."""
        self._agenda.hint(object_id, [comment_id])

    async def ingest_live(self, seen: LiveObservation, source: Source, *, since: float) -> None:
        """Take a look at a live event in, unless that is private now and was not before.

        Its reading sees first to the rooms in which nobody agreed to show it. ``since``: when the
        look began, the loop's seconds; one that is answered late undoes nothing of a later one.
        """
        state = self._objects.get(seen.object_id)
        if state is not None:
            if since < state.live_at:
                return
            state.live_at = since
        if state is not None and state.info.is_public and not seen.is_public:
            self._agenda.hint(seen.object_id)
            return
        done = await self._store.broadcasts.ingest(
            seen, now=self._now(), same_broadcast=self._same_broadcast
        )
        self.took(seen.object_id, done, kind="live", source=source)

    def _note_forged(self, object_id: ObjectId, count: int) -> None:
        if not count:
            return
        self._metrics.event("forged", Source.REALTIME, count)
        was_verified = self._rumours.verified_until(object_id) is not None
        self._rumours.note_forged(object_id, count)
        if self._rumours.verified_until(object_id) is not None and not was_verified:
            _log.warning(
                "the workspace does not know what realtime tells of %s; it is verified first now",
                object_id,
            )

    def took(
        self,
        object_id: ObjectId,
        done: Ingested,
        *,
        kind: str = "comment",
        source: Source = Source.RECONCILE,
    ) -> None:
        """Count what was new, and wake the rooms it goes to."""
        if done.new_events:
            self._metrics.event(kind, source, done.new_events)
            if state := self._objects.get(object_id):
                state.event_at = self._now()
        if done.changes:
            self._metrics.event("change", source, done.changes)
        self._rooms.wake(done.rooms, done.started, done.edits)

    def _queue(self, object_id: ObjectId, comments: Iterable[Comment]) -> None:
        found = list(comments)
        _note_way("received", found)
        self._waiting.setdefault(object_id, []).extend(found)
        self._count += len(found)
        self._arrived.set()

    def _is_full(self, object_id: ObjectId) -> bool:
        most = _MOST_OF_OBJECT if self._count < _MOST_WAITING else _HANDFUL
        return len(self._waiting.get(object_id, ())) >= most

    def _drop(self, object_id: ObjectId) -> None:
        """Let a message go, unread: a reading finds what it told."""
        if object_id not in self._dropped:
            self._dropped.add(object_id)
            self._agenda.hint(object_id)

    def _note_shape(self, data: object) -> None:
        """Count a message that is no whole comment, and log its shape when it is new, or common."""
        self._metrics.event("hint", Source.REALTIME)
        seen = shape(data)
        if seen in self._shapes or len(self._shapes) < _MOST_SHAPES:
            self._shapes[seen] += 1
            count = self._shapes[seen]
            if str(count).strip("0") == "1":
                _log.info("realtime message number %d without a whole comment: %s", count, seen)


def _parted(waiting: Sequence[Comment], most: int) -> tuple[list[Comment], list[Comment]]:
    """Part off the first that wait, each with all that was told of the same comment since.

    They may have waited for a reading that knew more: only the last word is not older than that.
    """
    ids = {one.comment_id for one in waiting[:most]}
    first = [one for one in waiting if one.comment_id in ids]
    return first, [one for one in waiting if one.comment_id not in ids]


def _note_way(what: str, comments: Collection[Comment]) -> None:
    """Log what became of comments, by their IDs, for who follows the way of one."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("comments %s", what, extra={"comment_ids": [it.comment_id for it in comments]})
