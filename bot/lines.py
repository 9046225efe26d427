"""The lines that the verb ``check`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# In place of what cannot be shown.
_SHOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Line:
    """One part: ``BAD`` says what to do about it, ``WARN`` that it could be better."""

    name: str
    text: str
    mark: Literal["ok", "WARN", "BAD"] = "ok"

    def __str__(self) -> str:
        # Some words are a server's or the workspace's; none may end the line, or steer a terminal.
        line = f"{self.mark:<4} {self.name}: {self.text}"
        return "".join(one if one.isprintable() else _SHOWN for one in line)
