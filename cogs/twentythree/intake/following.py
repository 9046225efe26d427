"""Follows at work: what is new in the workspace, or in a category, gets attached by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from ..api import Listed, Listing
from ..domain.following import AGREE, MOST_CARDS, Follow, begins_with_baseline, choose
from ..domain.model import Attachment, CategoryId, ObjectId, ObjectInfo, ObjectKind
from ..errors import (
    MISTAKE,
    StorageError,
    UnknownObjectError,
    WorkspaceError,
    WorkspaceUnreachableError,
    apart,
    log_failure,
)
from ..storage import Store
from .attaching import Attaching

_log = logging.getLogger("twentythree.intake")

# Those passed over before are tried as if they were new.
_MOST_PASSED_OVER = 1_000

_Lists = dict[tuple[ObjectKind, CategoryId | None, bool], Listed]


class Following:
    """Looks through the workspace for all follows, every so often and when one is new.

    Args:
        listing: lists of the workspace.
        store: the follows, and what each has seen.
        attaching: attaches and detaches.
        now: the time, aware.
        every_s: seconds between two rounds.
    """

    def __init__(
        self,
        listing: Listing,
        store: Store,
        attaching: Attaching,
        *,
        now: Callable[[], datetime],
        every_s: float,
    ) -> None:
        self._listing = listing
        self._store = store
        self._attaching = attaching
        self._now = now
        self._every_s = every_s
        self._asked: set[int] = set()
        self._is_asked = asyncio.Event()
        self._is_running = False
        self._waiting: dict[int, asyncio.Event] = {}
        # Since when the first look of a follow finds nothing.
        self._empty_since: dict[int, datetime] = {}
        # What could not be attached, the longest ago first.
        self._passed_over: dict[ObjectId, None] = {}

    async def first_look(self, follow_id: int, *, within_s: float) -> None:
        """Have a follow looked after as soon as may be, and wait for it, but no longer than so."""
        self._asked.add(follow_id)
        self._is_asked.set()
        if not self._is_running:
            return
        looked = self._waiting.setdefault(follow_id, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await looked.wait()

    async def run(self) -> None:
        """Follow until cancelled."""
        self._is_running = True
        try:
            await self._keep_looking()
        finally:
            self._is_running = False

    async def _keep_looking(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(due):
                    await self._is_asked.wait()
            except TimeoutError:
                due = loop.time() + self._every_s
                await self.look(await self._active())
                await self._let_go()
            else:
                asked, self._asked = self._asked, set()
                self._is_asked.clear()
                await self.look(one for one in await self._active() if one.follow_id in asked)
                for follow_id in asked & self._waiting.keys():
                    self._waiting.pop(follow_id).set()

    async def _active(self) -> list[Follow]:
        """Return the follows of servers that are served."""
        barred = await self._store.barred_servers.find()
        return [one for one in await self._store.follows.find() if one.guild_id not in barred]

    async def look(self, follows: Iterable[Follow]) -> None:
        """Look once for each follow; what several ask for is read once."""
        lists: _Lists = {}
        for follow in follows:
            try:
                await self._look_for(follow, lists)
            except WorkspaceError as error:
                level = logging.DEBUG if follow.error else logging.WARNING
                _log.log(level, "looking for follow %d failed: %s", follow.follow_id, error)
                await self._store.follows.note_failed_look(follow.follow_id, str(error))
            except StorageError:
                raise
            except Exception as error:  # noqa: BLE001 - supervision: one follow holds up no other
                if follow.error != MISTAKE:
                    log_failure(_log, f"looking for follow {follow.follow_id} failed", error)
                await self._store.follows.note_failed_look(follow.follow_id, MISTAKE)

    async def _look_for(self, follow: Follow, lists: _Lists) -> None:
        listed = await self._listed(follow, lists)
        infos = {one.object_id: one for one in listed.objects}
        if self._is_doubtful(follow, listed):
            # All videos would be new from now on, if that was a mistake.
            await self._mark(follow)
            return
        known = await self._store.follows.seen_by(follow.follow_id)
        result = choose(
            follow,
            tuple(infos),
            known,
            is_all=listed.is_all,
            published=listed.published,
            passed_over=tuple(self._passed_over),
        )
        is_many = len(infos) > MOST_CARDS
        found = [infos[one] for one in result.attach]
        error, is_cut = await self._attach_all(follow, found, is_many=is_many)
        is_done = result.is_done and error is None and not is_cut
        await self._store.follows.note_look(
            follow.follow_id,
            result.known,
            floor=result.floor,
            looked_at=self._now() if is_done else None,
            error=error,
        )

    async def _attach_all(
        self, follow: Follow, found: Sequence[ObjectInfo], *, is_many: bool
    ) -> tuple[str | None, bool]:
        """Attach what was found; return what forbids that now, and whether an answer was missed.

        Raises:
            WorkspaceError: nothing of it could be read, or the workspace went away.
        """
        # What went on air before anybody followed calls nobody.
        mentions = follow.looked_at is not None
        failed: list[Exception] = []
        missed = 0
        for info in found:
            try:
                error = await self._attach(follow, info, mentions=mentions, is_one_of_many=is_many)
            except StorageError:
                raise
            except Exception as failure:  # noqa: BLE001 - supervision: see below
                # It may be that one alone: it is tried again, and the others do not wait for it.
                failed.append(failure)
                self._pass_over(info.object_id)
                missed += isinstance(failure, WorkspaceUnreachableError)
                if missed > 1 or len(failed) == len(found):
                    raise failed[0] from None
                said = f"follow {follow.follow_id} passes over {info.object_id}"
                if isinstance(failure, WorkspaceError):
                    _log.info("%s: %s", said, failure)
                else:
                    log_failure(_log, said, failure)
                continue
            if error is not None:
                # The next one would fare no better, and be refused for nothing.
                return error, missed > 0
        return None, missed > 0

    def _pass_over(self, object_id: ObjectId) -> None:
        self._passed_over.pop(object_id, None)
        self._passed_over[object_id] = None
        if len(self._passed_over) > _MOST_PASSED_OVER:
            del self._passed_over[next(iter(self._passed_over))]

    async def _listed(self, follow: Follow, lists: _Lists) -> Listed:
        category = None if follow.category is None else follow.category.category_id
        is_first = follow.looked_at is None
        key = (follow.kind, category, is_first)
        if key not in lists:
            if follow.kind is ObjectKind.LIVE:
                lists[key] = await self._listing.events(category)
            elif is_first:
                lists[key] = await self._listing.videos(category)
            else:
                # What is new is the last that was published.
                lists[key] = await self._listing.videos(category, most_pages=1)
        return lists[key]

    async def _attach(
        self, follow: Follow, info: ObjectInfo, *, mentions: bool, is_one_of_many: bool
    ) -> str | None:
        try:
            return await self._attaching.attach_followed(
                follow, info, mentions=mentions, is_one_of_many=is_one_of_many
            )
        except UnknownObjectError:
            # Listed, but not to be seen: it would be in the way of others for ever.
            await self._mark(follow, info.object_id)
            return None

    def _is_doubtful(self, follow: Follow, listed: Listed) -> bool:
        """Tell whether the first look found nothing, and no look a while ago did so, too."""
        if listed.objects or not begins_with_baseline(follow):
            self._empty_since.pop(follow.follow_id, None)
            return False
        since = self._empty_since.setdefault(follow.follow_id, self._now())
        return self._now() - since < AGREE

    async def _mark(self, follow: Follow, *object_ids: ObjectId) -> None:
        await self._store.follows.note_look(
            follow.follow_id, object_ids, floor=follow.floor, looked_at=follow.looked_at
        )

    async def _let_go(self) -> None:
        """Detach what follows have attached and nobody needs any more."""
        for attachment in await self._store.follows.spent(self._now()):
            with apart(_log, f"{attachment.object.object_id} could not be detached"):
                await self._let_one_go(attachment)

    async def _let_one_go(self, attachment: Attachment) -> None:
        await self._attaching.let_go(attachment)
        if attachment.object.kind is ObjectKind.LIVE and attachment.follow_id is not None:
            await self._store.follows.forget_event(
                attachment.follow_id, attachment.object.object_id
            )
