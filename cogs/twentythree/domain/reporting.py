"""Which broadcasts have a report, and what it says to whom.

A report counts all questions. It names those that its room may show: where not all comments are
taken, questions that nobody promoted are between the viewers and the hosts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from .acting import promotion_of, status_of, with_acted
from .deeds import Acted, Action
from .model import (
    Attachment,
    AttachmentRules,
    CommentId,
    CommentPolicy,
    CommentStatus,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    ReportNotice,
)
from .places import posts_to
from .shown import ReportedQuestion, ReportedQuestions

# What one report holds: as a file it stays below what Discord takes.
MOST_QUESTIONS = 1_000
MOST_TEXT = 2_000
# What took something back is not told of.
_TOLD = frozenset({Action.PROMOTE, Action.ANSWER, Action.DISMISS})


def is_reported(state: LiveState) -> bool:
    """Tell whether a broadcast has a report now: once it is settled, if anybody saw it."""
    is_over = state.phase is LivePhase.ENDED and state.is_settled
    return is_over and None not in (state.started_at, state.ended_at)


def report_prefix(object_id: ObjectId) -> str:
    """Return what the keys of an object's reports begin with."""
    return f"report:{object_id}:"


def report_key(object_id: ObjectId, state: LiveState) -> str:
    """Return the key of the report of a broadcast.

    It holds the time of the start: the count of broadcasts begins anew where the object is
    detached and attached again, and the key of a report stays taken.
    """
    began = 0 if state.started_at is None else int(state.started_at.timestamp())
    return f"{report_prefix(object_id)}{began}"


def shows_all(policy: CommentPolicy, *, has_board: bool) -> bool:
    """Tell whether a room may show questions that nobody has promoted.

    So it may where it takes all comments, and where it has a board of them.
    """
    return policy is CommentPolicy.ALL or has_board


def with_questions(
    report: ReportNotice, found: Iterable[ReportedQuestion], *, is_whole: bool
) -> ReportNotice:
    """Return a report with its questions as they are now; those asked since are left out.

    ``is_whole``: whoever reads it may see questions that nobody has promoted.
    """
    asked = sorted(
        (one for one in found if one.asked_at <= report.until),
        key=lambda one: (one.asked_at, one.comment_id),
    )
    counts = Counter(one.status for one in asked)
    shown = [one for one in asked if is_whole or one.is_promoted][:MOST_QUESTIONS]
    questions = ReportedQuestions(
        count=len(asked),
        answered=counts[CommentStatus.ANSWERED],
        dismissed=counts[CommentStatus.DISMISSED],
        shown=tuple(replace(one, text=one.text[:MOST_TEXT]) for one in shown),
    )
    return replace(report, questions=questions)


def under_rules(report: ReportNotice, rules: AttachmentRules) -> ReportNotice | None:
    """Return what is left of a report that waits under other rules; ``None``: nothing."""
    if not rules.has_actions:
        return None
    may_show_all = shows_all(rules.comments, has_board=False)
    shown = tuple(one for one in report.questions.shown if may_show_all or one.is_promoted)
    return replace(report, questions=replace(report.questions, shown=shown))


def unanswered(report: ReportNotice) -> list[ReportedQuestion]:
    """Return the questions that nobody answered or dismissed, as far as they may be shown."""
    return [one for one in report.questions.shown if one.status == CommentStatus.OPEN]


def with_actors(
    found: Iterable[ReportedQuestion], done: Mapping[CommentId, Collection[Acted]]
) -> list[ReportedQuestion]:
    """Return questions with who of a server made them what they are.

    ``done``: what was done to each, oldest first.
    """
    return [
        replace(one, acted=_actors(one, done.get(CommentId(one.comment_id), ()))) for one in found
    ]


def _actors(question: ReportedQuestion, done: Collection[Acted]) -> tuple[Acted, ...]:
    last: tuple[Acted, ...] = ()
    for one in done:
        last = with_acted(last, one)
    return tuple(one for one in last if one.action in _TOLD and _is_so(question, one.action))


def _is_so(question: ReportedQuestion, action: Action) -> bool:
    if promotion_of(action) is not None:
        return question.is_promoted
    return status_of(action) == question.status


def new_report(attachment: Attachment, state: LiveState, report: ReportNotice) -> NewNotice:
    """Return the report of a broadcast on its way to a room."""
    return NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=posts_to(attachment),
        event_key=report_key(attachment.object.object_id, state),
        notice=report,
    )
