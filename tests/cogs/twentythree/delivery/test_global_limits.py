"""A limit of all requests, with the real discord.py against the sandbox's Discord.

discord.py closes a lock of its client while it sleeps one out. Cut off there it never opens it
again, and neither the rooms nor the rest of the host can send anything any more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import DiscordEdge, RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.outcomes import Delivered, RetryLater
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    RoomId,
    Source,
)
from cogs.twentythree.embeds import body_json
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import SEEN_AT, VIDEO, comment_notice
from tests.fakes.stores import open_store

BODY = body_json([comment_notice(1)])
LIMIT: dict[str, Any] = {
    "status": 429,
    "body": {"message": "", "code": 0, "retry_after": 120.0, "global": True},
    "headers": {"X-RateLimit-Global": "true", "Retry-After": "120"},
}


class Host(commands.Bot):
    """Somebody's bot, which waits for nothing that Discord would not see."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True)
        super().__init__("!", intents=intents, guild_ready_timeout=0.01)
        self.is_up = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        pass

    async def on_ready(self) -> None:
        self.is_up.set()


@dataclass
class Scene:
    chat: Chat
    guild: Guild
    room: Channel
    forum: Channel
    host: Host
    store: Store
    edge: DiscordEdge
    rooms: RoomSupervisor

    @property
    def room_id(self) -> RoomId:
        return RoomId(self.room.id)

    async def host_can_send(self) -> None:
        """What is not the plugin's must go on: not in two minutes, at once."""
        async with asyncio.timeout(60):
            await self.host.get_partial_messageable(self.room.id).send("Good evening")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with contextlib.AsyncExitStack() as stack:
        chat = await Chat.start(QUICK)
        stack.push_async_callback(chat.close)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = chat.api_url, yarl.URL(chat.gateway_url)
        guild = chat.guilds.add_guild("Team")
        room = chat.rooms.add_channel(guild.id, "room")
        forum = chat.rooms.add_channel(guild.id, "forum", ChannelType.FORUM)
        host = await stack.enter_async_context(Host())
        running = asyncio.create_task(host.start(chat.token))
        stack.push_async_callback(asyncio.wait, {running})
        stack.push_async_callback(host.close)
        await host.is_up.wait()
        store = await open_store(tmp_path / "rooms.db")
        stack.push_async_callback(store.close)
        # Where a limit were slept out, the time limit would cut the request off in it.
        edge = DiscordEdge(host, RoomOptions(request_timeout_s=1.0))
        rooms = RoomSupervisor(edge, store, Metrics(CollectorRegistry()))
        yield Scene(chat, guild, room, forum, host, store, edge, rooms)
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@contextlib.asynccontextmanager
async def working(scene: Scene) -> AsyncIterator[None]:
    """Have the rooms at work, until they are cut off."""
    task = asyncio.create_task(scene.rooms.run())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            while not scene.edge.gate.is_watching:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def posted(scene: Scene) -> int:
    outcome = await scene.edge.poster.post(scene.room_id, BODY, "first")
    assert isinstance(outcome, Delivered)
    return outcome.message_id


async def post(scene: Scene, _: int) -> object:
    return await scene.edge.poster.post(scene.room_id, BODY, "another")


async def edit(scene: Scene, message_id: int) -> object:
    return await scene.edge.poster.edit(scene.room_id, message_id, BODY)


async def delete(scene: Scene, message_id: int) -> object:
    return await scene.edge.poster.delete(scene.room_id, message_id)


async def find(scene: Scene, _: int) -> object:
    return await scene.edge.poster.find(scene.room_id, BODY, datetime.now(UTC))


@pytest.mark.parametrize("request_", [post, edit, delete, find])
async def test_a_request_of_a_room_ends_at_a_global_limit_and_says_how_long_to_wait(
    scene: Scene, request_: Callable[[Scene, int], Coroutine[Any, Any, object]]
) -> None:
    async with working(scene):
        message_id = await posted(scene)
        scene.chat.fault(path=rf"/channels/{scene.room.id}/.*", **LIMIT)

        outcome = await request_(scene, message_id)

        assert isinstance(outcome, RetryLater)
        assert outcome.after_s > 100
    await scene.host_can_send()


async def test_telling_somebody_in_private_ends_at_a_global_limit(scene: Scene) -> None:
    attachment = Attachment(
        attachment_id=1,
        guild_id=GuildId(scene.guild.id),
        room_id=scene.room_id,
        object=VIDEO,
        rules=AttachmentRules(),
        attached_by=scene.chat.owner.id,
        attached_at=SEEN_AT,
    )
    async with working(scene):
        scene.chat.fault("POST", r"/users/@me/channels", **LIMIT)

        await scene.edge.teller.tell(scene.room_id, "No.", [attachment])

    await scene.host_can_send()


async def test_opening_a_post_in_a_forum_ends_at_a_global_limit(scene: Scene) -> None:
    async with working(scene):
        scene.chat.fault("POST", rf"/channels/{scene.forum.id}/threads", **LIMIT)
        async with asyncio.timeout(60):
            said = await scene.rooms.open_post(RoomId(scene.forum.id), VIDEO)

    assert said == "Discord opens no post in the forum: rate limited"

    await scene.host_can_send()


async def test_rooms_that_are_stopped_in_a_global_limit_stop_and_leave_the_host_its_client(
    scene: Scene,
) -> None:
    await say(scene, 1)
    fault = scene.chat.fault("POST", r"/channels/\d+/messages", **LIMIT)
    async with working(scene):
        await fault.reached.wait()
        async with asyncio.timeout(60):
            await scene.rooms.drain(0.1)

    await scene.host_can_send()


async def test_after_a_global_limit_what_waited_is_posted_once(scene: Scene) -> None:
    await say(scene, 1, 2)
    body = {**LIMIT["body"], "retry_after": 1.0}
    short = {**LIMIT, "body": body, "headers": {**LIMIT["headers"], "Retry-After": "1"}}
    fault = scene.chat.fault("POST", r"/channels/\d+/messages", times=2, **short)
    async with working(scene):
        await scene.chat.wait_for(lambda: len(scene.chat.messages(scene.room.id)) > 0)

    assert fault.hits == 2
    assert len(scene.chat.messages(scene.room.id)) == 1


async def test_a_host_that_goes_on_after_the_plugin_was_unloaded_can_send(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_SITE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'rooms.db'}")
    await say(scene, 1)
    fault = scene.chat.fault("POST", r"/channels/\d+/messages", **LIMIT)
    await scene.host.load_extension("cogs.twentythree")
    await fault.reached.wait()
    await scene.host.unload_extension("cogs.twentythree")

    await scene.host_can_send()


async def say(scene: Scene, *numbers: int) -> None:
    new = NewAttachment(
        guild_id=GuildId(scene.guild.id),
        room_id=scene.room_id,
        object=VIDEO,
        rules=AttachmentRules(comments=CommentPolicy.ALL),
        attached_by=scene.chat.owner.id,
    )
    now = datetime.now(UTC)
    await scene.store.attachments.attach(new, Baseline(), now=now)
    comments = [comment_notice(number).comment for number in numbers]
    await scene.store.memory.ingest(VIDEO.object_id, comments, source=Source.REALTIME, now=now)
