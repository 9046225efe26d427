"""Follows at work: what is new in the workspace, or in a category, gets attached by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from ..api import Listed, Listing
from ..errors import UnknownObject, WorkspaceError
from ..relay.following import choose
from ..relay.model import Attachment, CategoryId, Follow, ObjectId, ObjectInfo, ObjectKind
from ..storage import Store

_log = logging.getLogger("twentythree.bridge")

_Lists = dict[tuple[ObjectKind, CategoryId | None, bool], Listed]


class Hand(Protocol):
    """Whoever attaches and detaches for the follows."""

    async def attach_followed(self, follow: Follow, info: ObjectInfo, *, mentions: bool) -> bool:
        """Attach an object; return whether the follow is done with it.

        Raises:
            WorkspaceError: it cannot be read.
        """

    async def let_go(self, attachment: Attachment) -> None:
        """Detach what a follow attached."""


class Following:
    """Looks through the workspace for all follows, every so often and when one is new.

    Args:
        listing: lists of the workspace.
        store: the follows, and what each has seen.
        hand: attaches and detaches.
        now: the time, aware.
        every_s: seconds between two rounds.
    """

    def __init__(
        self,
        listing: Listing,
        store: Store,
        hand: Hand,
        *,
        now: Callable[[], datetime],
        every_s: float,
    ) -> None:
        self._listing = listing
        self._store = store
        self._hand = hand
        self._now = now
        self._every_s = every_s
        self._asked: set[int] = set()
        self._is_asked = asyncio.Event()

    def ask(self, follow_id: int) -> None:
        """Have a follow looked after as soon as may be."""
        self._asked.add(follow_id)
        self._is_asked.set()

    async def run(self) -> None:
        """Follow until cancelled."""
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

    async def _active(self) -> list[Follow]:
        """Return the follows of servers that are served."""
        barred = await self._store.barred_servers()
        return [one for one in await self._store.follows() if one.guild_id not in barred]

    async def look(self, follows: Iterable[Follow]) -> None:
        """Look once for each follow; what several ask for is read once."""
        lists: _Lists = {}
        for follow in follows:
            try:
                await self._look_for(follow, lists)
            except WorkspaceError as error:
                level = logging.DEBUG if follow.error else logging.WARNING
                _log.log(level, "looking for follow %d failed: %s", follow.follow_id, error)
                await self._store.note_failed_look(follow.follow_id, str(error))

    async def _look_for(self, follow: Follow, lists: _Lists) -> None:
        listed = await self._listed(follow, lists)
        infos = {one.object_id: one for one in listed.objects}
        known = await self._store.seen_by(follow.follow_id)
        choice = choose(follow, tuple(infos), known, is_all=listed.is_all)
        # What went on air before anybody followed calls nobody.
        mentions = follow.looked_at is not None
        done = [await self._attach(follow, infos[one], mentions=mentions) for one in choice.attach]
        is_done = choice.is_done and all(done)
        await self._store.note_look(
            follow.follow_id,
            choice.known,
            floor=choice.floor,
            looked_at=self._now() if is_done else None,
        )

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

    async def _attach(self, follow: Follow, info: ObjectInfo, *, mentions: bool) -> bool:
        try:
            return await self._hand.attach_followed(follow, info, mentions=mentions)
        except UnknownObject:
            # Listed, but not to be seen: it would be in the way of others for ever.
            await self._mark(follow, info.object_id)
            return True

    async def _mark(self, follow: Follow, object_id: ObjectId) -> None:
        await self._store.note_look(
            follow.follow_id, [object_id], floor=follow.floor, looked_at=follow.looked_at
        )

    async def _let_go(self) -> None:
        """Detach what follows have attached and nobody needs any more."""
        for attachment in await self._store.spent(self._now()):
            await self._hand.let_go(attachment)
            if attachment.object.kind is ObjectKind.LIVE and attachment.follow_id is not None:
                await self._store.forget_event(attachment.follow_id, attachment.object.object_id)
