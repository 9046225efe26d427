"""What a workspace holds: videos, live events, comments, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """The platform's permission levels, ascending."""

    NONE = 0
    ANONYMOUS = 1
    READ = 2
    WRITE = 3
    ADMIN = 4
    SUPER = 5

    @property
    def word(self) -> str:
        """The level as answers spell it."""
        return self.name.lower()


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment. ``kind`` is the platform's ``comment_type``; times are seconds since 1970.

    Attributes:
        position_s: where on the time line of a video.
        reply_to: the comment that it answers.
        address: the e-mail address that was given with it.
        avatar: where the author's picture is, below the workspace's address.
    """

    comment_id: int
    object_id: int
    object_type: str
    kind: str
    author: str
    text: str
    created: float
    is_promoted: bool = False
    status: str = ""
    position_s: float | None = None
    reply_to: int | None = None
    address: str = ""
    avatar: str = ""

    @property
    def email(self) -> str:
        """An address that must never leave the workspace."""
        return self.address or f"viewer{self.comment_id}@example.org"


@dataclass(slots=True, kw_only=True)
class Category:
    """A category, ``album`` in the API."""

    category_id: int
    title: str
    token: str
    created: float
    is_hidden: bool = False


@dataclass(slots=True, kw_only=True)
class Video:
    """A video, ``photo`` in the API. ``live_id`` is the event that it is a recording of.

    ``comment_mode``: see :class:`Live`; that videos have one is a guess.
    """

    object_id: int
    title: str
    token: str
    root: str
    created: float
    is_published: bool = True
    is_protected: bool = False
    category_ids: list[int] = field(default_factory=list)
    live_id: int | None = None
    comment_mode: str = "full"


@dataclass(slots=True, kw_only=True)
class Interval:
    """A row of a live event's log; ``end`` is ``None`` while it runs."""

    event: str
    start: float
    end: float | None = None


@dataclass(slots=True, kw_only=True)
class Live:
    """A webinar or live stream, ``live`` in the API.

    ``comment_mode`` is ``full``, ``none``, ``speakers`` or ``admins``, who may comment;
    ``question_mode`` is ``full``, ``ask`` or ``none``. ``speakers``: their names.
    """

    object_id: int
    title: str
    token: str
    root: str
    events_root: str
    created: float
    is_private: bool = False
    is_draft: bool = False
    is_cancelled: bool = False
    is_over: bool = False
    category_ids: list[int] = field(default_factory=list)
    scheduled: float | None = None
    viewers: int = 0
    comment_mode: str = "full"
    question_mode: str = "full"
    description: str = ""
    speakers: list[str] = field(default_factory=list)
    log: list[Interval] = field(default_factory=list)

    def running(self, event: str) -> Interval | None:
        """Return the interval of ``broadcasting`` or ``streaming`` that runs now."""
        return next((one for one in self.log if one.event == event and one.end is None), None)

    @property
    def status(self) -> str:
        """The platform's ``live_status``."""
        if self.running("broadcasting"):
            return "live"
        return "previous" if self.is_over else "upcoming"


Thing = Video | Live


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthKeys:
    """An OAuth 1.0a four-tuple."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may call, with which right."""

    level: Level
    bearer: str
    oauth: OAuthKeys
