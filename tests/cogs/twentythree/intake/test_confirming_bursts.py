"""Bursts and floods: what is real of them is shown in order, what is forged is gone soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.domain.model import CommentPolicy
from cogs.twentythree.intake import rumours
from tests.cogs.twentythree.intake.test_confirming import (
    hear,
    in_order,
    listening,
    until_confirmed,
)
from tests.fakes.bridge_house import (
    ALL,
    OTHER,
    PROMOTED,
    ROOM,
    URL,
    VIDEO,
    WEBINAR,
)

_ELSEWHERE = "/" + "c3" * 20


async def test_a_burst_that_is_real_takes_a_few_pages(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.calls.clear()
        numbers = range(4, 204)
        for number in numbers:
            made.workspace.say(number, VIDEO, author="Ada", text="Hello")
        hear(client, *numbers)
        await made.until_said(*(f"comment {number}" for number in numbers))
        await until_confirmed(made)

        # On a busy machine the burst is taken in, and asked about, in parts.
        assert len(made.workspace.calls) < 30
        assert made.forged() is None


async def test_real_comments_among_forged_ones_keep_none_of_them_in_the_room(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        for number in range(4, 150):
            made.workspace.say(number, VIDEO, text="Hello")
        made.bridge.read_all()
        await made.until_said(*(f"comment {number}" for number in range(4, 150)))
        made.workspace.calls.clear()
        # The list's first page holds none of them.
        hear(client, *range(4, 34), promoted_p=True)
        hear(client, *range(1_000, 1_100))
        await made.until_forged(100)
        await made.until_said(*(f"comment {number}" for number in range(4, 150)))

        assert len(made.workspace.calls) < 100


async def test_ids_of_another_objects_comments_keep_no_forged_ones_in_the_room(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.add(WEBINAR)
        await made.attach(WEBINAR, OTHER, comments=CommentPolicy.ALL)
        for number in range(1_000, 1_010):
            made.workspace.say(number, WEBINAR)
        made.workspace.calls.clear()
        hear(client, *range(1_000, 1_100))
        await made.until_forged(100)
        await made.until_said()

        assert len(made.workspace.calls) < 50


async def test_of_a_burst_what_comes_late_is_shown_once_it_is_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rumours, "_BURST_S", 1e9)
    async with listening(tmp_path) as (made, client):
        numbers = range(1_000, 1_300)
        made.workspace.gate.clear()
        made.workspace.calls.clear()
        hear(client, *numbers)
        await made.until_called("comments", 1)
        assert 0 < len(await made.said()) < 200

        made.workspace.gate.set()
        await made.until_said()


async def test_after_a_burst_nothing_overtakes_what_waits_for_its_confirmation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path) as (made, client):
        numbers = range(1_000, 1_151)
        for number in numbers:
            made.workspace.say(number, VIDEO, text="Hello")
        made.workspace.gate.clear()
        # However slow this machine is.
        monkeypatch.setattr(rumours, "_BURST_S", 1e9)
        # In whatever parts it comes.
        hear(client, *numbers[:30])
        await made.until_said(*(f"comment {number}" for number in numbers[:30]))
        hear(client, *numbers[30:150])

        async def is_begun() -> bool:
            return len(await made.said()) >= 100

        await made.until(is_begun)
        await made.until_called("comments", 1)
        assert len(await made.said()) == 100
        monkeypatch.setattr(rumours, "_BURST_S", 0.0)
        hear(client, numbers[150])
        made.workspace.gate.set()
        await made.until_said(*(f"comment {number}" for number in numbers))

        assert await in_order(made) == [f"comment {number}" for number in numbers]


async def test_a_burst_of_many_pages_is_shown_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.page_size = 10
        numbers = range(1_000, 1_300)
        for number in numbers:
            made.workspace.say(number, VIDEO, text="Hello")
        monkeypatch.setattr(rumours, "_BURST_S", 1e9)
        hear(client, *numbers)

        async def are_all_there() -> bool:
            return len(await in_order(made)) == len(numbers)

        await made.until(are_all_there)
        assert await in_order(made) == [f"comment {number}" for number in numbers]


async def test_a_flood_on_one_object_is_cut_short_and_delays_no_other(tmp_path: Path) -> None:
    async with listening(tmp_path, confirm_s=60) as (made, client):
        made.workspace.add(WEBINAR)
        made.workspace.addresses[WEBINAR] = RealtimeAddress(url=URL, comments_root=_ELSEWHERE)
        await made.attach(WEBINAR, OTHER, comments=CommentPolicy.PROMOTED)
        elsewhere = f"{_ELSEWHERE}/promoted_json"
        await client.until_subscribed(PROMOTED, ALL, elsewhere)
        hear(client, *range(1_000, 21_000))
        hear(client, 5, channel=elsewhere, object_id=WEBINAR, promoted_p=True)
        await made.until_said("comment 5", room=OTHER)

        # 2,000 are shown before they are confirmed, and the store takes 200 at once.
        assert len((await made.store.outbox.work(ROOM, limit=30_000)).pending) <= 2_200
