"""Hooks that see every message on its way out and in, such as those that add a token in ``ext``.

Bayeux 1.0, section 3.9 (ext): "MAY be included in any message to extend the protocol".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .messages import Message

_LOG = logging.getLogger("twentythree.bayeux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One or both hooks; each gets a message and returns the one to go on with, changed or not.

    ``outgoing`` sees what we send. ``incoming`` sees replies and events, and may return ``None``:
    the message counts as never come. With an ``incoming`` hook every event is parsed at once. One
    that raises is logged, and the message goes on as it was.
    """

    outgoing: Callable[[Message], Message] | None = None
    incoming: Callable[[Message], Message | None] | None = None


class Extensions:
    """All extensions of a session: outgoing in their order, incoming likewise."""

    def __init__(self, extensions: Sequence[Extension]) -> None:
        self._outgoing = [each.outgoing for each in extensions if each.outgoing is not None]
        self._incoming = [each.incoming for each in extensions if each.incoming is not None]

    @property
    def sees_incoming(self) -> bool:
        """Whether any hook has to see what comes in."""
        return bool(self._incoming)

    def outgoing(self, message: Message) -> Message:
        """Return the message to send."""
        for hook in self._outgoing:
            try:
                message = hook(message)
            except Exception:  # noqa: BLE001 - supervision: somebody else's hook must not stop us
                _tell()
        return message

    def incoming(self, message: Message) -> Message | None:
        """Return the message to act on; ``None``: none."""
        for hook in self._incoming:
            try:
                changed = hook(message)
            except Exception:  # noqa: BLE001 - supervision: as above
                _tell()
                continue
            if changed is None:
                return None
            message = changed
        return message


def _tell() -> None:
    # With the traceback, but without the message: it may hold a channel's name or a token.
    _LOG.exception("an extension failed; the message goes on without it")
