"""What one sighting of a comment means, and what its notices show from then on.

A comment is remembered, and said where it has news value: in the rooms whose policy takes it. What
was said follows the comment: an edit, a promotion taken back, a removal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from .acting import still_so
from .admission import accepts, is_hidden, withdrawing, without_private_quote
from .deeds import LogNotice
from .model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    BoardNotice,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    DigestNotice,
    LiveNotice,
    LivePhase,
    NewNotice,
    Notice,
    ProgrammeNotice,
    QueuedNotice,
    ReportNotice,
    RoomId,
    Source,
    Standing,
    VideoNotice,
)
from .places import posts_to
from .reporting import under_rules
from .room_settings import RoomSettings

_PREFIX = "comment:"
_FINGERPRINT = 16
_SPELLED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


class Trust(StrEnum):
    """Who vouches for what the memory holds of a comment.

    The workspace; or realtime alone, for how a known comment has changed, or for its being there.
    """

    CONFIRMED = "confirmed"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the memory holds of a comment.

    ``fingerprint`` stands for all that a room may show of it; ``None``: not known. ``is_gone``:
    the workspace was asked and had it no more.
    """

    comment_id: CommentId
    is_promoted: bool
    fingerprint: str | None = None
    is_gone: bool = False
    trust: Trust = Trust.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write. ``remember`` is ``None`` where the memory is right already.

    ``is_doubtful``: what realtime said is not shown before the workspace has confirmed it.
    ``hidden``: the rooms that leave it out, each the first time.
    """

    remember: Remembered | None
    notices: tuple[NewNotice, ...]
    is_doubtful: bool = False
    hidden: tuple[RoomId, ...] = ()


def event_key(comment_id: CommentId) -> str:
    """Return the comment's key in the outbox, where it is unique per room."""
    return f"{_PREFIX}{comment_id}"


def fingerprint(comment: Comment) -> str:
    """Return what differs where anything differs that may change and that a room may show."""
    shown = (
        comment.kind,
        comment.is_promoted,
        comment.status,
        comment.author,
        comment.text,
    )
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:_FINGERPRINT]


def memory_of(comment: Comment, trust: Trust = Trust.CONFIRMED) -> Remembered:
    """Return what the memory is to hold of a comment that was seen."""
    return Remembered(
        comment_id=comment.comment_id,
        is_promoted=comment.is_promoted,
        fingerprint=fingerprint(comment),
        trust=trust,
    )


def is_same_comment(comment: Comment, remembered: Remembered) -> bool:
    """Tell whether its kind, author and text are as remembered, whatever staff did with it."""
    return any(
        remembered.fingerprint == fingerprint(replace(comment, is_promoted=promoted, status=status))
        for promoted in (comment.is_promoted, not comment.is_promoted)
        for status in CommentStatus
    )


def takes_back(comment: Comment, remembered: Remembered) -> bool:
    """Tell whether rooms show less once this is believed of a comment that the workspace knew.

    It is promoted no more, has become a private question, or has no words any more.
    """
    if remembered.is_gone or remembered.trust is Trust.NEW or remembered.fingerprint is None:
        return False
    if remembered.fingerprint == fingerprint(comment) or _says_too_little(comment, remembered):
        return False
    if remembered.is_promoted and not comment.is_promoted:
        return True
    is_private = comment.kind is CommentKind.QUESTION and not comment.is_promoted
    kinds = (CommentKind.CHAT, CommentKind.COMMENT) if is_private else ()
    return not comment.text or any(
        is_same_comment(replace(comment, kind=kind), remembered) for kind in kinds
    )


def in_order(found: Iterable[Comment]) -> list[Comment]:
    """Return comments as they were written, one after the other, as far as all of them tell.

    Comments are not numbered in the order in which they were written: where times are known, they
    count. Spellings of one workspace compare like the times they stand for.
    """
    comments = sorted(found, key=lambda one: one.comment_id)
    times = [one.created_at for one in comments if one.created_at is not None]
    if len(times) == len(comments):
        return [one for _, one in sorted(zip(times, comments, strict=True), key=lambda it: it[0])]
    if all(_SPELLED.fullmatch(one.created_text) for one in comments):
        return sorted(comments, key=lambda one: one.created_text)
    return comments


