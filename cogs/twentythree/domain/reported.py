"""What a report is made of: how a broadcast went by the minute, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .deeds import Acted


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
