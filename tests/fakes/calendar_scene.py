"""A calendar with the real discord.py on the Discord of the sandbox, by a clock that is set."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cogs.twentythree.delivery import Covers, DiscordEdge, RoomOptions
from cogs.twentythree.delivery.scheduling import Scheduling
from cogs.twentythree.delivery.server_calendar import CalendarTools, ServerCalendar
from cogs.twentythree.domain.following import Follow
from cogs.twentythree.domain.model import (
    AttachmentRules,
    GuildId,
    LiveObservation,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.storage import Baseline, CalendarWork, NewAttachment, NewFollow, Store
from sandbox.chat import Chat, Guild, Scheduled
from tests.fakes.calendars import HOUR, NOW, START
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import WEBINAR
from tests.fakes.rooms import QUICK as QUICK_ROOMS
from tests.fakes.stores import open_store

PIXEL = "data:image/png;base64,iVBORw0KGgo="
_MOST_PASSES = 5
ROOM, OTHER_ROOM = RoomId(501), RoomId(502)
QUICK_CALENDAR = replace(
    QUICK_ROOMS, calendar_look_s=0.0, calendar_spacing_s=0.0, retry_first_s=1.0, retry_longest_s=1.0
)


class FakeCovers(Covers):
    """Has a picture of each address."""

    def __init__(self) -> None:  # super() would want a session
        self.asked: list[str] = []

    async def cover(self, url: str | None) -> str | None:
        self.asked += [] if url is None else [url]
        return None if url is None else PIXEL


@dataclass
class SetClock:
    """The time of the program and of Discord."""

    now: datetime = NOW

    def monotonic(self) -> float:
        """Return the seconds since 1970."""
        return self.now.timestamp()


@dataclass
class CalendarScene:
    """``follow`` something, change it, and have the calendar ``keep`` up."""

    chat: Chat
    guild: Guild
    store: Store
    edge: DiscordEdge
    client: Client
    clock: SetClock
    options: RoomOptions = QUICK_CALENDAR
    covers: FakeCovers = field(default_factory=FakeCovers)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def now(self) -> datetime:
        return self.clock.now

    @property
    def guild_id(self) -> GuildId:
        return GuildId(self.guild.id)

    def restart(self) -> None:
        """Forget all that is not stored."""
        self.calendar = ServerCalendar(self.guild_id, self.tools)

    @property
    def tools(self) -> CalendarTools:
        return CalendarTools(
            scheduling=Scheduling(self.client, self.edge.gate, request_timeout_s=60.0),
            store=self.store,
            teller=self.edge.teller,
            covers=self.covers,
            options=self.options,
            now=lambda: self.now,
            clock=self.clock.monotonic,
        )

    async def work(self) -> CalendarWork:
        found = await self.store.calendars.work(self.guild_id)
        return found.get(self.guild_id, CalendarWork())

    async def keep(self) -> None:
        """Do all that there is to do now."""
        for _ in range(_MOST_PASSES):
            if not self.calendar.is_due(await self.work()):
                return
            await self.calendar.serve()
        raise AssertionError("it comes to no end")

    def pass_time(self, by: timedelta) -> None:
        self.clock.now += by

    # What the platform has, and people do.

    async def follow(self, room: RoomId = ROOM, *, has_calendar: bool = True) -> Follow:
        new = NewFollow(
            guild_id=self.guild_id,
            room_id=room,
            is_forum=False,
            kind=ObjectKind.LIVE,
            category=None,
            rules=AttachmentRules(),
            followed_by=self.chat.owner.id,
            has_calendar=has_calendar,
        )
        return (await self.store.follows.follow(new, self.now)).follow

    async def find(
        self, follow: Follow, number: int = 0, *, start: datetime = START, **values: Any
    ) -> ObjectInfo:
        """Have a follow find a planned event."""
        object_id = ObjectId(WEBINAR.object_id + number)
        info = replace(WEBINAR, object_id=object_id, title=f"Show {number}", **values)
        new = NewAttachment(
            guild_id=self.guild_id,
            room_id=follow.room_id,
            object=info,
            rules=follow.rules,
            attached_by=1,
        )
        seen = LiveObservation(object_id=object_id, is_broadcasting=False, scheduled_at=start)
        await self.store.follows.attach(
            follow.follow_id, new, Baseline(live=seen), mentions=False, now=self.now
        )
        return info

    async def planned(self) -> ObjectInfo:
        """Have a planned event that is in the calendar."""
        info = await self.find(await self.follow())
        await self.keep()
        return info

    async def see(self, *, number: int = 0, on: bool = False, **values: Any) -> None:
        """Look at an event on the platform."""
        object_id = ObjectId(WEBINAR.object_id + number)
        seen = LiveObservation(object_id=object_id, is_broadcasting=on, **values)
        await self.store.broadcasts.ingest(seen, now=self.now)

    async def see_cancelled(self) -> None:
        """See twice, a minute apart, that an event is called off."""
        await self.see(is_cancelled=True)
        self.pass_time(timedelta(minutes=1))
        await self.see(is_cancelled=True)

    # What is in Discord.

    def shown(self) -> list[Scheduled]:
        return self.chat.calendar.of(self.guild.id)

    def ever(self) -> list[Scheduled]:
        return self.chat.calendar.all(self.guild.id)

    def requests(self, method: str) -> list[dict[str, Any]]:
        """Return the bodies of requests about scheduled events, the oldest first."""
        return [
            one.request
            for one in self.chat.posts
            if one.method == method and "scheduled-events" in one.path
        ]

    def told(self) -> list[str]:
        return [one.content for one in self.chat.dms(self.chat.owner.id)]

    def fill(self, count: int) -> list[Scheduled]:
        """Have people plan so many."""
        start = (self.now + HOUR).timestamp()
        return [
            self.chat.calendar.add(self.guild.id, f"Theirs {n}", start=start, end=start + 3_600)
            for n in range(count)
        ]


@asynccontextmanager
async def a_calendar(folder: Path, *, is_watched: bool = True) -> AsyncGenerator[CalendarScene]:
    """Start a Discord with a server, and the real library on it.

    ``is_watched``: the gate sees what the library sends; else somebody else has it do so.
    """
    clock = SetClock()
    chat = await Chat.start(replace(QUICK, now=clock.monotonic))
    guild = chat.guilds.add_guild("Town")
    store = await open_store(folder / "calendar.db")
    try:
        async with online(chat) as client:
            edge = DiscordEdge(client, QUICK_CALENDAR)
            with edge.gate.watching() if is_watched else nullcontext():
                yield CalendarScene(chat, guild, store, edge, client, clock)
    finally:
        await store.close()
        await chat.close()
    judge(chat.posts)
