"""A scripted live event: what viewers and staff do, and what the rooms must hold at its end."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .chat import Channel, NoReplyError, NotOfferedError, Role, Shown
from .house import Sandbox
from .telling import told
from .workspace import Comment, Live, Video

Say = Callable[[str], None]

_COMMENT = re.compile(r"#comment-(\d+)$")
# Where many share an embed, each has a line with a link to it.
_LINE = re.compile(r"\[»\]\([^()\s]*#comment-(\d+)\)")
_START = re.compile(r"#live-start-")
# What is left of a comment that is gone; nobody who writes can spell it.
_EMPTIED = re.compile(r"(?<!\\)\*\((removed on the platform|no longer promoted)\)\*")
BURST = 200
_HOUR_S = 3_600.0
# How long the last of the burst may take in a room that lets a message through each second.
PATIENCE_S = 120.0
_FOREVER_S = 86_400.0

_VIEWERS = ("Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Fatima", "@everyone", "**Gustav**")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a room must hold: the comments' IDs, each once, and how many starts."""

    comments: frozenset[int]
    starts: int = 0


@dataclass(slots=True)
class Stage:
    """Where the scenario plays: a server with three rooms, a film and a webinar."""

    sandbox: Sandbox
    say: Say = print
    film: Video = field(init=False)
    webinar: Live = field(init=False)
    film_room: Channel = field(init=False)
    webinar_room: Channel = field(init=False)
    staff_room: Channel = field(init=False)
    crew: Role = field(init=False)
    _seen: dict[int, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        chat, state = self.sandbox.chat, self.sandbox.workspace.state
        guild = chat.guilds.add_guild("Launch team")
        self.crew = chat.guilds.add_role(guild.id, "Webinar crew", is_mentionable=True)
        self.film_room = chat.rooms.add_channel(guild.id, "film")
        self.webinar_room = chat.rooms.add_channel(guild.id, "webinar")
        self.staff_room = chat.rooms.add_channel(guild.id, "moderators")
        # Where the questions of viewers go, which not everybody is to read.
        chat.rooms.set_overwrites(self.staff_room.id, guild.everyone, deny=["view_channel"])
        chat.rooms.set_overwrites(self.staff_room.id, chat.bot, allow=["view_channel"])
        # Whether the platform does is not known; where not, a deletion shows some minutes later.
        self.sandbox.workspace.options.tells_deletions = True
        self.film = state.add_video("Product film")
        self.webinar = state.add_live("The launch")

    @property
    def rooms(self) -> tuple[Channel, ...]:
        """The rooms, in the order in which they are shown."""
        return self.film_room, self.webinar_room, self.staff_room

    async def print_rooms(self) -> None:
        """Print each message as its room shows it, until cancelled."""
        while True:
            await self.sandbox.chat.wait_for(self._unseen, timeout_s=_FOREVER_S)
            self.print_unseen()

    def print_unseen(self) -> None:
        """Print what is new in the rooms."""
        while (found := self._unseen()) is not None:
            room, shown = found
            mark = " (edited)" if shown.id in self._seen else ""
            self._seen[shown.id] = repr(shown.embeds)
            self.say(told(room.name, shown, mark))

    def _unseen(self) -> tuple[Channel, Shown] | None:
        for room in self.rooms:
            for shown in self.sandbox.chat.messages(room.id):
                if self._seen.get(shown.id) != repr(shown.embeds):
                    return room, shown
        return None


class Scenario:
    """Plays on a stage and compares at the end.

    Args:
        burst: how many viewers write within a second.
        patience_s: how long the bot may take for anything.
    """

    def __init__(self, stage: Stage, *, burst: int = BURST, patience_s: float = PATIENCE_S) -> None:
        self._stage = stage
        self._changes = stage.sandbox.workspace.changes
        self._chat = stage.sandbox.chat
        self._burst = burst
        self._patience_s = patience_s

    async def play(self) -> bool:
        """Play to the end; return whether every room holds what it must, and nothing else."""
        try:
            await self._ready()
            await self._attach()
            await self._film()
            await self._webinar()
            await self._storm()
        except (TimeoutError, NoReplyError, NotOfferedError) as error:
            reason = str(error) or "what a room was waited for to show did not come in time"
            self._stage.say(f"  The scenario ends early: {reason}.")
            self._compare()
            return False
        return self._compare()

    async def _ready(self) -> None:
        """Wait until the bot is there and has its commands registered."""
        await self._chat.wait_until_ready(timeout_s=self._patience_s)
        guild_id = self._stage.film_room.guild_id
        await self._chat.wait_for(lambda: self._chat.commands(guild_id), timeout_s=self._patience_s)

    async def _attach(self) -> None:
        self._head("A moderator attaches the film, and has live events attach by themselves")
        stage = self._stage
        film, webinar = str(stage.film.object_id), str(stage.webinar.object_id)
        await self._slash(stage.film_room, "attach", id=film, comments="public")
        await self._slash(stage.webinar_room, "follow", mention=stage.crew.id)
        await self._slash(stage.staff_room, "attach", id=webinar, comments="all", live="off")

    async def _slash(self, room: Channel, command: str, **options: str | int) -> None:
        words = " ".join(f"{name}:{value}" for name, value in options.items())
        self._stage.say(f"  #{room.name} > /video {command} {words}")
        reply = await self._chat.people.slash(
            room.id, self._chat.owner.id, f"video {command}", options
        )
        for line in reply.content.splitlines():
            self._stage.say(f"    {line}")

    async def _film(self) -> None:
        self._head("Viewers comment on the film; staff promote one, and delete another")
        film, room = self._stage.film.object_id, self._stage.film_room.id
        await self._post(film, "What a **great** film, [click me](https://evil.example) @everyone")
        second = await self._post(film, "Which camera is that at 0:50?", position_s=50.4)
        spam = await self._post(film, "Cheap watches, only today")
        await self._until_all_there()
        await self._changes.promote(second.comment_id)
        await self._changes.delete_comment(spam.comment_id)
        await self._until_shown(room, lambda one: "promoted" in _footers(one))
        await self._until_shown(room, lambda one: _EMPTIED.search(_text(one)) is not None)

    async def _webinar(self) -> None:
        self._head("The webinar is planned, and goes live")
        webinar = self._stage.webinar.object_id
        room = self._stage.webinar_room.id
        start = self._stage.sandbox.workspace.options.now() + _HOUR_S
        await self._changes.schedule(webinar, start)
        await self._until_shown(room, lambda one: "Soon" in _text(one))
        self._changes.set_viewers(webinar, 42)
        await self._changes.go_live(webinar)
        await self._until_shown(room, lambda one: bool(one.pinged_roles))
        self._head("Chat and questions; questions are private until staff promote them")
        await self._post(webinar, "Hello from Aarhus!", kind="chat")
        await self._post(webinar, "Is my salary in the slides?", kind="question")
        good = await self._post(webinar, "When does it ship?", kind="question")
        await self._changes.promote(good.comment_id)
        await self._until_all_there()

    async def _storm(self) -> None:
        self._head(f"{self._burst} viewers write within a second, and the webinar ends")
        webinar = self._stage.webinar.object_id
        for number in range(self._burst):
            await self._post(webinar, f"Bravo! ({number + 1})", kind="chat")
            await asyncio.sleep(0.9 / self._burst)
        await self._changes.end_broadcast(webinar)
        room = self._stage.webinar_room.id
        await self._until_shown(room, lambda one: "Ended" in _text(one))
        await self._until_all_there()

    async def _post(self, object_id: int, text: str, **values: object) -> Comment:
        author = _VIEWERS[len(self._changes.state.comments) % len(_VIEWERS)]
        return await self._changes.post_comment(object_id, text, author=author, **values)  # type: ignore[arg-type]

    async def _until_all_there(self) -> None:
        """Wait until no room lacks a comment."""
        await self._chat.wait_for(self._is_all_there, timeout_s=self._patience_s)

    async def _until_shown(self, room_id: int, is_it: Callable[[Shown], bool]) -> None:
        await self._chat.wait_for_message(room_id, is_it, timeout_s=self._patience_s)

    def _is_all_there(self) -> bool:
        return all(wanted.comments <= set(self._held(room)) for room, wanted in self._expected())

    def _expected(self) -> Iterable[tuple[Channel, Expected]]:
        stage = self._stage
        comments = self._changes.state.comments.values()
        film = {one.comment_id for one in comments if one.object_id == stage.film.object_id}
        webinar = [one for one in comments if one.object_id == stage.webinar.object_id]
        promoted = frozenset(one.comment_id for one in webinar if one.is_promoted)
        yield stage.film_room, Expected(frozenset(film))
        yield stage.webinar_room, Expected(promoted, starts=1)
        yield stage.staff_room, Expected(frozenset(one.comment_id for one in webinar))

    def _held(self, room: Channel) -> Counter[int]:
        """Return the comments that a room shows with their words, and how often."""
        held: Counter[int] = Counter()
        for embed in (embed for one in self._chat.messages(room.id) for embed in one.embeds):
            lines = embed.get("description", "").split("\n")
            shown = "\n".join(line for line in lines if not _EMPTIED.search(line))
            if shown:
                held.update(map(int, _COMMENT.findall(embed.get("url", ""))))
                held.update(map(int, _LINE.findall(shown)))
        return held

    def _compare(self) -> bool:
        """Tell what each room should hold and holds; return whether all agree."""
        self._head("What the workspace published and what the rooms hold")
        is_right = True
        for room, wanted in self._expected():
            held = self._held(room)
            starts = sum(map(_is_start, self._chat.messages(room.id)))
            missing = len(wanted.comments - set(held))
            twice = sum(count > 1 for count in held.values())
            foreign = len(set(held) - wanted.comments)
            is_room_right = not (missing or twice or foreign) and starts == wanted.starts
            is_right = is_right and is_room_right
            self._stage.say(
                f"  #{room.name:<11} {len(wanted.comments):>4} published for it, "
                f"{len(set(held)):>4} held in {len(self._chat.messages(room.id))} messages; "
                f"{missing} missing, {twice} twice, {foreign} not meant for it; "
                f"live starts {starts} of {wanted.starts}  {'ok' if is_room_right else 'WRONG'}"
            )
        self._stage.say("Every room holds each notice once." if is_right else "They do not agree.")
        return is_right

    def _head(self, text: str) -> None:
        # What the rooms got before this act belongs above it.
        self._stage.print_unseen()
        self._stage.say(f"\n== {text}")


def _is_start(shown: Shown) -> bool:
    return any(_START.search(embed.get("url", "")) for embed in shown.embeds)


def _footers(shown: Shown) -> str:
    return " ".join(str(embed.get("footer", {}).get("text", "")) for embed in shown.embeds)


def _text(shown: Shown) -> str:
    return " ".join(str(embed.get("description", "")) for embed in shown.embeds)
