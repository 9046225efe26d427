"""The methods of the API: a caller's level and parameters in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from . import rows
from .model import Comment, Level, Live, Thing, Video
from .options import ChannelPlace, WorkspaceOptions
from .problems import Problem, denied, invalid, unknown
from .state import State

Params = Mapping[str, str]
_T = TypeVar("_T")
_TRUE = frozenset({"1", "t", "true"})
_DEFAULT_SIZE = 20
_KINDS = frozenset({"comment", "chat", "question"})


@dataclass(slots=True, kw_only=True)
class Result:
    """What a method gives: its rows (or one), and what stands beside them."""

    rows: list[rows.Row] | rows.Row
    total: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, in which version of the API; ``realtime_url`` is told where channels are."""

    level: Level
    version: str
    realtime_url: str

    def require(self, level: Level, what: str) -> None:
        """Refuse a level that is too low."""
        if self.level < level:
            raise denied(what)


@dataclass(frozen=True, slots=True)
class Methods:
    """The reading methods. Writing ones are in ``changes.py``."""

    state: State
    options: WorkspaceOptions

    def table(self) -> dict[str, Callable[[Caller, Params], Result]]:
        """Return the methods by the name of the API."""
        return {
            "site/get": self.site_get,
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
                "domain": "video.example.com",
                "locale": "en_US",
                "product_key": "sandbox",
            }
        )

    def photo_list(self, caller: Caller, params: Params) -> Result:
        """Videos; unpublished ones need the level ``read`` and to be asked for."""
        with_all = flag(params, "include_unpublished_p") and caller.level >= Level.READ
        found = [
            thing
            for thing in self._things(caller, params, Video, "photo_id")
            if isinstance(thing, Video)
            and (thing.is_published or with_all or params.get("token") == thing.token)
        ]
        return self._page(params, found, lambda one: self._video_row(caller, one))

    def live_list(self, caller: Caller, params: Params) -> Result:
        """Live events; private ones need the level ``read`` and to be asked for."""
        with_all = flag(params, "include_private_p") and caller.level >= Level.READ
        found = [
            thing
            for thing in self._things(caller, params, Live, "live_id")
            if isinstance(thing, Live)
            and (not thing.is_private or with_all or params.get("token") == thing.token)
        ]
        return self._page(params, found, lambda one: self._live_row(caller, one))

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
        found.sort(key=lambda one: one.comment_id, reverse=newest_first)
        if flag(params, "prioritize_promoted_p", default=True):
            found.sort(key=lambda one: not one.is_promoted)
        page = self._page(params, found, lambda one: rows.comment_row(one, caller.level))
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
        if wanted:
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
            if search in thing.title.casefold()
        ]

    def _is_wanted(self, caller: Caller, params: Params, comment: Comment) -> bool:
        thing = self.state.things[comment.object_id]
        if not self.state.may_see(caller.level, thing, params.get("object_token", "")):
            return False
        if comment.kind == "question" and not comment.is_promoted and caller.level < Level.READ:
            return False
        wanted = {
            "object_id": str(comment.object_id),
            "comment_id": str(comment.comment_id),
            "comment_type": comment.kind,
        }
        if any(params.get(name) not in {None, "", value} for name, value in wanted.items()):
            return False
        promoted = params.get("promoted_p", "")
        return not promoted or (promoted in _TRUE) == comment.is_promoted

    def _seen(self, caller: Caller, object_id: int, params: Params) -> Thing:
        thing = self.state.thing(object_id)
        if not self.state.may_see(caller.level, thing, params.get("object_token", "")):
            raise unknown()
        return thing

    def _video_row(self, caller: Caller, video: Video) -> rows.Row:
        count = sum(one.object_id == video.object_id for one in self.state.comments.values())
        return rows.video_row(video, count) | self._channel_on_object(caller, video)

    def _live_row(self, caller: Caller, live: Live) -> rows.Row:
        return rows.live_row(live) | self._channel_on_object(caller, live)

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


def number(params: Params, name: str, default: int | None = None) -> int:
    """Return a whole number among the parameters.

    Raises:
        Problem: it is missing and has no default, or is no number.
    """
    text = params.get(name, "")
    if not text and default is not None:
        return default
    if not text.isdecimal():
        raise invalid(name)
    return int(text)


def flag(params: Params, name: str, *, default: bool = False) -> bool:
    """Return a boolean among the parameters, in any spelling."""
    text = params.get(name, "").lower()
    return text in _TRUE if text else default


def kind_of(params: Params) -> str:
    """Return the kind of a new comment.

    Raises:
        Problem: there is no such kind.
    """
    kind = params.get("comment_type") or "comment"
    if kind not in _KINDS:
        raise Problem(400, "invalid_type", "No such type of comment.")
    return kind
