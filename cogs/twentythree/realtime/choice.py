"""Which kind of transport to open next. Pure: times are parameters."""

from __future__ import annotations

from collections.abc import Collection

WEBSOCKET = "websocket"
LONG_POLLING = "long-polling"

_REFUSALS_AFTER_SUCCESS = 3
_BUSY_ALLOWED = 3
# With the default of five minutes: up to 80.
_MAX_DOUBLINGS = 4


class Choice:
    """WebSocket first; long-polling where no WebSocket gets through.

    Where a WebSocket has worked before, a proxy in the middle of a restart may refuse one, so
    several refusals in a row are needed, and as many answers that ask to come again later. When
    long-polling fails too, the network is to blame, and WebSocket's turn comes again. Where one
    refusal follows another, a WebSocket is left alone for longer each time.
    """

    def __init__(self, kinds: Collection[str], *, websocket_retry_s: float) -> None:
        self._kinds = tuple(kinds)
        self._retry_s = websocket_retry_s
        self._avoid_until = float("-inf")
        self._refusals = 0
        self._refusals_allowed = 1
        self._avoided = 0
        self._busy = 0

    def pick(self, offered: Collection[str], now: float) -> str:
        """Return the kind to try; ``offered`` are the server's, empty while unknown."""
        usable = [kind for kind in self._kinds if kind in offered] or list(self._kinds)
        if now < self._avoid_until and LONG_POLLING in usable:
            return LONG_POLLING
        return usable[0]

    def climb_at(self, offered: Collection[str]) -> float | None:
        """Return when to look whether a WebSocket gets through, while long-polling works.

        ``None``: none is wanted, or the server offers none.
        """
        wanted = [kind for kind in self._kinds if kind in offered or not offered]
        return self._avoid_until if wanted[:1] == [WEBSOCKET] else None

    def worked(self, kind: str) -> None:
        """Note that a session came about over ``kind``."""
        if kind == WEBSOCKET:
            self._refusals = self._avoided = self._busy = 0
            self._refusals_allowed = _REFUSALS_AFTER_SUCCESS

    def failed(
        self, kind: str, now: float, *, is_refusal: bool = False, is_busy: bool = False
    ) -> None:
        """Note that no session came about over ``kind``."""
        if kind == LONG_POLLING:
            self._avoid_until = float("-inf")
            return
        self._busy = self._busy + 1 if is_busy else 0
        if is_refusal or self._busy >= _BUSY_ALLOWED:
            self._busy = 0
            self._refusals += 1
            if self._refusals >= self._refusals_allowed:
                self._refusals = 0
                self._avoid_until = now + self._retry_s * 2.0 ** min(self._avoided, _MAX_DOUBLINGS)
                self._avoided += 1
