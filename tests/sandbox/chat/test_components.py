"""Buttons, menus and forms, with the real discord.py."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
import pytest

from sandbox.chat import Channel, Chat, NotOfferedError
from tests.fakes.discord_client import Client

Interaction = discord.Interaction[Any]


def _button(custom_id: str) -> dict[str, object]:
    return {"type": 2, "style": 1, "label": "Count", "custom_id": custom_id}


def _menu(custom_id: str, *values: str, **more: str) -> dict[str, object]:
    options = [{"label": f"Option {value}", "value": value, **more} for value in values]
    return {"type": 3, "custom_id": custom_id, "options": options}


def _rows(*rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"type": 1, "components": row} for row in rows]


class Count(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"count:(\d+)"):
    """A button that outlives the process which made it."""

    def __init__(self, number: int) -> None:
        self.number = number
        button = discord.ui.Button[discord.ui.View](label=str(number), custom_id=f"count:{number}")
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[discord.ui.View], match: re.Match[str]
    ) -> Self:
        return cls(int(match[1]))

    async def callback(self, interaction: Interaction) -> None:
        view = discord.ui.View(timeout=None).add_item(Count(self.number + 1))
        await interaction.response.edit_message(content=f"count {self.number + 1}", view=view)


class Form(discord.ui.Modal, title="A form"):
    name: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Name", custom_id="name")

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"Hello {self.name.value}", ephemeral=True)


class Panel(discord.ui.View):
    """One of each."""

    @discord.ui.button(label="Open", custom_id="open")
    async def open(self, interaction: Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: Interaction, _: discord.ui.Button[Panel]) -> None:
        pass

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed later", view=self)

    @discord.ui.select(
        custom_id="menu", options=[discord.SelectOption(label="A"), discord.SelectOption(label="B")]
    )
    async def menu(self, interaction: Interaction, menu: discord.ui.Select[Panel]) -> None:
        await interaction.response.send_message(" ".join(menu.values), ephemeral=True)


async def test_a_button_of_an_earlier_process_changes_its_message(
    chat: Chat, room: Channel, client: Client
) -> None:
    client.add_dynamic_items(Count)
    channel = client.get_partial_messageable(room.id)
    body: dict[str, Any] = {
        "components": [{"type": 1, "components": [_button("count:1")]}],
        "content": "count 1",
    }
    sent = await client.http.send_message(channel.id, params=_params(body))

    reply = await chat.people.click(chat.owner.id, int(sent["id"]), "count:1")

    assert (reply.content, reply.is_update) == ("count 2", True)
    (shown,) = chat.messages(room.id)
    assert (shown.content, shown.is_edited) == ("count 2", True)
    assert (await chat.people.click(chat.owner.id, shown.id, "count:2")).content == "count 3"


async def test_a_form_is_opened_filled_in_and_answered(
    chat: Chat, room: Channel, client: Client
) -> None:
    sent = await client.get_partial_messageable(room.id).send("panel", view=Panel())

    opened = await chat.people.click(chat.owner.id, sent.id, "open")
    assert opened.modal is not None
    assert opened.modal["title"] == "A form"
    reply = await chat.people.modal(opened.interaction_id, {"name": "Ann"})

    assert (reply.content, reply.ephemeral) == ("Hello Ann", True)
    with pytest.raises(NotOfferedError, match="name must be filled in"):
        await chat.people.modal(opened.interaction_id, {})
    with pytest.raises(NotOfferedError, match="the form has no other"):
        await chat.people.modal(opened.interaction_id, {"name": "Ann", "other": "x"})
    with pytest.raises(NotOfferedError, match="has opened no form"):
        await chat.people.modal(reply.interaction_id, {})


async def test_a_menu_and_a_late_change_work(chat: Chat, room: Channel, client: Client) -> None:
    sent = await client.get_partial_messageable(room.id).send("panel", view=Panel())

    chosen = await chat.people.click(chat.owner.id, sent.id, "menu", values=["B"])
    assert (chosen.content, chosen.is_update) == ("B", False)

    await chat.people.click(chat.owner.id, sent.id, "later")
    changed = await chat.wait_for_message(room.id, lambda one: one.is_edited)
    assert changed.content == "changed later"


async def test_only_what_is_there_and_switched_on_can_be_pressed(
    chat: Chat, room: Channel, client: Client
) -> None:
    sent = await client.get_partial_messageable(room.id).send("panel", view=Panel())
    stranger = chat.guilds.add_user("stranger")

    with pytest.raises(NotOfferedError, match="off is switched off"):
        await chat.people.click(chat.owner.id, sent.id, "off")
    with pytest.raises(NotOfferedError, match="the message has no other"):
        await chat.people.click(chat.owner.id, sent.id, "other")
    with pytest.raises(NotOfferedError, match="there is no message 1"):
        await chat.people.click(chat.owner.id, 1, "open")
    with pytest.raises(NotOfferedError, match="stranger does not see the channel"):
        await chat.people.click(stranger.id, sent.id, "open")


@pytest.mark.parametrize(
    ("components", "problem"),
    [
        ([{"type": 1, "components": []}], "Must be between 1 and 5 in length."),
        ([{"type": 2, "style": 1, "label": "A", "custom_id": "a"}], "Value of field"),
        ([{"type": 1, "components": [{"type": 2, "style": 1, "label": "A"}]}], "required"),
        (_rows([{"type": 3, "custom_id": "m", "options": []}]), "Must be between 1 and 25"),
        (_rows([_menu("m", *map(str, range(26)))]), "Must be between 1 and 25"),
        (_rows([_menu("m", "1", "1")]), "The specified option value is already used"),
        (_rows([_menu("m", "1", label="")]), "required"),
        (_rows([_menu("m", "1", label="x" * 101)]), "Must be 100 or fewer"),
        (_rows([_menu("m", "1", description="x" * 101)]), "Must be 100 or fewer"),
        (_rows([_menu("m", "x" * 101)]), "Must be 100 or fewer"),
        (_rows([_menu("", "1")]), "required"),
        (_rows([_menu("m", "1") | {"placeholder": "x" * 151}]), "Must be 150 or fewer"),
        (_rows([_menu("m", "1"), _menu("n", "1")]), "exceeds the maximum width"),
        (_rows([_button("b"), _menu("m", "1")]), "exceeds the maximum width"),
        (_rows([_menu("m", "1")], [_menu("m", "1")]), "custom id cannot be duplicated"),
        (_rows([_button("b"), _button("b")]), "custom id cannot be duplicated"),
        (_rows([_button("x" * 101)]), "Must be 100 or fewer"),
        (_rows([_button("b") | {"label": "x" * 81}]), "Must be 80 or fewer"),
        (_rows([_button("b") | {"emoji": {"name": "star"}}]), "Invalid emoji"),
        (_rows(*([_button(f"b{n}")] for n in range(6))), "Must be 5 or fewer"),
        (_rows([_button(f"b{n}") for n in range(6)]), "Must be between 1 and 5"),
    ],
)
async def test_components_that_discord_would_not_take_are_refused(
    room: Channel, client: Client, components: list[Any], problem: str
) -> None:
    with pytest.raises(discord.HTTPException, match=problem) as caught:
        await client.http.send_message(
            room.id, params=_params({"content": "x", "components": components})
        )
    assert caught.value.code == 50035


def _params(body: dict[str, Any]) -> discord.http.MultipartParameters:
    return discord.http.MultipartParameters(payload=body, multipart=None, files=None)


async def test_an_edit_keeps_components_that_it_does_not_name_and_an_empty_list_clears_them(
    room: Channel, client: Client
) -> None:
    http = client.http
    rows = _rows([_button("b") | {"emoji": {"id": None, "name": "⭐"}}], [_menu("m", "1", "2")])
    body = {"content": "x", "components": rows}
    sent: Any = await http.send_message(room.id, params=_params(body))

    edited = await http.edit_message(room.id, sent["id"], params=_params({"content": "y"}))
    cleared = await http.edit_message(room.id, sent["id"], params=_params({"components": []}))

    button, menu = (row["components"][0] for row in sent["components"])
    assert button == {**_button("b"), "emoji": {"name": "⭐"}, "id": 2}
    assert menu == {**_menu("m", "1", "2"), "min_values": 1, "max_values": 1, "id": 4}
    assert edited["components"] == sent["components"]
    assert (cleared["content"], cleared["components"]) == ("y", [])
