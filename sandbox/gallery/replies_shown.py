"""Exhibits of what commands answer, to who gave them alone."""

from __future__ import annotations

from ..chat import Channel
from .exhibit import Exhibit
from .hall import Hall


async def attaching(hall: Hall) -> Channel:
    """What attach says: of a video, and of what not everybody may know."""
    room = hall.room("attach")
    film = hall.video("How the chair was made")
    await hall.commands(room, "attach", id=str(film.object_id), comments="public")
    secret = await hall.live("Autumn collection, for partners", in_minutes=3_000, is_private=True)
    await hall.commands(room, "attach", id=str(secret.object_id))
    return room


async def listing(hall: Hall) -> Channel:
    """What is attached."""
    room = hall.room("list")
    film = hall.video("Meet the weavers: the film")
    await hall.attach(room, film, comments="all", actions="on")
    event = await hall.live("Meet the weavers", in_minutes=2_000)
    await hall.attach(room, event, mention=str(hall.scene.crew.id))
    await hall.shown(room, "Meet the weavers")
    await hall.commands(room, "list", room=str(room.id))
    return room


async def status(hall: Hall) -> Channel:
    """How it is, and how it is without realtime's help."""
    room = hall.room("status")
    await hall.commands(room, "status")
    return room


async def history(hall: Hall) -> Channel:
    """Who did what, and how a room is set."""
    room = hall.room("history")
    await hall.commands(room, "room", layout="compact", hide="spam, casino", min_length=3)
    await hall.commands(room, "history")
    return room


OF_REPLIES = (
    Exhibit(
        name="attach",
        title="Attached, and asked",
        sentence="`/video attach` says what comes to the room; what not everybody may know of is "
        "attached only after a question.",
        shows=("reply attach", "reply consent"),
        make=attaching,
        is_translated=True,
    ),
    Exhibit(
        name="list",
        title="What is attached",
        sentence="`/video list`.",
        shows=("reply list",),
        make=listing,
    ),
    Exhibit(
        name="status",
        title="How it is",
        sentence="`/video status`: what is wrong first, if anything is. The clock was put forward "
        "for these pictures, and the status says so.",
        shows=("reply status",),
        make=status,
        is_translated=True,
    ),
    Exhibit(
        name="history",
        title="A room is set, and who did what",
        sentence="`/video room` says what has changed; `/video history` has the newest first.",
        shows=("reply room", "reply history"),
        make=history,
    ),
)
