"""Exhibits of comments: as cards and as lines, acted on, and taken away again."""

from __future__ import annotations

from typing import Literal

from ..chat import Channel
from ..workspace import Comment, Thing
from .exhibit import Exhibit, Pose
from .hall import Hall

_FILM = "How the chair was made"
_LAUNCH = "Spring collection live"
_CROWD = ("Ada Holm", "Björn Lind", "Chloé Martin", "Dmitri", "Eun-ji", "Fatima", "Gustav")
_CHAT = (
    ("Hello from Aarhus!", "chat"),
    ("The sound is perfect now", "chat"),
    ("Does it come in oak as well?", "question"),
    ("Love the green one", "chat"),
    ("Greetings from the whole team in Lyon, we are watching in the big meeting room", "chat"),
    ("👏👏👏", "chat"),
    ("When can we order?", "question"),
    ("That detail at the back is lovely", "chat"),
)


async def comments(hall: Hall) -> Channel:
    """A card each: a place in the video, an answer with what it answers, and staff's choice."""
    room, film = hall.room("comments"), hall.video(_FILM)
    await hall.attach(room, film, comments="public")
    asked = await hall.says(
        film, "Ada Holm", "The joint at the back is beautiful. Is it glued?", position_s=72.0
    )
    await hall.shown(room, "Is it glued?")
    await hall.says(film, "Björn Lind", "No glue at all, only a wedge.", reply_to=asked.comment_id)
    await hall.shown(room, "only a wedge")
    long = (
        "Three things that I would like to see next:\n- the steam box\n- how the seat is woven\n"
        "- what becomes of the offcuts"
    )
    chosen = await hall.says(film, "Chloé Martin", long, position_s=214.0)
    await hall.shown(room, "offcuts")
    await hall.changes.promote(chosen.comment_id)
    await hall.shown(room, "offcuts", "⭐")
    return room


async def questions(hall: Hall) -> Channel:
    """Buttons below each: open, promoted, answered with a reply, dismissed."""
    room = hall.room("questions", is_open=False)
    launch = await hall.live(_LAUNCH, in_minutes=90)
    await hall.attach(room, launch, comments="all", live="off", actions="on")
    asked = []
    for author, text in (
        ("Dmitri", "Does it come in oak as well?"),
        ("Eun-ji", "When can we order?"),
        ("Fatima", "How heavy is it?"),
        ("Gustav", "Is this thing on?"),
    ):
        asked.append(await hall.says(launch, author, text, kind="question"))
        # One after the other: what comes at once may share a message.
        await hall.asked(room, asked[-1])
    _, promoted, answered, dismissed = asked
    await _press(hall, room, promoted, "promote")
    await _reply(hall, room, answered, "Four kilos: you can carry it with one hand.")
    await _press(hall, room, answered, "answer")
    await _press(hall, room, dismissed, "dismiss")
    await hall.shown(room, "~~")
    await hall.shown(room, "✅ How heavy", "one hand")
    return room


async def taken_away(hall: Hall) -> Channel:
    """What is deleted, not promoted any more, or has a word that is hidden here."""
    room, film = hall.room("taken-away"), hall.video(_FILM)
    await hall.attach(room, film, comments="promoted")
    await hall.sets("room", room=str(room.id), hide="casino")
    made = []
    # In one message, of which the rest stays; alone they would be deleted with it.
    async with hall.held_up(room):
        for author, text in (
            ("Eun-ji", "What a lovely workshop."),
            ("Ada Holm", "Best ten minutes of my week."),
            ("Spam", "Cheap watches!"),
            ("Guest", "See you all at the"),
            ("Björn Lind", "Where can I see it?"),
        ):
            made.append(await hall.says(film, author, text))
            await hall.changes.promote(made[-1].comment_id)
    await hall.shown(room, "ten minutes", "watches", "See you", "see it")
    await hall.changes.promote(made[1].comment_id, is_promoted=False)
    await hall.changes.delete_comment(made[2].comment_id)
    await hall.changes.edit_comment(made[3].comment_id, text="See you all at the casino")
    await hall.until(lambda: not _says(hall, room, "ten minutes", "watches", "See you"))
    return room


