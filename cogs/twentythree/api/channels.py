"""Where a workspace may tell the channels of an object, and how they are spelled.

Source: https://www.twentythree.com/api/realtime. A channel's root (40 hexadecimal digits) is the
only key to it: no log, no error and no repr may hold one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..loopback import is_loopback
from .envelope import Answer, Row
from .links import service_address

# The one service of all workspaces, for answers that name a channel but no address.
SERVICE_URL = "https://realtime.23video.com/faye"

# The documents name the first of each; `include_realtime_p` is said to add "a channel URL and
# token" without naming the properties.
_URLS = ("realtime_url", "realtime_channel_url")
_CHANNELS = ("realtime_channel", "realtime_token", "realtime_channel_token")
# Bayeux's alphabet without its wildcards, which would ask for other people's channels.
_CHANNEL = re.compile(r"(?:/[A-Za-z0-9_!~()$@-]{1,128}){1,8}")
_BARE = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_RESERVED = frozenset({"meta", "service"})
_EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What one answer says about realtime; the channel as it is spelled there."""

    url: str | None = None
    channel: str | None = field(default=None, repr=False)


def pointer(answer: Answer, site_url: str) -> Pointer:
    """Return the address and the channel that an answer holds, beside its rows or in them."""
    places = [answer.extra, *answer.rows]
    return Pointer(
        next((url for place in places for url in _urls(place, site_url)), None),
        next((channel for place in places for channel in _channels(place)), None),
    )


def comments_root(channel: str) -> str | None:
    """Return the root to put ``all_json`` and the like to.

    The channel may come bare or with a sub-channel. ``None``: it is the events service's.
    """
    _, root, *rest = channel.split("/")
    return None if rest == [_EVENTS] else f"/{root}"


def events_channel(channel: str) -> str:
    """Return the channel of a live event's changes; ``events`` is added to a bare root."""
    return channel if channel.count("/") > 1 else f"{channel}/{_EVENTS}"


def service_url(found: str | None, site_url: str) -> str | None:
    """Return the address of the service; a workspace on this machine never means the real one."""
    if found is not None or is_loopback(urlsplit(site_url).hostname or ""):
        return found
    return SERVICE_URL


def _urls(place: Row, site_url: str) -> Iterator[str]:
    for name in _URLS:
        value = place.get(name)
        if isinstance(value, str) and (url := service_address(value, site_url)) is not None:
            yield url


def _channels(place: Row) -> Iterator[str]:
    for name in _CHANNELS:
        value = place.get(name)
        channel = value.strip() if isinstance(value, str) else ""
        if _BARE.fullmatch(channel):
            channel = f"/{channel}"
        if _CHANNEL.fullmatch(channel) and channel.split("/")[1] not in _RESERVED:
            yield channel
