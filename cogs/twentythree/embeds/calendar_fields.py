"""What a scheduled event says of its live event, within Discord's limits; pure.

https://discord.com/developers/docs/resources/guild-scheduled-event
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ..domain.calendar import (
    LASTS,
    CalendarAim,
    CalendarFields,
    CoveredEvent,
    ScheduledKey,
    goal_of,
    mark_of,
)
from ..domain.model import ObjectInfo
from ..languages import tr
from .text import disarm, one_line, safe_url

_MAX_NAME = 100
_MAX_LOCATION = 100
# Discord takes 1,000; more than the first lines nobody reads in a calendar.
_MAX_ABOUT, _MAX_ABOUT_LINES = 600, 6


def calendar_aim(event: CoveredEvent) -> CalendarAim:
    """Return what the calendar of a server is to hold of a live event."""
    return CalendarAim(key=event.key, goal=goal_of(event), said=calendar_fields(event))


def calendar_fields(event: CoveredEvent) -> CalendarFields | None:
    """Return what is said of an event; ``None``: it has no time, or no address that fits."""
    info, start = event.info, event.state.scheduled_at or event.state.started_at
    location = _location(info, event.key)
    if start is None or location is None:
        return None
    return CalendarFields(
        name=one_line(info.title, _MAX_NAME) or tr("Untitled"),
        description=disarm(info.description or "", _MAX_ABOUT, max_lines=_MAX_ABOUT_LINES).text,
        location=location,
        start=start,
        end=start + LASTS,
        picture_url=safe_url(info.picture_url or ""),
    )


def _location(info: ObjectInfo, key: ScheduledKey) -> str | None:
    """Return the address of an event's page, with the mark that ours is known by.

    Where it is too long for Discord, it is the short one that the platform has for each event.
    """
    mark = mark_of(key)
    page = safe_url(info.url, fragment=mark)
    if page is None or len(page) <= _MAX_LOCATION:
        return page
    parts = urlsplit(page)
    short = f"{parts.scheme}://{parts.netloc}/live/{key.object_id}#{mark}"
    return short if len(short) <= _MAX_LOCATION else None
