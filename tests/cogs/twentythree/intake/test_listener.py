"""The one connection: whereto it goes, and what is told of channels that were wanted late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

from cogs.twentythree.domain.model import CommentPolicy, ObjectId
from cogs.twentythree.domain.needs import RealtimeAddress, root_of
from cogs.twentythree.errors import LocalProtocolError, RealtimeClosedError
from cogs.twentythree.intake import Analytics
from cogs.twentythree.intake.objects import ObjectState
from cogs.twentythree.realtime import Connected, Gap, MessageReceived, RealtimeClient
from tests.fakes.attachments import attachment
from tests.fakes.bridge import an_object
from tests.fakes.intake import ClockSet, Parts, ports
from tests.fakes.realtime import FakeRealtime
from tests.fakes.workspace import EVENTS

_ONE, _OTHER = "https://one.example/faye", "https://other.example/faye"
_NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
_A, _B = frozenset({"/a"}), frozenset({"/a", "/b"})


class _House:
    """A listener, and the clients that it made."""

    def __init__(self, **options: Any) -> None:
        self.clients: list[FakeRealtime] = []
        self.parts = Parts(
            ports(None, None, realtime=self._make, clock=ClockSet(lambda: _NOW)), **options
        )
        self.listener, self.agenda = self.parts.listener, self.parts.agenda
        self.connection = self.listener.connection

    def attach(self, number: int, root: str) -> ObjectState:
        """Let an object be attached, with channels under this root."""
        state = self.parts.attach(
            attachment(number, about=an_object(number), comments=CommentPolicy.ALL, live=False)
        )
        self.parts.objects.learn(state, RealtimeAddress(comments_root=root))
        return state

    def asked(self) -> set[ObjectId]:
        """Return what is to be read, since the last call."""
        asked = set(self.agenda.readings.todo.asked)
        self.agenda.readings.todo.asked.clear()
        return asked

    async def until_connected(self) -> None:
        await self.until(lambda: self.connection.since is not None)

    def _make(self, url: str) -> RealtimeClient:
        if not url.startswith("https:"):
            raise LocalProtocolError("the address of a realtime service starts with http(s)")
        self.clients.append(FakeRealtime(url))
        return cast("RealtimeClient", self.clients[-1])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)


@asynccontextmanager
async def _house(**options: Any) -> AsyncGenerator[_House]:
    house = _House(**options)
    running = asyncio.create_task(house.listener.run())
    try:
        yield house
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_where_the_first_address_is_dead_another_one_is_used() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: len(house.clients) == 1)
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)
        await house.clients[1].until_subscribed("/a")

        assert [client.url for client in house.clients] == [_ONE, _OTHER]
        assert house.connection.lost_at is None


async def test_a_connection_that_works_is_not_left_for_every_other_address() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(Connected(resumed=False))
        await house.until_connected()
        house.listener.want(_OTHER, _B)
        await house.clients[0].until_subscribed("/a", "/b")

        assert len(house.clients) == 1


async def test_a_service_that_has_moved_is_followed_in_the_end() -> None:
    async with _house(dismissed_s=0.0) as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(Connected(resumed=False))
        await house.until_connected()
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)

        assert house.clients[1].url == _OTHER


async def test_a_service_that_is_left_for_another_is_connected_no_more() -> None:
    async with _house(dismissed_s=0.0) as house:
        state = house.attach(1, "/a")
        house.listener.want(_ONE, house.parts.objects.channels())
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(Connected(resumed=False))
        await house.until_connected()
        house.agenda.readings.todo.replanned = set()
        house.listener.want(_OTHER, house.parts.objects.channels())
        await house.until(lambda: len(house.clients) == 2)

        assert (house.connection.since, house.connection.lost_at) == (None, _NOW)
        # What is read at leisure while realtime carries it is so no more.
        assert house.agenda.readings.todo.replanned is None
        assert not house.connection.serves(state, state.needs)


async def test_an_address_that_is_none_ends_nothing() -> None:
    async with _house() as house:
        house.listener.want("gopher://one.example", _A)
        await house.until(lambda: house.connection.lost_at is not None)
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        await house.clients[0].until_subscribed("/a")


async def test_a_service_that_sends_us_away_is_left_for_another_at_once() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(RealtimeClosedError("gone"))
        await house.until(lambda: house.connection.lost_at is not None)
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)


async def test_a_listener_that_is_ended_while_a_service_sends_it_away_ends() -> None:
    house = _House(verdict_s=0.0)
    running = asyncio.create_task(house.listener.run())
    house.listener.want(_ONE, _A)
    await house.until(lambda: bool(house.clients))
    (client,) = house.clients
    client.confirming.clear()
    client.ending.clear()
    await client.until_subscribed("/a")
    client.tell(RealtimeClosedError("gone"))
    await client.given_up.wait()
    running.cancel()
    await asyncio.sleep(0)
    client.ending.set()

    done, _ = await asyncio.wait({running}, timeout=20)
    assert done
    assert running.cancelled()


async def test_a_channel_whose_verdict_is_long_in_coming_is_told_as_missed_when_it_stands() -> None:
    async with _house(verdict_s=0.0) as house:
        states = [house.attach(number, root) for number, root in ((1, "/a"), (2, "/b"), (3, "/c"))]
        of_a, of_b, of_c = ([*state.channels] for state in states)
        house.listener.want(_ONE, frozenset(of_a))
        await house.until(lambda: house.asked() == {1})
        house.clients[0].confirming.clear()
        house.listener.want(None, frozenset(of_a + of_b))
        # What comes on it waits for the reading that follows.
        await house.until(lambda: states[1].hold > 0)
        # The next change of the set is not held up.
        house.listener.want(None, frozenset(of_a + of_b + of_c))
        await house.until(lambda: states[2].hold > 0)
        assert house.asked() == set()
        house.clients[0].confirming.set()

        await house.until(lambda: set(house.agenda.readings.todo.asked) == {2, 3})


async def test_a_gap_on_some_channels_has_only_their_objects_read() -> None:
    async with _house() as house:
        video, other = house.attach(1, "/a"), house.attach(2, "/b")
        house.listener.want(_ONE, house.parts.objects.channels())
        await house.until(lambda: house.asked() == {1, 2})
        house.parts.intake.release(video.object_id, video.hold)
        house.parts.intake.release(other.object_id, other.hold)
        (client,) = house.clients
        client.tell(
            Gap(since=1.0, until=2.0, channels=frozenset({"/elsewhere/x"})),
            Gap(since=1.0, until=2.0, channels=frozenset({"/a/all_json"})),
        )
        await house.until(lambda: house.asked() == {1})
        assert (video.hold > 0, other.hold) == (True, 0)
        client.tell(Gap(since=1.0, until=2.0, channels=None))
        await house.until(lambda: house.asked() == {1, 2})


async def test_analytics_are_heard_once_in_any_order_and_have_nothing_read() -> None:
    viewers = Analytics(sub_channel="viewers", catch_up="12h")
    async with _house(analytics=viewers) as house:
        state = house.parts.attach(attachment(about=an_object(8), comments=CommentPolicy.NONE))
        house.parts.objects.learn(state, RealtimeAddress(events=EVENTS))
        house.listener.want(_ONE, house.parts.objects.channels())
        await house.until(lambda: house.asked() == {8})
        channel = f"{root_of(EVENTS)}/viewers"
        new, old = ({"viewers": count, "timestamp": 1_893_500_000 + count} for count in (9, 5))
        house.clients[0].tell(
            MessageReceived(channel, new),
            MessageReceived(f"{channel}/catchup/12h", new),
            MessageReceived(f"{channel}/catchup/12h", old),
            MessageReceived(channel, "words"),
            Connected(resumed=False),
        )
        await house.until_connected()

        assert [one.viewers for one in state.heard] == [9, 5]
        assert house.asked() == set()
        assert house.agenda.readings.todo.hinted == {}
        assert state.event_at is None


async def test_what_comes_on_a_channel_that_two_objects_name_is_read_and_given_to_neither() -> None:
    async with _house() as house:
        states = house.attach(1, "/a"), house.attach(2, "/a")
        house.listener.want(_ONE, house.parts.objects.channels())
        await house.until(lambda: house.asked() == {1, 2})
        for state in states:
            house.parts.intake.release(state.object_id, state.hold)
        delivered: list[ObjectState] = []
        house.parts.intake.deliver = lambda state, *_: delivered.append(state)  # type: ignore[method-assign]
        house.clients[0].tell(MessageReceived("/a/all_json", {"comment_id": 1}))
        await house.until(lambda: set(house.agenda.readings.todo.hinted) == {1, 2})
        assert delivered == []

        house.parts.objects.set(ObjectId(2), [])
        house.clients[0].tell(MessageReceived("/a/all_json", {"comment_id": 2}))
        await house.until(lambda: delivered == [states[0]])
        assert house.parts.objects.channels() == set(states[0].channels)
