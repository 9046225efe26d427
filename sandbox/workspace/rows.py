"""What the API says of things, in the words and spellings of each version.

Version 1 gives strings throughout and booleans as ``"t"``, ``"1"`` or ``1``; version 2 gives JSON
types, mostly. Links are relative. Source: the vendor's documents and OpenAPI file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from .model import Category, Comment, Interval, Level, Live, Video

Row = dict[str, Any]

# A workspace's own time zone, which comments' times are in without saying so.
_SITE_ZONE = timezone(timedelta(hours=2))


def comment_row(comment: Comment, level: Level) -> Row:
    """Return a row of ``comment/list``; personal data is for privileged callers.

    The names ``comment_status`` and ``reply_to_comment_id`` are those of the parameters that set
    them; no document says what rows call them.
    """
    created = datetime.fromtimestamp(comment.created, _SITE_ZONE)
    path = "live" if comment.object_type == "live" else "video"
    row: Row = {
        "comment_id": comment.comment_id,
        "object_id": comment.object_id,
        "object_type": comment.object_type,
        "comment_type": comment.kind,
        "comment_status": comment.status,
        "reply_to_comment_id": comment.reply_to,
        "promoted_p": comment.is_promoted,
        "name": comment.author,
        "first_name": comment.author.split(" ")[0],
        "truncated_name": comment.author[:12],
        "avatar": comment.avatar,
        "label": "",
        "url": "",
        "comment_time": "" if comment.position_s is None else str(comment.position_s),
        "creation_date_ansi": created.strftime("%Y-%m-%d %H:%M:%S"),
        "pretty_date": created.strftime("%B %d, %Y"),
        "pretty_time": created.strftime("%H:%M"),
        "object_url": f"/{path}/{comment.object_id}",
        "content": "<p>" + _html(comment.text).replace("\n", "<br>") + "</p>",
        "content_text": comment.text,
    }
    if level >= Level.READ:
        row |= {"email": comment.email, "full_name": comment.author, "user_id": ""}
        row["uuid"] = f"00000000-0000-0000-0000-{comment.comment_id:012d}"
    return row


def category_row(category: Category) -> Row:
    """Return a row of ``album/list``."""
    return {
        "album_id": category.category_id,
        "title": category.title,
        "token": category.token,
        "one": f"/channel/{category.category_id}/{category.title.lower().replace(' ', '-')}",
        "hide_p": category.is_hidden,
        "creation_date_ansi": _ansi(category.created),
        "content": "",
        "content_text": "",
    }


def video_row(video: Video, comments: int) -> Row:
    """Return a row of ``photo/list``."""
    return {
        "photo_id": video.object_id,
        "title": video.title,
        "tree_id": video.object_id + 1,
        "token": video.token,
        "one": f"/video/{video.object_id}",
        "published_p": video.is_published,
        "protected_p": video.is_protected,
        "promoted_p": False,
        "video_p": True,
        "album_id": min(video.category_ids, default=""),
        "live_id": video.live_id,
        "publish_date_epoch": str(int(video.created)),
        "creation_date_epoch": int(video.created),
        "number_of_comments": comments,
        "content_text": "",
        "large_download": f"/{video.object_id + 1}/{video.object_id}/{video.token}/large/thumb.jpg",
    }


def live_row(live: Live, *, with_speakers: bool = False) -> Row:
    """Return a row of ``live/list``, which names the title ``name``.

    What it calls those who speak, no document says.
    """
    on_air = live.running("broadcasting")
    row: Row = {
        "live_id": live.object_id,
        "token": live.token,
        "name": live.title,
        "album_id": min(live.category_ids, default=""),
        "creation_date": _ansi(live.created),
        "link": f"/live/{live.object_id}/{live.title.lower().replace(' ', '-')}",
        "short_link": f"/live/{live.object_id}",
        "private_p": live.is_private,
        "draft_p": live.is_draft,
        "cancelled_p": live.is_cancelled,
        "streaming_p": live.running("streaming") is not None,
        "broadcasting_p": on_air is not None,
        "live_status": live.status,
        "current_viewers": str(live.viewers),
        "description": f"<p>{_html(live.description)}</p>" if live.description else "",
        "description_text": live.description,
        "preview_tree_id": str(live.object_id + 1),
        "preview_photo_id": str(live.object_id + 2),
        "preview_token": "0123456789abcdef0123456789abcdef",
    }
    if on_air:
        row["broadcasting_start_time_epoch"] = str(int(on_air.start))
    if live.scheduled is not None:
        row["live_date"] = _ansi(live.scheduled)
    if with_speakers:
        row["speakers"] = [{"name": one} for one in live.speakers]
    return row


def webinar_row(live: Live) -> Row:
    """Return the answer of ``live/webinar/info``."""
    on_air, signal = live.running("broadcasting"), live.running("streaming")
    return {
        "name": live.title,
        "token": live.token,
        "streaming_p": signal is not None,
        "streaming_start_time": _ansi(signal.start) if signal else "",
        "broadcasting_p": on_air is not None,
        "broadcasting_start_time": _ansi(on_air.start) if on_air else "",
        "recording_p": False,
        "recording_start_time": "",
        "current_viewers": str(live.viewers),
    }


def log_row(live: Live, interval: Interval) -> Row:
    """Return a row of ``live/log``; what still runs ends where it began."""
    end = interval.start if interval.end is None else interval.end
    return {
        "live_id": str(live.object_id),
        "event": interval.event,
        "start_time": int(interval.start),
        "end_time": int(end),
    }


def with_full_urls(row: Row, site_url: str) -> Row:
    """Return a row whose links, all of which are paths, begin with the workspace's address."""
    return {
        name: site_url + value if isinstance(value, str) and value.startswith("/") else value
        for name, value in row.items()
    }


def only(row: Row, names: Collection[str]) -> Row:
    """Return what a row has of these properties."""
    return {name: value for name, value in row.items() if name in names}


def renamed(row: Row, names: Mapping[str, str]) -> Row:
    """Return a row in which these properties have other names."""
    return {names.get(name, name): value for name, value in row.items()}


def in_version_1(row: Row) -> Row:
    """Return a row as version 1 spells it: strings, and booleans in several ways."""
    return {name: _version_1(name, value) for name, value in row.items()}


def _version_1(name: str, value: object) -> object:
    if isinstance(value, dict):
        return in_version_1(value)
    if isinstance(value, bool):
        # Both spellings stand in the vendor's own examples.
        return ("t" if value else "f") if len(name) % 2 else str(int(value))
    return "" if value is None else str(value)


def _ansi(seconds: float) -> str:
    """Return a time as ``2013-08-01 16:19:58.49+02``."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone(_SITE_ZONE)
    return local.strftime("%Y-%m-%d %H:%M:%S.") + f"{local.microsecond // 10_000:02d}+02"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
