"""One post for an object, with the real discord.py against the sandbox's Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.domain.model import AttachmentRules, GuildId, ObjectId, ObjectInfo, RoomId
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Baseline, NewAttachment
from sandbox.chat import Channel, Fault
from tests.cogs.twentythree.delivery.test_global_limits import Scene, scene, working
from tests.fakes.discord_rest import Impatient
from tests.fakes.notices import SEEN_AT, VIDEO

__all__ = ["scene"]

TWIN = replace(VIDEO, object_id=ObjectId(4711), url="https://video.example.com/twin")
LOST: dict[str, dict[str, Any]] = {"500": {"status": 500}, "cut": {"drops": True}}
LISTED = r"/guilds/\d+/threads/active"
NO_ANSWER = "Discord opens no post in the forum: no answer"


@dataclass
class Forum:
    """A forum, and rooms whose clocks a test puts on."""

    scene: Scene
    later: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Have rooms that remember nothing."""
        self._rooms = RoomSupervisor(
            self.scene.edge,
            self.scene.store,
            Metrics(CollectorRegistry()),
            now=lambda: datetime.now(UTC) + self.later,
            clock=lambda: time.monotonic() + self.later.total_seconds(),
        )

    @property
    def posts(self) -> list[Channel]:
        forum = self.scene.forum
        return [one for one in self.scene.guild.channels.values() if one.parent_id == forum.id]

    async def open(self, about: ObjectInfo = VIDEO) -> RoomId | str:
        async with asyncio.timeout(60):
            return await self._rooms.open_post(RoomId(self.scene.forum.id), about)

    async def opened(self, about: ObjectInfo = VIDEO) -> RoomId:
        """Open a post, and wait until the gateway has told of it."""
        post = await self.open(about)
        assert isinstance(post, int), post
        async with asyncio.timeout(60):
            while self.scene.host.get_channel(post) is None:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        return post

    async def attach(self, post: RoomId, about: ObjectInfo) -> None:
        new = NewAttachment(
            guild_id=GuildId(self.scene.guild.id),
            room_id=post,
            forum_id=RoomId(self.scene.forum.id),
            object=about,
            rules=AttachmentRules(),
            attached_by=self.scene.chat.owner.id,
        )
        await self.scene.store.attachments.attach(new, Baseline(), now=SEEN_AT)

    def lose(self, how: str, **more: Any) -> Fault:
        path = rf"/channels/{self.scene.forum.id}/threads"
        return self.scene.chat.fault("POST", path, **LOST[how], **more)

    async def write(self, post: RoomId) -> int:
        room = self.scene.host.get_partial_messageable(post)
        return (await room.send("Good evening")).id

    def listings(self) -> Fault:
        """Return what counts how often Discord was asked what there is; it does no harm."""
        return self.scene.chat.fault("GET", LISTED, times=None)

    def listed(self, post: RoomId, **state: Any) -> dict[str, Any]:
        row = {
            "id": str(post),
            "name": VIDEO.title,
            "parent_id": str(self.scene.forum.id),
            "owner_id": str(self.scene.chat.bot.id),
            "thread_metadata": {"archived": False, "locked": False, **state},
        }
        return {"threads": [row], "members": []}


@pytest.fixture
async def forum(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forum]:
    monkeypatch.setattr(discord.http, "asyncio", Impatient())
    async with working(scene):
        yield Forum(scene)


@pytest.mark.parametrize("how", LOST)
async def test_a_post_whose_answer_was_lost_is_found_at_once(forum: Forum, how: str) -> None:
    forum.lose(how, when="after")

    opened = await forum.open()

    assert [one.id for one in forum.posts] == [opened]


@pytest.mark.parametrize("how", LOST)
async def test_a_post_whose_answers_were_lost_is_opened_once(forum: Forum, how: str) -> None:
    forum.lose(how, when="after")
    # aiohttp asks twice.
    forum.scene.chat.fault("GET", LISTED, drops=True, times=2)

    said = await forum.open()
    again = await forum.open()

    assert said == NO_ANSWER
    assert [one.id for one in forum.posts] == [again]


