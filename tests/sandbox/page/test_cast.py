"""What persons do in Discord by a page, with a bot that is played by hand."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.page import Scene
from tests.fakes.discord_rest_client import Answer, Listener, Rest
from tests.sandbox.page.visitor import RefusedError, Visitor

_TEXT = {"type": 3, "name": "id", "description": "x", "autocomplete": True}
_COMMAND = {"name": "video", "description": "Videos", "options": [_TEXT]}
_BUTTON = {"type": 2, "style": 1, "label": "Press", "custom_id": "press"}
_ROW = {"type": 1, "components": [_BUTTON]}
_INPUT = {"type": 4, "custom_id": "text", "style": 1, "label": "Say what"}
_FORM = {
    "custom_id": "form",
    "title": "A form",
    "components": [{"type": 1, "components": [_INPUT]}],
}
_EPHEMERAL = 64


@dataclass(slots=True)
class Table:
    """A visitor who does things, and the bot's side of them."""

    visitor: Visitor
    rest: Rest
    listener: Listener
    application: int
    room: str
    token: str = ""

    def begin(self, verb: str, **given: Any) -> asyncio.Task[Any]:
        return asyncio.create_task(self.visitor.do(verb, **given))

    async def answer(self, kind: int, data: object) -> dict[str, Any]:
        """Answer the next interaction; return it."""
        told = await self.listener.next("INTERACTION_CREATE")
        self.token = told["token"]
        path = f"/interactions/{told['id']}/{told['token']}/callback"
        assert (await self.rest("POST", path, {"type": kind, "data": data})).status == 204
        return told

    async def change(self, method: str, body: object = None) -> Answer:
        """Change the answer, or take it away."""
        path = f"/webhooks/{self.application}/{self.token}/messages/@original"
        return await self.rest(method, path, body)


@pytest.fixture
async def table(
    sandbox: Sandbox, scene: Scene, rest: Rest, listener: Listener, visitor: Visitor
) -> Table:
    bot = sandbox.chat.bot.id
    await rest("PUT", f"/applications/{bot}/commands", [_COMMAND])
    await visitor.event("commands")
    return Table(visitor, rest, listener, bot, str(scene.general.id))


async def test_a_command_is_answered_to_one_person_and_its_answer_is_edited(table: Table) -> None:
    visitor, mia = table.visitor, table.visitor.person("moderator")

    doing = table.begin(
        "slash", person=mia, channel_id=table.room, name="video", options={"id": "7"}
    )
    told = await table.answer(5, {"flags": _EPHEMERAL})
    await table.change("PATCH", {"content": "Done", "components": [_ROW]})
    done = await doing

    assert told["data"]["options"][0]["value"] == "7"
    assert done == {"interaction_id": told["id"]}
    thinking, said = await visitor.event("reply"), await visitor.event("reply")
    assert {one["person"] for one in (thinking, said)} == {mia}
    assert {one["interaction_id"] for one in (thinking, said)} == {told["id"]}
    assert thinking["message"]["flags"] & 128
    assert (said["message"]["content"], said["message"]["flags"]) == ("Done", _EPHEMERAL)
    async with Visitor(visitor.page, visitor.http) as other:
        assert other.state["replies"] == [said]

    await table.change("DELETE")
    gone = await visitor.event("reply")
    assert (gone["gone"], gone["message"]["id"]) == (True, said["message"]["id"])
    async with Visitor(visitor.page, visitor.http) as other:
        assert other.state["replies"] == []


async def test_what_everybody_may_read_is_a_message(table: Table) -> None:
    ann = table.visitor.person("administrator")

    doing = table.begin("slash", person=ann, channel_id=table.room, name="video")
    await table.answer(4, {"content": "Look"})
    await doing

    assert (await table.visitor.event("message"))["content"] == "Look"


async def test_an_option_is_completed(table: Table) -> None:
    ann = table.visitor.person("administrator")
    choices = [{"name": "Product film", "value": "7"}]

    doing = table.begin(
        "autocomplete",
        person=ann,
        channel_id=table.room,
        name="video",
        options={"id": "Pro"},
        focused="id",
    )
    told = await table.answer(8, {"choices": choices})

    assert told["data"]["options"] == [{"name": "id", "type": 3, "value": "Pro", "focused": True}]
    assert await doing == choices


async def test_a_button_opens_a_modal_which_is_filled_in(table: Table) -> None:
    visitor, mia = table.visitor, table.visitor.person("moderator")
    await table.rest(
        "POST", f"/channels/{table.room}/messages", {"content": "x", "components": [_ROW]}
    )
    message = await visitor.event("message")

    pressing = table.begin("click", person=mia, message_id=message["id"], custom_id="press")
    await table.answer(9, _FORM)
    opened = await pressing
    modal = await visitor.event("modal")
    assert (modal["interaction_id"], modal["person"]) == (opened["interaction_id"], mia)
    assert modal["modal"]["title"] == "A form"

    sending = table.begin(
        "submit", person=mia, interaction_id=opened["interaction_id"], fields={"text": "Hello"}
    )
    told = await table.answer(4, {"content": "Thanks", "flags": _EPHEMERAL})
    await sending
    assert told["data"]["components"][0]["components"][0]["value"] == "Hello"
    assert (await visitor.event("reply"))["message"]["content"] == "Thanks"

    with pytest.raises(RefusedError, match=r"^There is no such modal\.$"):
        await visitor.do(
            "submit",
            person=visitor.person("member"),
            interaction_id=opened["interaction_id"],
            fields={},
        )


