"""The driver with transports that fail at the worst moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest

from cogs.twentythree.bayeux import Message, RetryDelays, Session, SessionOptions, State
from cogs.twentythree.realtime.driver import Driver, TransportChoice
from cogs.twentythree.realtime.inbox import Inbox
from cogs.twentythree.realtime.transport import (
    LONG_POLLING,
    WEBSOCKET,
    Take,
    TransportError,
    Transports,
)


class _Broken:
    """Opens, and can neither send nor receive."""

    def __init__(self) -> None:
        self.is_closed = False

    async def send(self, frame: Sequence[Message]) -> None:
        raise TransportError("could not send")

    async def pump(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.is_closed = True


def _driver(
    session: Session,
    transports: Transports,
    choice: TransportChoice,
    clock: Callable[[], float] = lambda: 0.0,
) -> Driver:
    inbox = Inbox(10, 100, session, clock)
    return Driver(
        session, transports=transports, inbox=inbox, choice=choice, clock=clock, cross_s=0.01
    )


@dataclass
class _Opens:
    """Opens what a function says."""

    how: Callable[[str], Awaitable[_Broken]]

    async def open(self, kind: str) -> _Broken:
        return await self.how(kind)


class _Opener:
    """Opens broken transports; the session ends while the last one is opened."""

    def __init__(self, session: Session, *, number: int) -> None:
        self._session = session
        self._number = number
        self.opened: list[_Broken] = []
        self.kinds: list[str] = []

    async def open(self, kind: str) -> _Broken:
        self.kinds.append(kind)
        self.opened.append(_Broken())
        if len(self.opened) == self._number:
            self._session.disconnect(0.0)
        return self.opened[-1]


async def _run(number: int) -> tuple[Session, _Opener]:
    session = Session(options=SessionOptions(backoff=RetryDelays(base_s=0.0)))
    opener = _Opener(session, number=number)
    driver = _driver(
        session, opener, TransportChoice(["websocket", "long-polling"], websocket_retry_s=1.0)
    )
    async with asyncio.timeout(60):
        await driver.run()
    return session, opener


async def test_a_session_that_ended_while_its_transport_opened_leaves_it_unused() -> None:
    session, opener = await _run(1)

    assert session.state is State.CLOSED
    assert [transport.is_closed for transport in opener.opened] == [True]


async def test_a_transport_that_cannot_send_is_closed_and_the_other_kind_is_tried() -> None:
    _, opener = await _run(3)

    assert opener.kinds == ["websocket", "long-polling", "websocket"]
    assert all(transport.is_closed for transport in opener.opened)


async def test_a_session_that_ended_while_its_transport_failed_to_open_is_over_in_silence() -> None:
    session = Session()

    async def opener(kind: str) -> _Broken:
        session.disconnect(0.0)
        raise TransportError("no connection")

    driver = _driver(session, _Opens(opener), TransportChoice(["websocket"], websocket_retry_s=1.0))
    async with asyncio.timeout(60):
        await driver.run()

    assert session.state is State.CLOSED


class _Busy(_Broken):
    """Opens, and asks to be left alone."""

    async def send(self, frame: Sequence[Message]) -> None:
        raise TransportError("busy", wait_s=7.0)


@pytest.mark.parametrize("opens", [True, False])
async def test_a_server_is_left_alone_for_as_long_as_it_asks(opens: bool) -> None:  # noqa: FBT001 - pytest passes by name
    session = Session()

    async def opener(kind: str) -> _Busy:
        if not opens:
            raise TransportError("busy", is_busy=True, wait_s=7.0)
        return _Busy()

    driver = _driver(session, _Opens(opener), TransportChoice(["websocket"], websocket_retry_s=1.0))
    running = asyncio.create_task(driver.run())
    while session.next_deadline() != 7.0:  # noqa: ASYNC110 - a deadline has no event
        await asyncio.sleep(0)
    running.cancel()


class _Idle(_Broken):
    """Takes what is sent, and answers nothing."""

    async def send(self, frame: Sequence[Message]) -> None:
        return


async def test_a_websocket_that_opens_while_the_session_ends_is_closed_unused() -> None:
    session = Session()
    choice = TransportChoice(["websocket", "long-polling"], websocket_retry_s=0.01)
    choice.failed("websocket", time.monotonic(), is_refusal=True)
    opened: dict[str, _Idle] = {}

    async def opener(kind: str) -> _Idle:
        opened[kind] = _Idle()
        if kind == "websocket":
            session.disconnect(time.monotonic())
        return opened[kind]

    driver = _driver(session, _Opens(opener), choice, clock=time.monotonic)
    async with asyncio.timeout(60):
        await driver.run()

    assert list(opened) == ["long-polling", "websocket"]
    assert all(transport.is_closed for transport in opened.values())


async def test_a_websocket_that_does_not_open_while_polling_is_tried_again_later() -> None:
    session = Session()
    choice = TransportChoice(["websocket", "long-polling"], websocket_retry_s=0.01)
    choice.failed("websocket", time.monotonic(), is_refusal=True)
    tries = 0

    async def opener(kind: str) -> _Idle:
        nonlocal tries
        if kind == "long-polling":
            return _Idle()
        tries += 1
        if tries == 3:
            session.disconnect(time.monotonic())
            return _Idle()
        raise TransportError("no", is_refusal=True)

    driver = _driver(session, _Opens(opener), choice, clock=time.monotonic)
    async with asyncio.timeout(60):
        await driver.run()

    assert tries == 3


async def test_a_websocket_that_is_to_come_later_is_tried_again_soon_while_polling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session()
    choice = TransportChoice(["websocket", "long-polling"], websocket_retry_s=300.0)
    choice.failed("websocket", 0.0, is_refusal=True)
    now, slept = 0.0, list[float]()
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        slept.append(seconds)
        await real(0)

    async def opener(kind: str) -> _Idle:
        if kind == "long-polling":
            return _Idle()
        if len(slept) < 5:
            raise TransportError("later", is_busy=True, wait_s=7.0 * len(slept))
        session.disconnect(now)
        return _Idle()

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await _driver(session, _Opens(opener), choice, clock=lambda: now).run()

    assert slept == [300.0, 10.0, 0.0, 21.0, 0.0]


# Which kind

_BOTH = (WEBSOCKET, LONG_POLLING)


def _choice(*kinds: str) -> TransportChoice:
    return TransportChoice(kinds or _BOTH, websocket_retry_s=300.0, settled_s=2.0)


def test_websocket_is_first() -> None:
    assert _choice().pick((), 0.0) == WEBSOCKET


def test_a_refused_upgrade_leads_to_long_polling_for_a_while() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)
    choice.worked(LONG_POLLING, 0.0)

    assert choice.pick((), 11.0) == LONG_POLLING
    assert choice.pick((), 309.9) == LONG_POLLING
    assert choice.pick((), 310.0) == WEBSOCKET


def test_a_server_that_is_away_is_no_reason_for_long_polling() -> None:
    choice = _choice()
    for _ in range(9):
        choice.failed(WEBSOCKET, 10.0, is_refusal=False)

    assert choice.pick((), 11.0) == WEBSOCKET


def test_where_a_websocket_worked_it_takes_three_refusals() -> None:
    choice = _choice()
    choice.worked(WEBSOCKET, 0.0)
    picked = []
    for _ in range(3):
        picked.append(choice.pick((), 11.0))
        choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert picked == [WEBSOCKET] * 3
    assert choice.pick((), 11.0) == LONG_POLLING


def test_when_long_polling_fails_as_well_websocket_has_its_turn_again() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)
    choice.failed(LONG_POLLING, 11.0, is_refusal=False)

    assert choice.pick((), 12.0) == WEBSOCKET


def test_while_polling_a_websocket_is_looked_for_where_it_is_wanted_and_offered() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert choice.climb_at(()) == choice.climb_at(_BOTH) == 310.0
    assert choice.climb_at({LONG_POLLING}) is None
    assert _choice(LONG_POLLING).climb_at(_BOTH) is None
    assert _choice(LONG_POLLING, WEBSOCKET).climb_at(_BOTH) is None


def test_a_websocket_that_is_refused_again_and_again_is_left_alone_for_longer() -> None:
    choice = _choice()
    pauses = []
    for _ in range(7):
        choice.failed(WEBSOCKET, 0.0, is_refusal=True)
        pauses.append(choice.climb_at(_BOTH))
    assert pauses == [300.0, 600.0, 1200.0, 2400.0, 4800.0, 4800.0, 4800.0]

    choice.worked(WEBSOCKET, 0.0)
    choice.ended(WEBSOCKET, 2.0)
    for _ in range(3):
        choice.failed(WEBSOCKET, 0.0, is_refusal=True)
    assert choice.climb_at(_BOTH) == 300.0


def test_a_websocket_that_is_refused_while_long_polling_fails_too_is_not_left_alone_for_long() -> (
    None
):
    choice = _choice()
    for _ in range(9):
        choice.failed(WEBSOCKET, 0.0, is_refusal=True)
        choice.failed(LONG_POLLING, 0.0)
    choice.failed(WEBSOCKET, 0.0, is_refusal=True)

    assert choice.climb_at(_BOTH) == 300.0


def test_a_websocket_that_comes_about_again_and_again_and_dies_young_is_left_alone() -> None:
    choice = _choice()
    picked = []
    for _ in range(5):
        choice.worked(WEBSOCKET, 10.0)
        picked.append(choice.pick((), 11.0))
        choice.ended(WEBSOCKET, 11.0)

    assert picked == [WEBSOCKET] * 5
    assert choice.pick((), 11.0) == LONG_POLLING
    choice.ended(LONG_POLLING, 12.0)
    assert choice.climb_at(_BOTH) == 311.0


def test_websockets_that_lasted_between_are_no_reason() -> None:
    choice = _choice()
    for lasted_s in [1.0] * 4 + [2.0] + [1.0] * 4:
        choice.worked(WEBSOCKET, 10.0)
        choice.ended(WEBSOCKET, 10.0 + lasted_s)

    assert choice.pick((), 11.0) == WEBSOCKET


def test_what_the_server_does_not_offer_is_not_tried() -> None:
    assert _choice().pick({LONG_POLLING, "callback-polling"}, 0.0) == LONG_POLLING


def test_a_server_that_offers_nothing_of_ours_gets_what_we_have() -> None:
    assert _choice().pick({"carrier-pigeon"}, 0.0) == WEBSOCKET


def test_the_only_kind_is_always_picked() -> None:
    choice = _choice(WEBSOCKET)
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert choice.pick((), 11.0) == WEBSOCKET
