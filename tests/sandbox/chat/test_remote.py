"""The verbs for another process: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest

from sandbox.chat import Chat, NotOfferedError, verbs
from tests.fakes.discord_client import Client

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def ask(chat: Chat) -> Ask:
    found = verbs(chat)

    async def run(verb: str, **asked: Any) -> Any:
        answer = await found[verb](json.loads(json.dumps(asked)))
        return json.loads(json.dumps(answer))

    return run


async def test_a_world_is_made_and_a_command_given_in_json(client: Client, ask: Ask) -> None:
    class Panel(discord.ui.View):
        @discord.ui.button(label="Ask", custom_id="ask")
        async def ask(
            self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]
        ) -> None:
            await interaction.response.send_modal(Form())

    class Form(discord.ui.Modal, title="Form"):
        name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", custom_id="name")

        async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(self.name.value)

    @client.tree.command()
    async def panel(interaction: discord.Interaction[Any], text: str) -> None:
        """Show a panel."""
        await interaction.response.send_message(text, view=Panel(), ephemeral=True)

    @panel.autocomplete("text")
    async def complete(
        interaction: discord.Interaction[Any], typed: str
    ) -> list[discord.app_commands.Choice[str]]:
        return [discord.app_commands.Choice(name=typed, value=typed)]

    await client.tree.sync()
    info = await ask("info")
    guild_id = (await ask("add_guild", name="Remote"))["id"]
    room_id = (await ask("add_channel", guild_id=guild_id, name="talks"))["id"]
    role_id = (await ask("add_role", guild_id=guild_id, name="fans", is_mentionable=True))["id"]
    user_id = (await ask("add_member", guild_id=guild_id, name="ann", role_ids=[role_id]))["id"]
    place = {"channel_id": room_id, "user_id": user_id}
    assert [one["name"] for one in await ask("wait_for_commands")] == ["panel"]

    choices = await ask(
        "autocomplete", **place, command="panel", focused="text", options={"text": "x"}
    )
    reply = await ask("slash", **place, command="panel", options={"text": "Hello"})
    opened = await ask("click", user_id=user_id, message_id=reply["message_id"], custom_id="ask")
    said = await ask("modal", interaction_id=opened["interaction_id"], values={"name": "Ann"})

    assert choices == [{"name": "x", "value": "x"}]
    assert (reply["content"], reply["ephemeral"]) == ("Hello", True)
    assert said["content"] == "Ann"
    assert await ask("reply", interaction_id=said["interaction_id"]) == said
    (shown,) = await ask("messages", channel_id=room_id)
    assert shown == await ask("wait_for_message", channel_id=room_id, text="Ann", is_edited=False)
    assert (shown["author_id"], shown["content"]) == (info["bot_id"], "Ann")
    with pytest.raises(NotOfferedError):
        await ask("slash", **place, command="other")


async def test_the_world_is_changed_in_json(client: Client, ask: Ask) -> None:
    info = await ask("info")
    guild_id = (await ask("add_guild", owner_id=info["owner_id"], with_bot=False))["id"]
    await ask("add_bot", guild_id=guild_id)
    forum = await ask("add_channel", guild_id=guild_id, name="f", kind="forum", tags=["a"])
    room = await ask("add_channel", guild_id=guild_id, name="r", kind="announcement")
    thread = await ask(
        "add_thread", parent_id=room["id"], name="t", kind="announcement_thread", with_bot=True
    )
    assert (forum["type"], room["type"], thread["type"]) == (15, 5, 10)
    await client.wait_for_count("thread_create", 1)

    user = await ask("add_user", name="ben", takes_dms=False)
    await ask("add_member", guild_id=guild_id, user_id=user["id"])
    role = await ask("add_role", guild_id=guild_id, name="fans")
    ids = {"guild_id": guild_id, "role_id": role["id"]}
    await ask("set_role", **ids, is_mentionable=True, granted=["manage_guild"])
    await ask("set_overwrites", channel_id=room["id"], role_id=role["id"], deny=["view_channel"])
    await ask(
        "set_overwrites", channel_id=room["id"], user_id=info["bot_id"], allow=["embed_links"]
    )
    await ask("set_overwrites", channel_id=room["id"], deny=["embed_links"])
    await client.wait_for_count("guild_channel_update", 3)
    await ask("delete_role", **ids)
    await ask("set_system_channel", guild_id=guild_id, channel_id=room["id"])
    await ask("archive", thread_id=thread["id"], is_locked=True)
    await client.wait_for_count("thread_update", 1)

    said = await ask("write", channel_id=room["id"], user_id=user["id"], content="Hello")
    await client.wait_for_count("message", 1)
    await ask("delete_message", message_id=said["id"])
    await client.wait_for_count("raw_message_delete", 1)
    assert await ask("dms", user_id=user["id"]) == []
    await ask("delete_channel", channel_id=room["id"])
    await ask("remove_bot", guild_id=guild_id)
    await client.wait_for_count("guild_remove", 1)


async def test_trouble_is_made_in_json(client: Client, ask: Ask) -> None:
    await ask("gateway", do="drop")
    await client.wait_for_count("resumed", 1)
    await ask("gateway", do="invalidate")
    await client.wait_for_count("ready", 2)
    await ask("wait_until_ready")
    info = await ask("info")
    assert (info["identifies"], info["resumes"], info["connections"]) == (2, 1, 1)

    fault = await ask("fault", method="GET", path="/users/.*", status=503, times=1)
    with pytest.raises(discord.DiscordServerError):
        await client.fetch_user(1)
    assert await ask("wait_for_fault", **fault) == {"hits": 1}
    assert await ask("faults") == {fault["fault_id"]: {"hits": 1}}
    await ask("release_fault", **fault)
    await ask("clear_faults")
    posts = await ask("posts", method="GET", path="/users/1")
    assert [(post["status"], post["is_fault"]) for post in posts] == [(503, True)]

    rules = await ask("rules", automod="bad", reopens_threads=False)
    assert (rules["automod"], rules["reopens_threads"]) == ("bad", False)
    assert (await ask("rules", automod=None))["automod"] is None
    await ask("set_limit", route="GET /users/{user_id}", requests=0, window_s=60)
    assert await ask("commands") == []
