"""The limits of a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from .backoff import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """The limits of a session; times in seconds.

    A connect is answered within ``advice.timeout`` x 1.2, and at least ``connect_grace_s`` more
    than it; what asks whether a server is there within ``opening_timeout_s``, and twice, then
    four times as long where none answered; any other request within ``request_timeout_s``. Where
    something is coming all the same, each has ``connect_grace_s`` more, again and again, up to
    ``patience_s``. A session that was up for ``settled_s`` counts as a success for the back-off.
    ``chunk`` bounds the names in one array.
    """

    connection_types: tuple[str, ...] = ("websocket", "long-polling")
    opening_timeout_s: float = 10.0
    request_timeout_s: float = 30.0
    connect_grace_s: float = 15.0
    patience_s: float = 120.0
    disconnect_timeout_s: float = 2.0
    settled_s: float = 2.0
    chunk: int = 500
    backoff: Backoff = field(default_factory=Backoff)
