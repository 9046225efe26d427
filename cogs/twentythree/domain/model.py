"""The words of the domain as types: what happened, where it goes, what is to be said.

Nothing here knows Discord, the network or the clock. Times are aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from .barring import Bar, Pause
from .deeds import Acted, Actor, LogNotice
from .places import PostingPlace
from .room_settings import RoomSettings
from .shown import BoardView, QuestionCounts, ReportedQuestions, Series, ViewerQuestion

ObjectId = NewType("ObjectId", int)
CommentId = NewType("CommentId", int)
CategoryId = NewType("CategoryId", int)
RoomId = NewType("RoomId", int)
GuildId = NewType("GuildId", int)


class ObjectKind(StrEnum):
    """What can be attached."""

    VIDEO = "video"
    LIVE = "live"


class CommentKind(StrEnum):
    """TwentyThree's ``comment_type``."""

    COMMENT = "comment"
    CHAT = "chat"
    QUESTION = "question"


class CommentStatus(StrEnum):
    """What staff did with a question; TwentyThree's ``comment_status``."""

    OPEN = ""
    ANSWERED = "answered"
    DISMISSED = "dismissed"


class Standing(StrEnum):
    """Whether a room may still show what a comment says; hidden: by the room's own settings."""

    SHOWN = "shown"
    WITHHELD = "withheld"
    HIDDEN = "hidden"
    REMOVED = "removed"


class CommentPolicy(StrEnum):
    """Which comments a room takes; the option ``comments`` of ``/video attach``."""

    PROMOTED = "promoted"
    PUBLIC = "public"
    ALL = "all"
    NONE = "none"


class AtEnd(StrEnum):
    """What becomes of a broadcast's cards at its end; the option ``at_end`` of ``/video attach``.

    ``edit``: they tell of the end; ``delete``: they are deleted; ``announce``: they tell of it,
    and so does a message of its own.
    """

    EDIT = "edit"
    DELETE = "delete"
    ANNOUNCE = "announce"