async def test_a_post_whose_opening_was_given_up_is_opened_once(forum: Forum) -> None:
    fault = forum.lose("500", when="after", hangs=True)
    opening = asyncio.create_task(forum.open())
    async with asyncio.timeout(60):
        await fault.reached.wait()
    opening.cancel()
    await asyncio.wait([opening])
    fault.release()

    assert [one.id for one in forum.posts] == [await forum.open()]


async def test_a_post_that_may_still_turn_up_is_waited_for(forum: Forum) -> None:
    forum.lose("500")

    said = [await forum.open(), await forum.open()]
    forum.later = timedelta(seconds=16)
    opened = await forum.open()

    assert said == [NO_ANSWER, NO_ANSWER]
    assert [one.id for one in forum.posts] == [opened]


async def test_a_refusal_is_an_answer(forum: Forum) -> None:
    path = rf"/channels/{forum.scene.forum.id}/threads"
    forum.scene.chat.fault("POST", path, code=50013)

    listings = forum.listings()

    assert "Missing Permissions" in str(await forum.open())
    assert isinstance(await forum.open(), int)
    assert listings.hits == 0


async def test_a_post_that_nobody_stored_is_taken_after_a_restart(forum: Forum) -> None:
    left = await forum.opened()
    forum.restart()

    assert await forum.open() == left
    assert len(forum.posts) == 1


async def test_posts_of_other_names_are_not_asked_for(forum: Forum) -> None:
    await forum.opened(replace(TWIN, title="Another"))
    listings = forum.listings()

    await forum.opened()

    assert listings.hits == 0
    assert len(forum.posts) == 2


async def test_two_objects_of_one_title_have_two_posts(forum: Forum) -> None:
    first, second = await forum.opened(), await forum.opened(TWIN)

    assert first != second
    assert await forum.open(TWIN) == second
    assert await forum.open() == first


async def test_two_objects_whose_answers_are_lost_have_two_posts(forum: Forum) -> None:
    forum.lose("500", when="after", times=2)
    first, second = await asyncio.gather(forum.open(), forum.open(TWIN))

    assert first != second
    assert len(forum.posts) == 2


async def test_an_object_without_a_page_takes_no_post(forum: Forum) -> None:
    nameless = replace(VIDEO, url="nonsense")
    first = await forum.opened(nameless)

    assert await forum.open(nameless) != first


async def test_a_post_to_which_something_is_attached_is_not_taken(forum: Forum) -> None:
    held = await forum.opened()
    await forum.attach(held, TWIN)

    assert await forum.open() != held


async def test_a_post_in_which_something_was_said_is_not_taken(forum: Forum) -> None:
    used = await forum.opened()
    await forum.write(used)

    assert await forum.open() != used


@pytest.mark.parametrize("how", ["closed", "locked", "old", "unreadable", "hidden", "gone"])
async def test_a_post_that_may_be_something_else_is_not_taken(forum: Forum, how: str) -> None:
    left = await forum.opened()
    chat = forum.scene.chat
    match how:
        case "closed":
            chat.fault("GET", LISTED, status=200, body=forum.listed(left, archived=True))
        case "locked":
            chat.fault("GET", LISTED, status=200, body=forum.listed(left, locked=True))
        case "old":
            forum.later = timedelta(days=1, minutes=1)
        case "unreadable":
            chat.fault("GET", rf"/channels/{left}/messages", status=200, body=[])
        case "hidden":
            chat.fault("GET", rf"/channels/{left}/messages", code=50001)
        case _:
            chat.fault("GET", rf"/channels/{left}/messages", code=10003)

    assert isinstance(await forum.open(), int)
    assert len(forum.posts) == 2


async def test_odd_threads_that_discord_lists_are_passed_over(forum: Forum) -> None:
    left = await forum.opened()
    body = forum.listed(left)
    body["threads"] = [{}, {"parent_id": "x"}, 7, *body["threads"]]
    forum.scene.chat.fault("GET", LISTED, status=200, body=body)

    assert await forum.open() == left


async def test_nothing_is_opened_while_it_is_not_known_what_is_there(forum: Forum) -> None:
    await forum.opened()
    forum.scene.chat.fault("GET", LISTED, code=130000)

    assert isinstance(await forum.open(), str)
    assert len(forum.posts) == 1
