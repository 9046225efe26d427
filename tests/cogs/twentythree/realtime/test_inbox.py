"""The queue between protocol and reader."""

import asyncio
from typing import Self

import pytest

from cogs.twentythree.errors import RealtimeClosedError
from cogs.twentythree.realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    RealtimeEvent,
    SubscriptionRefused,
)
from cogs.twentythree.realtime.inbox import Inbox, Summary


class _Inbox(Inbox):
    """An inbox that is told the time with each event."""

    def __init__(self, size: int) -> None:
        self.proven_at: float | None = None
        self.now = 0.0
        super().__init__(size, 100_000, self, lambda: self.now)

    def at(self, until: float, *, since: float | None = None) -> Self:
        self.proven_at, self.now = since, until
        return self


def _delivery(data: object) -> MessageReceived:
    return MessageReceived("/a", data)


async def _drain(inbox: Inbox) -> list[RealtimeEvent]:
    inbox.close()
    events = []
    while True:
        try:
            events.append(await inbox.get())
        except StopAsyncIteration:
            return events


async def test_events_come_out_in_their_order() -> None:
    inbox = _Inbox(10)
    events: list[RealtimeEvent] = [
        Connected(resumed=False),
        _delivery(1),
        Disconnected(reason="cut"),
    ]
    for event in events:
        inbox.at(1.0).put(event)

    assert await _drain(inbox) == events


async def test_a_reader_that_waits_is_woken() -> None:
    inbox = _Inbox(10)
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.at(1.0).put(_delivery(1))

    assert await reader == _delivery(1)


async def test_what_overflows_becomes_one_gap() -> None:
    inbox = _Inbox(2)
    for number in range(6):
        inbox.at(float(number)).put(_delivery(number))

    assert await _drain(inbox) == [
        _delivery(0),
        _delivery(1),
        Gap(since=2.0, until=5.0, channels=frozenset({"/a"})),
    ]


async def test_the_gap_of_an_overflow_begins_where_all_before_it_had_come() -> None:
    inbox = _Inbox(1)
    inbox.put(_delivery(1))
    inbox.at(5.0, since=3.0).put(_delivery(2))
    inbox.at(7.0, since=6.0).put(_delivery(3))

    assert await inbox.get() == _delivery(1)
    assert await inbox.get() == Gap(since=3.0, until=7.0, channels=frozenset({"/a"}))


async def test_after_an_overflow_the_reader_still_learns_how_things_stand() -> None:
    inbox = _Inbox(1)
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
        inbox.at(9.0).put(event)

    assert await _drain(inbox) == [
        _delivery(1),
        refused,
        Connected(resumed=True),
        Gap(since=0.5, until=3.0),
    ]


async def test_a_gap_is_told_before_anything_that_came_after_it() -> None:
    inbox = _Inbox(1)
    inbox.at(1.0).put(_delivery(1))
    inbox.at(2.0).put(_delivery(2))
    assert await inbox.get() == _delivery(1)
    inbox.at(3.0).put(_delivery(3))
    assert await inbox.get() == Gap(since=2.0, until=3.0, channels=frozenset({"/a"}))

    inbox.at(4.0).put(_delivery(4))

    assert await inbox.get() == _delivery(4)


async def test_large_events_are_bounded_by_their_bytes() -> None:
    inbox = _Inbox(10)
    for number, size in enumerate((60_000, 60_000, 10), start=1):
        inbox.at(float(number)).put(_delivery(number), size)

    assert await inbox.get() == _delivery(1)
    assert await inbox.get() == Gap(since=2.0, until=3.0, channels=frozenset({"/a"}))

    for number in (4, 5):
        inbox.at(4.0).put(_delivery(number), 50_000)
    inbox.at(5.0).put_all([_delivery(6)], 5_000)

    assert await _drain(inbox) == [
        _delivery(4),
        _delivery(5),
        Gap(since=5.0, until=5.0, channels=frozenset({"/a"})),
    ]


async def test_an_event_larger_than_all_that_is_allowed_comes_through_an_empty_queue() -> None:
    inbox = _Inbox(10)
    inbox.at(1.0).put(_delivery(1), 1_000_000)
    inbox.at(2.0).put(_delivery(2), 5_000)

    assert [type(event) for event in await _drain(inbox)] == [MessageReceived, Gap]


async def test_events_that_come_together_are_taken_together_and_wake_the_reader() -> None:
    inbox = _Inbox(2)
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.at(1.0).put_all([_delivery(1), _delivery(2)], 100)
    assert await reader == _delivery(1)

    inbox.at(2.0).put_all([_delivery(3), _delivery(4), _delivery(5)], 30_000)

    assert await _drain(inbox) == [
        _delivery(2),
        _delivery(3),
        Gap(since=2.0, until=2.0, channels=frozenset({"/a"})),
    ]


async def test_a_gap_names_the_channels_until_they_are_too_many_or_unknown() -> None:
    summary = Summary()
    summary.add(MessageReceived("/a", 1), 1.0, 1.0)
    summary.add(MessageReceived("/b", 1), 2.0, 2.0)
    assert summary.events() == [Gap(since=1.0, until=2.0, channels=frozenset({"/a", "/b"}))]

    summary.add(Gap(since=0.0, until=1.0), 3.0, 3.0)
    summary.add(MessageReceived("/c", 1), 4.0, 4.0)
    assert summary.events() == [Gap(since=0.0, until=4.0)]

    many = Summary()
    for number in range(10_001):
        many.add(MessageReceived(f"/{number}", 1), 1.0, 1.0)
    assert many.events() == [Gap(since=1.0, until=1.0)]


async def test_an_error_is_raised_after_the_last_event_and_again() -> None:
    inbox = _Inbox(10)
    inbox.at(1.0).put(_delivery(1))
    inbox.close("why")
    inbox.close()

    assert await inbox.get() == _delivery(1)
    for _ in range(2):
        with pytest.raises(RealtimeClosedError, match="why"):
            await inbox.get()
