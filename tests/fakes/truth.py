"""The whole plugin between a workspace and a Discord that a test plays: bridge, store and rooms."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from prometheus_client import CollectorRegistry

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.delivery import DiscordEdge, RoomOptions, RoomSupervisor
from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.model import (
    Comment,
    CommentPolicy,
    GuildId,
    ObjectId,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.intake import Bridge, BridgeOptions, WantedAttachment
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.realtime import Connected, Disconnected, Gap, MessageReceived, RealtimeClient
from cogs.twentythree.storage import Store
from tests.fakes.intake import ClockSet, RoomsWoken, ports
from tests.fakes.poster import FakePoster, NoClient
from tests.fakes.realtime import FakeRealtime
from tests.fakes.rooms import Told
from tests.fakes.said import said, small_print
from tests.fakes.workspace import FakeWorkspace

URL = "https://rt.example.com/faye"
_BEGAN = datetime(2030, 1, 2, tzinfo=UTC)
_CARD = re.compile(r"#comment-(\d+)$")
_LINE = re.compile(
    r"^(?:([❓⭐✅]) )?(~~)?(?:\*\*.*?\*\*: )?(.*?)(?:~~)?[ \u00a0]\[»\]\([^()\s]*#comment-(\d+)\)",
    re.MULTILINE,
)
# What staff did, the most telling first; and how a line shows it.
_DONE = {"dismissed": "~~", "answered": "✅", "promoted": "⭐"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a room shows of one comment."""

    comment_id: int
    text: str
    marks: frozenset[str]


def root_of(object_id: ObjectId) -> str:
    return f"/{object_id:040x}"


class _StirringPoster(FakePoster):
    """Tells of each thing that is done to a message."""

    def __init__(self, stir: Callable[[], None]) -> None:
        super().__init__()
        self._stir = stir

    async def _tell(self) -> None:
        self._stir()
        await super()._tell()


class _StirringRooms(RoomsWoken):
    """Tells of each time that the rooms are woken."""

    def __init__(self, rooms: RoomSupervisor, stir: Callable[[], None]) -> None:
        super().__init__(rooms.draft)
        self._rooms = rooms
        self._stir = stir

    def wake(
        self,
        rooms: Iterable[RoomId],
        started: Iterable[Batch] = (),
        edits: Collection[RoomId] = (),
    ) -> None:
        self._rooms.wake(rooms, started, edits)
        self._stir()


