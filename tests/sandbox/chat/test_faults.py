"""Faults: what goes wrong between the bot and Discord."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from sandbox.chat import Channel, Chat
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Rest


async def test_a_reply_lost_after_the_commit_leaves_the_message_there(
    chat: Chat, room: Channel, client: Client
) -> None:
    chat.fault("POST", "/channels/.*/messages", when="after", drops=True)
    target = client.get_partial_messageable(room.id)

    with pytest.raises(aiohttp.ClientError):
        await target.send("one", nonce="n-1")
    again = await target.send("one", nonce="n-1")

    assert [one.id for one in chat.messages(room.id)] == [again.id]
    assert [post.is_lost for post in chat.posts if post.method == "POST"] == [True, False]


async def test_a_connection_dropped_before_the_commit_leaves_nothing(
    chat: Chat, room: Channel, client: Client
) -> None:
    chat.fault("POST", "/channels/.*/messages", drops=True)

    with pytest.raises(aiohttp.ClientError):
        await client.get_partial_messageable(room.id).send("one")

    assert chat.messages(room.id) == []


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
async def test_a_status_can_be_answered_before_and_after_the_commit(
    chat: Chat, room: Channel, client: Client, when: str, count: int
) -> None:
    body = {"message": "Down", "code": 0}
    chat.fault("POST", "/channels/.*/messages", when=when, status=503, body=body)

    with pytest.raises(discord.DiscordServerError, match="Down"):
        await client.get_partial_messageable(room.id).send("one")

    assert len(chat.messages(room.id)) == count
    assert [post.is_fault for post in chat.posts if post.method == "POST"] == [True]


async def test_a_request_hangs_until_it_is_released(
    chat: Chat, room: Channel, client: Client
) -> None:
    fault = chat.fault("POST", "/channels/.*/messages", hangs=True)
    sending = asyncio.create_task(client.get_partial_messageable(room.id).send("one"))

    await fault.reached.wait()
    assert chat.messages(room.id) == []
    fault.release()
    await sending

    assert len(chat.messages(room.id)) == 1


async def test_a_fault_hits_only_what_it_is_for_and_so_often_as_it_says(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    path = f"/channels/{room.id}"
    twice = chat.fault("GET", path, times=2, status=500)
    always = chat.fault("GET", path + "/.*", times=None, status=502)

    plain = [(await rest("GET", path)).status for _ in range(3)]
    below = [(await rest("GET", path + "/messages")).status for _ in range(3)]
    assert (plain, below) == ([500, 500, 200], [502, 502, 502])
    assert (twice.hits, always.hits) == (2, 3)

    chat.faults.clear()
    assert (await rest("GET", path + "/messages")).status == 200


async def test_a_delay_is_made_before_the_answer(chat: Chat, room: Channel, rest: Rest) -> None:
    fault = chat.fault(delay_s=0.001)

    assert (await rest("GET", f"/channels/{room.id}")).status == 200
    assert fault.hits == 1


async def test_what_hangs_does_not_keep_the_stand_in_from_closing(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    fault = chat.fault(hangs=True, drops=True)
    asking = asyncio.create_task(rest("GET", f"/channels/{room.id}"))
    await fault.reached.wait()

    await chat.close()

    with pytest.raises(aiohttp.ClientError):
        await asking
