"""Menus of rooms, roles and people, with the real discord.py."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.chat import Channel, ChannelType, Chat, Guild, NotOfferedError
from tests.fakes.discord_client import Client

Interaction = discord.Interaction[Client]


class Menus(discord.ui.View):
    """A menu of each kind, of which each says what was chosen."""

    @discord.ui.select(
        cls=discord.ui.ChannelSelect,
        custom_id="rooms",
        channel_types=[discord.ChannelType.text],
        min_values=0,
    )
    async def rooms(self, interaction: Interaction, menu: discord.ui.ChannelSelect[Any]) -> None:
        told = [f"{one.name} {one.permissions.send_messages}" for one in menu.values]
        await interaction.response.send_message(" ".join(told) or "none", ephemeral=True)

    @discord.ui.select(cls=discord.ui.RoleSelect, custom_id="roles")
    async def roles(self, interaction: Interaction, menu: discord.ui.RoleSelect[Any]) -> None:
        await interaction.response.send_message(menu.values[0].name, ephemeral=True)

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="people")
    async def people(self, interaction: Interaction, menu: discord.ui.UserSelect[Any]) -> None:
        await interaction.response.send_message(menu.values[0].name, ephemeral=True)


@pytest.fixture
async def sent(client: Client, room: Channel) -> discord.Message:
    found = client.get_channel(room.id)
    assert isinstance(found, discord.TextChannel)
    return await found.send("Choose", view=Menus(timeout=None))


async def test_what_is_chosen_comes_with_what_the_person_may_do_there(
    chat: Chat, guild: Guild, room: Channel, sent: discord.Message
) -> None:
    ann = chat.guilds.add_member(guild.id, "ann")
    role = chat.guilds.add_role(guild.id, "crew")
    chat.rooms.set_overwrites(room.id, ann, deny=["send_messages"])

    async def said(menu: str, *values: int) -> str:
        given = [str(one) for one in values]
        return (await chat.people.click(ann.id, sent.id, menu, values=given)).content

    assert await said("rooms", room.id) == "general False"
    assert await said("rooms") == "none"
    assert await said("roles", role.id) == "crew"
    assert await said("people", chat.owner.id) == chat.owner.name


async def test_what_a_menu_does_not_offer_cannot_be_chosen(
    chat: Chat, guild: Guild, room: Channel, sent: discord.Message
) -> None:
    voice = chat.rooms.add_channel(guild.id, "stage", ChannelType.VOICE)
    wrong = [("rooms", [voice.id]), ("rooms", [1]), ("roles", [room.id]), ("people", [room.id])]
    wrong += [("roles", []), ("rooms", [room.id, room.id])]

    for menu, values in wrong:
        with pytest.raises(NotOfferedError):
            await chat.people.click(chat.owner.id, sent.id, menu, values=[str(v) for v in values])


async def test_what_is_chosen_beforehand_is_told_as_texts(
    chat: Chat, room: Channel, client: Client
) -> None:
    found = client.get_channel(room.id)
    assert isinstance(found, discord.TextChannel)
    view = discord.ui.View(timeout=None)
    menu: discord.ui.ChannelSelect[Any]
    menu = discord.ui.ChannelSelect(custom_id="rooms", default_values=[discord.Object(room.id)])
    view.add_item(menu)

    message = await found.send("Choose", view=view)

    (shown,) = [one for one in chat.messages(room.id) if one.id == message.id]
    (row,) = shown.components
    assert row["components"][0]["default_values"] == [{"id": str(room.id), "type": "channel"}]
