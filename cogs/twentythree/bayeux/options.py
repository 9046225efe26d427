"""The limits of a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from .backoff import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """The limits of a session; times in seconds.

    A connect is answered within ``advice.timeout`` x 1.2, and at least ``connect_grace_s`` more
    than it; any other request within ``request_timeout_s``. A session that was up for
    ``settled_s`` counts as a success for the back-off. ``chunk`` bounds the names in one array.
    """

    connection_types: tuple[str, ...] = ("websocket", "long-polling")
    request_timeout_s: float = 10.0
    connect_grace_s: float = 5.0
    disconnect_timeout_s: float = 2.0
    settled_s: float = 2.0
    chunk: int = 500
    backoff: Backoff = field(default_factory=Backoff)
