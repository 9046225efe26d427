"""Channel names as Faye reads them."""

from __future__ import annotations

import re

_SEGMENT = r"[A-Za-z0-9\-_!~()$@]+"
_NAME = re.compile(rf"(?:/{_SEGMENT})+")
_PATTERN = re.compile(rf"(?:/{_SEGMENT})*/\*\*?")


def is_name(channel: str) -> bool:
    """Tell whether events can be published there."""
    return _NAME.fullmatch(channel) is not None


def is_subscribable(channel: str) -> bool:
    """Tell whether it is a name or a pattern."""
    return is_name(channel) or _PATTERN.fullmatch(channel) is not None


def is_below(channel: str, *roots: str) -> bool:
    """Tell whether a channel's first segment is one of these: ``meta`` for ``/meta/connect``."""
    return channel.split("/")[1] in roots


def patterns_of(channel: str) -> tuple[str, ...]:
    """Return all names and patterns that an event on a channel matches."""
    segments = channel.split("/")[1:]
    heads = ["/".join(["", *segments[:count]]) for count in range(len(segments))]
    return (channel, f"{heads[-1]}/*", *(f"{head}/**" for head in heads))
