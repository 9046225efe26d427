"""Three real processes: Faye from npm, the sandbox's workspace and Discord, and the bot."""

import asyncio
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
        self.room = ""
        self.video = 0
        self.webinar = 0
        self.posted: list[int] = []

    async def build(self) -> None:
        guild = await self.sandbox.do("chat", "add_guild", name="Team")
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

    def bot(self) -> BotProcess:
        return BotProcess(self.sandbox.environment, self.folder)

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
            timeout_s=40,
        )
        return shown

    async def shown(self) -> list[int]:
        """Return the comments that the room shows, in its order."""
        messages = await self.sandbox.do("chat", "messages", channel_id=self.room)
        embeds = [embed for message in messages for embed in message["embeds"]]
        texts = [embed.get(key, "") for embed in embeds for key in ("url", "description")]
        return [int(found[1] or found[2]) for text in texts for found in _COMMENT.finditer(text)]


@asynccontextmanager
async def stage(folder: Path) -> AsyncGenerator[tuple[Stage, FayeServer]]:
    async with FayeServer() as faye, SandboxProcess(faye.url) as sandbox:
        built = Stage(sandbox, folder)
        await built.build()
        yield built, faye


async def test_what_happens_on_the_workspace_is_said_in_the_room(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, faye), at.bot():
        said = await at.attach(at.video, comments="public")
        assert "Film" in said
        # The subscription stands when the real Faye has it.
        await at.until_shown(await at.say("Hello from a viewer", author="Ada"))
        question = await at.say("A private question", kind="question")
        await at.until_shown(await at.say("And a chat line", kind="chat"))
        assert question not in await at.shown()
        await at.sandbox.do("workspace", "promote", comment_id=question)
        message = await at.until_shown(question)

        assert "promoted" in str(message["embeds"])
        assert await faye.do("subscriptions") == 2
        assert "realtime" in (await at.command("status")).lower()
        listed = await at.command("list")
        assert "Film" in listed
        await at.command("detach", id=str(at.video))
        assert "Film" not in await at.command("list")


async def test_a_live_event_has_one_card_and_one_start(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, _), at.bot():
        await at.attach(at.webinar)
        await at.sandbox.do("workspace", "go_live", live_id=at.webinar)
        started = await wait(at, "**Live**")
        await at.sandbox.do("workspace", "end_broadcast", live_id=at.webinar)
        ended = await wait(at, "**Ended**")
        messages = await at.sandbox.do("chat", "messages", channel_id=at.room)

    assert started["id"] == ended["id"]
    assert ended["is_edited"]
    assert len(messages) == 1


async def wait(at: Stage, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = await at.sandbox.do(
        "chat", "wait_for_message", channel_id=at.room, text=text
    )
    return shown


async def test_each_comment_is_there_once_through_sigterm_and_sigkill(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, _):
        bot = at.bot()
        async with bot:
            await at.attach(at.video, comments="all")
            flowing = asyncio.create_task(flow(at, 150))
            await at.until_shown(await at.say("first"))
            assert await bot.terminate() == 0
            await at.say("while the bot is away")
            for _ in range(3):
                await bot.start()
                await at.until_shown(await at.say("the bot is back"))
                await bot.kill()
            await bot.start()
            await flowing
            last = await at.say("last")
            for comment_id in (*at.posted, last):
                await at.until_shown(comment_id)
            assert await bot.terminate() == 0
            held = await at.shown()

    assert held == sorted(at.posted)


async def flow(at: Stage, count: int) -> None:
    for number in range(count):
        await at.say(f"Number {number}")
        await asyncio.sleep(0.05)
