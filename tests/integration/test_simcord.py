"""The plugin on SimCord, others' model of Discord, which judges what the sandbox judges, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import discord
import simcord
from discord.ext import commands
from pydantic import SecretStr

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.settings import Settings
from sandbox import Sandbox
from sandbox.workspace import Level, Live

_T = TypeVar("_T")
_PATIENCE_S = 60.0


@dataclass(slots=True, kw_only=True)
class Scene:
    """A room of SimCord's Discord, and an event of the sandbox's workspace."""

    sandbox: Sandbox
    live: Live
    room: simcord.ChannelHandle
    ann: simcord.MemberActor

    async def until(self, look: Callable[[], _T | None]) -> _T:
        """Return what there is to see once it is there; SimCord does not wait for the plugin."""
        async with asyncio.timeout(_PATIENCE_S):
            while not (found := look()):  # noqa: ASYNC110 - SimCord tells nobody of changes
                await asyncio.sleep(0.01)
        return found

    async def say(self, *texts: str) -> list[int]:
        changes = self.sandbox.workspace.changes
        made = [
            await changes.post_comment(self.live.object_id, text, kind="question") for text in texts
        ]
        return [one.comment_id for one in made]

    async def shown(self, custom_id: str) -> discord.Message:
        """Return the message with this button or menu, as soon as it is there."""
        return await self.until(
            lambda: next(
                (one for one in self.room.history() if custom_id in _ids(one.components)), None
            )
        )

    async def attach(self) -> None:
        """Attach the event; in a room that everybody sees that is asked about."""
        given = {"id": str(self.live.object_id), "comments": "all", "actions": "on"}
        asked = private(await self.ann.slash(self.room, "video attach", **given))
        assert "show the questions that viewers ask" in asked.content
        await self.ann.click(asked.message, label="Attach anyway")
        await self.until(lambda: asked.content.startswith("Attached [The launch]"))
        assert asked.components == []

    def comment(self, comment_id: int) -> Any:
        return self.sandbox.workspace.state.comments[comment_id]


def _ids(components: list[Any]) -> set[str]:
    """Return the IDs of what can be used; rows with menus of rooms are told as they were sent."""
    found: set[str] = set()
    for row in components:
        if isinstance(row, dict):
            found |= {one["custom_id"] for one in row["components"] if "custom_id" in one}
        else:
            found |= {child.custom_id for child in row.children}
    return found


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Scene]:
    bot = commands.Bot("!", intents=discord.Intents(guilds=True))
    async with Sandbox() as sandbox, simcord.run(bot) as env:
        guild = env.create_guild()
        room = guild.create_text_channel("questions")
        # Of others Discord is asked what is set under Integrations, which SimCord does not know.
        may = discord.Permissions(administrator=True)
        staff = guild.create_role("Staff", permissions=may)
        ann = guild.add_member(env.create_user("ann"), roles=[staff])
        settings = Settings(
            site_url=sandbox.workspace.url,
            bearer_token=SecretStr(sandbox.workspace.account(Level.WRITE).bearer),
            servers=frozenset({guild.id}),
            database_url=f"sqlite+aiosqlite:///{folder}/bot.db",
            reply_name="The team",
        )
        # From here, and not from the bot's own hook: SimCord waits for what the bot has begun.
        await bot.add_cog(TwentyThree(bot, settings))
        await bot.tree.sync()
        live = sandbox.workspace.state.add_live("The launch")
        made = Scene(sandbox=sandbox, live=live, room=room, ann=ann)
        await made.attach()
        yield made
        await bot.remove_cog("TwentyThree")


def private(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """Return an answer that only who asked sees."""
    answers = [one for one in (result.response, *result.followups) if one is not None]
    assert answers
    assert answers[-1].ephemeral
    return answers[-1]


async def test_a_press_promotes_and_the_notice_says_who_did_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as scene:
        (number,) = await scene.say("Is it on?")
        message = await scene.shown(f"tt:act:promote:{number}")

        said = private(await scene.ann.click(message, custom_id=f"tt:act:promote:{number}"))

        await scene.until(lambda: said.content == "⭐ Promoted.")
        assert scene.comment(number).is_promoted
        edited = await scene.shown(f"tt:act:unpromote:{number}")
        assert edited.id == message.id
        assert f"⭐ promoted by <@{scene.ann.id}>" in str(edited.embeds[0].description)


async def test_of_a_message_of_several_one_is_chosen_and_acted_on(tmp_path: Path) -> None:
    async with staged(tmp_path) as scene:
        numbers = await scene.say(*(f"Question {number}" for number in range(30)))
        message = await scene.shown("tt:pick:0")
        (first, *_) = message.components
        assert isinstance(first, discord.ActionRow)
        (menu,) = first.children
        assert isinstance(menu, discord.SelectMenu)
        chosen = menu.options[1].value
        assert int(chosen) in numbers

        row = private(await scene.ann.select(message, [chosen], custom_id="tt:pick:0"))
        await scene.until(lambda: row.components)
        answered = private(await scene.ann.click(row.message, custom_id=f"tt:act:answer:{chosen}"))

        await scene.until(lambda: answered.content == "✅ Answered.")
        assert scene.comment(int(chosen)).status == "answered"


async def test_a_reply_is_typed_shown_and_sent(tmp_path: Path) -> None:
    async with staged(tmp_path) as scene:
        (number,) = await scene.say("Is it on?")
        message = await scene.shown(f"tt:act:reply:{number}")

        opened = await scene.ann.click(message, custom_id=f"tt:act:reply:{number}")
        assert opened.modal is not None
        shown = private(await scene.ann.submit_modal(opened, {"tt:text": "On Monday."}))
        await scene.until(lambda: shown.content.startswith("Send this as **The team**?"))
        await scene.ann.click(shown.message, label="Send")

        await scene.until(lambda: shown.content.startswith("💬 Sent"))
        replies = [
            one for one in scene.sandbox.workspace.state.comments.values() if one.reply_to == number
        ]
        assert [(one.author, one.text) for one in replies] == [("The team", "On Monday.")]
        await scene.until(
            lambda: "On Monday." in str([one.embeds[0].description for one in scene.room.history()])
        )


async def test_a_server_is_set_up_by_menus(tmp_path: Path) -> None:
    async with staged(tmp_path) as scene:
        page = private(await scene.ann.slash(scene.room, "video setup"))

        async def use(action: str, shown: str, *values: Any) -> None:
            """Choose in a menu, or press a button, and wait for what the page says then."""
            begun = f"tt:setup:{action}:"
            (custom_id,) = {one for one in _ids(page.components) if str(one).startswith(begun)}
            if values:
                await scene.ann.select(page.message, values, custom_id=custom_id)
            else:
                await scene.ann.click(page.message, custom_id=custom_id)
            await scene.until(lambda: shown in page.content)

        await use("kind", "all webinars of the workspace", "a")
        await use("go-where", "Where to?")
        await use("public", f"<#{scene.room.id}>: promoted comments", scene.room)
        await use("go-rights", "✅ Send Messages")
        await use("done", f"Follows all live events of the workspace in <#{scene.room.id}>")

        assert page.components == []