async def burst(hall: Hall) -> Channel:
    """Many at once in a room with actions: lines, and a menu below them."""
    room = hall.room("burst", is_open=False)
    launch = await hall.live(_LAUNCH, in_minutes=95)
    await hall.attach(room, launch, comments="all", live="off", actions="on")
    # From the limit, as it is told with each message, the bot knows what it may send.
    hall.limit(is_limited=True)
    await hall.says(launch, "Ada Holm", "Two minutes to go!", kind="chat")
    await hall.shown(room, "Two minutes")
    async with hall.held_up(room):
        made = await _crowd(hall, launch, 48)
        await hall.changes.promote(made[2].comment_id)
        await hall.changes.set_status(made[6].comment_id, "answered")
    await hall.shown(room, "tt:pick:", f"#comment-{made[-1].comment_id})")
    hall.limit(is_limited=False)
    return room


async def layout_cards(hall: Hall) -> Channel:
    """Eight comments as cards."""
    return await _layout(hall, "cards")


async def layout_compact(hall: Hall) -> Channel:
    """The same as lines without a box."""
    return await _layout(hall, "compact")


async def layout_lines(hall: Hall) -> Channel:
    """The same as lines in a box."""
    return await _layout(hall, "lines")


async def digest(hall: Hall) -> Channel:
    """What could not be posted for an hour, counted."""
    room, film = hall.room("digest"), hall.video("Opening night, unedited")
    await hall.attach(room, film, comments="public", max_age=1)
    async with hall.held_up(room):
        await _crowd(hall, film, 24, kind="comment")
        await hall.until_refused(room)
        hall.clock.forward(minutes=65)
        # From the workspace's answers the bot hears what time it is.
        await hall.attach(hall.room("elsewhere"), hall.video("Something else"))
    await hall.shown(room, "#digest-")
    return room


async def menu(hall: Hall) -> Channel:
    """The menu of a burst, opened."""
    room = hall.room("menu", is_open=False)
    launch = await hall.live(_LAUNCH, in_minutes=100)
    await hall.attach(room, launch, comments="all", live="off", actions="on")
    async with hall.held_up(room):
        made = await _crowd(hall, launch, 8)
    await hall.shown(room, "tt:pick:", f"#comment-{made[-1].comment_id})")
    return room


async def modal(hall: Hall) -> Channel:
    """A question that is about to be replied to."""
    room, _ = await _one_question(hall, "modal")
    return room


async def replying(hall: Hall) -> Channel:
    """A reply as it will be seen, before it is sent; and the question before a deletion."""
    room, asked = await _one_question(hall, "replying")
    shown = await hall.asked(room, asked)
    opened = await hall.presses("Ann", shown, f"tt:act:reply:{asked.comment_id}")
    await hall.types(opened, "Yes: in oak, ash and beech, from the first of May.")
    rest = await hall.presses("Ann", shown, f"tt:more:{asked.comment_id}")
    await hall.presses("Ann", rest, f"tt:act:delete:{asked.comment_id}")
    return room


async def log(hall: Hall) -> Channel:
    """Each action and each change of what is set, told in a room of its own."""
    told, room = hall.room("log", is_open=False), hall.room("seen", is_open=False)
    launch = await hall.live(_LAUNCH, in_minutes=110)
    await hall.attach(room, launch, comments="all", live="off", actions="on")
    await hall.sets("log", room=str(told.id))
    asked = await hall.says(launch, "Dmitri", "Does it come in oak as well?", kind="question")
    await hall.asked(room, asked)
    await _press(hall, room, asked, "promote")
    await _reply(hall, room, asked, "Yes, from the first of May.")
    await hall.sets("room", room=str(room.id), layout="compact")
    await hall.until(lambda: len(hall.messages(told)) >= 3)  # noqa: PLR2004 - what was done above
    return told


async def _layout(hall: Hall, layout: str) -> Channel:
    room = hall.room(f"layout-{layout}")
    launch = await hall.live(_LAUNCH, in_minutes=105)
    await hall.attach(room, launch, comments="public", live="off")
    await hall.sets("room", room=str(room.id), layout=layout)
    async with hall.held_up(room):
        made = await _crowd(hall, launch, len(_CHAT))
        for number in (2, 6):
            await hall.changes.promote(made[number].comment_id)
        await hall.changes.set_status(made[6].comment_id, "answered")
    for one in made:
        await hall.shown(room, f"#comment-{one.comment_id}")
    return room


async def _crowd(
    hall: Hall, thing: Thing, count: int, *, kind: Literal["comment", "chat"] | None = None
) -> list[Comment]:
    """Let so many write; with ``kind`` none of them asks."""
    made = []
    for number in range(count):
        text, usual = _CHAT[number % len(_CHAT)]
        made.append(
            await hall.says(thing, _CROWD[number % len(_CROWD)], text, kind=kind or usual)  # type: ignore[arg-type]
        )
    return made


