"""Rows of the API as far as the relay reads them: lenient, because both versions are.

Sources: the vendor's documents (videos: ``photo/list``; live events: ``live-list.md``; state:
``live/webinar/info``) and its web player, https://github.com/23/player, for the start times and
pictures of live events. The vendor's own schema of version 2's ``live/list`` describes a video.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ..domain.scalars import Epoch, Flag, Identity, Text, Whole


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
