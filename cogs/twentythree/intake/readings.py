"""Reading the workspace: one object with its comments and live state, or all comments at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from ..api import FoundObject
from ..domain.model import Comment, LiveObservation, ObjectId, ObjectKind, Source
from ..domain.reading import Verdict, common_ground, served
from ..errors import StorageError, UnknownObjectError, WorkspaceError, log_failure
from ..storage import Baseline
from .agenda import Agenda
from .intake import Intake
from .missing import SingleComments
from .objects import Bookmark, Objects, ObjectState
from .pages import CommentLists, ListWanted, Pager
from .ports import BridgeOptions, Ports
from .turns import loop_time

_T = TypeVar("_T")

_log = logging.getLogger("twentythree.intake")

# Readings in a row, and how far apart at least the first and the last of them are, after which a
# live event that the workspace does not know is taken for deleted: anybody can have it read.
_GONE_AFTER = 3
_GONE_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRead:
    """What a reading of the workspace's list came to.

    ``served`` are the objects that have no hole now, ``behind`` those that must be read by
    themselves, ``unlisted`` those with a comment that the list does not hold. ``requests`` counts
    the pages. ``doubts``: see ``pages.ListRead``.
    """

    served: frozenset[ObjectId]
    behind: frozenset[ObjectId]
    unlisted: frozenset[ObjectId]
    requests: int
    doubts: Mapping[ObjectId, str]


class Readings:
    """Reads and takes in what is new. One object's failure is noted on it alone.

    Args:
        ports: the workspace, the store, the rooms and the clock.
        objects: what is attached.
        agenda: what is to be read besides.
        intake: the way in.
        single: asks about single comments.
        options: how far readings go.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        agenda: Agenda,
        intake: Intake,
        single: SingleComments,
        *,
        options: BridgeOptions,
    ) -> None:
        self._api = ports.api
        self._store = ports.store
        self._rooms = ports.rooms
        self._now = ports.clock.now
        self._objects = objects
        self._agenda = agenda
        self._intake = intake
        self._single = single
        self._most_pages = options.most_pages
        self._lists = CommentLists(ports, objects, intake, single, options)

    async def read(
        self, state: ObjectState, *, with_comments: bool = True, is_thorough: bool = True
    ) -> bool:
        """Read what is asked for of an object; a failure is noted on it.

        Args:
            state: the object.
            with_comments: whether its comments are read; else only its live state.
            is_thorough: whether to go down to the oldest comment on show.

        Returns:
            Whether it worked.
        """
        object_id = state.object_id
        try:
            if state.needs.comments and with_comments:
                await self._read_comments(state, is_thorough=is_thorough)
            if state.needs.live and state.info.kind is ObjectKind.LIVE:
                await self._read_live(state)
        except WorkspaceError as error:
            level = logging.DEBUG if state.failures else logging.WARNING
            _log.log(level, "reading %s failed: %s", object_id, error)
            state.failed(error)
            await self._note_gone(state, error)
            return False
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - supervision: one object holds up no other
            _failed(state, error)
            return False
        if state.failures:
            _log.info("reading %s works again", object_id)
        state.succeeded(self._now())
        return True

    async def _note_gone(self, state: ObjectState, error: WorkspaceError) -> None:
        """Have a live event out of calendars that the workspace has no more.

        One answer may be a wrong one, and what was called off there is not planned again.
        """
        if not (isinstance(error, UnknownObjectError) and state.needs.live):
            state.unknown_since = None
            return
        state.unknown_since = state.unknown_since or self._now()
        is_sure = self._now() - state.unknown_since >= _GONE_FOR
        if is_sure and state.failures >= _GONE_AFTER:
            await self._store.calendars.note_gone(state.object_id, self._now())
            self._rooms.wake([])

    async def refresh(self, state: ObjectState) -> None:
        """Take a new title, link or picture, and whether the object is public.

        A failure is noted on the object.
        """
        try:
            await self._take_info(state)
        except WorkspaceError as error:
            state.failed(error)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - supervision: one object holds up no other
            _failed(state, error)

    async def _take_info(self, state: ObjectState) -> None:
        info = (await self._api.find(state.object_id, state.info.kind)).info
        refreshed = await self._store.memory.refresh_object(info, self._now())
        # Not before: what is seen of it meanwhile waits for that.
        state.info = info
        self._rooms.wake(refreshed.rooms)
        if refreshed.is_turned:
            # It is read for other rooms than before.
            self._agenda.ask([state.object_id])
            # First: where the database goes away now, nobody would find it turned again.
            await self._rooms.tell(refreshed.barred)
            await self._objects.refresh(state.object_id)

    async def baseline(self, found: FoundObject) -> Baseline:
        """Return what the workspace holds of an object now; comments and state are read at once.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        since = loop_time()
        comments, live = await asyncio.gather(
            self._comments_now(found.info.object_id), self._live_now(found), return_exceptions=True
        )
        look = await self._last_look(_answer(live), since)
        return replace(_answer(comments), live=look, level=self._api.level)

    async def _last_look(
        self, seen: LiveObservation | None, since: float
    ) -> LiveObservation | None:
        """Return a look that began then, or another where a later one was taken in meanwhile."""
        state = None if seen is None else self._objects.get(seen.object_id)
        if state is None:
            return seen
        if since < state.live_at:
            # Comments may take many pages.
            since, seen = loop_time(), await self._api.live(state.object_id)
        state.live_at = max(since, state.live_at)
        return seen

    async def _comments_now(self, object_id: ObjectId) -> Baseline:
        pager = Pager(self._api, object_id, Bookmark(), asks_where=True)
        read = await pager.top(None, most_pages=self._most_pages)
        if pager.address is not None:
            self._objects.hear_of(object_id, pager.address)
        promoted: tuple[Comment, ...] = ()
        if not read.reached:
            promoted = (await pager.promoted(is_thorough=True)).comments
        seen = {
            one.comment_id: one
            for one in (*promoted, *read.comments)
            if not self._intake.is_overtaken(one.comment_id, pager.began)
        }
        oldest = min((comment.comment_id for comment in read.comments), default=None)
        return Baseline(
            comments=tuple(seen.values()),
            watermark=read.newest,
            floor=None if read.reached else oldest,
        )

    async def _live_now(self, found: FoundObject) -> LiveObservation | None:
        if found.info.kind is not ObjectKind.LIVE:
            return None
        return await self._api.live(found.info.object_id, found.row)

    async def _read_comments(self, state: ObjectState, *, is_thorough: bool) -> None:
        object_id, common = state.object_id, self._objects.feed.top
        ground = await self._store.memory.ground(object_id)
        if ground is None:
            return
        wanted = ListWanted(
            of=object_id,
            bookmark=state.bookmark,
            object_ids=frozenset([object_id]),
            watermark=None if state.begins_anew else ground.watermark,
            most_pages=self._most_pages,
            is_thorough=is_thorough,
            named=state.named,
        )
        outcome = await self._lists.read(wanted)
        # What was named meanwhile is for the next reading, as all is where this one failed.
        state.named -= wanted.named
        state.was_late, state.begins_anew = outcome.late > 0, False
        state.doubted(outcome.doubts.get(object_id))
        top = outcome.top
        if top.verdict is Verdict.ENOUGH:
            # What lies below the bound is given up, or every reading would begin there.
            _log.warning("%s has more new comments than are read at once", object_id)
        # All that the workspace had of it when its list was read to that comment is known now.
        # An empty list of what had comments may be a wrong one.
        is_known = top.reached and (top.newest is not None or ground.watermark is None)
        reached = [mark for mark in (top.newest, common if is_known else None) if mark]
        if reached and top.verdict is not Verdict.AGAIN:
            await self._store.memory.raise_watermark([object_id], max(reached))

    async def _read_live(self, state: ObjectState) -> None:
        since = loop_time()
        seen = await self._api.live(state.object_id)
        if seen.is_public is not state.info.is_public:
            # First, so that rooms that did not agree are told nothing more; it fails as a whole.
            await self._take_info(state)
            seen = replace(seen, is_public=state.info.is_public)
        await self._intake.ingest_live(seen, Source.RECONCILE, since=since)

    # The workspace.

    async def read_workspace(
        self, object_ids: frozenset[ObjectId], *, is_thorough: bool
    ) -> WorkspaceRead:
        """Read what is new of these objects on the list of all comments, and take it in.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        # Who attaches an object during the reading reads it himself.
        marks = await self._store.memory.watermarks(object_ids)
        ground = common_ground(marks.values())
        outcome = await self._lists.read(
            ListWanted(
                of=None,
                bookmark=self._objects.feed.bookmark,
                object_ids=frozenset(marks),
                watermark=ground,
                most_pages=max(1, min(self._most_pages, len(marks))),
                is_thorough=is_thorough,
            )
        )
        top = outcome.top
        found = served(
            marks, verdict=top.verdict, to_end=top.to_end, ground=ground, oldest=top.oldest
        )
        found -= outcome.unlisted
        if top.newest is not None and top.verdict is not Verdict.AGAIN:
            await self._store.memory.raise_watermark(found, top.newest)
            self._objects.feed.top = top.newest
        is_torn = top.verdict is Verdict.AGAIN
        return WorkspaceRead(
            served=found,
            behind=frozenset() if is_torn else frozenset(marks) - found,
            unlisted=outcome.unlisted,
            requests=outcome.requests,
            doubts=outcome.doubts,
        )


def _failed(state: ObjectState, error: Exception) -> None:
    """Note a mistake of ours on the object that it was made with; it is logged once."""
    if type(error) is not type(state.cause):
        log_failure(_log, f"reading {state.object_id} failed", error)
    state.failed(error)


def _answer(answer: _T | BaseException) -> _T:
    if isinstance(answer, BaseException):
        raise answer
    return answer
