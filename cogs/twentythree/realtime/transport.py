"""What a transport is: a way to send frames and to get frames, until it is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..bayeux import Message
from ..errors import TwentyThreeError

# Takes one frame, decoded, and its size in bytes; must not wait.
Take = Callable[[object, int], None]
# Turns the text of a frame into JSON; never raises.
Decode = Callable[[str | bytes], object]


class TransportError(TwentyThreeError):
    """The transport cannot be opened, or is lost. It never leaves this package.

    Attributes:
        reason: what happened, without addresses and channel names.
        is_clean: the server closed in good order and kept what it had not delivered.
        is_refusal: something on the way does not let this kind of transport through.
    """

    def __init__(self, reason: str, *, is_clean: bool = False, is_refusal: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_clean = is_clean
        self.is_refusal = is_refusal


class Transport(Protocol):
    """One WebSocket, or one spell of polling. All methods but ``close`` raise TransportError."""

    async def send(self, frame: Sequence[Message]) -> None:
        """Send ``frame``, or have it sent in order."""
        ...

    async def pump(self, take: Take) -> None:
        """Give each frame that comes to ``take``, until the transport is lost."""
        ...

    async def close(self) -> None:
        """Close within a bound and leave nothing behind; never raises."""
        ...
