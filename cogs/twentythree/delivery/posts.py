"""One post in a forum for an object, also where Discord's answer was lost or the process died.

Nothing keeps Discord from opening two. So it is asked once; and a post that was opened, and stored
by nobody, is known by its beginning, which links to the object's page.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar

import discord

from ..domain.model import ObjectId, ObjectInfo, RoomId
from ..embeds import safe_url
from ..languages import Language
from ..storage import Store
from .edge import DiscordEdge
from .outcomes import REQUEST_ERRORS, HeldError, OnceError
from .threads import open_post, post_name

_log = logging.getLogger("twentythree.delivery")

_T = TypeVar("_T")

# A post that is older was left there by people.
_YOUNG: Final = timedelta(days=1)
_ODD = (LookupError, TypeError, ValueError, AttributeError)


class Posts:
    """Opens posts in forums. For one object, nobody else may be at it in the same forum."""

    def __init__(
        self,
        edge: DiscordEdge,
        store: Store,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._edge = edge
        self._store = store
        self._now = now
        self._clock = clock
        # When it was asked for what may be there since, by forum and object.
        self._unsure: dict[tuple[int, ObjectId], float] = {}

    async def open(
        self, forum: discord.ForumChannel, info: ObjectInfo, language: Language
    ) -> RoomId:
        """Return a post for the object: one that was left without an attachment, or a new one.

        Raises:
            One of ``REQUEST_ERRORS``: there is none, or that is not known.
        """
        name = post_name(info, language)
        post_id = await self._left(forum, info, name)
        if post_id is None:
            try:
                post_id = await self._opened(forum, info, language)
            except REQUEST_ERRORS:
                # It may be there all the same.
                post_id = await self._left(forum, info, name)
                if post_id is None:
                    raise
        self._unsure.pop((forum.id, info.object_id), None)
        return post_id

    async def _opened(
        self, forum: discord.ForumChannel, info: ObjectInfo, language: Language
    ) -> RoomId:
        is_unsure = True
        try:
            opened = await self._ask(lambda: open_post(forum, info, language), is_once=True)
            return RoomId(opened.id)
        except REQUEST_ERRORS as error:
            is_unsure = _may_be_done(error)
            raise
        finally:
            if is_unsure:
                self._unsure[forum.id, info.object_id] = self._clock()

    async def _left(
        self, forum: discord.ForumChannel, info: ObjectInfo, name: str
    ) -> RoomId | None:
        """Return a post of the object that is there and that nobody uses.

        Discord is asked only where the cache knows one that may be it, or an answer was lost: of
        that the gateway may not have told yet.
        """
        asked_at = self._asked_at(forum, info)
        if asked_at is None and not any(self._is_known(one, name) for one in forum.threads):
            return None
        found: Any = await self._ask(
            lambda: self._edge.client.http.get_active_threads(forum.guild.id)
        )
        for row in found["threads"]:
            if self._may_be(row, forum, name) and await self._is_free(int(row["id"]), info):
                _log.info("a post that was opened before is taken: room %s", row["id"])
                return RoomId(int(row["id"]))
        if asked_at is not None and self._clock() - asked_at < self._edge.options.post_unsure_s:
            raise TimeoutError
        return None

    def _asked_at(self, forum: discord.ForumChannel, info: ObjectInfo) -> float | None:
        since = self._clock() - _YOUNG.total_seconds()
        self._unsure = {key: at for key, at in self._unsure.items() if at > since}
        return self._unsure.get((forum.id, info.object_id))

    def _is_known(self, thread: discord.Thread, name: str) -> bool:
        is_ours = thread.owner_id == self._own_id and thread.name == name
        return is_ours and self._is_young(thread.id)

    def _may_be(self, row: Mapping[str, Any], forum: discord.ForumChannel, name: str) -> bool:
        try:
            state = row["thread_metadata"]
            return (
                (int(row["parent_id"]), int(row["owner_id"])) == (forum.id, self._own_id)
                and row["name"] == name
                and self._is_young(int(row["id"]))
                and not (state["archived"] or state.get("locked"))
            )
        except _ODD:
            # Of whatever Discord lists beside ours.
            return False

    async def _is_free(self, post_id: int, info: ObjectInfo) -> bool:
        """Tell whether nothing is attached to a post, and nothing in it but the object's link."""
        link = safe_url(info.url)
        if link is None or await self._store.attachments.find(room_id=RoomId(post_id)):
            return False
        try:
            said: Any = await self._ask(lambda: self._edge.client.http.logs_from(post_id, limit=2))
        except (discord.Forbidden, discord.NotFound):
            return False
        try:
            # Without Read Message History, Discord shows nothing.
            (first,) = said
            is_ours = (int(first["id"]), int(first["author"]["id"])) == (post_id, self._own_id)
            return is_ours and [one.get("url") for one in first["embeds"]] == [link]
        except _ODD:
            return False

    def _is_young(self, thread_id: int) -> bool:
        return self._now() - discord.utils.snowflake_time(thread_id) < _YOUNG

    @property
    def _own_id(self) -> int | None:
        user = self._edge.client.user
        return None if user is None else user.id

    async def _ask(self, request: Callable[[], Awaitable[_T]], *, is_once: bool = False) -> _T:
        timeout_s = self._edge.options.request_timeout_s
        async with self._edge.gate.passing(is_once=is_once), asyncio.timeout(timeout_s):
            return await request()


def _may_be_done(error: BaseException) -> bool:
    """Tell whether a request that ended so may have had its effect."""
    if isinstance(error, discord.HTTPException):
        is_slow = error.status == HTTPStatus.REQUEST_TIMEOUT
        return is_slow or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, OnceError) or not isinstance(error, HeldError | discord.RateLimited)