def decide(
    comment: Comment,
    remembered: Remembered | None,
    attachments: Iterable[Attachment],
    *,
    source: Source,
    now: datetime,
) -> Decision:
    """Decide on one sighting of a comment.

    News is a comment that was not seen before, a promotion, and what is there again after it was
    gone. The outbox drops what was already said in a room. A withdrawn promotion is remembered,
    so that a new one counts. What realtime alone has told of is as if never seen once the
    workspace tells of it. Of a comment that is known realtime shows at once what staff did with
    it, and nothing else; see :func:`_must_be_asked`.

    Args:
        comment: the comment as just seen.
        remembered: what the memory holds of it.
        attachments: those of its object that it can be news for.
        source: how it was seen.
        now: the time, aware.
    """
    is_heard = source is Source.REALTIME
    if _says_too_little(comment, remembered):
        return Decision(remember=None, notices=())
    if is_heard and remembered is not None:
        if (remembered.fingerprint, remembered.is_gone) == (fingerprint(comment), False):
            return Decision(remember=None, notices=())
        if _must_be_asked(comment, remembered):
            return Decision(remember=None, notices=(), is_doubtful=True)
    seen = memory_of(comment, _trust_after(remembered) if is_heard else Trust.CONFIRMED)
    if seen == remembered:
        return Decision(remember=None, notices=())
    is_vouched = remembered is not None and (is_heard or remembered.trust is not Trust.NEW)
    if is_vouched and not (comment.is_promoted or (remembered and remembered.is_gone)):
        return Decision(remember=seen, notices=())
    taking = [one for one in attachments if accepts(one.rules.comments, comment)]
    left_out = [one for one in taking if is_hidden(one.settings, comment)]
    notices = tuple(
        _new(attachment, comment, source=source, now=now, is_known=remembered is not None)
        for attachment in taking
        if attachment not in left_out
    )
    fresh = [one.room_id for one in left_out if not _took(one, comment, remembered)]
    return Decision(remember=seen, notices=notices, hidden=tuple(fresh))


def _took(attachment: Attachment, comment: Comment, remembered: Remembered | None) -> bool:
    """Tell whether the room would have taken the comment as it was before, too."""
    if remembered is None:
        return False
    before = replace(comment, is_promoted=remembered.is_promoted)
    return accepts(attachment.rules.comments, before)


def _says_too_little(comment: Comment, remembered: Remembered | None) -> bool:
    """Tell whether what is known of a comment is more than what was just said of it.

    A workspace that leaves a property out must not take a promotion back, or make a question of a
    chat line. That it takes the promotion back counts, whatever else is left out.
    """
    if remembered is None or remembered.trust is Trust.NEW or not comment.untold:
        return False
    is_same = comment.is_promoted == remembered.is_promoted
    return is_same or "promotion" in comment.untold


def _must_be_asked(comment: Comment, remembered: Remembered) -> bool:
    """Tell whether the workspace is asked before anybody sees what realtime says of a comment.

    So it is where the comment is gone, for that may be an old message; where its words or its
    kind are others; and where a private question would become public.
    """
    is_published = (
        comment.kind is CommentKind.QUESTION and comment.is_promoted and not remembered.is_promoted
    )
    return remembered.is_gone or is_published or not is_same_comment(comment, remembered)


def _trust_after(remembered: Remembered | None) -> Trust:
    is_new = remembered is None or remembered.trust is Trust.NEW
    return Trust.NEW if is_new else Trust.CHANGED


# What a notice shows afterwards.


def updated(
    notice: CommentNotice,
    comment: Comment,
    rules: AttachmentRules,
    settings: RoomSettings | None = None,
    *,
    is_confirmed: bool = True,
    is_forged: bool = False,
) -> CommentNotice:
    """Return the notice as it is to be shown now that the comment is as given.

    What a room showed by virtue of a promotion is withheld when that is taken back, and shown
    again with the next one. What it showed under rules that were changed since stays. Who made
    it something that it is not any more is not told any more.

    Args:
        notice: as it was.
        comment: as it is.
        rules: those in force in its room.
        settings: those of its room; what they hide is taken away where its words are others now.
        is_confirmed: the workspace says so, and not realtime alone, which may be late.
        is_forged: what realtime alone had said was something else.
    """
    was = notice.comment
    # When and where it was made does not change, but one way of seeing it tells more than another:
    # what was told may turn out to be wrong, what was not told needs no edit.
    told = comment if is_confirmed else was
    comment = replace(
        comment,
        created_at=was.created_at and (told.created_at or was.created_at),
        created_text=was.created_text and (told.created_text or was.created_text),
        position_s=was.position_s if None in (was.position_s, told.position_s) else told.position_s,
        answers=told.answers,
        avatar=was.avatar and told.avatar,
    )
    comment = withdrawing(was, without_private_quote(rules.comments, comment, settings))
    is_reworded = (was.author, was.text) != (comment.author, comment.text)
    notice = replace(
        notice,
        corrections=notice.corrections + is_forged,
        has_actions=rules.has_actions,
        acted=tuple(one for one in notice.acted if not is_confirmed or still_so(one, comment)),
    )
    if is_reworded and settings is not None and is_hidden(settings, comment):
        return _emptied(notice, comment, Standing.HIDDEN)
    if accepts(rules.comments, comment) or _stays(notice, comment):
        return replace(notice, comment=comment, standing=Standing.SHOWN)
    return _emptied(notice, comment, Standing.WITHHELD)


