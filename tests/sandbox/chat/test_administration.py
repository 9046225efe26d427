"""What administrators set and do: who may use commands, and who added the bot."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from sandbox.chat import Channel, Chat, Guild, NotOfferedError, Role, User
from tests.fakes.discord_client import Client


@pytest.fixture
async def command_id(client: Client) -> int:
    @client.tree.command()
    @app_commands.default_permissions(manage_guild=True)
    async def hello(interaction: discord.Interaction[Client]) -> None:
        """Say hello."""
        await interaction.response.send_message("Hello")

    (made,) = await client.tree.sync()
    return made.id


@pytest.fixture
def crew(chat: Chat, guild: Guild) -> Role:
    return chat.guilds.add_role(guild.id, "crew")


class Offered:
    """Whether somebody is offered the command."""

    def __init__(self, chat: Chat, room: Channel, who: User) -> None:
        self.chat = chat
        self.room = room
        self.who = who

    async def __call__(self) -> bool:
        try:
            await self.chat.people.slash(self.room.id, self.who.id, "hello")
        except NotOfferedError:
            return False
        return True


@pytest.fixture
def ann(chat: Chat, guild: Guild, crew: Role) -> User:
    return chat.guilds.add_member(guild.id, "ann", roles=[crew])


@pytest.fixture
def is_offered(chat: Chat, room: Channel, ann: User) -> Offered:
    return Offered(chat, room, ann)


async def test_a_person_goes_before_roles_and_those_before_all(
    guild: Guild, command_id: int, crew: Role, is_offered: Offered
) -> None:
    chat, ann = is_offered.chat, is_offered.who
    assert not await is_offered()
    chat.guilds.let_in(guild.id, guild.everyone, command_id)
    assert await is_offered()
    chat.guilds.let_in(guild.id, crew, command_id, is_let_in=False)
    assert not await is_offered()
    chat.guilds.let_in(guild.id, ann, command_id)
    assert await is_offered()


async def test_what_is_set_for_all_commands_counts_where_nothing_is_set_for_one(
    guild: Guild, command_id: int, crew: Role, is_offered: Offered
) -> None:
    chat = is_offered.chat
    chat.guilds.let_in(guild.id, crew)
    assert await is_offered()

    chat.guilds.let_in(guild.id, chat.owner, command_id)
    assert not await is_offered()


async def test_the_library_reads_what_was_set(
    chat: Chat, guild: Guild, client: Client, command_id: int, crew: Role
) -> None:
    chat.guilds.let_in(guild.id, crew, command_id)

    (row,) = await client.http.get_guild_application_command_permissions(chat.bot.id, guild.id)

    assert (row["id"], row["permissions"]) == (
        str(command_id),
        [{"id": str(crew.id), "type": 1, "permission": True}],
    )


async def test_the_log_tells_who_added_the_bot_to_those_who_may_see_it(
    chat: Chat, client: Client, ann: User
) -> None:
    other = chat.guilds.add_guild("Other", with_bot=False)
    chat.guilds.add_bot(other.id, ["view_audit_log"], by=ann)
    await client.wait_for_count("guild_join", 1)
    found = client.get_guild(other.id)
    assert found is not None

    added = [one async for one in found.audit_logs(action=discord.AuditLogAction.bot_add)]
    assert [one.user_id for one in added] == [ann.id]
    assert [one async for one in found.audit_logs(action=discord.AuditLogAction.kick)] == []

    chat.guilds.set_role(other.id, found.me.roles[-1].id, granted=[])
    with pytest.raises(discord.Forbidden):
        [one async for one in found.audit_logs()]
