"""The grammar of Bayeux channel names, which patterns match, and catch-up channels.

Bayeux 1.0, "Channels": a name is ``/segment(/segment)*``; a segment is one or more letters,
digits and ``- _ ! ~ ( ) $ @``. A pattern ends in ``/*`` (exactly one more segment) or ``/**``
(one or more). https://docs.cometd.org/current7/reference/#_bayeux

A TwentyThree service may offer ``<channel>/catchup/<n>{h|m|s}`` beside a channel. What it replays
comes through the same callback, in no order, and only as far as there is anything
(https://www.twentythree.com/api/realtime). The two are subscribed to together, so that nothing
falls between them; then what both carry comes twice. A server names an event's real channel, so
that which of the two a message came by says nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict

_SEGMENT = r"/[A-Za-z0-9\-_!~()$@]+"
_CHANNEL = re.compile(rf"(?:{_SEGMENT})+")
_PATTERN = re.compile(rf"(?:{_SEGMENT})*/\*\*?")
# Nobody can subscribe to these, so that no pattern covers them.
RESERVED = ("/meta/", "/service/")


def valid_channel(name: str) -> bool:
    """Whether ``name`` can be published to."""
    return _CHANNEL.fullmatch(name) is not None


def valid_pattern(name: str) -> bool:
    """Whether ``name`` is a pattern, such as ``/a/*`` or ``/a/**``."""
    return _PATTERN.fullmatch(name) is not None


def refusal(name: str) -> str | None:
    """Why no server would let us subscribe to ``name``; ``None`` if nothing speaks against it."""
    if not (valid_channel(name) or valid_pattern(name)):
        return "405 Invalid channel"
    if name.startswith(RESERVED):
        return "403 Forbidden channel"
    return None


def matching_patterns(channel: str) -> list[str]:
    """All patterns that ``channel`` matches: at most its depth plus one.

    >>> matching_patterns("/a/b")
    ['/a/*', '/a/**', '/**']
    """
    parent, _, _ = channel.rpartition("/")
    patterns = [f"{parent}/*"]
    while parent:
        patterns.append(f"{parent}/**")
        parent, _, _ = parent.rpartition("/")
    patterns.append("/**")
    return patterns


_INTERVAL = re.compile(r"[1-9][0-9]{0,4}[hms]", re.ASCII)


def valid_interval(text: str) -> bool:
    """Whether ``text`` is an interval, such as ``12h``, ``90m`` or ``30s``."""
    return _INTERVAL.fullmatch(text) is not None


class CatchUp:
    """A channel and its catch-up, as one stream without doubles.

    Doubles are told by what they say: two messages of the same contents are one. Memory is
    bounded, so that a double of something said very long ago passes.

    Args:
        channel: the channel itself.
        interval: how far to catch up, such as ``12h``; see :func:`valid_interval`.
        memory: how many messages are remembered.

    Raises:
        ValueError: the channel or the interval is none.
    """

    def __init__(self, channel: str, interval: str, *, memory: int = 1_000) -> None:
        if not valid_channel(channel) or not valid_interval(interval):
            # Channel names are secrets: not even a wrong one is quoted.
            raise ValueError("A catch-up needs a channel and an interval such as 12h.")
        self.channels = (channel, f"{channel}/catchup/{interval}")
        self._memory = memory
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def is_new(self, data: object) -> bool:
        """Tell whether a message of either channel is no double; remember it."""
        try:
            said = json.dumps(data, sort_keys=True, default=repr)
        except RecursionError:
            # Nobody can read it either.
            return False
        digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).digest()
        is_known = digest in self._seen
        self._seen[digest] = None
        self._seen.move_to_end(digest)
        while len(self._seen) > self._memory:
            self._seen.popitem(last=False)
        return not is_known