def removed(notice: CommentNotice) -> CommentNotice:
    """Return the notice of a comment that is not there any more: without its text and name.

    Nobody can act on it, and what was done to it is of no use to anybody.
    """
    bare = replace(notice, has_actions=False, acted=())
    return _emptied(bare, notice.comment, Standing.REMOVED)


def is_over(notice: Notice) -> bool:
    """Say whether nothing of the notice is to be shown any more."""
    match notice:
        case CommentNotice():
            return notice.standing is not Standing.SHOWN
        case LiveNotice() | ProgrammeNotice() | BoardNotice():
            return notice.is_withdrawn
        case _:
            return False


def is_reworded(old: Notice, new: Notice) -> bool:
    """Say whether a notice tells in other words what it is about; not of an event that is over."""
    match old, new:
        case CommentNotice(comment=was), CommentNotice(comment=comment):
            return _words(was) != _words(comment)
        case LiveNotice(object=was_told), LiveNotice(object=told, state=state):
            return was_told != told and state.phase in {LivePhase.SOON, LivePhase.LIVE}
        case _:
            return False


def _words(comment: Comment) -> tuple[str, str, str]:
    return comment.author, comment.text, "" if comment.answers is None else comment.answers.text


def takes_away(queued: QueuedNotice) -> bool:
    """Say whether a message may still show what it must not: its edit is a promise."""
    return queued.is_stale and (is_over(queued.notice) or _is_unquoted(queued.notice))


def _is_unquoted(notice: Notice) -> bool:
    quote = notice.comment.answers if isinstance(notice, CommentNotice) else None
    return quote is not None and quote.is_withdrawn


def _stays(notice: CommentNotice, comment: Comment) -> bool:
    before = notice.comment
    is_demoted = before.is_promoted and not comment.is_promoted
    is_same_kind = before.kind is comment.kind
    return notice.standing is Standing.SHOWN and is_same_kind and not is_demoted


def _emptied(notice: CommentNotice, comment: Comment, standing: Standing) -> CommentNotice:
    # Not even the store keeps what no room may show.
    empty = replace(comment, author="", text="", answers=None, avatar="")
    return replace(notice, comment=empty, standing=standing, replies=())


def under(rules: AttachmentRules, notice: Notice) -> Notice | None:
    """Return what is left of a notice under these rules, in force; ``None``: nothing."""
    match notice:
        case CommentNotice():
            if not accepts(rules.comments, notice.comment):
                return None
            comment = without_private_quote(rules.comments, notice.comment)
            return offering(replace(notice, comment=comment), has_actions=rules.has_actions)
        case LiveNotice():
            is_asked = rules.announces_live and (
                not notice.is_end or rules.at_end is AtEnd.ANNOUNCE
            )
            # What began before it was asked for calls nobody, whatever is asked for since.
            role = None if notice.mention_role_id is None else rules.mention_role_id
            text = rules.start_text if notice.is_start else ""
            return replace(notice, mention_role_id=role, start_text=text) if is_asked else None
        case DigestNotice():
            return None if rules.comments is CommentPolicy.NONE else notice
        case ReportNotice():
            return under_rules(notice, rules)
        case VideoNotice() | ProgrammeNotice() | BoardNotice() | LogNotice():
            return notice
        case _:  # pragma: no cover
            assert_never(notice)


def offering(notice: CommentNotice, *, has_actions: bool) -> CommentNotice:
    """Return the notice of a comment that can be acted on from now on, or not any more."""
    is_there = notice.standing is not Standing.REMOVED
    return replace(notice, has_actions=has_actions and is_there)


def backfilled(attachment: Attachment, old: Iterable[Comment], now: datetime) -> list[NewNotice]:
    """Return what a new attachment is told of comments that were there before it."""
    return [
        _new(attachment, comment, source=Source.BACKFILL, now=now, is_known=False)
        for comment in in_order(old)
        if accepts(attachment.rules.comments, comment)
        and not is_hidden(attachment.settings, comment)
    ]


def is_read(rules: Iterable[AttachmentRules]) -> bool:
    """Tell whether an object's comments are read: some attachment of it asks for any.

    Where none does, nothing of them is known. Once one asks, what was said meanwhile is no news.
    """
    return any(one.comments is not CommentPolicy.NONE for one in rules)


def _new(
    attachment: Attachment, comment: Comment, *, source: Source, now: datetime, is_known: bool
) -> NewNotice:
    notice = CommentNotice(
        object=attachment.object,
        comment=without_private_quote(attachment.rules.comments, comment, attachment.settings),
        source=source,
        seen_at=now,
        is_known=is_known,
        has_actions=attachment.rules_in_force.has_actions,
    )
    return NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=posts_to(attachment),
        event_key=event_key(comment.comment_id),
        notice=notice,
    )
