"""What the scenario sees when it compares rooms that somebody else filled."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.chat import Channel
from sandbox.scenario import Scenario, Stage


@dataclass
class Bench:
    """A stage whose rooms are filled by hand, through the bot's own REST API."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sandbox.chat.rules.is_rate_limited = False
        self.stage = Stage(self.sandbox, self.said.append)
        self.scenario = Scenario(self.stage, patience_s=0)

    async def fill(self) -> None:
        """Post what the rooms must hold: one comment of the film, two of the webinar, a start."""
        changes, stage = self.sandbox.workspace.changes, self.stage
        film = await changes.post_comment(stage.film.object_id, "film")
        self.promoted = (await changes.post_comment(stage.webinar.object_id, "a")).comment_id
        self.private = (await changes.post_comment(stage.webinar.object_id, "b")).comment_id
        await changes.promote(self.promoted)
        await self.post(stage.film_room, comment(film.comment_id))
        self.promoted_message = await self.post(stage.webinar_room, comment(self.promoted))
        self.start_message = await self.post(stage.webinar_room, "#live-start-1")
        await self.post(stage.staff_room, comment(self.promoted), comment(self.private))

    async def post(self, room: Channel, *fragments: str) -> int:
        embeds = [{"url": f"https://example.com/{one}", "description": "x"} for one in fragments]
        return await self._send("POST", f"/channels/{room.id}/messages", embeds)

    async def edit(self, room: Channel, message_id: int, text: str) -> None:
        path = f"/channels/{room.id}/messages/{message_id}"
        await self._send("PATCH", path, [{"title": "Film", "description": text}])

    async def _send(self, method: str, path: str, embeds: list[dict[str, str]]) -> int:
        chat = self.sandbox.chat
        headers = {"Authorization": f"Bot {chat.token}"}
        url = chat.api_url + path
        async with self.http.request(
            method, url, json={"embeds": embeds}, headers=headers
        ) as response:
            assert response.status == 200, await response.text()
            return int((await response.json())["id"])

    def wrong_rooms(self) -> list[str]:
        """Compare; return the rooms that are told to be wrong."""
        self.said.clear()
        is_right = self.scenario._compare()
        wrong = [line.split()[0] for line in self.said if "WRONG" in line]
        assert is_right == (not wrong)
        return wrong


def comment(comment_id: int) -> str:
    return f"#comment-{comment_id}"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as http:
        made = Bench(sandbox, http)
        await made.fill()
        yield made


async def test_rooms_that_hold_each_notice_once_are_right(bench: Bench) -> None:
    assert bench.wrong_rooms() == []
    assert bench.said[-1] == "Every room holds each notice once."


async def test_a_missing_notice_is_seen(bench: Bench) -> None:
    bench.sandbox.chat.rooms.delete_message(bench.promoted_message)

    assert bench.wrong_rooms() == ["#webinar"]
    assert any("1 missing" in line for line in bench.said)


async def test_a_notice_that_is_said_twice_is_seen(bench: Bench) -> None:
    await bench.post(bench.stage.staff_room, comment(bench.private))

    assert bench.wrong_rooms() == ["#moderators"]
    assert any("1 twice" in line for line in bench.said)


async def test_a_private_notice_in_the_wrong_room_is_seen(bench: Bench) -> None:
    await bench.post(bench.stage.webinar_room, comment(bench.private))

    assert bench.wrong_rooms() == ["#webinar"]
    assert any("1 not meant for it" in line for line in bench.said)


async def test_what_is_left_of_a_deleted_comment_is_no_notice(bench: Bench) -> None:
    gone = "Comment: *(removed on the platform)* [»](https://example.com/#comment-5)"
    await bench.edit(bench.stage.webinar_room, bench.start_message, gone)
    bench.wrong_rooms()

    assert any("0 not meant for it" in line for line in bench.said if "#webinar" in line)


async def test_a_missing_start_and_a_second_one_are_seen(bench: Bench) -> None:
    bench.sandbox.chat.rooms.delete_message(bench.start_message)
    assert bench.wrong_rooms() == ["#webinar"]
    for _ in range(2):
        await bench.post(bench.stage.webinar_room, "#live-start-1")

    assert bench.wrong_rooms() == ["#webinar"]
    assert any("live starts 2 of 1" in line for line in bench.said)


async def test_without_a_bot_the_scenario_ends_early_and_is_not_right(bench: Bench) -> None:
    assert not await bench.scenario.play()
    assert any("ends early" in line for line in bench.said)


async def test_each_message_is_printed_once_and_again_when_it_is_edited(bench: Bench) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    bench.stage.say = told.put_nowait
    printing = asyncio.create_task(bench.stage.print_rooms())
    lines = [await told.get() for _ in range(4)]
    await bench.edit(bench.stage.webinar_room, bench.start_message, "**Live**")
    lines.append(await told.get())
    printing.cancel()
    await asyncio.gather(printing, return_exceptions=True)

    assert [line.split()[0] for line in lines] == [
        "#film",
        "#webinar",
        "#webinar",
        "#moderators",
        "#webinar",
    ]
    assert lines[-1] == "  #webinar (edited)  [Film] Live"
    assert told.empty()
