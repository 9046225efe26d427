"""The driver with transports that fail at the worst moment."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from cogs.twentythree.bayeux import Backoff, Message, Session, SessionOptions, State
from cogs.twentythree.realtime.choice import Choice
from cogs.twentythree.realtime.driver import Driver
from cogs.twentythree.realtime.transport import Take, TransportError


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


class _Opener:
    """Opens broken transports; the session ends while the last one is opened."""

    def __init__(self, session: Session, *, number: int) -> None:
        self._session = session
        self._number = number
        self.opened: list[_Broken] = []
        self.kinds: list[str] = []

    async def __call__(self, kind: str) -> _Broken:
        self.kinds.append(kind)
        self.opened.append(_Broken())
        if len(self.opened) == self._number:
            self._session.disconnect(0.0)
        return self.opened[-1]


async def _run(number: int) -> tuple[Session, _Opener]:
    session = Session(options=SessionOptions(backoff=Backoff(base_s=0.0)))
    opener = _Opener(session, number=number)
    driver = Driver(
        session,
        open_transport=opener,
        choice=Choice(["websocket", "long-polling"], websocket_retry_s=1.0),
        clock=lambda: 0.0,
        deliver=lambda events, size: None,
        deliver_messages=lambda events, size: None,
    )
    async with asyncio.timeout(20):
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

    driver = Driver(
        session,
        open_transport=opener,
        choice=Choice(["websocket"], websocket_retry_s=1.0),
        clock=lambda: 0.0,
        deliver=lambda events, size: None,
        deliver_messages=lambda events, size: None,
    )
    async with asyncio.timeout(20):
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

    driver = Driver(
        session,
        open_transport=opener,
        choice=Choice(["websocket"], websocket_retry_s=1.0),
        clock=lambda: 0.0,
        deliver=lambda events, size: None,
        deliver_messages=lambda events, size: None,
    )
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
    choice = Choice(["websocket", "long-polling"], websocket_retry_s=0.01)
    choice.failed("websocket", time.monotonic(), is_refusal=True)
    opened: dict[str, _Idle] = {}

    async def opener(kind: str) -> _Idle:
        opened[kind] = _Idle()
        if kind == "websocket":
            session.disconnect(time.monotonic())
        return opened[kind]

    driver = Driver(
        session,
        open_transport=opener,
        choice=choice,
        clock=time.monotonic,
        deliver=lambda events, size: None,
        deliver_messages=lambda events, size: None,
        cross_s=0.01,
    )
    async with asyncio.timeout(20):
        await driver.run()

    assert list(opened) == ["long-polling", "websocket"]
    assert all(transport.is_closed for transport in opened.values())


async def test_a_websocket_that_does_not_open_while_polling_is_tried_again_later() -> None:
    session = Session()
    choice = Choice(["websocket", "long-polling"], websocket_retry_s=0.01)
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

    driver = Driver(
        session,
        open_transport=opener,
        choice=choice,
        clock=time.monotonic,
        deliver=lambda events, size: None,
        deliver_messages=lambda events, size: None,
        cross_s=0.01,
    )
    async with asyncio.timeout(20):
        await driver.run()

    assert tries == 3
