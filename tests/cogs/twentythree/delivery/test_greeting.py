"""What is said in a server that has just got the bot, and to whom."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from cogs.twentythree.delivery.telling import Teller
from cogs.twentythree.domain.model import GuildId
from sandbox.chat import Channel, Chat, Guild, User
from sandbox.chat.guilds import BOT_PERMISSIONS
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.rooms import open_gate

TEXT = (
    "`/video setup` sets up which webinars and comments are posted where. Nothing is posted before "
    "that; it is for whoever manages the server, and takes a minute."
)


@dataclass
class Joined:
    """A server that somebody adds the bot to."""

    chat: Chat
    guild: Guild
    rooms: tuple[Channel, Channel]
    ada: User
    client: Client

    async def greeted(self, *granted: str) -> bool:
        """Let ``ada`` add the bot with these permissions besides the usual; greet the server."""
        self.chat.guilds.add_bot(self.guild.id, [*BOT_PERMISSIONS, *granted], by=self.ada)
        await self.client.wait_for_count("guild_join", 1)
        gate = open_gate(self.client)
        teller = Teller(self.client, gate, request_timeout_s=60.0, again_s=3600, clock=lambda: 0.0)
        return await teller.greet(GuildId(self.guild.id))

    @property
    def said(self) -> list[list[str]]:
        """What was said to who added it, and in each room."""
        private = [one.content for one in self.chat.dms(self.ada.id)]
        return [private, *([m.content for m in self.chat.messages(one.id)] for one in self.rooms)]


@pytest.fixture
async def joined() -> AsyncGenerator[Joined]:
    chat = await Chat.start(QUICK)
    chat.guilds.add_guild("Where it is already")
    guild = chat.guilds.add_guild("*Team*", with_bot=False)
    rooms = (
        chat.rooms.add_channel(guild.id, "rules"),
        chat.rooms.add_channel(guild.id, "general"),
    )
    ada = chat.guilds.add_member(guild.id, "ada")
    async with online(chat) as client:
        yield Joined(chat, guild, rooms, ada, client)
    await chat.close()
    judge(chat.posts)


async def test_who_added_the_bot_is_told_where_the_log_may_be_seen(joined: Joined) -> None:
    assert await joined.greeted("view_audit_log")

    assert joined.said == [[rf"In \*Team\*: {TEXT}"], [], []]


async def test_else_the_first_room_that_it_may_write_in_is_told(joined: Joined) -> None:
    rules, _ = joined.rooms
    joined.chat.rooms.set_overwrites(rules.id, joined.guild.everyone, deny=["send_messages"])

    assert await joined.greeted()

    assert joined.said == [[], [], [TEXT]]
    assert joined.chat.posts[-1].request["allowed_mentions"]["parse"] == []


async def test_the_room_of_the_moderators_goes_before_it(joined: Joined) -> None:
    joined.chat.guilds.set_updates_channel(joined.guild.id, joined.rooms[1].id)

    assert await joined.greeted()

    assert joined.said == [[], [], [TEXT]]


async def test_who_takes_no_private_messages_is_told_in_a_room(joined: Joined) -> None:
    joined.ada.takes_dms = False

    assert await joined.greeted("view_audit_log")

    assert joined.said == [[], [TEXT], []]


async def test_where_nobody_can_be_told_that_is_all(joined: Joined) -> None:
    for room in joined.rooms:
        joined.chat.rooms.set_overwrites(room.id, joined.guild.everyone, deny=["view_channel"])

    assert not await joined.greeted()

    assert joined.said == [[], [], []]
