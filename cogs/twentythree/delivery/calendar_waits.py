"""What of one server's calendar is not touched for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain.calendar import ScheduledKey


@dataclass(slots=True)
class CalendarWaits:
    """Until when what is not touched, by a clock.

    Attributes:
        resting: what was edited: mere words and times wait.
        waiting: what Discord, or a mistake of ours, has kept from being done.
        unsure: what was begun, and may still turn up.
        sought: of these, what was looked for already and not found.
        full_until: until when nothing is made.
        again_at: when anything is done again.
    """

    resting: dict[ScheduledKey, float] = field(default_factory=dict)
    waiting: dict[ScheduledKey, float] = field(default_factory=dict)
    unsure: dict[ScheduledKey, float] = field(default_factory=dict)
    sought: set[ScheduledKey] = field(default_factory=set)
    full_until: float = 0.0
    again_at: float = 0.0

    def forget(self, now: float) -> None:
        """Forget what need not wait any more."""
        self.resting = {key: at for key, at in self.resting.items() if at > now}
        self.waiting = {key: at for key, at in self.waiting.items() if at > now}

    def pending(self, now: float) -> Iterable[float]:
        """Return the times to come."""
        held = (*self.resting.values(), *self.waiting.values(), *self.unsure.values())
        return [at for at in (*held, self.full_until, self.again_at) if at > now]
