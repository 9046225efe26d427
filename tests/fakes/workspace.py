"""A workspace as the bridge sees it through ``api.WorkspaceClient``, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cogs.twentythree.api import (
    CommentPage,
    FoundObject,
    Listed,
    RealtimeAddress,
    SiteInfo,
    is_lower,
)
from cogs.twentythree.domain.following import Category
from cogs.twentythree.domain.live import Recording
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    LiveObservation,
    LiveState,
    ObjectId,
    ObjectInfo,
    ObjectKind,
)
from cogs.twentythree.errors import UnknownObjectError

ROOT = "/" + "a1" * 20
EVENTS = "/" + "b2" * 20 + "/events"


def row(comment_id: int, *, kind: str = "comment", promoted: bool = True) -> dict[str, object]:
    return {
        "comment_id": comment_id,
        "object_id": 7,
        "comment_type": kind,
        "promoted_p": promoted,
        "name": "Ada",
        "content_text": "Hello",
    }


class FakeListing:
    """What is listed: set by the test, by category (``None``: the whole workspace)."""

    def __init__(self, workspace: FakeWorkspace) -> None:
        self._workspace = workspace
        self.upcoming: dict[int | None, list[ObjectInfo]] = {}
        self.films: dict[int | None, list[ObjectInfo]] = {}
        self.published: dict[ObjectId, datetime] = {}
        self.is_all = True
        self.recordings: dict[ObjectId, Recording] = {}
        self.known: list[Category] = []

    async def events(self, category: int | None) -> Listed:
        self._workspace.called("events")
        return Listed(objects=tuple(self.upcoming.get(category, ())), is_all=True)

    async def videos(self, category: int | None, *, most_pages: int = 10) -> Listed:
        self._workspace.called(f"videos {most_pages}")
        found = tuple(self.films.get(category, ()))
        at = {one.object_id: self.published.get(one.object_id) for one in found}
        published = {one: moment for one, moment in at.items() if moment is not None}
        return Listed(objects=found, is_all=self.is_all, published=published)

    async def categories(self, search: str) -> list[Category]:
        self._workspace.called("categories")
        return [one for one in self.known if search.casefold() in one.title.casefold()]

    async def category(self, category_id: int) -> Category:
        self._workspace.called("category")
        for one in self.known:
            if one.category_id == category_id:
                return one
        raise UnknownObjectError("album/list")

    async def recording(self, live_id: ObjectId, state: LiveState) -> Recording | None:
        self._workspace.called("recording")
        return self.recordings.get(live_id)


class FakeWorkspace:
    """Objects, comments and live states to be set by the test; ``down`` makes each call fail."""

    def __init__(self) -> None:
        self.objects: dict[ObjectId, ObjectInfo] = {}
        self.held: dict[CommentId, Comment] = {}
        self.live_states: dict[ObjectId, LiveObservation] = {}
        self.addresses: dict[ObjectId, RealtimeAddress] = {}
        # What lists tell of them.
        self.listed: dict[ObjectId, RealtimeAddress] = {}
        # Whether lists of an object's comments tell where these are published.
        self.tells_beside = False
        self.down: Exception | None = None
        # What some calls fail with, by name.
        self.refused: dict[str, Exception] = {}
        self.calls: list[str] = []
        self.heard: Callable[[], None] = lambda: None
        self.page_size = 100
        # Comments in no list, and objects whose comments are not in the workspace's.
        self.unlisted: set[CommentId] = set()
        self.private: set[ObjectId] = set()
        self.level = "read"
        # What becomes of comments on the way into an answer.
        self.lie: Callable[[Sequence[Comment]], Sequence[Comment]] = lambda told: told
        # What becomes of a page of comments, and of one of promoted ones; what happens after each.
        self.forge: Callable[[CommentPage, bool], CommentPage] = lambda page, _promoted: page
        self.answered: Callable[[], None] = lambda: None
        # What lists of the comments of some objects fail with.
        self.failing: dict[ObjectId, Exception] = {}
        # Objects that lists hold and nobody may see.
        self.hidden: set[ObjectId] = set()
        # Cleared: nothing is answered at all, not just no list of comments.
        self.answers = asyncio.Event()
        self.answers.set()
        self.gate = asyncio.Event()
        self.gate.set()
        # If any: those whose lists alone wait for the gate.
        self.stuck: set[ObjectId] = set()
        self.reading = asyncio.Event()
        self.listing = FakeListing(self)
        self.trouble: Exception | None = None
        self._was_called = asyncio.Event()
        self.failures = 0
        self.failed_twice = asyncio.Event()

    def add(self, object_id: int, kind: ObjectKind = ObjectKind.VIDEO) -> ObjectInfo:
        info = ObjectInfo(
            object_id=ObjectId(object_id),
            kind=kind,
            title=f"Object {object_id}",
            url=f"https://video.example.com/{object_id}",
        )
        self.objects[info.object_id] = info
        return info

    def say(self, comment_id: int, object_id: int, **values: Any) -> Comment:
        fields: dict[str, Any] = {
            "kind": CommentKind.COMMENT,
            "is_promoted": False,
            "author": "Ada",
            "text": f"Comment {comment_id}",
        }
        comment = Comment(
            comment_id=CommentId(comment_id), object_id=ObjectId(object_id), **(fields | values)
        )
        self.held[comment.comment_id] = comment
        return comment

    def promote(self, comment_id: int) -> Comment:
        return self.change(comment_id, is_promoted=True)

    def change(self, comment_id: int, **values: Any) -> Comment:
        comment = replace(self.held[CommentId(comment_id)], **values)
        self.held[comment.comment_id] = comment
        return comment

    async def until_called(self, name: str, count: int = 1) -> None:
        async with asyncio.timeout(60):
            while self.calls.count(name) < count:
                self._was_called.clear()
                await self._was_called.wait()

    def delete(self, *comment_ids: int) -> None:
        for comment_id in comment_ids:
            del self.held[CommentId(comment_id)]

    # What the bridge calls.

    async def find(self, object_id: ObjectId, kind: ObjectKind | None = None) -> FoundObject:
        self.called("find")
        await self.answers.wait()
        if object_id not in self.objects:
            raise UnknownObjectError("photo/list")
        return FoundObject(info=self.objects[object_id])

    async def search(self, text: str, limit: int = 25) -> list[FoundObject]:
        self.called("search")
        wanted = text.casefold()
        found = [one for one in self.objects.values() if wanted in one.title.casefold()]
        return [FoundObject(info=info) for info in found[:limit]]

    async def has_host(self, host: str) -> bool:
        self.called("host")
        return host in {"video.example.com", "watch.example.org"}

    async def comments(
        self,
        object_id: ObjectId | None,
        *,
        page: int = 1,
        size: int = 100,
        promoted_only: bool = False,
        with_address: bool = False,
    ) -> CommentPage:
        name = "promoted" if promoted_only else "comments"
        self.called(name if object_id is not None else f"all {name}")
        self.reading.set()
        if object_id in self.failing:
            raise self.failing[object_id]
        if not self.stuck or object_id in self.stuck:
            await self.gate.wait()
        await self.answers.wait()
        mine = [
            comment
            for comment in sorted(self.held.values(), key=lambda one: -one.comment_id)
            if self._is_listed(comment, object_id) and (comment.is_promoted or not promoted_only)
        ]
        told = self.lie(mine)
        rows = tuple(told[(page - 1) * self.page_size : page * self.page_size])
        page_told = CommentPage(comments=rows, total=len(told), is_cached=False, level=self.level)
        if with_address and self.tells_beside and object_id is not None:
            page_told = replace(page_told, address=self.addresses.get(object_id))
        self.answered()
        return self.forge(page_told, promoted_only)

    async def comment(self, comment_id: CommentId) -> Comment | None:
        self.called("comment")
        await self.gate.wait()
        there = [one for one in [self.held.get(comment_id)] if one and self._is_visible(one)]
        found = next(iter(self.lie(there)), None)
        self.answered()
        return found

    async def site(self) -> SiteInfo:
        self.called("site")
        return SiteInfo(
            name="Workspace",
            hosts=frozenset({"video.example.com"}),
            permission_level=self.level,
            version="2",
        )

    async def live(self, object_id: ObjectId, row: object = None) -> LiveObservation:
        self.called("live")
        if object_id in self.hidden:
            raise UnknownObjectError("live/list")
        return self.live_states.get(
            object_id, LiveObservation(object_id=object_id, is_broadcasting=False)
        )

    async def realtime(self, obj: ObjectInfo, *, root: str | None = None) -> RealtimeAddress:
        self.called("realtime")
        await self.answers.wait()
        found = self.addresses.get(obj.object_id, RealtimeAddress())
        return replace(found, comments_root=root or found.comments_root)

    async def listed_realtime(
        self, wanted: Collection[ObjectInfo]
    ) -> dict[ObjectId, RealtimeAddress]:
        self.called("listed")
        await self.answers.wait()
        return {
            one.object_id: replace(self.listed[one.object_id], events=None)
            for one in wanted
            if one.object_id in self.listed
        }

    def _is_listed(self, comment: Comment, object_id: ObjectId | None) -> bool:
        if comment.comment_id in self.unlisted or not self._is_visible(comment):
            return False
        if object_id is None:
            return comment.object_id not in self.private
        return comment.object_id == object_id

    def _is_visible(self, comment: Comment) -> bool:
        is_private = comment.kind is CommentKind.QUESTION and not comment.is_promoted
        return not (is_private and is_lower(self.level, "read"))

    def called(self, name: str) -> None:
        self.calls.append(name)
        self._was_called.set()
        self.heard()
        if name in self.refused:
            raise self.refused[name]
        self.trouble = self.down
        if self.down is not None:
            self.failures += 1
            if self.failures > 1:
                self.failed_twice.set()
            raise self.down
