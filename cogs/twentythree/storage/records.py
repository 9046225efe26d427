"""What goes into the store and comes out of it, beside the words of the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from ..domain.acting import NewEntry
from ..domain.barring import Bar
from ..domain.batching import Batch, Draft
from ..domain.board import Board
from ..domain.calendar import CalendarObstacle, CoveredEvent, KeptScheduled
from ..domain.following import Category, Follow
from ..domain.model import (
    Attachment,
    AttachmentRules,
    Comment,
    CommentId,
    GuildId,
    LiveObservation,
    LivePhase,
    LiveState,
    NewNotice,
    Notice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    QueuedNotice,
    RoomId,
)
from ..domain.room_settings import LanguageAsked, Manner
from ..domain.rules_asked import RulesAsked
from ..domain.shown import BoardView, ViewerQuestion

# Says what the message of a notice that is alone in it is stored with. Runs within a transaction.
Drafting: TypeAlias = Callable[[NewNotice, Manner, datetime], Draft]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """An object that is to be attached to a room.

    ``asked`` is what changes of the rules where the object is in the room already; ``None``: they
    become ``rules``. ``is_agreed``: somebody agrees that the room shows it though it is not public.
    ``follow_id`` is the follow that has found it. ``is_on_programme``: the room is told of it by
    its programme until a day before its start.
    """

    guild_id: GuildId
    room_id: RoomId
    object: ObjectInfo
    rules: AttachmentRules
    attached_by: int
    asked: RulesAsked | None = None
    forum_id: RoomId | None = None
    parent_id: RoomId | None = None
    follow_id: int | None = None
    is_agreed: bool = False
    is_agreed_for_all: bool = False
    is_exposure_agreed: bool | None = False
    is_on_programme: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """From where somebody acts on a comment.

    ``held`` is what is attached in the room that the comment is on; ``None``: that is not known.
    ``moderators_role_id`` is the role of those who may act in the server, if one is set.
    """

    held: Attachment | None
    moderators_role_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the workspace held when the object was attached; none of it is news for the room.

    ``watermark`` is the newest comment ID up to which ``comments`` leave no hole. ``floor``
    is the ID below which nothing was read; a comment from there that turns up later is old.
    Both are ``None`` where there are no comments, ``floor`` also where all were read.
    ``live`` is set for a live event. ``level`` is that of the credentials, as far as it was told.
    """

    comments: tuple[Comment, ...] = ()
    watermark: CommentId | None = None
    floor: CommentId | None = None
    live: LiveObservation | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one ingest changed: things that happened, rooms to wake, what is to be asked about.

    ``changes`` counts the known comments that are otherwise now, or gone. The workspace is to be
    asked about what is ``unconfirmed``, for realtime alone has told what is shown of it, and about
    what is ``doubtful``, of which nothing of that is shown. Of the unconfirmed ``known`` are those
    that the workspace has told of before. ``forged`` is what realtime told and the workspace
    denies. ``put_off`` is what was not taken in, see ``Memory.ingest``. ``started`` are the batches
    made of what was new, one for a room, of which the first attempt to send is counted already.
    ``edits`` are those of the rooms in which there is a message to edit, and nothing new to post.
    """

    new_events: int = 0
    changes: int = 0
    rooms: frozenset[RoomId] = frozenset()
    edits: frozenset[RoomId] = frozenset()
    unconfirmed: frozenset[CommentId] = frozenset()
    known: frozenset[CommentId] = frozenset()
    doubtful: frozenset[CommentId] = frozenset()
    forged: frozenset[CommentId] = frozenset()
    put_off: frozenset[CommentId] = frozenset()
    started: tuple[Batch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A comment that some room shows, or is about to; ``is_promoted`` is as it was last seen."""

    object_id: ObjectId
    comment_id: CommentId
    is_promoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An attachment as it stands now.

    ``before`` are the rules of the same object in the room before; ``None``: it ``is_new`` there.
    ``held`` are all attachments of the object by now.
    ``backfilled`` counts the old comments on their way to the room. ``opened`` is what the card
    shows that is on its way there, ``None`` where there is none. ``phase``: of a live event that
    is announced from now on, where it is in its life. ``rooms`` have something to do for the
    news that the baseline held. ``barred``: see ``Refreshed``.
    """

    attachment: Attachment
    held: tuple[Attachment, ...]
    before: AttachmentRules | None = None
    backfilled: int = 0
    opened: LiveState | None = None
    phase: LivePhase | None = None
    rooms: frozenset[RoomId] = frozenset()
    barred: tuple[Attachment, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the object was not in the room before."""
        return self.before is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a new look at an object changed.

    ``rooms`` have something to do. ``is_turned``: the object is public now and was not, or the
    other way round. ``barred`` are the attachments of which nothing is posted from
    now on, because the object is not public any more and nobody agreed to show it there.
    """

    rooms: frozenset[RoomId] = frozenset()
    is_turned: bool = False
    barred: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersChanged:
    """Which servers are barred from now on, and why, and which are not any more.

    ``objects`` are attached in these servers; ``rooms`` are those of the latter. ``joined`` are
    those that have got the bot, also while it was off, and may use the workspace.
    """

    barred: Mapping[GuildId, Bar]
    freed: frozenset[GuildId]
    objects: frozenset[ObjectId]
    rooms: frozenset[RoomId]
    joined: frozenset[GuildId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many notices of a server Discord has not confirmed, and since when the oldest waits."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detached:
    """What was attached; ``cards`` counts those that are to be deleted, or to say so."""

    attachment: Attachment
    cards: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFollow:
    """A standing order that is to be kept. ``is_forum``: each object gets a post in the room."""

    guild_id: GuildId
    room_id: RoomId
    is_forum: bool
    kind: ObjectKind
    category: Category | None
    rules: AttachmentRules
    followed_by: int
    has_calendar: bool = False
    is_exposure_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A follow as it stands now; ``is_new`` is false where only its rules changed.

    ``rooms`` have something to post, since somebody has agreed that everybody reads it.
    """

    follow: Follow
    is_new: bool
    rooms: frozenset[RoomId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposuresSettled:
    """What came of a look at who sees rooms.

    ``barred`` are the attachments of which nothing is posted from now on, since everybody in their
    server would read what viewers ask in private, or know of what is not public. Of those that were
    looked at, these objects are barred, since now or before: ``exposed`` for the one,
    ``not_public`` for the other. ``rooms`` have something to do.
    """

    barred: tuple[Attachment, ...] = ()
    exposed: frozenset[ObjectId] = frozenset()
    not_public: frozenset[ObjectId] = frozenset()
    rooms: frozenset[RoomId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSetup:
    """What ``/video setup`` sets, all of it or nothing.

    ``attachments`` come with what the workspace holds of each. ``moderators_role_id`` ``None``:
    who may act stays as it is. ``entry`` goes on the trail.
    """

    entry: NewEntry
    attachments: tuple[tuple[NewAttachment, Baseline], ...] = ()
    follows: tuple[NewFollow, ...] = ()
    moderators_role_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupDone:
    """What was set, in the order in which it was asked for; ``rooms`` have something to post."""

    attached: tuple[Attached, ...]
    followed: tuple[Followed, ...]
    rooms: frozenset[RoomId]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """A live event that some room takes, and its remembered state."""

    info: ObjectInfo
    state: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWork:
    """What is to be done in one room.

    ``unsettled``: batches whose fate is unknown, oldest first: to be sent, or sent again with
    the same nonce. ``pending``: notices in no batch yet, by rank and age. ``stale``: posted
    batches whose message shows less than their notices say now: to be edited. ``max_age_s``: the
    shortest of the room's age limits, ``None`` where nothing is attached. ``manner``: how its next
    message is made. ``is_thread_due``: see ``CardThreads.due``.
    """

    unsettled: tuple[Batch, ...]
    pending: tuple[QueuedNotice, ...]
    stale: tuple[Batch, ...]
    max_age_s: int | None = None
    manner: Manner = field(default_factory=Manner)
    is_thread_due: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadToOpen:
    """A thread for which something waits, and the message of the card that it is opened on.

    ``batch_id`` is that of the card. Without a message, it ``is_coming`` or was deleted by people.
    ``language``: of the channel.
    """

    channel_id: RoomId
    title: str
    language: LanguageAsked
    message_id: int | None
    batch_id: int | None
    is_coming: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DueThread:
    """What a post, or a thread, is still to be told of its event; see ``domain.places``."""

    attachment: Attachment
    due: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPart:
    """Some notices of a batch, as a batch of their own."""

    notices: tuple[QueuedNotice, ...]
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBoard:
    """A board that is to be made."""

    room_id: RoomId
    object_id: ObjectId
    view: BoardView
    made_by: int
    is_exposure_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBoard:
    """A board as it stands now; ``was_there``: it was in the room, and is its last message now."""

    board: Board
    was_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenQuestion:
    """A question that somebody looks after from now on; ``rooms`` have something to do."""

    question: ViewerQuestion
    rooms: frozenset[RoomId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message that Discord refused: the message itself, an edit or the deletion of it.

    ``notice`` is the first that it carries. ``message_id`` is set where it is in the room.
    ``is_final``: it is not tried again.
    """

    room_id: RoomId
    notice: Notice
    message_id: int | None
    reason: str
    at: datetime
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarWork:
    """What is to be in a server's calendar, what is kept of it, and what is in the way."""

    covered: tuple[CoveredEvent, ...] = ()
    kept: tuple[KeptScheduled, ...] = ()
    obstacle: CalendarObstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarCounts:
    """How many scheduled events a server has of ours, and since when something is in the way."""

    made: int = 0
    obstacle: CalendarObstacle | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How full the store is. ``pending`` counts the notices that Discord has not confirmed."""

    pending: int
    paused_rooms: int
    attachments: int
