"""Slash commands and autocomplete, with the real discord.py."""

from __future__ import annotations

import asyncio

import discord
import pytest
from discord import app_commands

from sandbox.chat import Channel, ChannelType, Chat, Guild, NoReplyError, NotOfferedError
from tests.fakes.discord_client import Client

Interaction = discord.Interaction[Client]


async def test_a_slash_command_is_registered_given_and_answered(
    chat: Chat, room: Channel, client: Client
) -> None:
    @client.tree.command()
    async def hello(interaction: Interaction, name: str) -> None:
        """Say hello."""
        await interaction.response.send_message(f"Hello {name}", ephemeral=True)

    await client.tree.sync()

    reply = await chat.people.slash(room.id, chat.owner.id, "hello", {"name": "Ann"})

    assert (reply.content, reply.ephemeral) == ("Hello Ann", True)
    assert chat.messages(room.id) == []


async def test_a_deferred_answer_of_a_subcommand_is_waited_for(
    chat: Chat, room: Channel, client: Client
) -> None:
    group = app_commands.Group(name="video", description="Videos")

    @group.command()
    async def shelf(interaction: Interaction) -> None:
        """List them."""
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="nothing")

    client.tree.add_command(group)
    await client.tree.sync()

    reply = await chat.people.slash(room.id, chat.owner.id, "video shelf")

    assert reply.content == "nothing"
    (shown,) = chat.messages(room.id)
    assert (shown.content, shown.is_loading) == ("nothing", False)


