"""What staff do from rooms: the actions on comments, what each wants, and what came of it.

Replies that were sent from rooms are shown under their questions. The trail is who did what in a
server, with what effect: actions, and what was set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from ..languages import kept
from .deeds import Acted, Action, Actor
from .fields import GUEST, as_author
from .model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentStatus,
    GuildId,
    ObjectId,
    RoomId,
    SentReply,
    Standing,
)

_MODERATOR = "{moderator}"
# What the platform takes as an answer; its own limit is not known.
MAX_REPLY = 2_000

_STATUS = {
    Action.ANSWER: CommentStatus.ANSWERED,
    Action.DISMISS: CommentStatus.DISMISSED,
    Action.REOPEN: CommentStatus.OPEN,
}
# What makes a new comment, so that it must not be done twice.
MAKES = frozenset({Action.REPLY, Action.COPY})
_PROMOTED = {Action.PROMOTE: True, Action.UNPROMOTE: False}
NOT_THERE = kept(
    "The workspace does not have this comment: it was deleted there, or never was there."
)


class Absence(Enum):
    """What is not there for a comment to be acted on from a room."""

    OBJECT = "what it is on is not attached there"
    COMMENT = "the workspace has no such comment"


class Effect(StrEnum):
    """What came of an action.

    ``already``: somebody was first, here or on the platform. ``gone``: the workspace has the
    comment no more. ``refused``: by the workspace, for good. ``not done``: the workspace did not
    answer before anything was asked of it. ``unknown``: whether it was done is not known yet.
    ``dropped``: nobody confirmed it.
    """

    DONE = "done"
    ALREADY = "already"
    GONE = "gone"
    REFUSED = "refused"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAction:
    """What somebody wants done to a comment, from which room. ``text``: that of a reply."""

    action: Action
    guild_id: GuildId
    room_id: RoomId
    object_id: ObjectId
    comment_id: CommentId
    actor: Actor
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An action that is on record before anything is asked of the workspace.

    ``name`` is the one a reply carries on the platform. ``made_id``: of the comment that the
    action made, once it is known.
    """

    intent_id: int
    wanted: WantedAction
    asked_at: datetime
    name: str = ""
    made_id: CommentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an action.

    ``comment`` is as it was read last; ``None``: it is gone, or was not read. ``by`` is who was
    first, where that is known. ``reason`` is a sentence, where there is more to say.
    ``intent_id`` is ``None`` where nothing was put on record.
    """

    effect: Effect
    comment: Comment | None = None
    by: Acted | None = None
    reason: str = ""
    intent_id: int | None = None


def is_so(action: Action, comment: Comment | None) -> bool:
    """Tell whether a comment is already as an action wants it; ``None``: it is gone.

    What makes a new comment, a reply or a copy, never is.
    """
    if comment is None:
        return action is Action.DELETE
    if action in _PROMOTED:
        return comment.is_promoted is _PROMOTED[action]
    return action in _STATUS and comment.status is _STATUS[action]


def status_of(action: Action) -> CommentStatus | None:
    """Return the status that an action sets, if it sets one."""
    return _STATUS.get(action)


def promotion_of(action: Action) -> bool | None:
    """Return whether an action promotes or takes a promotion back; ``None``: neither."""
    return _PROMOTED.get(action)


def offered(comment: Comment) -> tuple[Action, ...]:
    """Return the actions that make sense for a comment as it is, the most usual first."""
    is_open = comment.status is CommentStatus.OPEN
    found = [
        Action.UNPROMOTE if comment.is_promoted else Action.PROMOTE,
        Action.REOPEN if comment.status is CommentStatus.ANSWERED else Action.ANSWER,
    ]
    if is_open or comment.status is CommentStatus.ANSWERED:
        found.append(Action.DISMISS)
    else:
        found.append(Action.REOPEN)
    found += [Action.REPLY, Action.DELETE]
    if comment.kind is CommentKind.CHAT:
        found.append(Action.COPY)
    return tuple(found)


def still_so(acted: Acted, comment: Comment) -> bool:
    """Tell whether a comment is still as somebody made it: then it is said who did."""
    return is_so(acted.action, comment)


def with_acted(before: tuple[Acted, ...], new: Acted) -> tuple[Acted, ...]:
    """Return who did what last, of promotions and of states, one each."""
    is_promotion = new.action in _PROMOTED
    return (*(one for one in before if (one.action in _PROMOTED) != is_promotion), new)


def as_wanted(action: Action, comment: Comment) -> Comment:
    """Return a comment as an action leaves it, where it cannot be read afterwards."""
    is_promoted, status = promotion_of(action), status_of(action)
    if is_promoted is not None:
        return replace(comment, is_promoted=is_promoted)
    return comment if status is None else replace(comment, status=status)


def is_made_by(comment: Comment, intent: Intent) -> bool:
    """Tell whether a comment is, or is the same as, what an intent makes.

    Not all workspaces tell of a reply what it answers.
    """
    wanted = intent.wanted
    if intent.made_id is not None:
        return comment.comment_id == intent.made_id
    if wanted.action is Action.COPY:
        is_other = comment.comment_id != wanted.comment_id
        is_copy = (_plain(comment.author), _plain(comment.text)) == (
            _plain(intent.name),
            _plain(wanted.text),
        )
        return is_other and comment.kind is CommentKind.QUESTION and is_copy
    is_elsewhere = comment.answers is not None and comment.answers.comment_id != wanted.comment_id
    said = (_plain(comment.author), _plain(comment.text))
    return not is_elsewhere and said == (_plain(intent.name), _plain(wanted.text))


def signed_as(name: str, actor: Actor) -> str:
    """Return the name that a reply carries; ``{moderator}`` in it is the name of who sends it.

    It is one that is read back as it is: a name that looks like an address is left out.
    """
    names = (name.replace(_MODERATOR, actor.name), name.replace(_MODERATOR, "").strip(" ()"))
    return next(filter(None, map(as_author, names)), GUEST)


def told(intent: Intent, done: Done) -> str:
    """Return what somebody is told in private of an action that was begun before a restart."""
    facts = {"comment_id": intent.wanted.comment_id, "action": intent.wanted.action}
    match done.effect:
        case Effect.GONE:
            return kept(
                "What you wanted done to comment {comment_id} ({action}) was not done: the "
                "workspace has the comment no more."
            ).format(**facts)
        case Effect.ALREADY:
            return kept(
                "What you wanted done to comment {comment_id} ({action}) had been done already."
            ).format(**facts)
        case _:
            said = kept(
                "What you wanted done to comment {comment_id} ({action}) was not done. {reason}"
            )
            return said.format(**facts, reason=done.reason).rstrip()


def _plain(text: str) -> str:
    return " ".join(text.split())


def with_replies(notice: CommentNotice, sent: Iterable[SentReply]) -> CommentNotice:
    """Return the notice of a comment as it shows these replies, in place of what they said before.

    A notice that shows no comment shows no reply.
    """
    if notice.standing is not Standing.SHOWN:
        return notice
    replies = {one.comment_id: one for one in (*notice.replies, *sent)}
    return replace(notice, replies=tuple(replies.values()))


def without_replies(notice: CommentNotice, gone: Collection[CommentId]) -> CommentNotice:
    """Return the notice of a comment without the replies that are not there any more."""
    return replace(
        notice, replies=tuple(one for one in notice.replies if one.comment_id not in gone)
    )


# How long names of viewers, and what they or a reply said, are kept.
KEEP_WORDS = timedelta(days=7)


class Deed(StrEnum):
    """What was set, beside the actions on comments."""

    ATTACH = "attach"
    DETACH = "detach"
    OPTIONS = "options"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    MODERATORS = "moderators"
    LOG = "log"
    BOARD = "board"
    IMPORT = "import"
    ROOM = "room"
    DEFAULTS = "defaults"
    SETUP = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a server's trail.

    ``author`` and ``text`` are a viewer's name and words, or those of a reply: empty once they are
    too old. ``detail`` is text for people: what was set. ``effect`` is ``None`` while it is under
    way.
    """

    entry_id: int
    guild_id: GuildId
    at: datetime
    actor: Actor
    deed: Action | Deed
    room_id: RoomId | None = None
    object_id: ObjectId | None = None
    object_title: str = ""
    comment_id: CommentId | None = None
    author: str = ""
    text: str = ""
    detail: str = ""
    effect: Effect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What was set, to be put on the trail: it is done already.

    ``is_public``: whether everybody may know of the object.
    """

    guild_id: GuildId
    actor: Actor
    deed: Deed
    room_id: RoomId | None = None
    object_id: ObjectId | None = None
    object_title: str = ""
    detail: str = ""
    is_public: bool = True
