"""What Discord refuses about answers to interactions, and answers that the library never gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from sandbox.chat import Channel, Chat, Reply
from sandbox.chat.errors import ApiError
from sandbox.journal import Subject
from tests.fakes.discord_rest_client import Answer, Listener, Rest

_OPTION = {"type": 3, "name": "text", "description": "x", "autocomplete": True}
_COMMAND = {"name": "hello", "description": "Say hello", "options": [_OPTION]}
_BUTTON = {"type": 2, "style": 1, "label": "Press", "custom_id": "press"}
_ROW = {"type": 1, "components": [_BUTTON]}


@dataclass(slots=True, kw_only=True)
class Talk:
    """A person who uses the bot, and the bot's side of it by hand."""

    chat: Chat
    room: Channel
    rest: Rest
    listener: Listener
    token: str = ""
    doing: asyncio.Task[Any] | None = None

    async def command(self) -> None:
        await self.begin(self.chat.people.slash(self.room.id, self.chat.owner.id, "hello"))

    async def begin(self, doing: Any) -> None:
        self.doing = asyncio.create_task(doing)
        told = await self.listener.next("INTERACTION_CREATE")
        self.token = f"{told['id']}/{told['token']}"

    async def answer(self, kind: int, data: object = None, *, query: str = "") -> Answer:
        path = f"/interactions/{self.token}/callback{query or '?with_response=1'}"
        return await self.rest("POST", path, {"type": kind, **({"data": data} if data else {})})

    async def follow(self, method: str, below: str = "", body: object = None) -> Answer:
        path = f"/webhooks/{self.chat.bot.id}/{self.token.partition('/')[2]}{below}"
        return await self.rest(method, path, body)

    async def reply(self) -> Reply:
        assert self.doing is not None
        found: Reply = await self.doing
        return found


@pytest.fixture
async def talk(chat: Chat, room: Channel, rest: Rest) -> AsyncIterator[Talk]:
    await rest("PUT", f"/applications/{chat.bot.id}/commands", [_COMMAND])
    async with aiohttp.ClientSession() as session, Listener(chat, session) as listener:
        yield Talk(chat=chat, room=room, rest=rest, listener=listener)


async def test_an_answer_can_be_given_without_asking_for_what_became_of_it(talk: Talk) -> None:
    await talk.command()

    assert (await talk.answer(4, {"content": "Hello"}, query="?x=1")).status == 204
    assert (await talk.reply()).content == "Hello"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (7, {"content": "x"}, 50035),
        (8, {"choices": []}, 50035),
        (99, None, 50035),
        (4, None, 50006),
        (4, {"content": "x" * 2001}, 50035),
        (9, {"custom_id": "x", "title": "t" * 46, "components": []}, 50035),
        (9, {"title": "t", "components": []}, 50035),
    ],
)
async def test_an_answer_that_discord_would_not_take_leaves_the_interaction_open(
    talk: Talk, kind: int, data: object, code: int
) -> None:
    await talk.command()

    assert (await talk.answer(kind, data)).code == code
    await talk.answer(4, {"content": "Hello"})
    assert (await talk.reply()).content == "Hello"


async def test_the_first_answer_comes_before_all_others(talk: Talk) -> None:
    await talk.command()

    assert (await talk.follow("POST", body={"content": "x"})).code == 10015
    assert (await talk.follow("GET", "/messages/@original")).code == 10015
    talk.token, right = talk.token + "x", talk.token
    assert (await talk.answer(4, {"content": "Hello"})).code == 10062
    talk.token = right
    await talk.answer(4, {"content": "Hello"})
    assert (await talk.reply()).content == "Hello"


async def test_a_deferred_answer_is_filled_by_an_edit_that_has_something_in_it(talk: Talk) -> None:
    await talk.command()
    deferred = await talk.answer(5, {"flags": 64})
    told = deferred.body["interaction"]
    assert (told["response_message_loading"], told["response_message_ephemeral"]) == (True, True)

    assert (await talk.follow("PATCH", "/messages/@original", {"content": ""})).code == 50006
    assert (await talk.follow("POST", body={})).code == 50006
    await talk.follow("PATCH", "/messages/@original", {"content": "Hello"})

    reply = await talk.reply()
    assert (reply.content, reply.ephemeral) == ("Hello", True)
    assert (await talk.follow("GET", f"/messages/{reply.message_id}")).body["content"] == "Hello"
    assert (await talk.follow("PATCH", "/messages/@original", {"content": ""})).code == 50006
    assert talk.chat.people.reply(reply.interaction_id).content == "Hello"


async def test_a_deleted_answer_is_gone(talk: Talk) -> None:
    await talk.command()
    await talk.answer(4, {"content": "Hello"})
    reply = await talk.reply()

    assert (await talk.follow("DELETE", "/messages/@original")).status == 204
    assert (await talk.follow("PATCH", "/messages/@original", {"content": "x"})).code == 10008
    assert talk.chat.people.reply(reply.interaction_id).is_deleted
    assert talk.chat.messages(talk.room.id) == []
    wrong = await talk.rest("POST", "/webhooks/1/" + talk.token.partition("/")[2], {"content": "x"})
    assert wrong.code == 10015


