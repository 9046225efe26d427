"""What the server advises: when to connect again, and how long it may hold a connect.

Bayeux 1.0, section 5.2 (advice). Faye sends ``interval`` and ``timeout`` in milliseconds, and
leaves them out of error replies, so what was said before stays in force.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_MAX_MS = 3_600_000.0


class Reconnect(StrEnum):
    """What to do after this reply."""

    RETRY = "retry"
    HANDSHAKE = "handshake"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The advice in force, in seconds.

    ``interval_s`` is the pause before the next connect; below zero the server wants no other.
    ``timeout_s`` is how long the server holds a connect that has nothing to tell.
    """

    interval_s: float = 0.0
    timeout_s: float = 60.0

    def merged(self, raw: Mapping[str, object]) -> Advice:
        """Return this advice with what ``raw`` says changed; nonsense in it is passed over."""
        return Advice(
            interval_s=_seconds(raw.get("interval"), self.interval_s),
            timeout_s=max(0.0, _seconds(raw.get("timeout"), self.timeout_s)),
        )


def reconnect_in(raw: Mapping[str, object]) -> Reconnect | None:
    """Return what a reply's own advice says about reconnecting, if it says anything known."""
    value = raw.get("reconnect")
    if isinstance(value, str) and value in set(Reconnect):
        return Reconnect(value)
    return None


def _seconds(value: object, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    # An int can be too large for a float; comparing the two is still exact.
    if value > _MAX_MS:
        return _MAX_MS / 1000
    if value < -_MAX_MS:
        return -_MAX_MS / 1000
    return value / 1000 if math.isfinite(value) else otherwise
