"""What ``/video attach`` asks the workspace before it answers, counted by the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.settings import Settings
from sandbox import Sandbox
from sandbox.chat import Reply
from sandbox.workspace import Level, WorkspaceFault


class Host(commands.Bot):
    """A host whose commands work, and nothing behind them: each call is a command's own."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)
        self._settings = settings
        self.is_there = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.add_cog(TwentyThree(self, self._settings, only_commands=True))
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.is_there.set()


class Room:
    """A room of a Discord, in which somebody attaches what is in the workspace."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.chat = sandbox.chat
        self.workspace = sandbox.workspace
        self.guild = self.chat.guilds.add_guild("Town")
        self._room = self.chat.rooms.add_channel(self.guild.id, "general")

    async def attach(self, typed: str) -> Reply:
        return await self.chat.people.slash(
            self._room.id, self.chat.owner.id, "video attach", {"id": typed}
        )

    def hold(self, *methods: str) -> list[WorkspaceFault]:
        """Let the next call of each method wait."""
        faults = [WorkspaceFault(method=method, hangs=True) for method in methods]
        return [self.workspace.add_fault(fault) for fault in faults]


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Room]:
    """Return a room where one video is attached, so that the level of the credentials is known."""
    async with Sandbox() as sandbox:
        made = Room(sandbox)
        monkeypatch.setattr(Route, "BASE", made.chat.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(made.chat.gateway_url))
        settings = Settings(
            site_url=made.workspace.url,
            bearer_token=SecretStr(made.workspace.account(Level.READ).bearer),
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'commands.db'}",
            servers=frozenset({made.guild.id}),
        )
        async with Host(settings) as host:
            running = asyncio.create_task(host.start(made.chat.token))
            await host.is_there.wait()
            video = made.workspace.state.add_video("First")
            assert (await made.attach(str(video.object_id))).content.startswith("Attached")
            made.workspace.calls.clear()
            yield made
            await host.close()
            await running


FIRST_ROUND = ("photo/list", "live/list")
SECOND_ROUND = ("comment/list", "live/webinar/info")


@pytest.mark.parametrize("spelling", ["{id}", "{url}/live/{id}", "show"])
async def test_an_event_takes_four_calls(room: Room, spelling: str) -> None:
    event = room.workspace.state.add_live("Show")
    typed = spelling.format(id=event.object_id, url=room.workspace.url)

    reply = await room.attach(typed)

    assert reply.content.startswith("Attached [Show]")
    assert room.workspace.calls == dict.fromkeys(FIRST_ROUND + SECOND_ROUND, 1)


async def test_a_video_takes_three_calls(room: Room) -> None:
    video = room.workspace.state.add_video("Film")

    reply = await room.attach(str(video.object_id))

    assert reply.content.startswith("Attached [Film]")
    assert room.workspace.calls == {"photo/list": 1, "live/list": 1, "comment/list": 1}


async def test_the_reply_waits_for_the_workspace_twice(room: Room) -> None:
    event = room.workspace.state.add_live("Show")
    first, second = room.hold(*FIRST_ROUND), room.hold(*SECOND_ROUND)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        attaching = tasks.create_task(room.attach(str(event.object_id)))
        for held in (first, second):
            await asyncio.gather(*(call.reached.wait() for call in held))
            for call in held:
                call.release()

    assert attaching.result().content.startswith("Attached [Show]")


async def test_what_was_asked_about_first_is_looked_at_again(room: Room) -> None:
    """Between a question and its answer the object may have become something else."""
    event = room.workspace.state.add_live("Show", is_private=True)
    question = await room.attach(str(event.object_id))
    assert question.message_id is not None
    assert room.workspace.calls == dict.fromkeys(FIRST_ROUND, 1)
    (yes, *_) = [one["custom_id"] for row in question.components for one in row["components"]]

    await room.chat.people.click(room.chat.owner.id, question.message_id, yes)
    await room.chat.wait_for(lambda: not room.chat.people.reply(question.interaction_id).components)

    assert room.chat.people.reply(question.interaction_id).content.startswith("Attached [Show]")
    assert room.workspace.calls == {
        **dict.fromkeys(FIRST_ROUND, 2),
        **dict.fromkeys(SECOND_ROUND, 1),
    }
