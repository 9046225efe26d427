"""What boards and reports show: questions, to whom, and how a broadcast went by the minute.

It is below the model, which has notices of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .deeds import Acted, Actor


class BoardView(StrEnum):
    """What a board is for; the option ``view`` of ``/video questions``.

    ``board``: those who look after the questions see which are open, and who has taken which.
    ``speaker``: who answers them sees the one that is promoted now, and nothing else.
    """

    BOARD = "board"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCounts:
    """How many questions are open, how many of these are promoted, and how many are answered."""

    open: int = 0
    promoted: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerQuestion:
    """An open question; ``taken_by`` looks after it now, in the server that is told of it.

    ``asked_at`` is when it was first seen, where the workspace does not tell when it was asked.
    """

    comment_id: int
    author: str
    text: str
    asked_at: datetime
    is_promoted: bool = False
    taken_by: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How a broadcast went: one value per ``step_min`` minutes from ``started_at`` on.

    Of one length are the most ``viewers`` in each step and the ``comments`` per minute.
    """

    started_at: datetime
    step_min: int
    viewers: tuple[int | None, ...]
    comments: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedQuestion:
    """A question as it is now; ``asked_at`` is aware.

    ``status`` is a ``CommentStatus``, empty while it is open. ``acted``: who made it so from a
    room of the server.
    """

    comment_id: int
    author: str
    text: str
    asked_at: datetime
    is_promoted: bool = False
    status: str = ""
    acted: tuple[Acted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedQuestions:
    """How many questions there are, and those that whoever reads it may see, oldest first."""

    count: int = 0
    answered: int = 0
    dismissed: int = 0
    shown: tuple[ReportedQuestion, ...] = ()

    @property
    def open(self) -> int:
        """How many nobody has answered or dismissed."""
        return self.count - self.answered - self.dismissed
