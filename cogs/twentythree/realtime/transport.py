"""What a transport is: a way to send frames and to get frames, until it is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..bayeux import Message
from ..errors import TwentyThreeError

# Takes one frame, decoded, and its size in bytes, or a mark that stands for none (see
# ``bayeux.Arriving``); must not wait.
Take = Callable[[object, int], None]


class TransportError(TwentyThreeError):
    """The transport cannot be opened, or is lost. It never leaves this package.

    Attributes:
        reason: what happened, without addresses and channel names.
        is_clean: the server closed in good order and kept what it had not delivered.
        is_refusal: something on the way does not let this kind of transport through.
        is_busy: the server, or something on the way, asks to come again later.
        is_too_large: a frame of ours was larger than the server takes.
        wait_s: how long the server wants to be left alone at least, in seconds.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_clean: bool = False,
        is_refusal: bool = False,
        is_busy: bool = False,
        is_too_large: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_clean = is_clean
        self.is_refusal = is_refusal
        self.is_busy = is_busy
        self.is_too_large = is_too_large
        self.wait_s = wait_s


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
