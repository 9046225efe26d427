"""What the page may know of the bot and do to it: a process, whoever keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ..journal import Journal


class Saying(StrEnum):
    """What is said of the bot's process, or by it of comments."""

    STARTED = "started"
    ENDED = "ended"
    RECEIVED = "received"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the bot's process did, or says in its log of these comments.

    ``at``: seconds since 1970, by the bot's own clock where it is from its log.
    """

    saying: Saying
    at: float
    comment_ids: tuple[int, ...] = ()


class Keeper(Protocol):
    """The bot's process.

    ``journal``: what was said of it. ``since``: when it was started or ended last, in seconds
    since 1970; ``None`` before its first start.
    """

    journal: Journal[Said]

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""

    @property
    def since(self) -> float | None:
        """When this began."""

    async def start(self) -> None:
        """Start the process, with the database that it had; one that runs is left alone."""

    async def kill(self) -> None:
        """End the process without a word to it; one that is not there is no error."""
