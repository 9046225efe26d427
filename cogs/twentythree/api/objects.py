"""From rows to objects and to the state of live events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ..domain.model import LiveObservation, ObjectId, ObjectInfo, ObjectKind
from .envelope import Row
from .links import absolute
from .rows import LiveRow, PhotoRow, WebinarRow

# The pages of these open without a log-in to whoever has the address.
_SECRET_LINK = re.compile(r"/secret/|[?&;]token=", re.IGNORECASE)
_MAX_TITLE = 300
_READ_TITLE = 10 * _MAX_TITLE


def photo_rows(rows: Iterable[Row]) -> list[PhotoRow]:
    """Read the rows of ``photo/list`` that name their video."""
    found = (PhotoRow.model_validate(dict(row)) for row in rows)
    return [row for row in found if row.photo_id is not None]


def live_rows(rows: Iterable[Row]) -> list[LiveRow]:
    """Read the rows of ``live/list`` that name their event."""
    found = (LiveRow.model_validate(dict(row)) for row in rows)
    return [row for row in found if row.identity is not None]


def photo_of(rows: Iterable[Row], object_id: ObjectId) -> PhotoRow | None:
    """Return the row of one video; a workspace that hides it lists nothing, or others."""
    return next((row for row in photo_rows(rows) if row.photo_id == object_id), None)


def live_of(rows: Iterable[Row], object_id: ObjectId) -> LiveRow | None:
    """Return the row of one live event; see :func:`photo_of`."""
    return next((row for row in live_rows(rows) if row.identity == object_id), None)


def is_published(row: PhotoRow) -> bool:
    """Tell whether everybody may know of a video."""
    return row.published_p is not False


def is_open(row: LiveRow) -> bool:
    """Tell whether everybody may know of a live event: it is neither private nor a draft."""
    return not (row.private_p or row.draft_p)


def video(row: PhotoRow, site_url: str) -> ObjectInfo:
    """Return a video as people know it."""
    return _object(
        ObjectKind.VIDEO,
        row.photo_id,
        title=row.title,
        links=(row.absolute_url, row.one),
        picture=row.picture,
        token=row.token,
        is_public=is_published(row),
        at=row.publish_date_epoch or row.creation_date_epoch,
        site_url=site_url,
    )


def live_event(row: LiveRow, site_url: str) -> ObjectInfo:
    """Return a live event as people know it."""
    return _object(
        ObjectKind.LIVE,
        row.identity,
        title=row.name or row.title,
        links=(row.absolute_url, row.link, row.short_link),
        picture=row.picture,
        token=row.token,
        is_public=is_open(row),
        at=row.scheduled_at or row.broadcast_started_at,
        is_on_air=bool(row.broadcasting_p),
        site_url=site_url,
    )


def _object(
    kind: ObjectKind,
    identity: int | None,
    *,
    title: str,
    links: tuple[str, ...],
    picture: str,
    token: str,
    is_public: bool,
    site_url: str,
    at: datetime | None,
    is_on_air: bool = False,
) -> ObjectInfo:
    """Make an object without publishing its token.

    ID and token open an unpublished object to everybody, so its link may not hold the token, nor
    may its picture: then the plain address is used, and no picture.
    """
    object_id = ObjectId(identity or 0)
    usable = (
        absolute(link, site_url)
        for link in links
        if not _SECRET_LINK.search(link) and not (token and token in link)
    )
    is_safe = is_public or bool(token and token not in picture)
    return ObjectInfo(
        object_id=object_id,
        kind=kind,
        title=" ".join(title[:_READ_TITLE].split())[:_MAX_TITLE]
        or f"{kind.value.capitalize()} {object_id}",
        url=next(filter(None, usable), f"{site_url}/{kind.value}/{object_id}"),
        picture_url=absolute(picture, site_url) if is_safe else None,
        is_public=is_public,
        at=at,
        is_on_air=is_on_air,
    )


def observation(row: LiveRow, info: WebinarRow | None, object_id: ObjectId) -> LiveObservation:
    """Return the state of a live event from its row and, where there is one, its webinar info.

    The info is newer than the row, which may come from a cache, but tells less. Without a word
    about broadcasting the event's status decides. A start time counts while it is on the air
    only: afterwards it is the last broadcast's. Times are whole seconds, so that one instant
    reads the same wherever it comes from.
    """
    told = None if info is None else info.broadcasting_p
    status = row.live_status.strip().casefold()
    is_broadcasting = row.broadcasting_p if told is None else told
    if is_broadcasting is None:
        is_broadcasting = status == "live"
    viewers = info.current_viewers if info and info.current_viewers is not None else None
    if viewers is None:
        viewers = row.current_viewers
    return LiveObservation(
        object_id=object_id,
        is_broadcasting=is_broadcasting,
        is_cancelled=bool(row.cancelled_p),
        is_over=status == "previous" and not is_broadcasting,
        scheduled_at=_whole_second(row.scheduled_at),
        broadcast_started_at=_whole_second(_started_at(row, info)) if is_broadcasting else None,
        viewers_now=None if viewers is None else max(viewers, 0),
        is_public=is_open(row),
    )


def _started_at(row: LiveRow, info: WebinarRow | None) -> datetime | None:
    if info is not None and info.broadcast_started_at is not None:
        return info.broadcast_started_at
    # A row that does not know of this broadcast yet has the last one's start.
    return row.broadcast_started_at if row.broadcasting_p is not False else None


def _whole_second(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(microsecond=0)
