"""Where a scripted live event plays: a server with rooms and people, a film and a webinar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from .chat import Channel, Guild, Role, Shown, User
from .chat.guilds import BOT_PERMISSIONS
from .house import Sandbox
from .telling import offers, says, told
from .workspace import Live, Video

Say: TypeAlias = Callable[[str], None]

_FOREVER_S = 86_400.0
# Reports bring a file.
_BOT_MAY = (*BOT_PERMISSIONS, "attach_files")


@dataclass(slots=True)
class Stage:
    """Where the scenario plays; what its rooms show is printed by it.

    Attributes:
        admin: sets things up; ``mia`` and ``sam`` have the role ``crew`` and look after questions.
        names: what mentions are shown as.
    """

    sandbox: Sandbox
    say: Say = print
    film: Video = field(init=False)
    webinar: Live = field(init=False)
    film_room: Channel = field(init=False)
    webinar_room: Channel = field(init=False)
    staff_room: Channel = field(init=False)
    crew: Role = field(init=False)
    admin: User = field(init=False)
    mia: User = field(init=False)
    sam: User = field(init=False)
    names: dict[int, str] = field(init=False)
    _seen: dict[int, str] = field(init=False, default_factory=dict)
    _said: dict[int, tuple[str, list[str]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        chat, state = self.sandbox.chat, self.sandbox.workspace.state
        self.admin = chat.guilds.add_user("Ann")
        guild = chat.guilds.add_guild("Launch team", owner=self.admin, bot_permissions=_BOT_MAY)
        self.crew = chat.guilds.add_role(guild.id, "Webinar crew", is_mentionable=True)
        self.mia, self.sam = (
            chat.guilds.add_member(guild.id, name, roles=[self.crew]) for name in ("Mia", "Sam")
        )
        self._add_rooms(guild)
        self.names = {
            one.id: f"@{one.name}" for one in (self.crew, self.admin, self.mia, self.sam)
        } | {one.id: f"#{one.name}" for one in self.rooms}
        # Whether the platform does is not known; where not, a deletion shows some minutes later.
        self.sandbox.workspace.options.tells_deletions = True
        self.film = state.add_video("Product film")
        self.webinar = state.add_live("The launch")

    def _add_rooms(self, guild: Guild) -> None:
        rooms = self.sandbox.chat.rooms
        self.film_room = rooms.add_channel(guild.id, "film")
        self.webinar_room = rooms.add_channel(guild.id, "webinar")
        self.staff_room = rooms.add_channel(guild.id, "moderators")
        # Where the questions of viewers go, which not everybody is to read.
        rooms.set_overwrites(self.staff_room.id, guild.everyone, deny=["view_channel"])
        for one in (self.sandbox.chat.bot, self.crew):
            rooms.set_overwrites(self.staff_room.id, one, allow=["view_channel"])

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
        """Print what is new in the rooms, and what is gone from them."""
        while (found := self._unseen()) is not None:
            if isinstance(found, int):
                self._print_gone(found)
            else:
                self._print(*found)

    def _unseen(self) -> tuple[Channel, Shown] | int | None:
        """Return a message that is new or was edited, or the ID of one that was deleted."""
        there = set()
        for room in self.rooms:
            for shown in self.sandbox.chat.messages(room.id):
                there.add(shown.id)
                if self._seen.get(shown.id) != _look(shown):
                    return room, shown
        return next(iter(self._seen.keys() - there), None)

    def _print(self, room: Channel, shown: Shown) -> None:
        """Print a message; of one that was edited, what is new in it."""
        mark = " (edited)" if shown.id in self._seen else ""
        now, before = says(shown, self.names), self._said.get(shown.id, ("", []))[1]
        self._seen[shown.id], self._said[shown.id] = _look(shown), (room.name, now)
        news = [one for one in now if one not in before]
        if news:
            self.say(told(room.name, news, mark))
            if offered := offers(shown.components):
                self.say(f"    {offered}")

    def _print_gone(self, message_id: int) -> None:
        del self._seen[message_id]
        self.say(told(*self._said.pop(message_id), " (deleted)"))


def _look(shown: Shown) -> str:
    return repr((shown.content, shown.embeds, shown.components, shown.attachments))
