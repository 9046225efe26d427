"""Rate limits: what they say, and that the real discord.py keeps to them."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest

from sandbox.chat import Channel, Chat, ChatOptions, Limit
from sandbox.chat.calls import Answer, Call, Route
from sandbox.chat.options import LIMITS, Rules
from sandbox.chat.rates import RateLimits
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Rest

_POST = "POST /channels/{channel_id}/messages"


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Requests:
    """Counts requests for a route, without a network."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.rules = Rules()
        self.limits = RateLimits(ChatOptions(now=self.clock, **options), self.rules)

    def post(self, channel: str = "1", *, needs_token: bool = True) -> tuple[dict[str, str], int]:
        template = "/channels/{channel_id}/messages"
        route = Route(
            method="POST", template=template, handle=lambda _: Answer(), needs_token=needs_token
        )
        call = Call(
            method="POST", path="", template=template, parts={"channel_id": channel}, query={}
        )
        headers, refused = self.limits.take(route, call)
        return headers, 200 if refused is None else refused.status


def test_a_window_takes_its_requests_and_begins_anew() -> None:
    requests = Requests(limits={_POST: Limit(requests=2, window_s=5.0)})

    taken = [requests.post() for _ in range(3)]
    assert [status for _, status in taken] == [200, 200, 429]
    assert [headers["X-RateLimit-Remaining"] for headers, _ in taken] == ["1", "0", "0"]
    assert taken[0][0]["X-RateLimit-Reset-After"] == "5.000"
    assert taken[0][0]["X-RateLimit-Reset"] == "1800000005.000"
    requests.clock.seconds += 4.9
    assert requests.post()[1] == 429
    requests.clock.seconds += 0.1
    assert requests.post()[1] == 200


def test_channels_have_windows_of_their_own_in_one_bucket() -> None:
    requests = Requests(limits={_POST: Limit(requests=1, window_s=5.0)})

    one, two = requests.post("1"), requests.post("2")

    assert (one[1], two[1]) == (200, 200)
    assert one[0]["X-RateLimit-Bucket"] == two[0]["X-RateLimit-Bucket"]


def test_all_requests_together_have_a_limit_that_interactions_do_not_count_for() -> None:
    requests = Requests(
        limits={},
        default_limit=Limit(requests=9, window_s=1),
        global_limit=Limit(requests=2, window_s=1),
    )

    assert [requests.post(str(number))[1] for number in range(3)] == [200, 200, 429]
    assert requests.post("9", needs_token=False)[1] == 200


def test_limits_can_be_changed_and_switched_off() -> None:
    requests = Requests()
    requests.rules.limits[_POST] = Limit(requests=1, window_s=5)

    assert [requests.post()[1] for _ in range(2)] == [200, 429]
    requests.rules.is_rate_limited = False
    assert requests.post() == ({}, 200)


def test_too_many_invalid_requests_end_in_a_ban_for_ten_minutes() -> None:
    requests = Requests(invalid_limit=2)
    shared = {"X-RateLimit-Scope": "shared"}

    requests.limits.count(Answer(status=429, headers=shared))
    requests.limits.count(Answer(status=404))
    requests.limits.count(Answer(status=403))
    assert requests.post()[1] == 200
    requests.limits.count(Answer(status=401))

    assert requests.limits.invalid_requests == 2
    assert requests.post()[1] == 429
    requests.clock.seconds += 601
    assert requests.post()[1] == 200


def test_the_limits_of_discord_are_there_by_default() -> None:
    assert ChatOptions().limits[_POST] == LIMITS[_POST] == Limit(requests=5, window_s=5.0)


async def test_a_refused_request_says_when_to_come_back(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    chat.rules.limits[_POST] = Limit(requests=1, window_s=60)
    path = f"/channels/{room.id}/messages"
    await rest("POST", path, {"content": "one"})

    answer = await rest("POST", path, {"content": "two"})

    assert answer.status == 429
    assert 0 < answer.body["retry_after"] <= 60
    assert answer.body["global"] is False
    assert answer.headers["Via"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-RateLimit-Scope"] == "user"
    assert (chat.limits.refused, chat.limits.invalid_requests) == (1, 1)
    assert len(chat.messages(room.id)) == 1


async def test_the_library_keeps_to_the_limit_by_itself(
    chat: Chat, room: Channel, client: Client
) -> None:
    chat.rules.limits[_POST] = Limit(requests=2, window_s=0.05)
    target = client.get_partial_messageable(room.id)

    for number in range(5):
        await target.send(str(number))

    assert [one.content for one in chat.messages(room.id)] == list("01234")
    assert chat.limits.refused == 0


async def test_the_library_tries_again_after_a_429_of_discord(
    chat: Chat, room: Channel, client: Client
) -> None:
    fault = chat.fault("POST", "/channels/.*/messages", status=429)

    await client.get_partial_messageable(room.id).send("one")

    assert fault.hits == 1
    assert [post.status for post in chat.posts if post.method == "POST"] == [429, 200]


async def test_the_library_gives_up_after_a_429_of_cloudflare(
    chat: Chat, room: Channel, client: Client
) -> None:
    chat.fault("POST", "/channels/.*/messages", is_cloudflare=True)

    with pytest.raises(discord.HTTPException) as caught:
        await client.get_partial_messageable(room.id).send("one")

    assert caught.value.status == 429
    assert chat.messages(room.id) == []


async def test_old_messages_can_be_edited_only_so_often() -> None:
    # Covered apart from the network: the library would wait out five refusals.
    chat = await Chat.start(ChatOptions(now=(clock := Clock()), edits_per_hour=1))
    room = chat.rooms.add_channel(chat.guilds.add_guild().id, "general")
    async with aiohttp.ClientSession() as session:
        rest = Rest(chat, session)
        sent = await rest("POST", f"/channels/{room.id}/messages", {"content": "one"})
        path = f"/channels/{room.id}/messages/{sent.body['id']}"
        clock.seconds += 3500
        young = [await rest("PATCH", path, {"content": str(number)}) for number in range(2)]
        clock.seconds += 101
        old = [await rest("PATCH", path, {"content": str(number)}) for number in range(2)]
        chat.rules.limits_old_edits = False
        free = await rest("PATCH", path, {"content": "free"})
    await chat.close()

    assert [one.status for one in young] == [200, 200]
    assert [one.status for one in old] == [200, 429]
    assert (old[1].code, free.status) == (30046, 200)
