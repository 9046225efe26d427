"""A stage of real processes: Faye from npm, the sandbox's workspace and Discord, and the bot."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.bot_process import BotProcess
from tests.fakes.faye import FayeServer
from tests.fakes.sandbox_process import SandboxProcess

# The address of an embed, or the link of a line in one.
_COMMENT = re.compile(r"#comment-(\d+)$|\[»\]\([^()\s]*#comment-(\d+)\)")


class Stage:
    """A server with one room, and a workspace with one video and one webinar."""

    def __init__(self, sandbox: SandboxProcess, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.room = self.servers = ""
        self.video = 0
        self.webinar = 0
        self.posted: list[int] = []

    async def build(self) -> None:
        guild = await self.sandbox.do("chat", "add_guild", name="Team")
        self.servers = str(guild["id"])
        channel = await self.sandbox.do(
            "chat", "add_channel", guild_id=guild["id"], name="comments"
        )
        self.room = channel["id"]
        # Discord's usual limit would make the test take its time, and shows nothing here.
        await self.sandbox.do("chat", "rules", is_rate_limited=False)
        self.video = (await self.sandbox.do("workspace", "add_video", title="Film"))["object_id"]
        self.webinar = (await self.sandbox.do("workspace", "add_live", title="Webinar"))[
            "object_id"
        ]

    def bot(self, *, is_cold: bool = False, **variables: str) -> BotProcess:
        variables = {"TWENTYTHREE_SERVERS": self.servers, **variables}
        bot = BotProcess(self.sandbox.environment, self.folder, **variables)
        bot.is_cold = is_cold
        return bot

    async def command(self, name: str, **options: Any) -> str:
        reply = await self.sandbox.do(
            "chat",
            "slash",
            channel_id=self.room,
            user_id=self.sandbox.owner,
            command=f"video {name}",
            options=options,
        )
        assert reply["ephemeral"]
        return str(reply["content"])

    async def attach(self, object_id: int, **options: Any) -> str:
        await self.sandbox.do("chat", "wait_for_commands")
        await self.sandbox.do("chat", "wait_until_ready")
        return await self.command("attach", id=str(object_id), **options)

    async def say(self, text: str, **values: Any) -> int:
        comment = await self.sandbox.do(
            "workspace", "post_comment", object_id=self.video, text=text, **values
        )
        self.posted.append(comment["comment_id"])
        return self.posted[-1]

    async def until_shown(self, comment_id: int) -> dict[str, Any]:
        shown: dict[str, Any] = await self.sandbox.do(
            "chat",
            "wait_for_message",
            channel_id=self.room,
            text=f"#comment-{comment_id}",
            timeout_s=90,
        )
        return shown

    async def shown(self) -> list[int]:
        """Return the comments that the room shows, in its order."""
        messages = await self.sandbox.do("chat", "messages", channel_id=self.room)
        embeds = [embed for message in messages for embed in message["embeds"]]
        texts = [embed.get(key, "") for embed in embeds for key in ("url", "description")]
        return [int(found[1] or found[2]) for text in texts for found in _COMMENT.finditer(text)]


@asynccontextmanager
async def stage(
    folder: Path, *, timeout_s: float = 45.0
) -> AsyncGenerator[tuple[Stage, FayeServer]]:
    """Start Faye, whose sessions end after twice ``timeout_s``, and the sandbox."""
    async with FayeServer(timeout_s=timeout_s) as faye, SandboxProcess(faye.url) as sandbox:
        built = Stage(sandbox, folder)
        await built.build()
        yield built, faye