class Plugin:
    """The plugin on a folder of its own. ``ahead`` is how far its clocks are ahead of the first
    moment."""

    def __init__(self, database: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "store.db"
        shutil.copyfile(database, self._path)
        self.workspace = FakeWorkspace()
        self.workspace.page_size = 5
        self.workspace.heard = self._stir
        self.poster = _StirringPoster(self._stir)
        self.ahead = timedelta()
        self._looks = 0
        self.is_up = True
        self.client: FakeRealtime | None = None
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self.store = await Store.open(f"sqlite+aiosqlite:///{self._path}")
        client: Any = NoClient()
        options = RoomOptions(
            retry_first_s=0.001,
            retry_longest_s=0.001,
            edit_interval_s=0,
            old_edit_interval_s=0,
        )
        edge = DiscordEdge(client, options)
        edge.poster, edge.teller = self.poster, Told()
        self.rooms = RoomSupervisor(
            edge,
            self.store,
            Metrics(CollectorRegistry()),
            now=self.now,
            clock=self._seconds,
            chance=lambda: 1.0,
        )
        joined = ports(
            self.store,
            self.workspace,
            realtime=self._make,
            rooms=_StirringRooms(self.rooms, self._stir),
            clock=ClockSet(self.now),
        )
        self.bridge = Bridge(
            joined,
            BridgeOptions(poll_s=0.02, hold_s=30, spacing_s=0.001, confirm_s=0.005, again_s=0.01),
        )
        self._tasks = [
            asyncio.create_task(self.rooms.run()),
            asyncio.create_task(self.bridge.run()),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                await task
        await self.store.close()

    def remove(self) -> None:
        self._folder.cleanup()

    def now(self) -> datetime:
        # No moment is the same as another one.
        self._looks += 1
        return _BEGAN + self.ahead + timedelta(microseconds=self._looks)

    async def attach(self, object_id: ObjectId, room_id: RoomId, policy: CommentPolicy) -> None:
        await self.bridge.attach(
            WantedAttachment(
                object_id=object_id,
                guild_id=GuildId(1),
                room_id=room_id,
                attached_by=1,
                rules=RulesAsked(comments=policy),
            )
        )

    def add(self, object_id: ObjectId, kind: ObjectKind) -> None:
        self.workspace.add(object_id, kind)
        root = root_of(object_id)
        self.workspace.addresses[object_id] = RealtimeAddress(
            url=URL, comments_root=root, events=f"{root}/events"
        )

    # Realtime.

    def connect(self) -> None:
        self.is_up = True
        if self.client is not None:
            self.client.tell(Connected(resumed=False), Gap(since=0.0, until=0.0))

    def lose(self) -> None:
        self.is_up = False
        if self.client is not None and self.client.connected:
            self.client.connected = False
            self.client.tell(Disconnected(reason="closed"))

    def deliver(self, channel: str, data: object) -> None:
        """Give a message to the plugin, if it listens and the connection is there."""
        if self.client is not None and self.client.connected and channel in self.client.channels:
            self.client.tell(MessageReceived(channel, data))

    # What is there to see.

    async def until(self, is_so: Callable[[], bool], *, asking: Callable[[], None]) -> None:
        """Wait for it; the workspace is read again and again meanwhile, as by the timer."""
        async with asyncio.timeout(60):
            while True:
                asking()
                try:
                    async with asyncio.timeout(0.1):
                        while not is_so():
                            self._news.clear()
                            await self._news.wait()
                        return
                except TimeoutError:
                    continue

    def shown(self, room_id: RoomId) -> list[Seen]:
        """Return the comments that a room shows, in its order; those without a text, too."""
        return [
            told
            for message in self.poster.messages
            if message.room_id == room_id
            for embed in message.embeds
            for told in _told(embed)
        ]

    def cards(self, room_id: RoomId) -> list[str]:
        """Return the texts of the live cards in a room."""
        return [
            embed["description"]
            for message in self.poster.messages
            if message.room_id == room_id
            for embed in message.embeds
            if "#live-" in embed.get("url", "")
        ]

    def _make(self, url: str) -> RealtimeClient:
        self.client = FakeRealtime(url)
        if self.is_up:
            self.client.tell(Connected(resumed=False))
        return cast("RealtimeClient", self.client)

    def _seconds(self) -> float:
        return self.ahead.total_seconds()

    def _stir(self) -> None:
        self._news.set()


def _told(embed: dict[str, Any]) -> list[Seen]:
    if found := _CARD.search(embed.get("url", "")):
        marks = frozenset(small_print(embed).split(" · ")[1:])
        return [Seen(int(found[1]), said(embed), _most(marks))]
    return [
        Seen(int(number), text, frozenset(one for one in _DONE if _DONE[one] in (mark, struck)))
        for mark, struck, text, number in _LINE.findall(embed.get("description", ""))
    ]


def _most(marks: frozenset[str]) -> frozenset[str]:
    """Return what of it a line tells as well: one mark."""
    return next((frozenset({one}) for one in _DONE if one in marks), frozenset())


def expected(comment: Comment) -> Seen:
    """Return how a room shows a comment."""
    marks = {"promoted"} if comment.is_promoted else set()
    return Seen(comment.comment_id, comment.text, _most(frozenset(marks | {comment.status})))


def payload(comment: Comment) -> dict[str, object]:
    """Return a comment as realtime tells of it."""
    return {
        "comment_id": comment.comment_id,
        "object_id": comment.object_id,
        "comment_type": comment.kind.value,
        "comment_status": comment.status.value,
        "promoted_p": comment.is_promoted,
        "name": comment.author,
        "content_text": comment.text,
    }
