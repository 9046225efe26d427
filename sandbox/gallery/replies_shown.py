"""Exhibits of what commands answer, to who gave them alone."""

from __future__ import annotations

from ..chat import Channel, Reply
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
    """How it is, and how it is where the bot may not post."""
    room, closed = hall.room("status"), hall.room("lost")
    film = hall.video("How the chair was made")
    await hall.attach(closed, film, comments="public")
    await hall.says(film, "Ada Holm", "The joint at the back is beautiful. Is it glued?")
    await hall.shown(closed, "glued")
    await hall.commands(room, "status")
    hall.denies(closed, "embed_links")
    await hall.says(film, "Björn Lind", "No glue at all, only a wedge.")
    await hall.until_trouble(closed)
    await hall.commands(room, "status")
    return room


async def history(hall: Hall) -> Channel:
    """Who did what, and how a room is set."""
    room = hall.room("history")
    await hall.commands(room, "room", layout="compact", hide="spam, casino", min_length=3)
    await hall.commands(room, "history")
    return room


async def setup(hall: Hall) -> Channel:
    """Two pages of the walk: where to, and what the bot lacks there."""
    room, public = hall.room("setup"), hall.room("for-everybody")
    hall.denies(public, "embed_links")
    await _where(hall, room, public)
    shown = await _where(hall, room, public)
    shown = await hall.presses("Ann", shown, "tt:setup:go-whom:")
    shown = await hall.presses("Ann", shown, "tt:setup:mention:", hall.scene.fans.id)
    await hall.presses("Ann", shown, "tt:setup:go-rights:")
    return room


async def _where(hall: Hall, room: Channel, public: Channel) -> Reply:
    """Walk to the second page, with both rooms chosen."""
    shown = await hall.commands(room, "setup")
    shown = await hall.presses("Ann", shown, "tt:setup:kind:", "a")
    shown = await hall.presses("Ann", shown, "tt:setup:go-where:")
    shown = await hall.presses("Ann", shown, "tt:setup:public:", public.id)
    return await hall.presses("Ann", shown, "tt:setup:staff:", hall.scene.staff_room.id)


OF_REPLIES = (
    Exhibit(
        name="setup",
        title="Set up, step by step",
        sentence="`/video setup`: what, where, whom to mention, and what the bot lacks for that, "
        "with the way to grant it. Nothing is set before *Done*.",
        shows=("reply setup",),
        make=setup,
        is_translated=True,
    ),
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
        sentence="`/video status`: what is wrong first, if anything is, since when, and what to "
        "do; here once all was well, and once the bot had lost a permission in a room.",
        shows=("reply status",),
        make=status,
        is_translated=True,
        is_timely=True,
    ),
    Exhibit(
        name="history",
        title="A room is set, and who did what",
        sentence="`/video room` says what has changed; `/video history` has the newest first.",
        shows=("reply room", "reply history"),
        make=history,
    ),
)
