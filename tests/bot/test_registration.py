import logging
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.registration import commands_digest, explain, register, sync_if_changed, unreachable

GUILD = 23


class Tree(app_commands.CommandTree[Any]):
    """Remembers what was registered where; ``refusal`` is what Discord answers instead."""

    refusal: discord.HTTPException | None = None

    def __init__(self, client: discord.Client, **options: Any) -> None:
        super().__init__(client, **options)
        self.synced: list[tuple[int | None, list[str]]] = []

    async def sync(
        self, *, guild: discord.abc.Snowflake | None = None
    ) -> list[app_commands.AppCommand]:
        if self.refusal is not None:
            raise self.refusal
        names = [command.name for command in self.get_commands(guild=guild)]
        self.synced.append((None if guild is None else guild.id, names))
        made: list[Any] = names
        return made


class Memory:
    def __init__(self) -> None:
        self.digests: dict[str, str] = {}

    async def command_digest(self, scope: str) -> str | None:
        return self.digests.get(scope)

    async def set_command_digest(self, scope: str, digest: str) -> None:
        self.digests[scope] = digest


def a_bot(description: str = "Says hello") -> tuple[commands.Bot, Tree]:
    bot = commands.Bot("!", intents=discord.Intents(guilds=True), tree_cls=Tree)
    tree = bot.tree
    assert isinstance(tree, Tree)

    @app_commands.command(name="hello", description=description)
    async def hello(interaction: discord.Interaction) -> None:
        """Do nothing."""

    tree.add_command(hello)
    return bot, tree


def answered(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="no")
    return kind(response, {"code": code, "message": "no"})


async def test_commands_are_registered_once_for_all_servers() -> None:
    (bot, tree), memory = a_bot(), Memory()

    await sync_if_changed(bot, None, memory)
    await sync_if_changed(bot, None, memory)

    assert tree.synced == [(None, ["hello"])]
    assert list(memory.digests) == ["None:global"]


async def test_commands_are_registered_in_one_server() -> None:
    (bot, tree), memory = a_bot(), Memory()

    await sync_if_changed(bot, GUILD, memory)

    assert tree.synced == [(GUILD, ["hello"])]
    assert list(memory.digests) == [f"None:{GUILD}"]


async def test_changed_commands_are_registered_again() -> None:
    memory = Memory()
    for description in ("Says hello", "Greets"):
        bot, tree = a_bot(description)
        await sync_if_changed(bot, None, memory)

        assert len(tree.synced) == 1


def test_the_digest_follows_the_commands() -> None:
    one, same, other = (commands_digest(a_bot(text)[0]) for text in ("Hello", "Hello", "Bye"))

    assert one == same != other


async def test_a_refusal_is_logged_and_tried_again_at_the_next_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (bot, tree), memory = a_bot(), Memory()
    tree.refusal = answered(discord.Forbidden, 403, 50001)

    await sync_if_changed(bot, GUILD, memory)

    assert memory.digests == {}
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f"server {GUILD}; invite it" in record.message


async def test_clearing_removes_all_commands() -> None:
    bot, tree = a_bot()

    assert await register(bot, None, clear=True) == 0
    assert tree.synced == [(None, [])]


@pytest.mark.parametrize(
    ("error", "guild", "said"),
    [
        (answered(discord.Forbidden, 403, 50001), None, "this application; invite it"),
        (answered(discord.Forbidden, 403, 50001), GUILD, f"server {GUILD}; invite it"),
        (answered(discord.HTTPException, 400, 30034), None, "status 400, code 30034"),
    ],
)
def test_each_refusal_says_what_to_do(
    error: discord.HTTPException, guild: int | None, said: str
) -> None:
    assert said in explain(error, guild)


def test_an_absent_discord_is_told_in_a_sentence() -> None:
    assert "(status 503, code 0)" in unreachable(answered(discord.DiscordServerError, 503, 0))
    assert "(ServerDisconnectedError)" in unreachable(aiohttp.ServerDisconnectedError())
