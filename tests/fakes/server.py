"""A Discord server with the real cog in it, on a stand-in for Discord and with a fake bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from prometheus_client import CollectorRegistry

from cogs.twentythree import cog as cog_module
from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.delivery import DiscordEdge, RoomOptions, RoomSupervisor
from cogs.twentythree.domain.barring import Pause
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.following import Category, Follow
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.intake import Mode, WantedAttachment
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.realtime import Connected
from cogs.twentythree.settings import Settings
from cogs.twentythree.storage import NewFollow, Store
from sandbox.chat import Channel, Chat, Guild, Reply, User
from tests.fakes.bridge import NOW, StagedBridge, an_object
from tests.fakes.bridge_house import PROMOTED, SERVED
from tests.fakes.discord_rest_client import PATIENT_S, QUICK
from tests.fakes.services import FakeWiring, a_wiring
from tests.fakes.staged_acting import FakeActing
from tests.fakes.workspace import FakeWorkspace

SITE = "https://video.example.com"
VIDEO = an_object(1, title="A *talk*", url=f"{SITE}/talk")
LIVE = ObjectInfo(object_id=an_object(2).object_id, kind=ObjectKind.LIVE, title="Show", url=SITE)


@cache
def _settings() -> Settings:
    return Settings(site_url=SITE)


class Host(commands.Bot):
    """A host that registers its commands when it starts, in English only.

    Discord.py asks for each text in each language of Discord, which takes as long as most tests.
    """

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)

    async def setup_hook(self) -> None:
        await self.add_cog(TwentyThree(self, _settings()))
        translator = self.tree.translator
        await self.tree.set_translator(None)
        await self.tree.sync()
        await self.tree.set_translator(translator)


@dataclass(slots=True, kw_only=True)
class Server:
    """One guild with a room and somebody who may manage it."""

    chat: Chat
    host: Host
    wiring: FakeWiring
    guild: Guild
    room: Channel
    manager: User

    @property
    def bridge(self) -> StagedBridge:
        return self.wiring.bridge

    @property
    def workspace(self) -> FakeWorkspace:
        return self.wiring.house.workspace

    @property
    def acting(self) -> FakeActing:
        return self.wiring.acting

    @property
    def store(self) -> Store:
        return self.wiring.house.store

    async def slash(
        self, command: str, *, by: User | None = None, at: Channel | None = None, **options: Any
    ) -> str:
        """Give a command, `id_` for the option `id`; return the text of the ephemeral answer."""
        reply = await self.reply(command, by=by, at=at, **options)
        assert reply.ephemeral
        return reply.content

    async def reply(
        self, command: str, *, by: User | None = None, at: Channel | None = None, **options: Any
    ) -> Reply:
        given = {name.rstrip("_"): value for name, value in options.items()}
        where, who = at or self.room, by or self.manager
        return await self.chat.people.slash(where.id, who.id, f"video {command}", given)

    async def agreed(self, command: str, **options: Any) -> str:
        """Give a command that asks first, and go on; return the text of the answer in the end."""
        question = await self.reply(command, **options)
        return (await self.press(question, "anyway", by=options.get("by"))).content

    async def press(self, shown: Reply, label: str, *, by: User | None = None) -> Reply:
        """Press the button with this word in its label; return what the answer is then."""
        assert shown.message_id is not None
        found = [
            b["custom_id"]
            for row in shown.components
            for b in row["components"]
            if label in b["label"]
        ]
        await self.chat.people.click((by or self.manager).id, shown.message_id, found[0])
        await self.chat.wait_for(
            lambda: not self.chat.people.reply(shown.interaction_id).components
        )
        return self.chat.people.reply(shown.interaction_id)

    async def suggestions(
        self,
        command: str,
        typed: str,
        *,
        by: User | None = None,
        focused: str = "id",
        **options: Any,
    ) -> list[tuple[str, str]]:
        given = {**options, focused: typed}
        who = by or self.manager
        found = await self.chat.people.autocomplete(
            self.room.id, who.id, f"video {command}", given, focused=focused
        )
        return [(choice["name"], choice["value"]) for choice in found]

    async def hold(
        self,
        info: ObjectInfo = VIDEO,
        at: Channel | None = None,
        *,
        pause: Pause | None = None,
        **values: Any,
    ) -> Attachment:
        """Attach an object in this server, as somebody did before."""
        self.workspace.objects.setdefault(info.object_id, info)
        wanted: dict[str, Any] = {
            "object_id": info.object_id,
            "guild_id": self.guild.id,
            "room_id": (at or self.room).id,
            "attached_by": 5,
        }
        attached = await self.wiring.house.bridge.attach(WantedAttachment(**(wanted | values)))
        if pause is not None:
            room_id = attached.attachment.room_id
            await self.store.attachments.pause(room_id, pause.reason, pause.since)
        return attached.attachment

    async def served(self) -> None:
        """Attach the video while realtime serves it, and wait until it does."""
        self.workspace.addresses[VIDEO.object_id] = SERVED
        await self.hold()
        client = await self.wiring.house.client()
        client.tell(Connected(resumed=False))
        async with asyncio.timeout(60):
            while await self.bridge.mode() is not Mode.REALTIME:
                await client.until_subscribed(PROMOTED)

    async def held(self) -> list[Attachment]:
        """Return all that is attached."""
        return list(await self.store.attachments.find())

    async def post(self) -> None:
        """Have what waits in the room go out, as one message."""
        outbox = self.store.outbox
        waiting = (await outbox.work(RoomId(self.room.id))).pending
        draft = Draft(nonce="n", body="{}")
        batch = await outbox.start_batch(RoomId(self.room.id), waiting, draft=draft, now=NOW)
        assert batch is not None
        await outbox.settle(batch.batch_id, message_id=1, shown="digest", now=NOW)

    async def follow(
        self,
        at: Channel | None = None,
        *,
        kind: ObjectKind = ObjectKind.LIVE,
        category: Category | None = None,
        **values: Any,
    ) -> Follow:
        """Follow something in this server, as somebody did before."""
        wanted: dict[str, Any] = {
            "guild_id": self.guild.id,
            "room_id": (at or self.room).id,
            "is_forum": False,
            "rules": AttachmentRules(),
            "followed_by": 5,
        }
        new = NewFollow(kind=kind, category=category, **(wanted | values))
        return (await self.store.follows.follow(new, NOW)).follow

    async def followed(self) -> list[Follow]:
        """Return all that is followed."""
        return list(await self.store.follows.find())

    async def until_looked(self, *follows: Follow) -> None:
        """Wait until each of these was looked after, whatever came of it."""
        async with asyncio.timeout(60):
            for one in follows:
                while not await self._is_looked_after(one):
                    # Nobody looks before the bridge runs.
                    await self.bridge.following.first_look(one.follow_id, within_s=60)

    async def _is_looked_after(self, follow: Follow) -> bool:
        (now,) = [one for one in await self.followed() if one.follow_id == follow.follow_id]
        return now.looked_at is not None or now.error is not None

    def member(self, name: str, *granted: str) -> User:
        """Add somebody with a role of their own."""
        role = self.chat.guilds.add_role(self.guild.id, name, granted)
        return self.chat.guilds.add_member(self.guild.id, name, roles=[role])


@asynccontextmanager
async def a_server(patch: pytest.MonkeyPatch, folder: Path) -> AsyncGenerator[Server]:
    """Start everything, and stop it without leaving a task."""
    async with a_wiring(folder) as wiring, AsyncExitStack() as stack:
        chat = await Chat.start(QUICK)
        stack.push_async_callback(chat.close)
        chat.rules.interaction_deadline_s = PATIENT_S
        wiring.house.workspace.objects |= {info.object_id: info for info in (VIDEO, LIVE)}
        patch.setattr(cog_module, "wiring", wiring)
        patch.setattr(Route, "BASE", chat.api_url)
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(chat.gateway_url))
        guild = chat.guilds.add_guild("Town")
        host = Host()
        edge = DiscordEdge(host, RoomOptions())
        forums = RoomSupervisor(edge, wiring.house.store, Metrics(CollectorRegistry()))
        wiring.house.rooms.forums = forums
        server = Server(
            chat=chat,
            host=host,
            wiring=wiring,
            guild=guild,
            room=chat.rooms.add_channel(guild.id, "general"),
            manager=chat.owner,
        )
        server.manager = server.member("manager", "manage_guild")
        async with host:
            running = asyncio.create_task(host.start(chat.token))
            try:
                async with asyncio.timeout(30):
                    await wiring.rooms.is_running.wait()
                    await _until_bridge_runs()
                with edge.gate.watching():
                    yield server
            finally:
                await host.close()
                await running


async def _until_bridge_runs() -> None:
    """Wait until each part of the bridge has begun: this is the last of them."""
    while not any(one.get_name() == "pruning" for one in asyncio.all_tasks()):  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0)
