"""A sandbox in the test's process and a bot in one of its own, for what goes wrong between them."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any, Self

from sandbox import Sandbox
from sandbox.chat import Channel, ChatOptions, Reply
from sandbox.workspace import Level, Thing
from tests.fakes.bot_process import BotProcess
from tests.fakes.discord_rest_client import PATIENT_S

_COMMENT = re.compile(r"#comment-(\d+)$")
# Where many share an embed, each has a line with a link to it.
_LINE = re.compile(r"\[»\]\([^()\s]*#comment-(\d+)\)")
_PATIENCE_S = 90.0
# With realtime away a poll is due at once; what is read is what Discord and the workspace say.
_POLL_S = "0.2"
_TABLES = ("objects", "attachments", "comments", "batches", "notices")


class Stage:
    """``async with Stage(folder) as stage``: a server in a Discord, and a workspace.

    ``shards``: over how many connections a bot is told to spread its servers.
    """

    def __init__(self, folder: Path, *, shards: int = 1) -> None:
        self.folder = folder
        # A fixed port, so that this Discord can go and come back.
        self.sandbox = Sandbox(chat=ChatOptions(port=free_port(), shards=shards))
        self._texts: list[str] = []
        self._said: dict[int, list[int]] = {}

    async def __aenter__(self) -> Self:
        await self.sandbox.__aenter__()
        self.chat = self.sandbox.chat
        self.workspace = self.sandbox.workspace
        # Discord's usual limits would make the tests take their time, and show nothing here.
        self.chat.rules.is_rate_limited = False
        self.chat.rules.interaction_deadline_s = PATIENT_S
        self.guild = self.chat.guilds.add_guild("Team")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.__aexit__()

    # The bot.

    def bot(self, *arguments: str, level: Level | None = Level.READ, **more: str) -> BotProcess:
        """Return a bot that is to be started, with the database of the stage."""
        variables = {"TWENTYTHREE_POLL_SECONDS": _POLL_S, **more}
        environment = self.sandbox.environment(level)
        if level is not None:
            variables["TWENTYTHREE_BEARER_TOKEN"] = environment.pop("TWENTYTHREE_BEARER_TOKEN")
        bot = BotProcess(environment | variables, self.folder, *arguments)
        bot.hidden = self._texts
        return bot

    @asynccontextmanager
    async def running(self, level: Level | None = Level.READ) -> AsyncGenerator[BotProcess]:
        """Run a bot that can be given commands; it must end well when it is told to."""
        async with self.bot(level=level) as bot:
            await self.until_ready()
            yield bot
            assert await bot.terminate() == 0, bot.log

    async def until_ready(self) -> None:
        """Wait until the bot is connected and its commands are there."""
        await self.chat.wait_for(lambda: self.chat.commands(self.guild.id), timeout_s=_PATIENCE_S)
        await self.chat.wait_until_ready(timeout_s=_PATIENCE_S)

    async def discord_goes(self) -> None:
        """Take Discord away: connections are cut, new ones refused."""
        await self.chat.close()

    async def discord_returns(self) -> None:
        """Let Discord be reached again, with all it held."""
        await self.chat.listen()

    # What people do and see.

    def room(self, name: str = "room") -> Channel:
        """Add a room."""
        return self.chat.rooms.add_channel(self.guild.id, name)

    async def command(self, place: Channel, name: str, /, **options: str | int) -> str:
        """Give a command and return what the person sees."""
        reply = await self.chat.people.slash(
            place.id, self.chat.owner.id, f"video {name}", options, timeout_s=_PATIENCE_S
        )
        assert reply.ephemeral
        return reply.content if "anyway" not in str(reply.components) else await self._agree(reply)

    async def _agree(self, question: Reply) -> str:
        """Go on where the bot asks first."""
        assert question.message_id is not None
        button = question.components[0]["components"][0]["custom_id"]
        await self.chat.people.click(self.chat.owner.id, question.message_id, button)
        shown = partial(self.chat.people.reply, question.interaction_id)
        await self.chat.wait_for(lambda: not shown().components, timeout_s=_PATIENCE_S)
        return shown().content

    async def attach(self, place: Channel, thing: Thing, /, **options: str | int) -> str:
        """Attach, with all comments unless told otherwise."""
        given = {"comments": "all", "id": str(thing.object_id), **options}
        return await self.command(place, "attach", **given)

    async def attached(self, title: str = "Film") -> tuple[Channel, Thing]:
        """Return a room and a video that is attached to it."""
        room, video = self.room(), self.workspace.state.add_video(title)
        assert title in await self.attach(room, video)
        return room, video

    async def until_status(self, room: Channel, words: str) -> str:
        """Ask for the status until it has these words."""
        async with asyncio.timeout(_PATIENCE_S):
            while words not in (said := await self.command(room, "status")):
                pass
        return said

    async def say(self, thing: Thing) -> int:
        """Have a viewer write; return the comment's ID."""
        text = f"Whispered number {len(self._texts)}"
        self._texts.append(text)
        comment = await self.workspace.changes.post_comment(thing.object_id, text)
        self._said.setdefault(thing.object_id, []).append(comment.comment_id)
        return comment.comment_id

    def held(self, room: Channel) -> Counter[int]:
        """Return the comments that a room shows, and how often."""
        held: Counter[int] = Counter()
        for embed in (embed for one in self.chat.messages(room.id) for embed in one.embeds):
            held.update(map(int, _COMMENT.findall(embed.get("url", ""))))
            held.update(map(int, _LINE.findall(embed.get("description", ""))))
        return held

    async def until_all_shown(self, room: Channel, thing: Thing) -> None:
        """Wait until the room shows all that was said; each must be there once."""
        said = Counter(self._said[thing.object_id])
        await self.chat.wait_for(lambda: said <= self.held(room), timeout_s=_PATIENCE_S)
        assert self.held(room) == said

    # What the bot keeps.

    def stored(self) -> Counter[str]:
        """Return how many rows the tables hold that know of attachments."""
        return Counter({table: len(self._rows(table)) for table in _TABLES})

    def _rows(self, table: str) -> list[Any]:
        query = f"SELECT 1 FROM twentythree_{table}"  # noqa: S608 - names of ours
        if BotProcess.postgres is not None:
            return BotProcess.postgres.rows(self.folder, query)
        with closing(sqlite3.connect(self.folder / "bot.db")) as connection:
            return connection.execute(query).fetchall()


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
