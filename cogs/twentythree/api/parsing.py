"""Rows of the API, and the objects and live states in them: lenient, because both versions are.

Sources: the vendor's documents (videos: ``photo/list``; live events: ``live-list.md``; state:
``live/webinar/info``) and its web player, https://github.com/23/player, for the start times and
pictures of live events. The vendor's own schema of version 2's ``live/list`` describes a video.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ..domain.fields import Epoch, Flag, Identity, Text, Whole, as_author, text
from ..domain.markup import plain
from ..domain.model import LiveObservation, ObjectId, ObjectInfo, ObjectKind
from .addresses import absolute
from .envelope import Row

# The pages of these open without a log-in to whoever has the address.
_SECRET_LINK = re.compile(r"/secret/|[?&;]token=", re.IGNORECASE)
_MAX_TITLE = 300
_READ_TITLE = 10 * _MAX_TITLE
# Of what is kept to say what an event is about.
_MAX_DESCRIPTION = 600
_READ_DESCRIPTION = 8 * _MAX_DESCRIPTION
_MOST_SPEAKERS = 20
_MAX_SPEAKER = 100
_NAMES = ("name", "full_name", "display_name", "username")


def _speakers(told: object) -> tuple[str, ...]:
    """Read the names of who speaks: no document shows how they are told. Never raises."""
    found = told if isinstance(told, list) else []
    names = (_speaker(one) for one in found[:_MOST_SPEAKERS])
    return tuple(name for name in names if name)


def _speaker(told: object) -> str:
    if isinstance(told, Mapping):
        told = next((told[one] for one in _NAMES if told.get(one)), "")
    return as_author(" ".join(text(told).split()))[:_MAX_SPEAKER]


Speakers = Annotated[tuple[str, ...], BeforeValidator(_speakers)]
"""The names of who speaks at an event; empty: nobody, or it cannot be read."""


class _Row(BaseModel):
    # All types are lenient: validating a dict never raises.
    model_config = ConfigDict(extra="ignore", frozen=True)


class SiteRow(_Row):
    """``site/get``."""

    site_name: Text = ""
    domain: Text = ""
    https_url: Text = ""


class _Picture(_Row):
    large_download: Text = ""
    standard_download: Text = ""
    medium_download: Text = ""

    @property
    def picture(self) -> str:
        """The link of a picture that suits a card, or ``""``."""
        return self.large_download or self.standard_download or self.medium_download


class PhotoRow(_Picture):
    """A video of ``photo/list``."""

    photo_id: Identity = None
    title: Text = ""
    token: Text = ""
    one: Text = ""
    absolute_url: Text = ""
    published_p: Flag = None
    live_id: Identity = None
    publish_date_epoch: Epoch = None
    creation_date_epoch: Epoch = None


class AlbumRow(_Row):
    """A category of ``album/list``."""

    album_id: Identity = None
    title: Text = ""
    hide_p: Flag = None


class LiveRow(_Picture):
    """A live event of ``live/list``.

    ``photo_id`` and ``title`` are what version 2 may call ``live_id`` and ``name``. Two states
    are told apart: streaming (a signal arrives) and broadcasting (viewers see it).
    """

    live_id: Identity = None
    photo_id: Identity = None
    name: Text = ""
    title: Text = ""
    token: Text = ""
    link: Text = ""
    short_link: Text = ""
    absolute_url: Text = ""
    description: Text = ""
    description_text: Text = ""
    speakers: Speakers = ()
    private_p: Flag = None
    draft_p: Flag = None
    live_status: Text = ""
    broadcasting_p: Flag = None
    cancelled_p: Flag = None
    current_viewers: Whole = None
    broadcasting_start_time_epoch: Epoch = None
    broadcasting_start_time: Epoch = None
    next_start_time_epoch: Epoch = None
    next_start_time_ansi: Epoch = None
    next_start_time: Epoch = None
    live_date_epoch: Epoch = None
    live_date_ansi: Epoch = None
    live_date: Epoch = None
    start_time_epoch: Epoch = None
    start_time_ansi: Epoch = None
    start_time: Epoch = None
    preview_large_download: Text = ""
    preview_tree_id: Text = ""
    preview_photo_id: Text = ""
    preview_token: Text = ""
    thumbnail_large_download: Text = ""
    thumbnail_tree_id: Text = ""
    thumbnail_photo_id: Text = ""
    thumbnail_token: Text = ""

    @property
    def identity(self) -> int | None:
        """The event's ID."""
        return self.live_id or self.photo_id

    @property
    def scheduled_at(self) -> datetime | None:
        """The planned start.

        The next start comes before the event's date, which a series may have passed; within each,
        the epoch before spellings, of which those without a zone cannot be used.
        """
        return _first(
            self.next_start_time_epoch,
            self.next_start_time_ansi,
            self.next_start_time,
            self.live_date_epoch,
            self.live_date_ansi,
            self.live_date,
            self.start_time_epoch,
            self.start_time_ansi,
            self.start_time,
        )

    @property
    def broadcast_started_at(self) -> datetime | None:
        """When the broadcast began, or an earlier one where there is none now."""
        return _first(self.broadcasting_start_time_epoch, self.broadcasting_start_time)

    @property
    def picture(self) -> str:
        """The link of a picture that suits a card, or ``""``.

        Without a ready link it is made as the vendor's player makes it.
        """
        return (
            self.preview_large_download
            or self.thumbnail_large_download
            or super().picture
            or _picture(self.preview_tree_id, self.preview_photo_id, self.preview_token)
            or _picture(self.thumbnail_tree_id, self.thumbnail_photo_id, self.thumbnail_token)
        )


class WebinarRow(_Row):
    """``live/webinar/info``."""

    broadcasting_p: Flag = None
    broadcasting_start_time_epoch: Epoch = None
    broadcasting_start_time: Epoch = None
    current_viewers: Whole = None

    @property
    def broadcast_started_at(self) -> datetime | None:
        """When the broadcast began."""
        return _first(self.broadcasting_start_time_epoch, self.broadcasting_start_time)


def _first(*found: datetime | None) -> datetime | None:
    return next((moment for moment in found if moment is not None), None)


def _picture(*parts: str) -> str:
    return "/" + "/".join([*parts, "large"]) if all(parts) else ""


# What people know of them.


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
    info = _object(
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
    told = row.description_text.strip() or plain(row.description[:_READ_DESCRIPTION])
    return replace(info, description=told[:_MAX_DESCRIPTION], speakers=row.speakers)


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
