"""Exhibits of what is beside a room: the thread on a card, and the server's calendar."""

from __future__ import annotations

from typing import Final

from ..chat import Channel
from .exhibit import Exhibit, Pose
from .hall import Hall

_TITLE: Final = "Spring collection, live from the workshop"
_ABOUT: Final = "Two new chairs and a table, and the people who made them."
# On a phone the calendar is below the list of rooms, which is folded.
_CALENDAR: Final = Pose("#room-toggle:visible, #calendar-title:visible", "#calendar")


async def card_with_thread(hall: Hall) -> Channel:
    """The card alone in the room, with what leads to its thread."""
    room = hall.room("with-thread")
    event = await hall.live(_TITLE, in_minutes=50, description=_ABOUT)
    await hall.attach(room, event, comments="public", place="thread")
    await hall.shown(room, _TITLE)
    await hall.says(event, "Ada Holm", "Looking forward to the green one!")
    thread = await hall.thread(room)
    await hall.shown(thread, "green one")
    await hall.says(event, "Björn Lind", "Is the workshop open to visitors?", kind="chat")
    await hall.shown(thread, "visitors")
    hall.kept["thread"] = thread
    return room


async def in_thread(hall: Hall) -> Channel:
    """All that is said of it."""
    if "thread" not in hall.kept:
        await card_with_thread(hall)
    thread = hall.kept["thread"]
    assert isinstance(thread, Channel)  # noqa: S101 - for mypy
    return thread


async def calendar(hall: Hall) -> Channel:
    """What a follow has put into the server's calendar."""
    room, category = hall.room("calendar"), hall.category("Season")
    for title, in_minutes in ((_TITLE, 2 * 24 * 60), ("Meet the weavers", 9 * 24 * 60)):
        await hall.live(title, in_minutes=in_minutes, description=_ABOUT, category_id=category)
    await hall.commands(room, "follow", what="live", category=str(category), calendar="on")
    await hall.until(lambda: [one.image is not None for one in hall.scheduled()] == [True, True])
    return room


OF_SURROUNDINGS = (
    Exhibit(
        name="with-thread",
        title="The card of a thread",
        sentence="With `place: thread` the card stands alone in the room; all else is in the "
        "thread on it, which is opened once something is said.",
        shows=("place thread",),
        make=card_with_thread,
        viewer="Mia",
        is_translated=True,
    ),
    Exhibit(
        name="in-thread",
        title="In the thread",
        sentence="What viewers write, where who looks for it finds it.",
        shows=("place thread",),
        make=in_thread,
        viewer="Mia",
        is_translated=True,
    ),
    Exhibit(
        name="calendar",
        title="The server's calendar",
        sentence="With `/video follow calendar: on` each planned event is a scheduled event of the "
        "server, with its picture, its page and what it is about.",
        shows=("calendar",),
        make=calendar,
        pose=_CALENDAR,
        is_translated=True,
    ),
)