async def test_the_first_followup_takes_the_place_of_thinking_and_more_can_follow(
    chat: Chat, room: Channel, client: Client
) -> None:
    @client.tree.command()
    async def many(interaction: Interaction) -> None:
        """Say many things."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("one")
        two = await interaction.followup.send("two", ephemeral=True, wait=True)
        await two.edit(content="two, edited")
        three = await interaction.followup.send("three", wait=True)
        await three.delete()
        assert (await interaction.original_response()).content == "one"

    await client.tree.sync()

    first = await chat.people.slash(room.id, chat.owner.id, "many")
    assert (first.content, first.ephemeral) == ("one", True)

    def later() -> list[str] | None:
        found = chat.people.reply(first.interaction_id).followups
        contents = [one.content for one in found if not one.is_deleted]
        return contents if contents == ["two, edited"] and len(found) == 2 else None

    await chat.wait_for(later)
    assert chat.messages(room.id) == []


async def test_channels_roles_and_members_are_resolved_with_the_permissions_in_them(
    chat: Chat, guild: Guild, room: Channel, client: Client
) -> None:
    seen: list[object] = []

    @client.tree.command()
    async def where(
        interaction: Interaction,
        place: app_commands.AppCommandChannel,
        thread: app_commands.AppCommandThread,
        role: discord.Role,
        member: discord.Member,
    ) -> None:
        """Name them."""
        seen.extend([place.name, thread.name, role.name, member.name])
        seen.append(place.permissions.send_messages)
        await interaction.response.send_message("ok")

    await client.tree.sync()
    news = chat.rooms.add_channel(guild.id, "news", ChannelType.ANNOUNCEMENT)
    post = chat.rooms.add_thread(room.id, "talk")
    fans = chat.guilds.add_role(guild.id, "fans")
    ann = chat.guilds.add_member(guild.id, "ann", roles=[fans])
    chat.rooms.set_overwrites(news.id, fans, deny=["send_messages"])
    given = {"place": news.id, "thread": post.id, "role": fans.id, "member": ann.id}

    await chat.people.slash(room.id, ann.id, "where", given)

    assert seen == ["news", "talk", "fans", "ann", False]


async def test_autocomplete_gives_the_choices_for_what_was_typed(
    chat: Chat, room: Channel, client: Client
) -> None:
    @client.tree.command()
    async def find(interaction: Interaction, name: str) -> None:
        """Find it."""

    @find.autocomplete("name")
    async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed.upper(), value=typed)]

    await client.tree.sync()

    choices = await chat.people.autocomplete(
        room.id, chat.owner.id, "find", {"name": "tal"}, "name"
    )

    assert choices == [{"name": "TAL", "value": "tal"}]


async def test_only_what_the_client_offers_can_be_given(
    chat: Chat, guild: Guild, room: Channel, client: Client
) -> None:
    @client.tree.command()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.choices(size=[app_commands.Choice(name="Big", value="big")])
    async def manage(
        interaction: Interaction, size: str, many: app_commands.Range[int, 0, 9] = 1
    ) -> None:
        """Manage it."""
        await interaction.response.send_message("done")

    await client.tree.sync()
    ann = chat.guilds.add_member(guild.id, "ann")

    async def refused(user_id: int, **options: str | int) -> str:
        with pytest.raises(NotOfferedError) as caught:
            await chat.people.slash(room.id, user_id, "manage", options)
        return str(caught.value)

    owner = chat.owner.id
    assert await refused(ann.id, size="big") == "ann is not offered /manage"
    assert await refused(owner) == "the option size is required"
    assert await refused(owner, size="small") == "the option size has no choice 'small'"
    assert await refused(owner, size="big", many="x") == "the option many does not take 'x'"
    assert await refused(owner, size="big", many=10) == "the option many does not take 10"
    assert await refused(owner, size="big", other="x") == "there is no option other"
    assert (await chat.people.slash(room.id, owner, "manage", {"size": "big"})).content == "done"

    chat.rooms.set_overwrites(room.id, ann, deny=["view_channel"])
    assert await refused(ann.id, size="big") == "ann does not see the channel"


async def test_commands_of_one_guild_are_offered_there_only(
    chat: Chat, guild: Guild, room: Channel, client: Client
) -> None:
    @client.tree.command(guild=discord.Object(guild.id))
    async def here(interaction: Interaction) -> None:
        """Say where."""
        await interaction.response.send_message("here")

    first = await client.tree.sync(guild=discord.Object(guild.id))
    again = await client.tree.sync(guild=discord.Object(guild.id))
    other = chat.guilds.add_guild("Other")
    elsewhere = chat.rooms.add_channel(other.id, "general")

    assert [one.id for one in first] == [one.id for one in again]
    assert [one.name for one in await client.tree.fetch_commands(guild=guild)] == ["here"]
    assert await client.tree.fetch_commands() == []
    assert (await chat.people.slash(room.id, chat.owner.id, "here")).content == "here"
    with pytest.raises(NotOfferedError):
        await chat.people.slash(elsewhere.id, chat.owner.id, "here")


async def test_commands_that_discord_would_not_take_are_refused(client: Client) -> None:
    @client.tree.command(description="x" * 101)
    async def long(interaction: Interaction) -> None:
        pass

    with pytest.raises(app_commands.CommandSyncFailure, match="between 1 and 100 in length"):
        await client.tree.sync()


async def test_an_interaction_is_answered_once_and_not_after_its_deadline(
    chat: Chat, room: Channel, client: Client
) -> None:
    errors: list[int] = []
    release, ended = asyncio.Event(), asyncio.Event()

    @client.tree.command()
    async def twice(interaction: Interaction) -> None:
        """Answer twice."""
        await interaction.response.send_message("once")
        again = interaction.response
        again._response_type = None
        try:
            await again.send_message("again")
        except discord.HTTPException as error:
            errors.append(error.code)
        ended.set()

    @client.tree.command()
    async def late(interaction: Interaction) -> None:
        """Answer late."""
        await release.wait()
        try:
            await interaction.response.send_message("late")
        except discord.NotFound as error:
            errors.append(error.code)
        ended.set()

    await client.tree.sync()

    assert (await chat.people.slash(room.id, chat.owner.id, "twice")).content == "once"
    await ended.wait()
    ended.clear()

    chat.rules.interaction_deadline_s = 0.0
    with pytest.raises(NoReplyError, match="did not respond"):
        await chat.people.slash(room.id, chat.owner.id, "late")
    release.set()
    await ended.wait()

    assert errors == [40060, 10062]


async def test_a_bot_that_only_thinks_gives_no_reply(
    chat: Chat, room: Channel, client: Client
) -> None:
    @client.tree.command()
    async def think(interaction: Interaction) -> None:
        """Think."""
        await interaction.response.defer()

    await client.tree.sync()

    with pytest.raises(NoReplyError, match="still thinking"):
        await chat.people.slash(room.id, chat.owner.id, "think", timeout_s=0)
    assert [one.is_loading for one in chat.messages(room.id)] == [True]


async def test_the_token_of_an_interaction_dies(chat: Chat, room: Channel, client: Client) -> None:
    held: list[Interaction] = []

    @client.tree.command()
    async def hold(interaction: Interaction) -> None:
        """Hold on."""
        held.append(interaction)
        await interaction.response.send_message("held")

    await client.tree.sync()
    await chat.people.slash(room.id, chat.owner.id, "hold")
    chat.rules.interaction_token_s = 0.0

    with pytest.raises(discord.HTTPException) as caught:
        await held[0].edit_original_response(content="too late")
    assert (caught.value.status, caught.value.code) == (401, 50027)
