"""What is said of a broadcast once it is over for good, and of an object at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..domain.model import LivePhase, LiveState, ObjectInfo, ReportNotice
from ..domain.reporting import MOST_QUESTIONS, unanswered
from ..domain.shown import ReportedQuestion, ReportedQuestions
from ..languages import many, noted, tr, tr_many
from .charts import chart_of, chart_text, with_chart
from .text import MAX_DESCRIPTION, disarm, safe_url, title, units

_COLOUR = 0x3E8E7E
_MAX_NAME = 48
_MAX_TEXT = 160
# An address longer than this leaves no room for others.
_MAX_URL = 300
_NOT_SHOWN = noted("-# Questions that nobody promoted are counted here, and not shown.")


def report_embed(notice: ReportNotice, *, with_charts: bool = False) -> dict[str, Any]:
    """Render a report. ``with_charts``: the chart is a picture of the message, else it is text."""
    lines = list(_head(notice, with_charts=with_charts))
    embed: dict[str, Any] = {
        "title": title(notice.object.title),
        "description": "\n".join(_with_unanswered(notice, lines)),
        "color": _COLOUR,
    }
    # It tells the message from others: each report of an object is of another time.
    mark = f"report-{int(notice.until.timestamp())}"
    if (url := safe_url(notice.object.url, fragment=mark)) is not None:
        embed["url"] = url
    if with_charts and notice.series is not None:
        with_chart(embed, chart_of(notice.series))
    return embed


def _head(notice: ReportNotice, *, with_charts: bool) -> Iterator[str]:
    yield " · ".join((tr("**Report**"), *_broadcast(notice.state)))
    yield " · ".join(_counts(notice))
    if notice.series is not None and not with_charts and (chart := chart_text(notice.series)):
        yield chart


def _broadcast(state: LiveState | None) -> Iterator[str]:
    if state is None or state.started_at is None:
        return
    if state.phase is LivePhase.LIVE:
        yield tr("live since {when}", when=f"<t:{int(state.started_at.timestamp())}:t>")
    elif state.ended_at is not None:
        minutes = max(0, int((state.ended_at - state.started_at).total_seconds())) // 60
        yield lasted(minutes)
    if state.viewers_peak is not None:
        yield tr("{count} watching at the peak", count=state.viewers_peak)


def lasted(minutes: int) -> str:
    """Return how long a broadcast was."""
    if minutes < 1:
        return tr("lasted less than a minute")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return tr("lasted {minutes} min", minutes=rest)
    return tr("lasted {hours} h {minutes} min", hours=hours, minutes=rest)


def _counts(notice: ReportNotice) -> Iterator[str]:
    questions = notice.questions
    if notice.comments is not None:
        yield many(notice.comments, "comment")
    if not notice.are_questions_kept:
        yield tr("questions are kept where `actions` are on")
        return
    yield many(questions.count, "question")
    if questions.count:
        yield tr_many("{count} answered", "{count} answered", questions.answered)
    if questions.dismissed:
        yield tr_many("{count} dismissed", "{count} dismissed", questions.dismissed)


def _with_unanswered(notice: ReportNotice, lines: list[str]) -> list[str]:
    """Add the questions that nobody answered, as many as there is room for, oldest first."""
    questions, shown = notice.questions, unanswered(notice)
    if not questions.open:
        return [*lines, tr("No question is left open.")] if questions.count else lines
    lines = [*lines, "\n" + tr("**Not answered: {count}**", count=questions.open)]
    notes = [tr(_NOT_SHOWN)] if _is_part(questions) else []
    left = MAX_DESCRIPTION - sum(units(line) + 1 for line in (*lines, *notes, _more(10**9)))
    listed = _fitting(notice.object, shown, left)
    if len(listed) < len(shown):
        listed.append(_more(len(shown) - len(listed)))
    return [*lines, *listed, *notes]


def _is_part(questions: ReportedQuestions) -> bool:
    return len(questions.shown) < min(questions.count, MOST_QUESTIONS)


def _fitting(of: ObjectInfo, questions: Sequence[ReportedQuestion], left: int) -> list[str]:
    listed: list[str] = []
    for one in questions:
        line = _line(of, one)
        left -= units(line) + 1
        if left < 0:
            break
        listed.append(line)
    return listed


def _line(of: ObjectInfo, question: ReportedQuestion) -> str:
    name = disarm(question.author, _MAX_NAME).text or tr("Guest")
    text = disarm(question.text, _MAX_TEXT).text or tr("*(no text)*")
    star = "⭐ " if question.is_promoted else ""
    url = safe_url(of.url, fragment=f"comment-{question.comment_id}")
    # Not the sign of a comment that is posted: by those a message is looked for.
    link = f" [↗]({url})" if url is not None and len(url) <= _MAX_URL else ""
    return f"- {star}**{name}**: {text}{link}"


def _more(count: int) -> str:
    return tr("and {more} more", more=count)
