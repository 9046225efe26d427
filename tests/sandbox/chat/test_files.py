"""Files that people give to a command, and those that the bot sends, with the real discord.py."""

from __future__ import annotations

import io

import aiohttp
import discord
import pytest
from discord import app_commands

from sandbox.chat import Channel, Chat, NotOfferedError
from tests.fakes.discord_client import Client
from tests.fakes.discord_contract import contract

Interaction = discord.Interaction[Client]


@pytest.fixture
async def sent(chat: Chat, client: Client) -> list[tuple[discord.Attachment, bytes]]:
    """Register a command that takes a file; return what it was given."""
    found: list[tuple[discord.Attachment, bytes]] = []

    @client.tree.command()
    @app_commands.describe(file="Which")
    async def keep(interaction: Interaction, file: discord.Attachment) -> None:
        """Keep a file."""
        await interaction.response.defer(ephemeral=True)
        found.append((file, await file.read()))
        await interaction.edit_original_response(content="kept")

    await client.tree.sync()
    return found


async def test_a_file_reaches_the_bot_with_its_name_size_and_bytes(
    chat: Chat, room: Channel, sent: list[tuple[discord.Attachment, bytes]]
) -> None:
    file_id = chat.people.upload("town.json", b'{"a": 1}', "application/json")

    reply = await chat.people.slash(room.id, chat.owner.id, "keep", {"file": file_id})

    assert reply.content == "kept"
    ((file, data),) = sent
    assert (file.filename, file.size, file.content_type) == ("town.json", 8, "application/json")
    assert file.ephemeral
    assert data == b'{"a": 1}'


async def test_a_file_is_described_as_discord_describes_it(
    chat: Chat, room: Channel, sent: list[tuple[discord.Attachment, bytes]]
) -> None:
    file_id = chat.people.upload("a b.txt", b"x")

    await chat.people.slash(room.id, chat.owner.id, "keep", {"file": file_id})

    ((file, _),) = sent
    assert file.url.startswith("http://127.0.0.1:")
    option = chat.commands()[0]["options"][0]
    assert option["type"] == 11
    assert contract().problems_of_part("ApplicationCommandAttachmentOptionResponse", option) == []
    # The library has its ID as a number.
    shown = {**file.to_dict(), "id": str(file.id)}
    assert contract().problems_of_part("AttachmentResponse", shown) == []


@pytest.mark.usefixtures("sent")
async def test_only_what_was_chosen_can_be_given(chat: Chat, room: Channel) -> None:
    with pytest.raises(NotOfferedError, match="cannot be 5"):
        await chat.people.slash(room.id, chat.owner.id, "keep", {"file": 5})
    with pytest.raises(NotOfferedError, match="file is required"):
        await chat.people.slash(room.id, chat.owner.id, "keep")


async def test_what_the_bot_sends_can_be_fetched(chat: Chat, room: Channel, client: Client) -> None:
    file = discord.File(io.BytesIO(b"one\ntwo"), "list.txt")
    channel = client.get_partial_messageable(room.id)

    message = await channel.send("here", file=file)

    (shown,) = chat.messages(room.id)
    assert chat.file(shown.attachments[0]) == b"one\ntwo"
    assert await message.attachments[0].read() == b"one\ntwo"


@pytest.mark.parametrize("path", ["attachments/5/a.txt", "attachments/x/a.txt"])
async def test_other_addresses_lead_nowhere(chat: Chat, path: str) -> None:
    base = chat.api_url.removesuffix("/api/v10")
    async with aiohttp.ClientSession() as session, session.get(f"{base}/{path}") as answer:
        assert answer.status == 404
