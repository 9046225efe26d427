"""The calls the relay makes, as plain values: one builder per method of the API.

Source: the vendor's OpenAPI document of version 2 (https://github.com/23/twentythree-cli) and
https://github.com/23/DeveloperDocumentation for version 1. Parameters are the same in both.
Booleans are sent as 1 or 0, which both versions understand.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ..domain.model import (
    CategoryId,
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    ObjectKind,
)
from .credentials import HttpMethod, Version

_PATHS: dict[Version, str] = {"1": "/api/", "2": "/api/2/"}
# Without these version 1 answers with XML, or with a JavaScript assignment.
_FORMATS: dict[Version, tuple[tuple[str, str], ...]] = {
    "1": (("format", "json"), ("raw", "1")),
    "2": (),
}
_OBJECT_TYPES = {ObjectKind.VIDEO: "photo", ObjectKind.LIVE: "live"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``method`` is the API's, such as ``comment/list``."""

    method: str
    params: tuple[tuple[str, str], ...] = ()
    http_method: HttpMethod = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCall:
    """A call as HTTP: the address with its encoded query, and the form of a POST."""

    http_method: HttpMethod
    url: str
    body: str | None

    @property
    def headers(self) -> dict[str, str]:
        """The headers, but for the credentials."""
        found = {"Accept": "application/json"}
        if self.body is not None:
            found["Content-Type"] = "application/x-www-form-urlencoded"
        return found


def prepare(call: Call, site_url: str, version: Version, *, stamp: int) -> PreparedCall:
    """Return the HTTP request for a call.

    ``stamp`` differs from call to call: unsigned reads are served from a cache for up to half an
    hour unless the parameter ``time`` is new. A POST carries everything in its form, because the
    workspace ignores its query.
    """
    url = f"{site_url}{_PATHS[version]}{call.method}"
    params = [*call.params, *_FORMATS[version]]
    if call.http_method == "POST":
        return PreparedCall(http_method="POST", url=url, body=_encode(params))
    query = _encode([*params, ("time", str(stamp))])
    return PreparedCall(http_method="GET", url=f"{url}?{query}", body=None)


def site_get() -> Call:
    """The workspace itself."""
    return Call("site/get")


def photo_list(
    *,
    photo_id: ObjectId | None = None,
    album_id: CategoryId | None = None,
    live_id: ObjectId | None = None,
    search: str = "",
    page: int = 1,
    size: int = 20,
    include_unpublished: bool = False,
) -> Call:
    """Videos, the last published first; unpublished ones need the level ``read``.

    With ``live_id``, the recordings of a live event.
    """
    return _request(
        "photo/list",
        photo_id=photo_id,
        album_id=album_id,
        live_id=live_id,
        search=search,
        include_unpublished_p=include_unpublished or None,
        p=page if page > 1 else None,
        size=size,
    )


def album_list(*, album_id: CategoryId | None = None, search: str = "", size: int = 20) -> Call:
    """Categories; hidden ones are not asked for."""
    return _request("album/list", album_id=album_id, search=search, size=size)


def live_list(
    *,
    live_id: ObjectId | None = None,
    album_id: CategoryId | None = None,
    status: str = "",
    search: str = "",
    page: int = 1,
    size: int = 20,
    include_private: bool = False,
) -> Call:
    """Live events; private ones need the level ``read``.

    ``status`` is ``upcoming``, ``live`` or ``previous``; version 1 does not know it.
    Streaming details are left out: they are slow to make, and signed. Who speaks is asked for.
    """
    return _request(
        "live/list",
        live_id=live_id,
        album_id=album_id,
        live_status=status,
        search=search,
        include_private_p=include_private or None,
        include_speakers_p=True,
        include_streaming_details_p=False,
        p=page if page > 1 else None,
        size=size,
    )


def webinar_info(live_id: ObjectId) -> Call:
    """The state of a live event; version 2 only, level ``read``."""
    return _request("live/webinar/info", live_id=live_id)


def live_log(live_id: ObjectId) -> Call:
    """The log of a live event, with the channel of its changes; level ``read``."""
    return _request("live/log", live_id=live_id)


def live_realtime(live_id: ObjectId) -> Call:
    """The channel of a live event's changes; version 1 only, level ``admin``."""
    return _request("live/realtime", live_id=live_id)


def comment_list(
    *,
    object_id: ObjectId | None = None,
    comment_id: CommentId | None = None,
    page: int = 1,
    size: int = 100,
    promoted_only: bool = False,
    include_realtime: bool = False,
) -> Call:
    """Comments, newest first, with what they answer; promoted ones are not put before the others.

    ``object_type`` is never sent: the documents do not list the live event's.
    """
    return _request(
        "comment/list",
        object_id=object_id,
        comment_id=comment_id,
        promoted_p=promoted_only or None,
        include_realtime_p=include_realtime or None,
        include_reply_to_comments_p=True,
        order="desc",
        prioritize_promoted_p=False,
        p=page,
        size=size,
    )


def comment_promote(comment_id: CommentId, *, is_promoted: bool) -> Call:
    """Promote a comment, or take that back; left out, ``promoted_p`` would turn it over."""
    return _change("comment/promote", comment_id=comment_id, promoted_p=is_promoted)


def comment_update(object_id: ObjectId, comment_id: CommentId, status: CommentStatus) -> Call:
    """Mark a question; an empty ``comment_status`` opens it again."""
    return _change(
        "comment/update", object_id=object_id, comment_id=comment_id, comment_status=status.value
    )


def comment_delete(comment_id: CommentId) -> Call:
    """Delete a comment."""
    return _change("comment/delete", comment_id=comment_id)


def comment_add(
    kind: ObjectKind, object_id: ObjectId, *, to: CommentId, text: str, name: str
) -> Call:
    """Reply to a comment; the reply is of the platform's default type."""
    return _change(
        "comment/add",
        object_id=object_id,
        object_type=_OBJECT_TYPES[kind],
        content=text,
        name=name,
        reply_to_comment_id=to,
    )


def comment_clone(comment_id: CommentId, kind: CommentKind) -> Call:
    """Copy a comment into one of a kind.

    The documents have it as a GET, and say of all methods that both are allowed: a GET whose
    connection is cut would be sent again by aiohttp.
    """
    return _change("comment/clone", comment_id=comment_id, clone_comment_type=kind.value)


def _change(method: str, **params: str | int) -> Call:
    """Return a call that changes something; an empty parameter is sent, too."""
    return Call(method, tuple((name, _spell(value)) for name, value in params.items()), "POST")


def _request(method: str, **params: str | int | None) -> Call:
    """Return a call with those parameters that are set."""
    found = ((name, _spell(value)) for name, value in params.items())
    return Call(method, tuple((name, value) for name, value in found if value))


def _spell(value: str | int | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _encode(params: list[tuple[str, str]]) -> str:
    # Percent-encoding throughout: what OAuth signs is then what is sent.
    return urlencode(params, quote_via=quote, safe="")