async def test_a_button_can_be_acknowledged_without_any_change(talk: Talk) -> None:
    path = f"/channels/{talk.room.id}/messages"
    sent = await talk.rest("POST", path, {"content": "panel", "components": [_ROW]})
    message_id = int(sent.body["id"])
    press = talk.chat.people.click(talk.chat.owner.id, message_id, "press")
    await talk.begin(press)

    assert (await talk.answer(7, {"content": "", "components": []})).code == 50006
    await talk.answer(6)
    reply = await talk.reply()

    assert (reply.content, reply.is_update, reply.message_id) == ("panel", True, message_id)
    assert (await talk.follow("GET", "/messages/@original")).body["id"] == str(message_id)


async def test_only_so_many_choices_are_taken(talk: Talk) -> None:
    typing = talk.chat.people.autocomplete(
        talk.room.id, talk.chat.owner.id, "hello", {"text": ""}, focused="text"
    )
    await talk.begin(typing)

    choices = [{"name": "x" * 101, "value": ""}] * 26
    refused = await talk.answer(8, {"choices": choices})
    assert (refused.code, set(refused.body["errors"]["data"])) == (50035, {"choices"})
    assert (await talk.answer(8, {"choices": choices[:1]})).code == 50035
    await talk.answer(8, {"choices": [{"name": "a", "value": "b"}]})

    assert talk.doing is not None
    assert await talk.doing == [{"name": "a", "value": "b"}]


async def test_components_of_the_second_kind_stand_alone(talk: Talk) -> None:
    path = f"/channels/{talk.room.id}/messages"
    text = {"type": 10, "content": "Hello"}
    section = {"type": 9, "components": [text], "accessory": _BUTTON}
    picture = {"media": {"url": "https://a.example/i.png"}}
    shown = {"type": 9, "components": [text], "accessory": {"type": 11, **picture}}
    box = {"type": 17, "components": [text, section, shown, {"type": 14}]}
    body = {"flags": 1 << 15, "components": [box, {"type": 12, "items": [picture]}]}

    sent = await talk.rest("POST", path, body)
    many = await talk.rest("POST", path, {**body, "components": [text] * 41})
    legacy = await talk.rest("POST", path, {**body, "content": "x"})

    assert (sent.status, many.code, legacy.code) == (200, 50035, 50035)
    assert [one["id"] for one in sent.body["components"][0]["components"]] == [2, 3, 6, 9]


@pytest.mark.parametrize(
    "components",
    [
        "x",
        [_ROW] * 6,
        [{"type": 1, "components": [_BUTTON, _BUTTON]}],
        [{"type": 1, "components": [{**_BUTTON, "label": "x" * 81}]}],
        [{"type": 1, "components": [{**_BUTTON, "label": ""}]}],
        [
            {
                "type": 1,
                "components": [
                    {
                        "type": 3,
                        "custom_id": "x",
                        "options": [{"label": "x", "value": str(one)} for one in range(26)],
                    }
                ],
            }
        ],
    ],
)
async def test_components_over_discords_limits_are_refused(talk: Talk, components: object) -> None:
    body = {"content": "x", "components": components}

    answer = await talk.rest("POST", f"/channels/{talk.room.id}/messages", body)

    assert (answer.status, answer.code) == (400, 50035)


async def test_a_private_conversation_has_commands_too(talk: Talk) -> None:
    ann = talk.chat.guilds.add_user("ann")
    opened = await talk.rest("POST", "/users/@me/channels", {"recipient_id": str(ann.id)})
    await talk.begin(talk.chat.people.slash(int(opened.body["id"]), ann.id, "hello"))

    await talk.answer(4, {"content": "Hello"})

    assert (await talk.reply()).content == "Hello"
    assert [one.content for one in talk.chat.dms(ann.id)] == ["Hello"]


async def test_the_oldest_interactions_are_forgotten_with_what_one_person_saw(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.chat.interactions._KEPT", 2)
    replies = []
    for flags in (64, 0, 0, 0):
        await talk.command()
        await talk.answer(4, {"content": "Hello", "flags": flags})
        replies.append(await talk.reply())

    kept = [talk.chat.views.message(one.message_id or 0) is not None for one in replies]
    assert kept == [False, True, True, True]
    assert (await talk.follow("GET", "/messages/@original")).status == 200
    with pytest.raises(ApiError, match="Unknown interaction"):
        talk.chat.people.reply(replies[1].interaction_id)
    assert talk.chat.people.reply(replies[2].interaction_id).content == "Hello"


async def test_what_one_person_saw_is_forgotten_where_its_room_is_gone_and_it_is_told(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.chat.interactions._KEPT", 1)
    room = talk.room
    talk.room = talk.chat.rooms.add_thread(talk.room.id, "talk", with_bot=True)
    await talk.command()
    await talk.answer(4, {"content": "Hello", "flags": 64})
    reply = await talk.reply()
    talk.chat.rooms.delete_channel(talk.room.id)
    talk.room, before = room, talk.chat.journal.last
    await talk.command()
    await talk.answer(4, {"content": "Hello"})

    assert (await talk.reply()).content == "Hello"
    told = talk.chat.journal.after(before) or []
    assert reply.message_id in [one.id for one in told if one.subject is Subject.MESSAGE]
