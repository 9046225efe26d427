"""The lines that the verb ``check`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One part: ``BAD`` says what to do about it, ``WARN`` that it could be better."""

    name: str
    text: str
    mark: Literal["ok", "WARN", "BAD"] = "ok"

    def __str__(self) -> str:
        return f"{self.mark:<4} {self.name}: {self.text}"
