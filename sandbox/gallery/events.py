"""Exhibits of live events: their cards from planned to ended, reports, boards, programmes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..chat import Channel
from ..workspace import Live
from .exhibit import Exhibit
from .hall import Hall

_TITLE: Final = "Spring collection, live from the workshop"
_ABOUT: Final = (
    "Two new chairs and a table, and the people who made them.\n"
    "We show how wood is bent with steam, and answer what you ask.\n"
    "With a look at what comes in autumn."
)
_SPEAKERS: Final = ("Astrid Berg", "Jonas Dahl")
_STEP_MIN: Final = 8
# Viewers at each look, and how many comments came since the one before.
_COURSE: Final = ((120, 9), (310, 25), (428, 41), (371, 12), (388, 33))


async def planned(hall: Hall) -> Channel:
    """Days before, and a quarter of an hour before, when it was moved besides."""
    room = hall.room("planned")
    later = await hall.live("Meet the weavers", in_minutes=3 * 24 * 60)
    await hall.attach(room, later)
    await hall.shown(room, "Meet the weavers")
    soon = await hall.live(_TITLE, in_minutes=45, description=_ABOUT, speakers=_SPEAKERS)
    await hall.attach(room, soon)
    await hall.shown(room, _TITLE)
    was, start = soon.scheduled or 0, hall.clock.now() + 15 * 60
    await hall.changes.schedule(soon.object_id, start)
    await hall.shown(room, _TITLE, f"<t:{int(start)}:", f"<t:{int(was)}:")
    return room


async def live(hall: Hall) -> Channel:
    """A start in words of the room's own, which call a role; then who is watching."""
    room = hall.room("live")
    event = await hall.live(_TITLE, in_minutes=5, description=_ABOUT, speakers=_SPEAKERS)
    await hall.attach(
        room,
        event,
        mention=str(hall.scene.crew.id),
        text="{title} has begun: {url} · with {speakers}",
    )
    await hall.shown(room, _TITLE)
    hall.changes.set_viewers(event.object_id, 128)
    hall.clock.forward(minutes=5)
    await hall.changes.go_live(event.object_id)
    await hall.shown(room, "🔴", "128")
    return room


async def cancelled(hall: Hall) -> Channel:
    """Planned, and then not."""
    room = hall.room("cancelled")
    event = await hall.live("Meet the weavers", in_minutes=26 * 60, description=_ABOUT)
    await hall.attach(room, event)
    await hall.shown(room, "Meet the weavers")
    await hall.changes.cancel(event.object_id)
    await hall.until(lambda: "image" not in str(hall.messages(room)[-1].embeds))
    return room


@dataclass(frozen=True, slots=True)
class _Broadcast:
    """One that has been played to its end: where it is seen, and where it is told of."""

    event: Live
    room: Channel
    staff: Channel


async def ended(hall: Hall) -> Channel:
    """Length, peak, counts, chart and recording, and the line that tells of the end."""
    return (await _broadcast(hall)).room


async def report(hall: Hall) -> Channel:
    """What moderators get at the end."""
    return (await _broadcast(hall)).staff


async def board(hall: Hall) -> Channel:
    """The open questions in one message, one of them taken."""
    room, event = await _with_questions(hall, "board")
    await hall.sets("questions", id=str(event.object_id), room=str(room.id))
    shown = await hall.shown(room, "#board-", "Ada Holm", "Eun-ji")
    await hall.presses("Mia", shown, "tt:next:")
    await hall.shown(room, f"<@{hall.person('Mia').id}>")
    return room


async def speaker_view(hall: Hall) -> Channel:
    """The one question that is to be answered now."""
    room, event = await _with_questions(hall, "speaker")
    await hall.sets("questions", id=str(event.object_id), room=str(room.id), view="speaker")
    await hall.shown(room, "#board-", "oak")
    return room


async def programme(hall: Hall) -> Channel:
    """What is planned in a category, in one message; and a new video."""
    room, category = hall.room("programme"), hall.category("Workshop")
    titles = ("Bending", "Weaving", "Oiling", "Joining", "Turning", "Carving")
    for number, title in enumerate(titles):
        name = f"{title}, shown by those who do it"
        await hall.live(name, in_minutes=(2 + 3 * number) * 24 * 60, category_id=category)
    await hall.sets("follow", what="live", category=str(category), room=str(room.id))
    await hall.shown(room, "Carving")
    await hall.sets("follow", what="videos", category=str(category), room=str(room.id))
    # What was there when it was followed is no news.
    hall.clock.forward(minutes=2)
    hall.video("How steam bends wood", category_id=category)
    await hall.shown(room, "How steam bends wood")
    return room


async def _with_questions(hall: Hall, name: str) -> tuple[Channel, Live]:
    room = hall.room(name, is_open=False)
    event = await hall.live(_TITLE, in_minutes=80)
    await _attach_quietly(hall, room, event)
    made = []
    for author, text in (
        ("Ada Holm", "Does it come in oak as well?"),
        ("Eun-ji", "When can we order, and will you send it to Korea?"),
        ("Fatima", "How heavy is it?"),
        ("Gustav", "Who designed the green one?"),
    ):
        made.append(await hall.says(event, author, text, kind="question"))
    await hall.changes.promote(made[0].comment_id)
    await hall.changes.set_status(made[2].comment_id, "answered")
    return room, event