async def _one_question(hall: Hall, name: str) -> tuple[Channel, Comment]:
    room = hall.room(name, is_open=False)
    launch = await hall.live(_LAUNCH, in_minutes=100)
    await hall.attach(room, launch, comments="all", live="off", actions="on")
    text = "Does it come in oak as well? And will the green one be there in May?"
    asked = await hall.says(launch, "Dmitri", text, kind="question")
    await hall.asked(room, asked)
    return room, asked


async def _press(hall: Hall, room: Channel, comment: Comment, action: str) -> None:
    shown = await hall.asked(room, comment)
    await hall.presses("Mia", shown, f"tt:act:{action}:{comment.comment_id}")


async def _reply(hall: Hall, room: Channel, comment: Comment, text: str) -> None:
    shown = await hall.asked(room, comment)
    opened = await hall.presses("Mia", shown, f"tt:act:reply:{comment.comment_id}")
    preview = await hall.types(opened, text)
    await hall.presses("Mia", preview, "tt:send:")
    await hall.shown(room, text)


def _says(hall: Hall, room: Channel, *texts: str) -> bool:
    whole = str([one.embeds for one in hall.messages(room)])
    return any(one in whole for one in texts)


OF_COMMENTS = (
    Exhibit(
        name="comments",
        title="Comments",
        sentence="The text first; below it, small, the kind with a link to the comment, the title "
        "where it is another than before, and the place in the video. An answer quotes what it "
        "answers. What staff promoted has a star.",
        shows=("notice comment", "kind comment", "standing shown"),
        make=comments,
    ),
    Exhibit(
        name="questions",
        title="Questions, acted on",
        sentence="In a room with actions: open, promoted, replied to and answered, dismissed, each "
        "with who did it and with the buttons that are of use now.",
        shows=("kind question", "status", "status answered", "status dismissed"),
        make=questions,
        is_translated=True,
    ),
    Exhibit(
        name="modal",
        title="A reply is written",
        sentence="The button Reply opens a modal with the question above it.",
        shows=("reply modal",),
        make=modal,
        pose=Pose(press="[data-press^='tt:act:reply:']", frame="dialog.modal"),
    ),
    Exhibit(
        name="replying",
        title="Asked before it is done",
        sentence="A reply is shown once more before it is sent, and a deletion asks first. Only "
        "who pressed sees this.",
        shows=("reply preview", "reply delete"),
        make=replying,
    ),
    Exhibit(
        name="burst",
        title="Many at once",
        sentence="When more come than Discord lets through one by one, they share messages: a line "
        "each, with its mark and its link, the time of each minute, and a menu to act on one.",
        shows=("kind chat", "form lines"),
        make=burst,
    ),
    Exhibit(
        name="menu",
        title="The menu below a burst",
        sentence="Whom it is about, and what became of it, before anything is pressed.",
        shows=("reply menu",),
        make=menu,
        pose=Pose(press="[data-choose^='tt:pick:']", frame=".menu"),
    ),
    Exhibit(
        name="layout-cards",
        title="A room as cards",
        sentence="`/video room layout: cards`, the default: a card each.",
        shows=("layout cards",),
        make=layout_cards,
    ),
    Exhibit(
        name="layout-compact",
        title="A room, compact",
        sentence="`/video room layout: compact`: the same comments as lines, without a box.",
        shows=("layout compact",),
        make=layout_compact,
    ),
    Exhibit(
        name="layout-lines",
        title="A room in lines",
        sentence="`/video room layout: lines`: the same comments as lines in a box.",
        shows=("layout lines",),
        make=layout_lines,
    ),
    Exhibit(
        name="taken-away",
        title="What is taken away again",
        sentence="What was shown because it was promoted loses its words when the promotion is "
        "taken back; so does what is deleted on the platform, or edited into what the room hides.",
        shows=("standing withheld", "standing removed", "standing hidden"),
        make=taken_away,
    ),
    Exhibit(
        name="digest",
        title="A digest",
        sentence="What could not be posted for so long that nobody needs it is counted in one "
        "message.",
        shows=("notice digest",),
        make=digest,
    ),
    Exhibit(
        name="log",
        title="A log room",
        sentence="Who did what, as it is done, where `/video log` says.",
        shows=("notice log",),
        make=log,
    ),
)
