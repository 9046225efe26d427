"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One line of a check: what it looked at, and one of three sentences about it.

    ``problem`` says what to do; a ``warning`` is of what works less well than it could; where both
    are ``None`` all is well, and ``detail`` says how it is.
    """

    name: str
    problem: str | None = None
    warning: str | None = None
    detail: str = ""
