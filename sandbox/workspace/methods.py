"""The methods of the API: a caller's level and parameters in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from . import rows
from .model import Comment, Level, Live, Thing, Video
from .options import ChannelPlace, WorkspaceOptions
from .params import Params, flag, number
from .problems import denied, unknown
from .state import State

_T = TypeVar("_T")
_DEFAULT_SIZE = 20


@dataclass(slots=True, kw_only=True)
class Result:
    """What a method gives: its rows (or one), and what stands beside them."""

    rows: list[rows.Row] | rows.Row
    total: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, in which version of the API.

    ``realtime_url`` is told where channels are; ``site_url`` begins links that are asked for in
    full.
    """

    level: Level
    version: str
    realtime_url: str
    site_url: str

    def require(self, level: Level, what: str) -> None:
        """Refuse a level that is too low."""
        if self.level < level:
            raise denied(what)


@dataclass(frozen=True, slots=True)
class Methods:
    """The reading methods. Writing ones are in ``writing.py``."""

    state: State
    options: WorkspaceOptions

    def table(self) -> dict[str, Callable[[Caller, Params], Result]]:
        """Return the methods by the name of the API."""
        return {
            "site/get": self.site_get,
            "album/list": self.album_list,
            "photo/list": self.photo_list,
            "live/list": self.live_list,
            "live/log": self.live_log,
            "live/realtime": self.live_realtime,
            "live/webinar/info": self.webinar_info,
            "comment/list": self.comment_list,
        }

    def site_get(self, caller: Caller, params: Params) -> Result:
        """The workspace itself."""
        del caller, params
        return Result(
            rows={
                "site_id": 1,
                "site_key": "sandbox",
                "site_name": "Sandbox workspace",
                "domain": self.options.domain,
                "https_url": self.options.https_url,
                "locale": "en_US",
                "product_key": "sandbox",
            }
        )

    def album_list(self, caller: Caller, params: Params) -> Result:
        """Categories, newest first; hidden ones need the level ``read`` and to be asked for."""
        with_all = flag(params, "include_hidden_p") and caller.level >= Level.READ
        wanted, search = params.get("album_id", ""), params.get("search", "").casefold()
        found = [
            one
            for one in sorted(self.state.categories.values(), key=lambda one: -one.category_id)
            if (with_all or not one.is_hidden)
            and wanted in {"", str(one.category_id)}
            and search in one.title.casefold()
        ]
        return self._page(params, found, rows.category_row)

    def photo_list(self, caller: Caller, params: Params) -> Result:
        """Videos; unpublished ones need the level ``read`` and to be asked for."""
        with_all = flag(params, "include_unpublished_p") and caller.level >= Level.READ
        found = [
            thing
            for thing in self._things(caller, params, Video, "photo_id")
            if isinstance(thing, Video)
            and (thing.is_published or with_all or params.get("token") == thing.token)
            and params.get("live_id", "") in {"", str(thing.live_id)}
        ]
        return self._page(params, found, lambda one: self._video_row(caller, params, one))

    def live_list(self, caller: Caller, params: Params) -> Result:
        """Live events; private ones need the level ``read`` and to be asked for."""
        with_all = flag(params, "include_private_p") and caller.level >= Level.READ
        found = [
            thing
            for thing in self._things(caller, params, Live, "live_id")
            if isinstance(thing, Live)
            and (not thing.is_private or with_all or params.get("token") == thing.token)
            and _is_in_state(caller, thing, params)
        ]
        return self._page(params, found, lambda one: self._live_row(caller, params, one))

    def live_log(self, caller: Caller, params: Params) -> Result:
        """The log of a live event and the channel of further events; level ``read``."""
        caller.require(Level.READ, "live/log")
        live = self.state.live(number(params, "live_id"))
        return Result(
            rows=[rows.log_row(live, one) for one in live.log],
            extra={
                "realtime_url": caller.realtime_url,
                "realtime_channel": f"{live.events_root}/events",
                "timezone_offset": "2.0000000000000000",
            },
        )

    def live_realtime(self, caller: Caller, params: Params) -> Result:
        """The channel of a live event's changes; level ``admin``, version 1 only."""
        if caller.version != "1":
            raise unknown("no_such_method")
        caller.require(Level.ADMIN, "live/realtime")
        live = self.state.live(number(params, "live_id"))
        return Result(
            rows=[],
            extra={
                "realtime_url": caller.realtime_url,
                "realtime_channel": f"{live.events_root}/events",
            },
        )

    def webinar_info(self, caller: Caller, params: Params) -> Result:
        """The state of a live event; level ``read``, version 2 only."""
        if caller.version == "1":
            raise unknown("no_such_method")
        caller.require(Level.READ, "live/webinar/info")
        return Result(rows=rows.webinar_row(self.state.live(number(params, "live_id"))))

    def comment_list(self, caller: Caller, params: Params) -> Result:
        """Comments by date of creation; promoted ones first unless asked not to."""
        found = [
            one for one in self.state.comments.values() if self._is_wanted(caller, params, one)
        ]
        newest_first = params.get("order", "desc") != "asc"
        found.sort(key=lambda one: (one.created, one.comment_id), reverse=newest_first)
        if flag(params, "prioritize_promoted_p", default=True):
            found.sort(key=lambda one: not one.is_promoted)
        with_parents = flag(params, "include_reply_to_comments_p")
        page = self._page(
            params, found, lambda one: self._comment_row(caller, one, with_parent=with_parents)
        )
        if (
            flag(params, "include_realtime_p")
            and caller.version == "2"
            and params.get("object_id")
            and self.options.place is ChannelPlace.COMMENTS
        ):
            thing = self._seen(caller, number(params, "object_id"), params)
            page.extra = self._channel(caller, thing)
        return page

    def _things(self, caller: Caller, params: Params, kind: type[Thing], key: str) -> list[Thing]:
        wanted, search = params.get(key, ""), params.get("search", "").casefold()
        album_id = number(params, "album_id", 0)
        if album_id and album_id not in self.state.categories:
            raise unknown("no_such_album")
        # With a category, the platform does not look at the video's ID.
        if wanted and not (album_id and kind is Video):
            thing = self.state.things.get(number(params, key))
            is_there = isinstance(thing, kind) and self.state.may_see(
                caller.level, thing, params.get("token", "")
            )
            if not is_there or thing is None:
                # Version 1 filters; version 2 says so.
                if caller.version == "1":
                    return []
                raise unknown()
            return [thing]
        return [
            thing
            for thing in self.state.visible(caller.level, kind)
            if search in thing.title.casefold() and (not album_id or album_id in thing.category_ids)
        ]

    def _is_wanted(self, caller: Caller, params: Params, comment: Comment) -> bool:
        thing = self.state.things[comment.object_id]
        if not self.state.may_see(caller.level, thing, params.get("object_token", "")):
            return False
        if _is_private(comment) and caller.level < Level.READ:
            return False
        wanted = {
            "object_id": str(comment.object_id),
            "comment_id": str(comment.comment_id),
            "comment_type": comment.kind,
        }
        if any(params.get(name) not in {None, "", value} for name, value in wanted.items()):
            return False
        if params.get("search", "").casefold() not in f"{comment.text} {comment.author}".casefold():
            return False
        return flag(params, "promoted_p", default=comment.is_promoted) == comment.is_promoted

    def _comment_row(self, caller: Caller, comment: Comment, *, with_parent: bool) -> rows.Row:
        row = rows.comment_row(comment, caller.level)
        if not with_parent:
            return row
        parent = self.state.comments.get(comment.reply_to or 0)
        details = None
        if parent and (caller.level >= Level.READ or not _is_private(parent)):
            details = rows.comment_row(parent, caller.level)
        return row | {"reply_to_comment": details}

    def _seen(self, caller: Caller, object_id: int, params: Params) -> Thing:
        thing = self.state.thing(object_id)
        if not self.state.may_see(caller.level, thing, params.get("object_token", "")):
            raise unknown()
        return thing

    def _video_row(self, caller: Caller, params: Params, video: Video) -> rows.Row:
        count = sum(one.object_id == video.object_id for one in self.state.comments.values())
        row = rows.video_row(video, count)
        return _linked(caller, params, row) | self._channel_on_object(caller, video)

    def _live_row(self, caller: Caller, params: Params, live: Live) -> rows.Row:
        with_speakers = flag(params, "include_speakers_p")
        row = _linked(caller, params, rows.live_row(live, with_speakers=with_speakers))
        return row | self._channel_on_object(caller, live)

    def _channel_on_object(self, caller: Caller, thing: Thing) -> dict[str, str]:
        place = self.options.place
        is_here = place is ChannelPlace.OBJECT or (
            place is ChannelPlace.V1_OBJECT and caller.version == "1"
        )
        return self._channel(caller, thing) if is_here else {}

    def _channel(self, caller: Caller, thing: Thing) -> dict[str, str]:
        suffix = "/all_json" if self.options.has_sub_channel else ""
        return {"realtime_url": caller.realtime_url, "realtime_channel": thing.root + suffix}

    def _page(self, params: Params, found: Sequence[_T], row: Callable[[_T], rows.Row]) -> Result:
        page = max(1, number(params, "p", 1))
        size = max(1, min(number(params, "size", _DEFAULT_SIZE), self.options.most_per_page))
        shown = found[(page - 1) * size : page * size]
        return Result(
            rows=[row(one) for one in shown], total=len(found), extra={"p": page, "size": size}
        )


