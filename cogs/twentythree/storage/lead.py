"""The lead: what a process knows, without asking, of its right to work with the database.

The row in the database decides who leads. A process counts itself in the lead until the lease of
its last sign has run out: from when it asked, so that it ends here before it ends there.

What an old leader wants to write, the database refuses: the connections of a holder of the lead are
called by it, and triggers of the tables look at that (migration 0016). So no write can go past
them, one statement that goes alone included, and none takes another round trip. Connections of
other names, of people or of ``check``, may write.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn, Self

from ..errors import LeadLostError

OVERTAKEN = "Another bot has taken over the database {place}; this one stands by."
IN_DOUBT = (
    "The database {place} does not let this bot go on leading ({reason}), so nothing is posted; it "
    "is tried again all the time."
)
CUT_OFF = (
    "The database {place} has not answered for as long as the lease lasts, so that another bot may "
    "lead by now; this one stands by."
)


def awake_s() -> float:
    """Return seconds that pass also while the machine sleeps, as far as the system counts them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingBy:
    """Since when a process stands by, and what it waits for: a sentence without its full stop."""

    since: datetime
    why: str

    def __str__(self) -> str:
        return f"Standing by since {self.since:%Y-%m-%d %H:%M:%S} UTC: {self.why}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Since when a process is not certain that it leads, and why; ``text`` is a sentence."""

    since: datetime
    text: str


class Lead:
    """What one process knows of it.

    Attributes:
        holder: a name that no other process has, nor this one the next time.
        term: which term is its own; 0: none.
        standing_by: what it waits for, while it stands by.
        is_awaited: whether another process stood by at the last sign.
        doubt: what keeps it from giving a sign, once its lease has run out by that.
    """

    def __init__(self, holder: str = "", *, clock: Callable[[], float] = awake_s) -> None:
        self.holder = holder
        self.clock = clock
        self.term = 0
        self.standing_by: StandingBy | None = None
        self.is_awaited = False
        self.doubt: Doubt | None = None
        self._until = -math.inf
        self._lost: str | None = None
        self._is_lost = asyncio.Event()

    @classmethod
    def alone(cls) -> Self:
        """Return the lead of a process with which nobody can share the database."""
        lead = cls()
        lead.begin_alone()
        return lead

    @property
    def is_certain(self) -> bool:
        """Whether nobody else can lead now."""
        return self._lost is None and self.clock() < self._until

    @property
    def left_s(self) -> float:
        """For how long it is certain, if no further sign comes; 0 or less: it is not."""
        return self._until - self.clock()

    @property
    def is_lost(self) -> bool:
        """Whether it was lost, for good."""
        return self._lost is not None

    @property
    def is_over(self) -> bool:
        """Whether others answer by now, or are about to: it was lost, or is neither safe nor alone.

        A process that nobody waits for may go on to answer while the database is away.
        """
        return self._lost is not None or (self.is_awaited and not self.is_certain)

    def begin_alone(self) -> None:
        """Take it where nobody can take it over."""
        self._until = math.inf

    def begin(self, term: int, until: float) -> None:
        """Take a term, certain until then by ``clock``."""
        self.term = term
        self.standing_by = None
        self._until = until

    def renew(self, until: float, *, is_awaited: bool) -> None:
        """Take a sign that the database has noted."""
        self._until = until
        self.is_awaited = is_awaited
        self.doubt = None

    def give_back(self) -> None:
        """End it, where nothing of it is at work any more."""
        self._until = -math.inf

    def lose(self, why: str) -> None:
        """End it; the first reason counts."""
        if self._lost is None:
            self._lost = why
            self._is_lost.set()

    async def lost(self) -> NoReturn:
        """Wait until it is lost.

        Raises:
            LeadLostError: it is.
        """
        await self._is_lost.wait()
        raise LeadLostError(self._lost)


# What the triggers raise: a class of our own.
IS_OVER: Final = "TT001"
_OURS: Final = "twentythree-"


def name_of(holder: str) -> str:
    """Return the name that connections of a holder of the lead have in the database."""
    return f"{_OURS}{holder}"
