"""How long to wait after failures in a row."""

from __future__ import annotations

# Beyond this a float would overflow long before anybody had waited for it.
_MOST_DOUBLINGS = 30


def backoff_s(failures: int, *, first_s: float, longest_s: float = float("inf")) -> float:
    """Return the seconds to wait after ``failures`` in a row: twice as long after each.

    The first failure waits for ``first_s``, and so does none.
    """
    return min(longest_s, first_s * 2.0 ** min(max(0, failures - 1), _MOST_DOUBLINGS))