def with_fields(result: Result, params: Params) -> Result:
    """Return a result with only the properties that ``fields`` names, if it names any."""
    wanted = {name.strip() for name in params.get("fields", "").split(",")} - {""}
    if not wanted:
        return result
    if isinstance(result.rows, dict):
        return replace(result, rows=rows.only(result.rows, wanted))
    return replace(result, rows=[rows.only(row, wanted) for row in result.rows])


def _linked(caller: Caller, params: Params, row: rows.Row) -> rows.Row:
    is_full = caller.version == "2" and flag(params, "use_full_urls_p")
    return rows.with_full_urls(row, caller.site_url) if is_full else row


def _is_private(comment: Comment) -> bool:
    return comment.kind == "question" and not comment.is_promoted


def _is_in_state(caller: Caller, live: Live, params: Params) -> bool:
    """Tell whether a live event is in the state that is asked for; version 1 knows few of them."""
    if caller.version == "1":
        is_active = live.scheduled is not None or live.status == "live"
        return flag(params, "upcoming_p", default=is_active) == is_active
    is_so = {
        "streaming_p": live.running("streaming") is not None,
        "broadcasting_p": live.running("broadcasting") is not None,
        "upcoming_p": live.status == "upcoming",
        "cancelled_p": live.is_cancelled,
        "draft_p": live.is_draft,
    }
    if params.get("live_status", "") not in {"", live.status}:
        return False
    return all(flag(params, name, default=value) == value for name, value in is_so.items())
