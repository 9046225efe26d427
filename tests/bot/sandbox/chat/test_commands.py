"""Slash commands and what follows from them, with the real discord.py."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.sandbox.chat import Chat, Guild
from tests.fakes.discord_client import Client


async def test_a_slash_command_is_registered_given_and_answered(
    chat: Chat, guild: Guild, client: Client
) -> None:
    @client.tree.command()
    async def hello(interaction: discord.Interaction[Client], name: str) -> None:
        """Say hello."""
        await interaction.response.send_message(f"Hello {name}", ephemeral=True)

    room = chat.add_channel(guild.id, "general")
    await client.tree.sync()

    reply = await chat.slash(room.id, chat.owner.id, "hello", {"name": "Ann"})

    assert (reply.content, reply.ephemeral) == ("Hello Ann", True)
    assert chat.messages(room.id) == []


async def test_a_deferred_answer_is_waited_for(chat: Chat, guild: Guild, client: Client) -> None:
    group = app_commands.Group(name="video", description="Videos")

    @group.command()
    async def shelf(interaction: discord.Interaction[Client]) -> None:
        """List them."""
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="nothing")

    client.tree.add_command(group)
    room = chat.add_channel(guild.id, "general")
    await client.tree.sync()

    reply = await chat.slash(room.id, chat.owner.id, "video shelf")

    assert reply.content == "nothing"
    assert [one.content for one in chat.messages(room.id)] == ["nothing"]


async def test_a_message_is_sent_edited_and_found_in_the_history(
    chat: Chat, guild: Guild, client: Client
) -> None:
    room = chat.add_channel(guild.id, "general")
    await client.wait_for_count("guild_channel_create", 1)
    channel = client.get_channel(room.id)
    assert isinstance(channel, discord.TextChannel)

    sent = await channel.send("one", embed=discord.Embed(title="A title", url="https://a.example/"))
    await sent.edit(content="two")
    history = [message async for message in channel.history(limit=10)]

    assert [message.content for message in history] == ["two"]
    assert history[0].embeds[0].title == "A title"
    (shown,) = chat.messages(room.id)
    assert (shown.content, shown.is_edited) == ("two", True)
