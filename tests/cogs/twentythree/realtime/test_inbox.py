"""The queue between protocol and reader."""

import asyncio

import pytest

from cogs.twentythree.errors import RealtimeClosedError
from cogs.twentythree.realtime import (
    Connected,
    Delivery,
    Disconnected,
    Gap,
    RealtimeEvent,
    SubscriptionRefused,
)
from cogs.twentythree.realtime.inbox import Inbox
from cogs.twentythree.realtime.summary import Summary


def _delivery(data: object) -> Delivery:
    return Delivery.of("/a", data)


async def _drain(inbox: Inbox) -> list[RealtimeEvent]:
    inbox.close()
    events = []
    while True:
        try:
            events.append(await inbox.get())
        except StopAsyncIteration:
            return events


async def test_events_come_out_in_their_order() -> None:
    inbox = Inbox(10, 100_000)
    events: list[RealtimeEvent] = [
        Connected(resumed=False),
        _delivery(1),
        Disconnected(reason="cut"),
    ]
    for event in events:
        inbox.put(event, 1.0)

    assert await _drain(inbox) == events


async def test_a_reader_that_waits_is_woken() -> None:
    inbox = Inbox(10, 100_000)
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put(_delivery(1), 1.0)

    assert await reader == _delivery(1)


async def test_what_overflows_becomes_one_gap() -> None:
    inbox = Inbox(2, 100_000)
    for number in range(6):
        inbox.put(_delivery(number), float(number))

    assert await _drain(inbox) == [
        _delivery(0),
        _delivery(1),
        Gap(since=2.0, until=5.0, channels=frozenset({"/a"})),
    ]


async def test_after_an_overflow_the_reader_still_learns_how_things_stand() -> None:
    inbox = Inbox(1, 100_000)
    refused = SubscriptionRefused(channel="/b", error="403 Forbidden channel")
    for event in (
        _delivery(1),
        Disconnected(reason="cut"),
        Gap(since=0.5, until=3.0),
        Gap(since=1.5, until=2.0),
        refused,
        refused,
        Connected(resumed=True),
    ):
        inbox.put(event, 9.0)

    assert await _drain(inbox) == [
        _delivery(1),
        refused,
        Connected(resumed=True),
        Gap(since=0.5, until=3.0),
    ]


async def test_a_gap_is_told_before_anything_that_came_after_it() -> None:
    inbox = Inbox(1, 100_000)
    inbox.put(_delivery(1), 1.0)
    inbox.put(_delivery(2), 2.0)
    assert await inbox.get() == _delivery(1)
    inbox.put(_delivery(3), 3.0)
    assert await inbox.get() == Gap(since=2.0, until=3.0, channels=frozenset({"/a"}))

    inbox.put(_delivery(4), 4.0)

    assert await inbox.get() == _delivery(4)


async def test_large_events_are_bounded_by_their_bytes() -> None:
    inbox = Inbox(10, 100_000)
    for number, size in enumerate((60_000, 60_000, 10), start=1):
        inbox.put(_delivery(number), float(number), size)

    assert await inbox.get() == _delivery(1)
    assert await inbox.get() == Gap(since=2.0, until=3.0, channels=frozenset({"/a"}))

    for number in (4, 5):
        inbox.put(_delivery(number), 4.0, 50_000)
    inbox.put_all([_delivery(6)], 5.0, 5_000)

    assert await _drain(inbox) == [
        _delivery(4),
        _delivery(5),
        Gap(since=5.0, until=5.0, channels=frozenset({"/a"})),
    ]


async def test_an_event_larger_than_all_that_is_allowed_comes_through_an_empty_queue() -> None:
    inbox = Inbox(10, 100_000)
    inbox.put(_delivery(1), 1.0, 1_000_000)
    inbox.put(_delivery(2), 2.0, 5_000)

    assert [type(event) for event in await _drain(inbox)] == [Delivery, Gap]


async def test_events_that_come_together_are_taken_together_and_wake_the_reader() -> None:
    inbox = Inbox(2, 100_000)
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_all([_delivery(1), _delivery(2)], 1.0, 100)
    assert await reader == _delivery(1)

    inbox.put_all([_delivery(3), _delivery(4), _delivery(5)], 2.0, 30_000)

    assert await _drain(inbox) == [
        _delivery(2),
        _delivery(3),
        Gap(since=2.0, until=2.0, channels=frozenset({"/a"})),
    ]


async def test_a_gap_names_the_channels_until_they_are_too_many_or_unknown() -> None:
    summary = Summary()
    summary.add(Delivery.of("/a", 1), 1.0)
    summary.add(Delivery.of("/b", 1), 2.0)
    assert summary.events() == [Gap(since=1.0, until=2.0, channels=frozenset({"/a", "/b"}))]

    summary.add(Gap(since=0.0, until=1.0), 3.0)
    summary.add(Delivery.of("/c", 1), 4.0)
    assert summary.events() == [Gap(since=0.0, until=4.0)]

    many = Summary()
    for number in range(10_001):
        many.add(Delivery.of(f"/{number}", 1), 1.0)
    assert many.events() == [Gap(since=1.0, until=1.0)]


async def test_an_error_is_raised_after_the_last_event_and_again() -> None:
    inbox = Inbox(10, 100_000)
    inbox.put(_delivery(1), 1.0)
    inbox.close("why")
    inbox.close()

    assert await inbox.get() == _delivery(1)
    for _ in range(2):
        with pytest.raises(RealtimeClosedError, match="why"):
            await inbox.get()
