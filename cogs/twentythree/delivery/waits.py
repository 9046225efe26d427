"""What a 429 of Discord's asks for, as its headers and its body say it.

https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_LONGEST_S: Final = 86_400.0
# What is shorter, and of one bucket, is left to discord.py: sleeping it out harms nobody.
_SHORT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """For how long nothing is to be asked, and of what.

    ``after_s`` is the longer of what body and headers say: an edit's limit of twenty minutes
    comes with a header that says one second. ``code`` is Discord's, 0 for none.
    """

    after_s: float
    code: int = 0
    is_global: bool = False

    @property
    def is_long(self) -> bool:
        """Say whether discord.py must not sleep it out within the request.

        Of a limit of all requests it closes a lock that it does not open again where the request
        is cut off.
        """
        return self.is_global or self.code != 0 or self.after_s > _SHORT_S


class Held(Exception):  # noqa: N818 - reads as what happened
    """A request was given up on its way, and may be made again after so many seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class TooManyRefusals(Held):
    """It was held back, since Discord bans addresses that it refuses too often."""


class Limited(Held):
    """Discord refused it by a limit that is not slept out within a request; see ``Wait``."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(wait.after_s)
        self.wait = wait


def wait_of(headers: Mapping[str, str], body: bytes) -> Wait:
    """Read a 429; what cannot be read asks for nothing."""
    said = _read(body)
    code = said.get("code")
    return Wait(
        after_s=max(_seconds(headers.get("Retry-After")), _seconds(said.get("retry_after"))),
        code=code if isinstance(code, int) else 0,
        is_global="X-RateLimit-Global" in headers or said.get("global") is True,
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(said: object) -> float:
    if not isinstance(said, int | float | str):
        return 0.0
    try:
        seconds = float(said)
    except (ValueError, OverflowError):
        return 0.0
    return min(_LONGEST_S, seconds) if math.isfinite(seconds) and seconds > 0 else 0.0
