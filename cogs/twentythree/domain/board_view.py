"""How the questions of an object are shown together, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