async def test_a_message_is_edited_and_deleted(table: Table) -> None:
    visitor, path = table.visitor, f"/channels/{table.room}/messages"

    posted = (await table.rest("POST", path, {"content": "One"})).body
    await table.rest("PATCH", f"{path}/{posted['id']}", {"content": "Two"})
    await table.rest("DELETE", f"{path}/{posted['id']}")

    gone = await visitor.event("message_gone", id=posted["id"])
    assert gone["channel_id"] == table.room
    said = [one["data"]["content"] for one in visitor.seen if one["type"] == "message"]
    assert said[-1:] == ["Two"]


async def test_a_person_writes_where_they_may_and_reads_what_is_older(visitor: Visitor) -> None:
    noah, room = visitor.person("member"), visitor.room("general")["id"]
    for number in range(60):
        await visitor.do("say", person=noah, channel_id=room, text=f"{number}")
    async with Visitor(visitor.page, visitor.http) as other:
        newest = other.state["messages"][room]
        older = await other.do("history", channel_id=room, before=newest[0]["id"])

    assert [one["content"] for one in [*older, *newest]] == [str(one) for one in range(60)]
    assert len(newest) == 50
    assert newest[0]["author"]["id"] == noah


async def test_rooms_say_who_sees_them_and_who_may_write_in_them(
    visitor: Visitor, sandbox: Sandbox, scene: Scene
) -> None:
    everybody = {one["id"] for one in visitor.state["persons"]}
    staff = {visitor.person("administrator"), visitor.person("moderator")}

    assert set(visitor.room("general")["written_by"]) == everybody
    assert set(visitor.room("moderators")["seen_by"]) == staff
    assert visitor.room("videos")["written_by"] == []

    sandbox.chat.rooms.set_overwrites(
        scene.general.id, scene.guild.everyone, deny=["send_messages"]
    )
    told = await visitor.event("channel")
    assert set(told["seen_by"]) == everybody
    assert told["written_by"] == [visitor.person("administrator")]


async def test_threads_and_conversations_come_and_go(
    visitor: Visitor, sandbox: Sandbox, scene: Scene, rest: Rest
) -> None:
    thread = sandbox.chat.rooms.add_thread(scene.general.id, "Aside")
    assert (await visitor.event("channel"))["parent_id"] == str(scene.general.id)

    sandbox.chat.rooms.delete_channel(thread.id)
    assert (await visitor.event("channel_gone"))["id"] == str(thread.id)

    mia = visitor.person("moderator")
    dm = (await rest("POST", "/users/@me/channels", {"recipient_id": mia})).body
    await rest("POST", f"/channels/{dm['id']}/messages", {"content": "Between us"})
    assert (await visitor.event("channel", id=dm["id"]))["seen_by"] == [mia]
    assert (await visitor.event("message"))["content"] == "Between us"


async def test_a_file_is_chosen(visitor: Visitor, sandbox: Sandbox) -> None:
    data = base64.b64encode(b"{}").decode()
    ann = visitor.person("administrator")

    made = await visitor.do("upload", person=ann, name="export.json", data=data)

    assert sandbox.chat.files.data(int(made["file_id"])) == b"{}"


_REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("nothing", {}, r"There is no verb nothing\."),
    (
        "say",
        {"person": "1", "channel_id": "{general}", "text": "x"},
        r"There is no such person",
    ),
    (
        "say",
        {"person": "{noah}", "channel_id": "1", "text": "x"},
        r"There is no such channel\.",
    ),
    (
        "say",
        {"person": "{noah}", "channel_id": "{moderators}", "text": "x"},
        r"Noah may not write in the channel\.",
    ),
    (
        "say",
        {"person": "{noah}", "channel_id": "{general}", "text": " "},
        r"A message has 1 to",
    ),
    ("say", {"person": "{noah}", "channel_id": "{general}"}, r"Text: Missing required"),
    (
        "slash",
        {"person": "{noah}", "channel_id": "{moderators}", "name": "video"},
        r"Noah does not see the channel\.",
    ),
    (
        "click",
        {"person": "{noah}", "message_id": "1", "custom_id": "x"},
        r"There is no message",
    ),
    (
        "submit",
        {"person": "{noah}", "interaction_id": "1", "fields": {}},
        r"There is no such modal",
    ),
    ("history", {"channel_id": "1", "before": "1"}, r"There is no such channel\."),
    ("upload", {"person": "{noah}", "name": "x", "data": "x"}, r"Data: "),
)


async def test_what_cannot_be_done_is_refused_with_a_sentence(visitor: Visitor) -> None:
    ids = {
        "{noah}": visitor.person("member"),
        "{general}": visitor.room("general")["id"],
        "{moderators}": visitor.room("moderators")["id"],
    }

    for verb, given, said in _REFUSED:
        with pytest.raises(RefusedError, match=f"^{said}") as refused:
            await visitor.do(verb, **{key: ids.get(str(it), it) for key, it in given.items()})

        assert str(refused.value).endswith(".")
        assert "\n" not in str(refused.value)


async def test_a_bot_that_does_not_answer_is_a_sentence(table: Table, sandbox: Sandbox) -> None:
    sandbox.chat.rules.interaction_deadline_s = 0.05

    with pytest.raises(RefusedError, match=r"^The application did not respond\.$"):
        await table.visitor.do(
            "slash", person=table.visitor.state["me"], channel_id=table.room, name="video"
        )
