import asyncio
import math
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.identifies import OutOfIdentifies
from bot.supervisor import Backoff, Final, Superseded, Supervisor, finality

NO_WAIT = Backoff(first=0.0, cap=0.0)


class FakeClient:
    """Runs until closed, or ends at once as told."""

    def __init__(self, end: BaseException | None, on_start: Callable[[], None]) -> None:
        self.end = end
        self.on_start = on_start
        self.closed = asyncio.Event()

    async def start(self, token: str) -> None:
        assert token == "token"
        self.on_start()
        if self.end is not None:
            raise self.end
        await self.closed.wait()

    async def close(self) -> None:
        self.closed.set()


class Clients:
    """Makes a client per attempt; the last one runs and sets ``stop``."""

    def __init__(self, *ends: BaseException) -> None:
        self.ends = list(ends)
        self.made: list[FakeClient] = []
        self.stop = asyncio.Event()
        self.first_made = asyncio.Event()

    def make(self) -> FakeClient:
        end = self.ends.pop(0) if self.ends else None
        client = FakeClient(end, (lambda: None) if end else self.stop.set)
        self.made.append(client)
        self.first_made.set()
        return client


def login_failure() -> BaseException:
    return discord.LoginFailure("Improper token has been passed.")


def closed(code: int) -> BaseException:
    socket: Any = SimpleNamespace(close_code=code)
    return discord.ConnectionClosed(socket, shard_id=None, code=code)


async def test_each_attempt_gets_a_fresh_client_that_is_closed() -> None:
    clients = Clients(AttributeError("sequence"), OSError("refused"))

    await Supervisor(clients.make, "token", backoff=NO_WAIT).run(clients.stop)

    assert len(clients.made) == 3
    assert all(client.closed.is_set() for client in clients.made)


def first_connection_failed() -> BaseException:
    error = AttributeError("'NoneType' object has no attribute 'sequence'")
    error.__context__ = OSError("refused")
    return error


@pytest.mark.parametrize(
    ("error", "is_traced"),
    [
        (KeyError("a payload that cannot be read"), True),
        (AttributeError("a mistake"), True),
        (first_connection_failed(), False),
        (OSError("refused"), False),
        (aiohttp.ServerDisconnectedError(), False),
        (OutOfIdentifies(0), False),
        (Superseded("Another leads."), False),
        (closed(1006), False),
    ],
)
async def test_only_what_was_not_to_be_expected_keeps_its_traceback(
    error: BaseException,
    is_traced: bool,  # noqa: FBT001 - pytest passes by name
    caplog: pytest.LogCaptureFixture,
) -> None:
    clients = Clients(error)

    await Supervisor(clients.make, "token", backoff=NO_WAIT).run(clients.stop)

    (record,) = (one for one in caplog.records if "next try in" in one.message)
    assert bool(record.exc_info) is is_traced


@pytest.mark.parametrize(
    "error", [login_failure(), discord.PrivilegedIntentsRequired(None), closed(4004), closed(4014)]
)
async def test_a_final_refusal_is_not_retried(error: BaseException) -> None:
    clients = Clients(error)

    with pytest.raises(Final) as caught:
        await Supervisor(clients.make, "token", backoff=NO_WAIT).run(clients.stop)

    assert caught.value.status == 3
    assert len(clients.made) == 1
    assert clients.made[0].closed.is_set()


async def test_a_host_that_can_never_work_ends_with_its_own_status() -> None:
    clients = Clients(Final("Mend it.", 1))

    with pytest.raises(Final, match="Mend it") as caught:
        await Supervisor(clients.make, "token", backoff=NO_WAIT).run(clients.stop)

    assert caught.value.status == 1
    assert len(clients.made) == 1


def test_a_passing_close_is_not_final() -> None:
    assert finality(closed(4000)) is None
    assert finality(OSError()) is None


async def test_a_client_that_fails_to_close_does_not_end_the_host() -> None:
    clients = Clients(OSError("refused"))
    made = clients.make

    def make() -> FakeClient:
        client = made()
        if client.end is not None:

            async def close() -> None:
                raise RuntimeError("half closed")

            client.close = close  # type: ignore[method-assign]
        return client

    await Supervisor(make, "token", backoff=NO_WAIT).run(clients.stop)

    assert len(clients.made) == 2


async def test_a_client_that_hangs_in_close_is_given_up() -> None:
    clients = Clients()

    def make() -> FakeClient:
        client = clients.make()

        async def close() -> None:
            await asyncio.Event().wait()

        client.close = close  # type: ignore[method-assign]
        return client

    await Supervisor(make, "token", close_within=0.0).run(clients.stop)

    assert len(clients.made) == 1


async def test_stop_during_the_wait_ends_it() -> None:
    clients = Clients(OSError("refused"))
    supervisor = Supervisor(
        clients.make, "token", backoff=Backoff(first=3600.0, cap=3600.0), chance=lambda: 0.0
    )
    running = asyncio.create_task(supervisor.run(clients.stop))
    await clients.first_made.wait()
    await clients.made[0].closed.wait()

    clients.stop.set()
    await running


async def test_without_identifies_left_it_waits_for_one_however_short_the_back_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def until(event: Coroutine[object, object, object], seconds: float) -> None:
        event.close()
        waits.append(seconds)

    monkeypatch.setattr("bot.supervisor._until", until)
    clients = Clients(OutOfIdentifies(3600.0), OSError())

    await Supervisor(clients.make, "token", backoff=NO_WAIT).run(clients.stop)

    assert waits == [3600.0, 0.0]


def test_waits_double_up_to_the_cap_with_jitter() -> None:
    backoff = Backoff(first=1.0, cap=60.0)

    assert [backoff.wait(n, 1.0) for n in (1, 2, 3, 7, 5000)] == [1.0, 2.0, 4.0, 60.0, 60.0]
    assert backoff.wait(3, 0.0) == 2.0


async def test_an_attempt_that_lasted_starts_the_series_anew() -> None:
    waits: list[int] = []

    class Recorded(Backoff):
        def wait(self, failures: int, chance: float) -> float:
            waits.append(failures)
            return 0.0

    times = iter([0.0, 1.0, 2.0, 1000.0, 1001.0, 1002.0, 1003.0])
    clients = Clients(OSError(), OSError(), OSError())
    supervisor = Supervisor(
        clients.make, "token", backoff=Recorded(stable=300.0), clock=lambda: next(times)
    )

    await supervisor.run(clients.stop)

    assert waits == [1, 1, 2]


async def test_who_was_superseded_stands_by_soon_however_often_that_happens() -> None:
    waits: list[int] = []

    class Recorded(Backoff):
        def wait(self, failures: int, chance: float) -> float:
            waits.append(failures)
            return 0.0

    clients = Clients(OSError(), Superseded("A."), Superseded("B."), OSError())
    supervisor = Supervisor(clients.make, "token", backoff=Recorded(stable=math.inf))

    await supervisor.run(clients.stop)

    assert waits == [1, 1, 1, 2]
