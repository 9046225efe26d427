"""One press at a time: ours and the loops in turn."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import discord
from discord.http import Route

from sandbox.chat import Channel
from sandbox.workspace import Level, Thing
from tests.fakes.stage import Stage

_WARM_UP = 10
# So that one's aftermath is not the other's time.
_PAUSE_S = 0.05
_PATIENCE_S = 30.0
OURS, BARE, CARE = "ours", "bare", "care"


class Turn:
    """One contestant: the event whose questions it promotes, and the room with its messages."""

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage = stage
        self._button = "tt:act:promote" if name == OURS else name
        self.room: Channel = stage.room(name)
        self.thing: Thing = stage.workspace.state.add_live("The launch")
        self.times_ms: list[float] = []

    async def take(self, client: discord.Client) -> None:
        """Have somebody ask, press Promote, and wait until the message says who did it."""
        chat = self._stage.chat
        asked = await self._stage.workspace.changes.post_comment(
            self.thing.object_id, "Will this be recorded?", kind="question"
        )
        custom_id = f"{self._button}:{asked.comment_id}"
        if self._button != "tt:act:promote":
            await self._post(client, custom_id)
        shown = await chat.wait_for_message(
            self.room.id, lambda one: custom_id in str(one.components), timeout_s=_PATIENCE_S
        )
        await asyncio.sleep(_PAUSE_S)
        began = time.perf_counter()
        pressing = asyncio.create_task(chat.people.click(chat.owner.id, shown.id, custom_id))
        await chat.wait_for(lambda: self._is_edited(shown.id), timeout_s=_PATIENCE_S)
        self.times_ms.append((time.perf_counter() - began) * 1000)
        await pressing
        await asyncio.sleep(_PAUSE_S)

    def _is_edited(self, message_id: int) -> bool:
        return "promoted by" in str(
            self._stage.chat.channel(self.room.id).messages[message_id].embeds
        )

    async def _post(self, client: discord.Client, custom_id: str) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Promote", custom_id=custom_id))
        view.stop()
        embed = discord.Embed(title="The launch", description="Will this be recorded?")
        place = client.get_partial_messageable(self.room.id)
        await place.send(embed=embed.set_author(name="Guest"), view=view)


async def measure(count: int) -> dict[str, list[float]]:
    """Return the milliseconds of each, by its name."""
    with tempfile.TemporaryDirectory(prefix="actions-") as folder:
        async with Stage(Path(folder)) as stage, AsyncExitStack() as stack:
            turns = {name: Turn(stage, name) for name in (OURS, BARE, CARE)}
            bot = stage.bot(level=Level.WRITE, BOT_LOG_LEVEL="INFO", TWENTYTHREE_POLL_SECONDS="15")
            await stack.enter_async_context(bot)
            await stage.until_ready()
            await stage.attach(turns[OURS].room, turns[OURS].thing, actions="on", live="off")
            await stage.until_status(turns[OURS].room, "Realtime")
            await stack.enter_async_context(_loop(stage, BARE))
            await stack.enter_async_context(_loop(stage, CARE, LOOP_CARE="1"))
            client = await stack.enter_async_context(_poster(stage))
            for _ in range(_WARM_UP + count):
                for turn in turns.values():
                    await turn.take(client)
    return {name: turn.times_ms[_WARM_UP:] for name, turn in turns.items()}


@asynccontextmanager
async def _poster(stage: Stage) -> AsyncGenerator[discord.Client]:
    """Yield what posts messages over REST, as the bot."""
    Route.BASE = stage.chat.api_url
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(stage.chat.token)
        yield client


@asynccontextmanager
async def _loop(stage: Stage, name: str, **more: str) -> AsyncGenerator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.actions.loop",
        env={**os.environ, **stage.sandbox.environment(Level.WRITE), **more},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE_S):
            assert await process.stdout.readline(), f"the loop {name} did not start"
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
