"""The questions of a report as a file for a spreadsheet: ``questions.csv``.

What viewers write is never a formula there: programs take a cell for one that begins with a sign
such as ``=``, whatever a file's quotes say. Such a cell begins with an apostrophe instead. Where
lists are separated by semicolons, as in Danish, German and Swedish, programs cut a file with commas
at the semicolons and lines within texts, so there the same holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from ..domain.deeds import Action
from ..domain.model import CommentStatus, Notice, ReportNotice
from ..domain.shown import ReportedQuestion
from ..languages import Language, noted, speaking, tr
from .text import clean

COLUMNS = (noted("time"), noted("name"), noted("text"), noted("state"), noted("who acted"))
_ACTED = {
    Action.PROMOTE: noted("promote"),
    Action.UNPROMOTE: noted("unpromote"),
    Action.ANSWER: noted("answer"),
    Action.REOPEN: noted("reopen"),
    Action.DISMISS: noted("dismiss"),
}
_STATES = {
    CommentStatus.OPEN: noted("open"),
    CommentStatus.ANSWERED: noted("answered"),
    CommentStatus.DISMISSED: noted("dismissed"),
}
# Without it, spreadsheets take the bytes for those of an older encoding.
_BOM = "\ufeff"
# Wide ones count as well, and what programs skip before they look.
_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
_SKIPPED = " \t\r\n\v\f\u00a0\u3000"
_BEHIND_SEPARATOR = re.compile(rf"([;\t\n]['\"{_SKIPPED}]*)(?=[{re.escape(_SIGNS)}])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table as a file; ``text`` is CSV. ``description`` tells it from any other."""

    filename: str
    text: str
    description: str


def sheets_of(notices: Iterable[Notice], language: Language = Language.ENGLISH) -> list[Sheet]:
    """Return the tables that belong to a message of these notices; none without a question."""
    reports = (one for one in notices if isinstance(one, ReportNotice))
    with speaking(language):
        return [_sheet(one.questions.shown) for one in reports if one.questions.shown]


def _sheet(questions: Sequence[ReportedQuestion]) -> Sheet:
    text = table(questions)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Sheet(
        filename="questions.csv",
        text=text,
        description=tr("Questions, times in UTC; version {version}", version=version),
    )


def table(questions: Iterable[ReportedQuestion]) -> str:
    """Return questions as CSV, a row each under :data:`COLUMNS`; each cell is quoted."""
    out = io.StringIO()
    out.write(_BOM)
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow([tr(one) for one in COLUMNS])
    rows.writerows([cell(text) for text in _row(one)] for one in questions)
    return out.getvalue()


def cell(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula."""
    shown = _BEHIND_SEPARATOR.sub(r"\1'", clean(text))
    first = shown.lstrip(_SKIPPED)[:1]
    is_safe = not first or (first not in _SIGNS and shown[0] not in "\t\r\n")
    return shown if is_safe else f"'{shown}"


def _row(question: ReportedQuestion) -> Sequence[str]:
    at = question.asked_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    acted = (
        f"{one.actor.name} ({tr(_ACTED.get(one.action, one.action))})" for one in question.acted
    )
    return (
        f"{at.isoformat()}Z",
        question.author or tr("Guest"),
        question.text,
        _state(question),
        ", ".join(acted),
    )


def _state(question: ReportedQuestion) -> str:
    state = tr(_STATES[CommentStatus(question.status)])
    return tr("{state}, promoted", state=state) if question.is_promoted else state