class LivePhase(StrEnum):
    """Where a live event is in its life."""

    IDLE = "idle"
    SOON = "soon"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Source(StrEnum):
    """How an event reached us; the label ``source`` of the metrics."""

    REALTIME = "realtime"
    RECONCILE = "reconcile"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """A video or live event as people know it. URLs are absolute; private is not public.

    Only a fresh look tells ``at``, when it is planned for, began or was published, and
    ``is_on_air``; neither is stored. ``description`` is plain text; ``None``: it was not told, or
    is no matter of the notice. So are the names of the ``speakers``.
    """

    object_id: ObjectId
    kind: ObjectKind
    title: str
    url: str
    picture_url: str | None = None
    is_public: bool = True
    description: str | None = None
    speakers: tuple[str, ...] = ()
    at: datetime | None = field(default=None, compare=False)
    is_on_air: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a comment answers, as far as the workspace tells; untold, it is a private question.

    ``is_withdrawn``: a room that has shown it may not show it any more.
    """

    comment_id: CommentId
    author: str = ""
    text: str = ""
    kind: CommentKind = CommentKind.QUESTION
    is_promoted: bool = False
    is_withdrawn: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, chat line or question, as the workspace shows it.

    ``created_at`` is set only where the workspace named the zone; ``created_text`` is its own
    spelling of the time (``2030-01-02 03:04:05``, in a zone the API does not tell).
    ``position_s`` is the place on the video's time line, in seconds. ``untold``: what is a guess.
    ``answers``: the comment that this one is a reply to. ``avatar``: the author's picture, as the
    workspace spells its address.
    """

    comment_id: CommentId
    object_id: ObjectId
    kind: CommentKind
    is_promoted: bool
    author: str
    text: str
    created_at: datetime | None = None
    created_text: str = ""
    position_s: float | None = None
    status: CommentStatus = CommentStatus.OPEN
    answers: Quote | None = None
    avatar: str = ""
    untold: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveObservation:
    """What one read says of a live event; ``is_over``: its ``live_status`` is ``previous``."""

    object_id: ObjectId
    is_broadcasting: bool
    is_cancelled: bool = False
    is_over: bool = False
    scheduled_at: datetime | None = None
    broadcast_started_at: datetime | None = None
    viewers_now: int | None = None
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """The remembered state of a live event.

    ``broadcast`` counts broadcasts, from 0 (none yet). ``observed_at`` is when it was last seen on
    air, to the minute, or first to be called off; nobody is shown it: it makes no state another.
    ``is_settled``: the broadcast has ended for good. ``recording_url`` is where to see it again.
    ``is_near``: less than an hour before the planned start; ``moved_from``: its time before that.
    """

    phase: LivePhase = LivePhase.IDLE
    broadcast: int = 0
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    viewers_now: int | None = None
    viewers_peak: int | None = None
    observed_at: datetime | None = field(default=None, compare=False)
    is_settled: bool = False
    recording_url: str | None = None
    is_near: bool = False
    moved_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRules:
    """The options of one attachment.

    ``max_age_s``: comments that waited longer, and are not promoted, become one digest; with 0
    none ever does. ``has_actions``: comments can be acted on from the room. ``start_text``: what
    is said at a live start in place of the usual words; see ``domain.cards``. ``place``:
    where all but the cards goes.
    """

    comments: CommentPolicy = CommentPolicy.PROMOTED
    announces_live: bool = True
    mention_role_id: int | None = None
    max_age_s: int = 21_600
    at_end: AtEnd = AtEnd.EDIT
    has_actions: bool = False
    start_text: str = ""
    place: PostingPlace = PostingPlace.ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One object in one room, with its rules.

    ``forum_id``: the bot opened the room in that forum, or as a thread on a card in that channel;
    see ``domain.places``. ``follow_id``: a follow attached it; ``parent_id``: the channel of a
    thread, as seen. ``is_agreed``: somebody agreed to show what is not public; to all in the server
    (``is_agreed_for_all``), and what viewers ask in private (``is_exposure_agreed``); ``None``: not
    noted. ``is_on_programme``: see there. ``has_board``: of its questions there is a board.
    ``is_writable``: its comments may be changed. ``settings``: those of its room.
    """

    attachment_id: int
    guild_id: GuildId
    room_id: RoomId
    object: ObjectInfo
    rules: AttachmentRules
    attached_by: int
    attached_at: datetime
    forum_id: RoomId | None = None
    pause: Pause | None = None
    follow_id: int | None = None
    parent_id: RoomId | None = None
    is_agreed: bool = False
    is_agreed_for_all: bool | None = None
    is_exposure_agreed: bool | None = False
    bar: Bar | None = None
    is_on_programme: bool = False
    has_board: bool = False
    is_writable: bool = False
    settings: RoomSettings = field(default_factory=RoomSettings)

    @property
    def rules_in_force(self) -> AttachmentRules:
        """The rules as far as they can be kept: nobody acts on what must not be changed."""
        if self.is_writable or not self.rules.has_actions:
            return self.rules
        return replace(self.rules, has_actions=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReply:
    """An answer to a comment that was sent from a room; ``name`` is that on the platform."""

    comment_id: CommentId
    name: str
    text: str
    actor: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentNotice:
    """What is to be said about a comment. ``seen_at`` is when the relay first saw it.

    ``standing``: what is withheld (its promotion was taken back) or removed (deleted on the
    platform) has neither text nor name any more. ``corrections``: how often its words were forged.
    ``has_actions``: it can be acted on from its room. ``acted``: who did what last, as far as
    that was done from a room of this server; ``replies``: what was answered from there.
    """

    object: ObjectInfo
    comment: Comment
    source: Source
    seen_at: datetime
    standing: Standing = Standing.SHOWN
    is_known: bool = False  # it had been seen before
    corrections: int = 0
    has_actions: bool = False
    acted: tuple[Acted, ...] = ()
    replies: tuple[SentReply, ...] = ()
    type: Literal["comment"] = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveNotice:
    """What is to be said about a live event: its card. The role is mentioned at a start only.

    ``is_end``: the line that tells of the end; ``start_url`` leads to the message of the start.
    ``is_withdrawn``: its message is to be deleted; ``is_released``: the room hears no more of the
    event. ``series`` is set once the broadcast has ended, on the card of its start; so are the
    counts of ``comments`` and ``questions``, as far as they are known.
    """

    object: ObjectInfo
    state: LiveState
    is_start: bool
    mention_role_id: int | None = None
    is_end: bool = False
    is_withdrawn: bool = False
    series: Series | None = None
    start_url: str | None = None
    is_released: bool = False
    comments: int | None = None
    questions: int | None = None
    start_text: str = ""
    type: Literal["live"] = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNotice:
    """What is said in place of comments that waited too long: how many, seen from when to when."""

    object: ObjectInfo
    count: int
    since: datetime
    until: datetime
    type: Literal["digest"] = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoNotice:
    """The card of a video that a follow has found; not new, of any object that needs one."""

    object: ObjectInfo
    is_new: bool = True
    type: Literal["video"] = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A live event and when it is to begin."""

    object: ObjectInfo
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeNotice:
    """What is planned in a room: the next events by date, and how many more; see LiveNotice."""

    planned: tuple[Planned, ...]
    more: int = 0
    is_withdrawn: bool = False
    type: Literal["programme"] = "programme"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNotice:
    """What is said of a broadcast once it is settled, or of an object at any time.

    It is about what was asked ``until`` then, if questions are kept at all. ``state`` is ``None``
    of what is no live event. ``comments`` counts all, questions among them; ``None``: not known.
    """

    object: ObjectInfo
    until: datetime
    questions: ReportedQuestions = field(default_factory=ReportedQuestions)
    are_questions_kept: bool = True
    comments: int | None = None
    state: LiveState | None = None
    series: Series | None = None
    type: Literal["report"] = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardNotice:
    """The questions of an object in one message: some of those that are open, and ``more``.

    For the speaker it is the one to be answered now. ``is_hidden``: the object is not public, and
    nobody agreed to show it in the room. ``is_withdrawn``: its message is to be deleted.
    ``has_actions``: questions can be acted on from the room.
    """

    object: ObjectInfo
    board_id: int
    view: BoardView
    counts: QuestionCounts = field(default_factory=QuestionCounts)
    questions: tuple[ViewerQuestion, ...] = ()
    more: int = 0
    has_actions: bool = False
    is_hidden: bool = False
    is_withdrawn: bool = False
    type: Literal["board"] = "board"


_ObjectNotice = LiveNotice | DigestNotice | VideoNotice | ReportNotice
Notice = CommentNotice | _ObjectNotice | ProgrammeNotice | BoardNotice | LogNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A notice on its way into the outbox. (room, event_key) is unique there."""

    attachment_id: int | None  # None: about all that is attached
    room_id: RoomId
    event_key: str
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedNotice:
    """A notice in the outbox. ``is_stale``: its message may show less than it says now."""

    notice_id: int
    room_id: RoomId
    event_key: str
    notice: Notice
    queued_at: datetime
    is_stale: bool = field(default=False, compare=False)
