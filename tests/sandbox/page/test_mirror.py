"""What a page is told beside rooms and comments: switches, the bot, its status, a journey."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.journal import Happening, Subject
from sandbox.page import Page, Said, Saying, Scene
from sandbox.page.journey import Journey
from tests.fakes.discord_rest_client import Listener, Rest
from tests.sandbox.page.conftest import NoProcess
from tests.sandbox.page.visitor import Visitor

_COMMANDS = [
    {
        "name": "video",
        "description": "Videos",
        "options": [{"type": 1, "name": "status", "description": "Is it well?"}],
    }
]


async def test_realtime_goes_away_and_comes_back(
    visitor: Visitor, sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await visitor.do("switch", name="realtime_away", on=True)
    assert (await visitor.event("switches"))["realtime_away"] is True
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.post(sandbox.faye.url)

    await visitor.do("switch", name="realtime_away", on=True)
    await visitor.do("switch", name="realtime_away", on=False)
    assert (await visitor.event("switches", realtime_away=False))["realtime_away"] is False
    async with http.post(sandbox.faye.url, json=[]) as response:
        assert response.status == 200


async def test_the_workspace_answers_503_and_is_well_again(
    visitor: Visitor, sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    statuses = []
    for on in (True, False):
        await visitor.do("switch", name="workspace_away", on=on)
        async with http.get(f"{sandbox.workspace.url}/api/2/site/get") as response:
            statuses.append(response.status)

    assert statuses == [503, 200]


async def test_discord_answers_429_in_rooms_alone(
    visitor: Visitor, sandbox: Sandbox, scene: Scene, rest: Rest
) -> None:
    path = f"/channels/{scene.general.id}/messages"
    await visitor.do("switch", name="discord_429", on=True)
    refused = await rest("POST", path, {"content": "x"})
    asked = await rest("GET", "/users/@me")
    await visitor.do("switch", name="discord_429", on=False)

    assert (refused.status, refused.body["retry_after"]) == (429, 2.0)
    assert asked.status == 200
    assert (await rest("POST", path, {"content": "x"})).status == 200


async def test_the_bot_is_started_and_killed(visitor: Visitor) -> None:
    await visitor.do("bot", do="start")
    started = await visitor.event("bot")
    await visitor.do("bot", do="kill")
    killed = await visitor.event("bot")

    assert started == {"running": True, "since": "2027-01-15T08:00:00.000+00:00"}
    assert killed["running"] is False


async def test_the_status_is_asked_for_and_clutters_nothing(
    sandbox: Sandbox, rest: Rest, listener: Listener, page: Page, http: aiohttp.ClientSession
) -> None:
    await rest("PUT", f"/applications/{sandbox.chat.bot.id}/commands", _COMMANDS)

    async with Visitor(page, http) as visitor:
        told = await listener.next("INTERACTION_CREATE")
        path = f"/interactions/{told['id']}/{told['token']}/callback"
        await rest("POST", path, {"type": 4, "data": {"content": "All is well", "flags": 64}})

        assert (await visitor.event("status"))["text"] == "All is well"
        await visitor.do("add_video", title="What comes after it")
        await visitor.event("object")
        assert not {"reply", "message", "modal"} & {one["type"] for one in visitor.seen}
        assert told["member"]["user"]["id"] not in {one["id"] for one in visitor.state["users"]}
    assert int(told["member"]["permissions"]) & 8


async def test_the_journey_of_the_last_comment_is_followed(
    visitor: Visitor, keeper: NoProcess, scene: Scene, rest: Rest
) -> None:
    film = visitor.thing("Product film")["id"]
    began = time.time() * 1000
    made = await visitor.do("comment", object_id=film, text="Hello")
    number = int(made["comment_id"])
    journey = await visitor.event("journey")
    assert (journey["comment_id"], journey["object_id"]) == (made["comment_id"], film)
    assert round(began) <= journey["published"] <= round(time.time() * 1000)
    assert {journey[one] for one in ("received", "stored", "posted")} == {None}

    keeper.journal.add(Said(Saying.RECEIVED, 1.5, (1, number)))
    assert (await visitor.event("journey"))["received"] == 1500
    keeper.journal.add(Said(Saying.STORED, 2.25, (number,)))
    assert (await visitor.event("journey"))["stored"] == 2250
    embed = {"title": "x", "url": f"https://video.example.com/1#comment-{number}"}
    await rest("POST", f"/channels/{scene.film_room.id}/messages", {"embeds": [embed]})
    journey = await visitor.event("journey")
    assert round(began) <= journey["posted"] <= round(time.time() * 1000)
    async with Visitor(visitor.page, visitor.http) as other:
        assert other.state["journey"] == journey


async def test_a_comment_that_is_posted_without_an_embed_has_arrived_as_well(
    visitor: Visitor, scene: Scene, rest: Rest
) -> None:
    film = visitor.thing("Product film")["id"]
    made = await visitor.do("comment", object_id=film, text="Hello")
    await visitor.event("journey")

    line = f"**Guest**: Hello [»](<https://video.example.com/1#comment-{made['comment_id']}>)"
    await rest("POST", f"/channels/{scene.film_room.id}/messages", {"content": line})

    await visitor.event("message", content=line)
    async with Visitor(visitor.page, visitor.http) as other:
        assert other.state["journey"]["posted"] is not None


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("heard", ("received", 9.0, (6, 77))),
        ("shown", ("#comment-77", 9.0)),
        ("shown", ("#comment-", 9.0)),
    ],
)
def test_what_is_said_of_another_comment_is_no_step(step: str, given: tuple[Any, ...]) -> None:
    journey = Journey(7, 1, 1.0)

    assert getattr(journey, step)(*given) is journey


def test_only_the_first_time_counts() -> None:
    journey = Journey(7, 1, 1.0).heard("received", 2.0, [7]).shown("#comment-7", 3.0)

    assert journey.heard("received", 9.0, [7]) is journey
    assert journey.shown('"#comment-7"', 9.0) is journey


async def test_a_page_that_cannot_be_told_in_time_gets_all_anew(
    visitor: Visitor, sandbox: Sandbox
) -> None:
    for _ in range(5_000):
        sandbox.chat.journal.add(Happening(Subject.COMMANDS))

    state = visitor.state
    async with asyncio.timeout(60):
        while visitor.state is state:
            await visitor.say('{"id": 0, "do": "add_video", "with": {"title": "x"}}')
        # Its number is followed by the next one's.
        await visitor.do("add_video", title="The last")
        await visitor.event("object", title="The last")


async def test_scheduled_events_are_told_the_next_first(visitor: Visitor, scene: Scene) -> None:
    calendar, guild = scene.sandbox.chat.calendar, scene.guild
    assert visitor.state["calendar"] == []
    now = time.time()
    later, first = (
        calendar.add(guild.id, name, start=now + after, end=now + 9_000)
        for name, after in (("Later", 7_200), ("First", 3_600))
    )

    found = await visitor.until("calendar", lambda shown: len(shown) == 2)
    assert [(one["name"], one["status"]) for one in found] == [("First", 1), ("Later", 1)]
    assert (found[0]["location"], found[0]["src"]) == (first.location, None)
    calendar.delete(later)
    calendar.edit(first, name="Only")
    found = await visitor.until("calendar", lambda shown: len(shown) == 1)
    assert found[0]["name"] == "Only"
