"""A budget of requests that is never used up, or always."""

from __future__ import annotations


class NoLimit:
    """Lets everything begin at once; ``waits`` is what it says by urgency."""

    def __init__(self) -> None:
        self.waits = {True: 0.0, False: 0.0}

    def wait_s(self, *, is_urgent: bool) -> float:
        return self.waits[is_urgent]
