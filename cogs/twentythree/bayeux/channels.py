"""The grammar of Bayeux channel names, and which patterns an event's channel matches.

Bayeux 1.0, "Channels": a name is ``/segment(/segment)*``; a segment is one or more letters,
digits and ``- _ ! ~ ( ) $ @``. A pattern ends in ``/*`` (exactly one more segment) or ``/**``
(one or more). https://docs.cometd.org/current7/reference/#_bayeux
"""

from __future__ import annotations

import re

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
