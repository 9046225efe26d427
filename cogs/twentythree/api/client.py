"""The client of a workspace's API, as far as the relay needs it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, zip_longest

import aiohttp

from ..breath import Breath
from ..domain.fields import comment_from_row
from ..domain.levels import is_writer
from ..domain.model import (
    Comment,
    CommentId,
    LiveObservation,
    ObjectId,
    ObjectInfo,
    ObjectKind,
)
from ..domain.needs import RealtimeAddress
from ..domain.references import host_of
from ..errors import (
    AccessDeniedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
)
from . import methods, parsing
from .calling import Caller
from .credentials import ApiConfig, Version
from .envelope import ApiAnswer, Row
from .lists import Listing
from .lookups import look_up, look_up_listed, told_beside
from .methods import Call
from .parsing import LiveRow, PhotoRow, SiteRow, WebinarRow
from .writing import Writing

_MAX_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """The workspace, as its own answer names it, and how we get on with it.

    ``hosts`` are the names under which its pages are found, ``permission_level`` is the level of
    our credentials there, ``version`` the version of the API in use.
    """

    name: str
    hosts: frozenset[str]
    permission_level: str
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """A video or live event as the workspace has just shown it.

    ``row`` is that of a live event: it tells its state, too; see :meth:`WorkspaceClient.live`.
    """

    info: ObjectInfo
    row: LiveRow | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPage:
    """A page of an object's comments, newest first.

    ``total`` is the workspace's count of all pages. ``is_cached``: the workspace says that it
    answered from a cache, so that the newest comments may be missing. ``level`` is that of our
    credentials as it was answered at; ``None``: not told. ``address``: where they are published,
    if that was asked for and told.
    """

    comments: tuple[Comment, ...]
    total: int | None
    is_cached: bool
    level: str | None = None
    address: RealtimeAddress | None = None


def _ignore(_method: str, _status: int) -> None:
    pass


def _now() -> datetime:
    return datetime.now(UTC)


class WorkspaceClient:
    """Reads and changes one TwentyThree workspace. It owns nothing: no session, no task.

    Args:
        http: the host's session.
        config: which workspace, with which credentials.
        on_request: told the method and status (0: no answer) of every request.
        now: the time, aware.
        nonce: returns a string that was never returned before.

    Attributes:
        listing: lists of what is public there.
        writing: what is changed there.

    Every method raises a WorkspaceError of errors.py where the workspace does not answer as it
    should: WorkspaceUnreachableError, CredentialsRefusedError, AccessDeniedError,
    UnknownObjectError, UnreadableAnswerError or WorkspaceRefusedError.

    Raises:
        ConfigurationError: credentials would cross the network unencrypted.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        config: ApiConfig,
        *,
        on_request: Callable[[str, int], None] = _ignore,
        now: Callable[[], datetime] = _now,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._config = config
        self._caller = Caller(http, config, on_request=on_request, now=now, nonce=nonce)
        self._hosts: frozenset[str] = frozenset()
        self.listing = Listing(self._caller, config.site_url)
        self.writing = Writing(self._caller)

    def counted(self, on_request: Callable[[str, int], None]) -> WorkspaceClient:
        """Return one whose requests are told to somebody else; both know what either learns."""
        other = copy(self)
        other._caller = self._caller.counted(on_request)  # noqa: SLF001 - it is one of these
        other.listing = Listing(other._caller, self._config.site_url)  # noqa: SLF001
        other.writing = Writing(other._caller)  # noqa: SLF001
        return other

    @property
    def level(self) -> str | None:
        """The level of our credentials, as the last answer told it; ``None``: none has yet."""
        return self._caller.level

    @property
    def can_write(self) -> bool | None:
        """Whether that level allows changing comments; ``None``: it is not known yet."""
        return None if self._caller.level is None else is_writer(self._caller.level)

    @property
    def trouble(self) -> WorkspaceError | None:
        """Why the workspace is of no use now: it did not answer, or refused the credentials."""
        return self._caller.trouble

    @property
    def trouble_since(self) -> datetime | None:
        """Since when."""
        return self._caller.trouble_since

    async def site(self) -> SiteInfo:
        """Return the workspace and the level of our credentials there."""
        answer = await self._caller.call(methods.site_get())
        if not answer.rows:
            raise UnreadableAnswerError("site/get", "no_rows")
        row = SiteRow.model_validate(dict(answer.rows[0]))
        own, *others = map(host_of, (self._config.site_url, f"//{row.domain}", row.https_url))
        self._hosts = frozenset(host for host in (own, *others) if host)
        return SiteInfo(
            name=row.site_name or row.domain or own or "",
            hosts=self._hosts,
            permission_level=self._caller.level or "none",
            version=self._caller.version,
        )

    async def has_host(self, host: str) -> bool:
        """Tell whether the workspace's pages are found under this name, as far as it says.

        It is not asked again about a name that it has told once.
        """
        if host == host_of(self._config.site_url) or host in self._hosts:
            return True
        try:
            return host in (await self.site()).hosts
        except WorkspaceError:
            return False

    async def find(self, object_id: ObjectId, kind: ObjectKind | None = None) -> FoundObject:
        """Return the video or live event with this ID; IDs are one number space.

        ``kind``: what it is, where that is known: one question then, else two at once.

        Raises:
            UnknownObjectError: neither, or hidden from our credentials.
            AccessDeniedError: the workspace refused one of the questions, the other found nothing.
        """
        is_reader = await self._caller.is_reader()
        looks = {ObjectKind.VIDEO: self._video, ObjectKind.LIVE: self._live_event}
        asked = [look for of, look in looks.items() if kind in {None, of}]
        answers = await asyncio.gather(
            *(look(object_id, is_reader=is_reader) for look in asked), return_exceptions=True
        )
        _check_own(answers)
        denied: AccessDeniedError | None = None
        for found in answers:
            if isinstance(found, AccessDeniedError):
                denied = denied or found
            elif isinstance(found, BaseException):
                raise found
            elif found is not None:
                return found
        raise denied or UnknownObjectError("photo/list", "no_such_object")

    async def search(self, text: str, limit: int = 25) -> list[FoundObject]:
        """Return up to ``limit`` objects that match, videos and live events by turns.

        Raises:
            WorkspaceError: both searches failed; one that works is enough.
        """
        reader = await self._caller.is_reader()
        size = max(1, min(limit, _MAX_SIZE))
        photos, lives = await asyncio.gather(
            self._caller.call(
                methods.photo_list(search=text, size=size, include_unpublished=reader)
            ),
            self._caller.call(methods.live_list(search=text, size=size, include_private=reader)),
            return_exceptions=True,
        )
        _check_either(photos, lives)
        videos = [self._of_video(row) for row in parsing.photo_rows(_rows(photos))]
        events = [self._of_event(row) for row in parsing.live_rows(_rows(lives))]
        if self._caller.version == "1":
            # Version 1 cannot search live events; it lists them all.
            events = [one for one in events if text.casefold() in one.info.title.casefold()]
        turns = chain.from_iterable(zip_longest(events, videos))
        return [found for found in turns if found is not None][: max(0, limit)]

    async def comments(
        self,
        object_id: ObjectId | None,
        *,
        page: int = 1,
        size: int = 100,
        promoted_only: bool = False,
        with_address: bool = False,
    ) -> CommentPage:
        """Return a page of an object's comments, newest first, promoted ones not first.

        Without an object: of all comments of the workspace. What comes from a cache is asked for
        once more. ``with_address``: the answer is to tell where they are published, too.

        Raises:
            UnreadableAnswerError: there are rows, and none of them is a comment.
        """
        call = methods.comment_list(
            object_id=object_id,
            page=page,
            size=size,
            promoted_only=promoted_only,
            include_realtime=with_address,
        )
        answer = await self._caller.call(call)
        if answer.is_cached:
            answer = await self._caller.call(call)
        breath, comments = Breath(), []
        for row in answer.rows:
            if (comment := comment_from_row(row, object_id)) is not None:
                comments.append(comment)
            await breath.take()
        if answer.rows and not comments and not any(map(_is_comment, answer.rows)):
            # Taken for none, nobody would ever know why none come.
            raise UnreadableAnswerError("comment/list", "no_comment_in_rows")
        return CommentPage(
            comments=tuple(comments),
            total=answer.total_count,
            is_cached=answer.is_cached,
            level=answer.permission_level or None,
            address=told_beside(answer, object_id, self._config.site_url)
            if with_address and object_id is not None
            else None,
        )

    async def comment(self, comment_id: CommentId) -> Comment | None:
        """Return one comment, or ``None`` where the workspace has or shows none.

        Raises:
            UnreadableAnswerError: the workspace answered with other comments, so it did not look.
        """
        try:
            answer = await self._caller.call(methods.comment_list(comment_id=comment_id, size=1))
        except UnknownObjectError:
            return None
        read = (comment_from_row(row, None) for row in answer.rows)
        found = next((one for one in read if one and one.comment_id == comment_id), None)
        if found is None and answer.rows:
            raise UnreadableAnswerError("comment/list", "other_comments")
        return found

    async def live(self, object_id: ObjectId, row: LiveRow | None = None) -> LiveObservation:
        """Return the state of a live event.

        Read from ``live/list``, unless ``row`` is what that has just told, and from
        ``live/webinar/info`` where there is one and our level allows it.

        Raises:
            UnknownObjectError: no such live event, or hidden from our credentials.
        """
        if row is None:
            row = await self._live_row(object_id, is_reader=await self._caller.is_reader())
        if row is None:
            raise UnknownObjectError("live/list", "no_such_object")
        return parsing.observation(row, await self._webinar(object_id), object_id)

    async def realtime(self, obj: ObjectInfo, *, root: str | None = None) -> RealtimeAddress:
        """Return where the object's news are published, as far as the workspace tells.

        Each source that fails gives way to the next. ``root``: the root of the comments' channels,
        where a list has told it.

        Raises:
            WorkspaceError: no source gave any answer.
        """
        return await look_up(self._caller, self._config, obj, root=root)

    async def listed_realtime(
        self, wanted: Collection[ObjectInfo]
    ) -> dict[ObjectId, RealtimeAddress]:
        """Return what lists of the workspace tell of the channels of these objects' comments.

        Up to a hundred objects take one request; where rows tell no channel there is no second.
        """
        return await look_up_listed(self._caller, self._config, wanted)

    # The questions behind them.

    async def _rows_of(self, call: Call) -> tuple[Row, ...]:
        try:
            return (await self._caller.call(call)).rows
        except UnknownObjectError:
            return ()

    async def _video(self, object_id: ObjectId, *, is_reader: bool) -> FoundObject | None:
        call = methods.photo_list(photo_id=object_id, include_unpublished=is_reader, size=1)
        row = parsing.photo_of(await self._rows_of(call), object_id)
        return None if row is None else self._of_video(row)

    async def _live_row(self, object_id: ObjectId, *, is_reader: bool) -> LiveRow | None:
        call = methods.live_list(live_id=object_id, include_private=is_reader, size=1)
        return parsing.live_of(await self._rows_of(call), object_id)

    async def _live_event(self, object_id: ObjectId, *, is_reader: bool) -> FoundObject | None:
        row = await self._live_row(object_id, is_reader=is_reader)
        return None if row is None else self._of_event(row)

    def _of_video(self, row: PhotoRow) -> FoundObject:
        return FoundObject(info=parsing.video(row, self._config.site_url))

    def _of_event(self, row: LiveRow) -> FoundObject:
        return FoundObject(info=parsing.live_event(row, self._config.site_url), row=row)

    async def _webinar(self, object_id: ObjectId) -> WebinarRow | None:
        # Version 1 has no such method.
        if self._caller.version == "1" or not await self._caller.is_reader():
            return None
        try:
            rows = await self._rows_of(methods.webinar_info(object_id))
        except WorkspaceError:
            return None
        return WebinarRow.model_validate(dict(rows[0])) if rows else None


def _is_comment(row: Row) -> bool:
    return comment_from_row(row, None) is not None


def _check_own(answers: Iterable[object]) -> None:
    """Raise the first error that is not the workspace's: no other answer makes that good."""
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, WorkspaceError):
            raise answer


def _check_either(*answers: ApiAnswer | BaseException) -> None:
    """Raise the first error unless there is an answer."""
    errors = [found for found in answers if isinstance(found, BaseException)]
    _check_own(errors)
    if len(errors) == len(answers):
        raise errors[0]


def _rows(answer: ApiAnswer | BaseException) -> tuple[Row, ...]:
    return answer.rows if isinstance(answer, ApiAnswer) else ()
