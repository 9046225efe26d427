"""Answers that are none of Discord's: no request of ours ends the work by them.

Whoever stands before Discord gives them, to whatever is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cogs.twentythree.delivery.outcomes import Delivered, GiveUp, PauseRoom
from cogs.twentythree.delivery.scheduling import NotTaken, NotThere, Scheduling
from cogs.twentythree.domain.calendar import ScheduledStatus
from cogs.twentythree.domain.calendar_steps import EditScheduled
from cogs.twentythree.domain.model import GuildId, RoomId
from tests.cogs.twentythree.delivery.test_global_limits import BODY, Scene, scene, working
from tests.fakes.calendars import KEY, said_of
from tests.fakes.notices import VIDEO

__all__ = ["scene"]

NAN = float("nan")
ODD: dict[str, dict[str, Any]] = {
    "page": {"status": 200, "is_html": True},
    "page of a refusal": {"status": 403, "is_html": True},
    "page of a bad request": {"status": 400, "is_html": True},
    "page of nothing there": {"status": 404, "is_html": True},
    "object": {"status": 200, "body": {}},
    "list": {"status": 200, "body": []},
    "list of words": {"status": 200, "body": ["a"]},
    "number": {"status": 200, "body": 7},
    "odd fields": {"status": 200, "body": {"id": "x", "applied_tags": 3, "available_tags": "y"}},
    "limit of no time": {"status": 429, "body": {"message": ""}},
    "limit in words": {"status": 429, "body": {"retry_after": "soon"}},
    "limit of all in words": {"status": 429, "body": {"retry_after": "soon", "global": 1}},
    "limit of all of nothing": {"status": 429, "body": {"retry_after": None, "global": "yes"}},
    "limit of all gone by": {"status": 429, "body": {"retry_after": -7.5, "global": True}},
    "limit of all of no number": {"status": 429, "body": {"retry_after": NAN, "global": True}},
    "limit gone by": {"status": 429, "body": {"retry_after": -7.5}},
}


def requests_of(scene: Scene) -> dict[str, Awaitable[object]]:
    """Return all that is asked of Discord for rooms, calendars and people, by name."""
    edge, room, guild = scene.edge, scene.room_id, GuildId(scene.guild.id)
    poster, forum = edge.poster, RoomId(scene.forum.id)
    calendar = Scheduling(scene.host, edge.gate, request_timeout_s=1.0)
    edit = EditScheduled(key=KEY, scheduled_id=5, said=said_of(), changed=("name",))
    started = replace(edit, status=ScheduledStatus.ACTIVE)
    return {
        "post": poster.post(room, BODY, "one"),
        "edit": poster.edit(room, 5, BODY),
        "delete": poster.delete(room, 5),
        "find": poster.find(room, BODY, datetime.now(UTC)),
        "open thread": poster.open_thread(room, 5, "Film"),
        "let rest": poster.let_rest(room),
        "set tags": poster.set_tags(room, lambda now: [*now, 1]),
        "add tags": poster.add_tags(forum, lambda now: [*now, {"name": "Live"}]),
        "list events": calendar.listed(guild),
        "make event": calendar.made(guild, said_of(), None),
        "edit event": calendar.edited(guild, started, None),
        "delete event": calendar.deleted(guild, 5),
        "open post": scene.rooms.open_post(forum, VIDEO),
        "close post": scene.rooms.close_post(room),
        "tell": scene.rooms.tell_one(guild, [scene.chat.owner.id], "Hello"),
        "greet": scene.rooms.greet(guild),
    }


@pytest.fixture
async def odd(scene: Scene) -> AsyncIterator[Scene]:
    async with working(scene):
        yield scene


@pytest.mark.parametrize("answer", ODD)
async def test_an_odd_answer_is_an_outcome_and_no_verdict(odd: Scene, answer: str) -> None:
    odd.chat.fault(times=None, **ODD[answer])
    said = {}
    for name, request in requests_of(odd).items():
        said[name] = await request
        # discord.py closes its lock before it looks for how long.
        assert odd.host.http._global_over.is_set(), name

    verdicts = (Delivered, GiveUp, PauseRoom, NotTaken, NotThere, dict)
    judged = {name for name, it in said.items() if isinstance(it, verdicts)}
    # A calendar may be empty.
    assert judged <= ({"list events"} if answer == "list" else set())
    odd.chat.faults.clear()
    await odd.host_can_send()
