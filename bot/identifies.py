"""A budget of identifies, for all clients of the process together.

Discord allows 1,000 a day and then resets the token, which ends the bot until a person comes.
https://discord.com/developers/docs/events/gateway#rate-limiting
"""

from __future__ import annotations

import time
from collections.abc import Callable


class OutOfIdentifies(Exception):  # noqa: N818 - reads as what happened
    """There was none left; ``wait_s`` is for how long."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class IdentifyBudget:
    """At most ``burst`` identifies in quick succession, and one more each ``refill_s`` seconds.

    The defaults come to 530 a day at most, whatever Discord's gateway does.
    """

    def __init__(
        self,
        *,
        burst: int = 50,
        refill_s: float = 180.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._refill_s = refill_s
        self._clock = clock
        self._left = float(burst)
        self._at = clock()

    def take(self) -> None:
        """Count one identify.

        Raises:
            OutOfIdentifies: there is none left.
        """
        now = self._clock()
        self._left = min(float(self._burst), self._left + (now - self._at) / self._refill_s)
        self._at = now
        if self._left < 1:
            raise OutOfIdentifies((1 - self._left) * self._refill_s)
        self._left -= 1