async def _attach_quietly(hall: Hall, room: Channel, event: Live) -> None:
    """Attach with actions; of what is written here nothing is posted but reports and boards."""
    await hall.sets("room", room=str(room.id), kinds="comment")
    await hall.attach(room, event, comments="all", live="off", actions="on")


async def _broadcast(hall: Hall) -> _Broadcast:
    if "broadcast" not in hall.kept:
        hall.kept["broadcast"] = await _played(hall)
    kept = hall.kept["broadcast"]
    assert isinstance(kept, _Broadcast)  # noqa: S101 - for mypy
    return kept


async def _played(hall: Hall) -> _Broadcast:
    room, staff = hall.room("ended"), hall.room("report", is_open=False)
    event = await hall.live(_TITLE, in_minutes=5, description=_ABOUT, speakers=_SPEAKERS)
    await hall.attach(room, event, comments="none", at_end="announce")
    await _attach_quietly(hall, staff, event)
    hall.clock.forward(minutes=5)
    hall.changes.set_viewers(event.object_id, 20)
    await hall.changes.go_live(event.object_id)
    await hall.shown(room, "🔴")
    await _ask(hall, event)
    for viewers, count in _COURSE:
        hall.clock.forward(minutes=_STEP_MIN)
        hall.changes.set_viewers(event.object_id, viewers)
        for number in range(count):
            await hall.says(event, "Ada Holm", f"Bravo! ({number + 1})", kind="chat")
        # It looks at once at what is on air, and then only every minute.
        await hall.restart()
        await hall.shown(room, f"{viewers} ")
    hall.clock.forward(minutes=2)
    await hall.changes.end_broadcast(event.object_id)
    await hall.shown(room, "#live-start", "chart-")
    hall.video(f"{_TITLE}: the recording", live_id=event.object_id)
    hall.clock.forward(seconds=30)
    # The end is settled at the first look, the recording sought at the second.
    await hall.restart()
    await hall.shown(staff, "#report-")
    await hall.restart()
    await hall.until(lambda: any(one.components for one in hall.messages(room)))
    return _Broadcast(event, room, staff)


async def _ask(hall: Hall, event: Live) -> None:
    made = [
        await hall.says(event, author, text, kind="question")
        for author, text in (
            ("Dmitri", "Does it come in oak as well?"),
            ("Eun-ji", "When can we order?"),
            ("Gustav", "Who designed the green one?"),
        )
    ]
    await hall.changes.promote(made[0].comment_id)
    await hall.changes.set_status(made[0].comment_id, "answered")
    await hall.changes.promote(made[2].comment_id)


OF_EVENTS = (
    Exhibit(
        name="planned",
        title="A live event, planned",
        sentence="Days before, and within the hour, here after it was moved: when it starts in the "
        "reader's own time, who speaks, what it is about, its picture, and where to register.",
        shows=("notice live", "phase soon"),
        make=planned,
        viewer="Mia",
        is_translated=True,
    ),
    Exhibit(
        name="live",
        title="A live event, on air",
        sentence="The start is a message of its own, which calls the role that was chosen, in "
        "words of the room's own if it has any; the card is edited as the event goes on.",
        shows=("phase live",),
        make=live,
        viewer="Mia",
        is_translated=True,
    ),
    Exhibit(
        name="ended",
        title="A live event, ended",
        sentence="How long it lasted, the most viewers, how many comments and questions, the "
        "chart, and the recording once there is one; with `at_end: announce` a line tells of the "
        "end.",
        shows=("phase ended", "chart"),
        make=ended,
        viewer="Mia",
        is_translated=True,
    ),
    Exhibit(
        name="report",
        title="The report",
        sentence="What moderators get once a broadcast is over for good, with the questions as a "
        "table: how it went, and what was asked and not answered.",
        shows=("notice report",),
        make=report,
        viewer="Mia",
    ),
    Exhibit(
        name="cancelled",
        title="A live event, cancelled",
        sentence="The same card says so, without picture and button.",
        shows=("phase cancelled",),
        make=cancelled,
        viewer="Mia",
    ),
    Exhibit(
        name="board",
        title="The board of questions",
        sentence="All that is open, the oldest first, with its age and who has taken it.",
        shows=("notice board", "view board"),
        make=board,
        viewer="Ann",
    ),
    Exhibit(
        name="speaker",
        title="The speaker's view",
        sentence="The one question that is to be answered now, in large letters.",
        shows=("view speaker",),
        make=speaker_view,
        viewer="Ann",
    ),
    Exhibit(
        name="programme",
        title="The programme, and a new video",
        sentence="Where a follow has found many events, one message lists what is planned; a new "
        "video has a card of its own.",
        shows=("notice programme", "notice video"),
        make=programme,
    ),
)
