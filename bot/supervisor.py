"""Keeps a Discord client running: a fresh one for each attempt, with back-off.

discord.py ends for good when its first gateway connection fails and when an event cannot be
parsed; its own reconnection does not cover these.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import discord

from .identifies import OutOfIdentifies
from .registration import UNREACHABLE, not_reached

_log = logging.getLogger("bot.supervisor")

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_BAD_CONFIGURATION = 2
EXIT_REFUSED = 3
EXIT_IN_USE = 4


class Superseded(Exception):  # noqa: N818 - reads as what it is
    """Another process leads on the same database; the text says so. A fresh client stands by."""


_EXPECTED = (
    Superseded,
    OutOfIdentifies,
    discord.HTTPException,
    discord.ConnectionClosed,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)
# https://discord.com/developers/docs/topics/opcodes-and-status-codes: closes not to be retried.
_FATAL_CLOSES = frozenset({4004, 4010, 4011, 4012, 4013, 4014})


class Client(Protocol):
    """What the supervisor needs of a Discord client."""

    async def start(self, token: str) -> None:
        """Log in and run until closed."""

    async def close(self) -> None:
        """Stop and release everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits between attempts, in seconds: doubled from ``first`` to ``cap``, with jitter.

    An attempt that lasted ``stable`` seconds starts the series anew.
    """

    first: float = 1.0
    cap: float = 120.0
    stable: float = 300.0

    def wait(self, failures: int, chance: float) -> float:
        """Return the wait after so many failures in a row; ``chance`` is in [0, 1)."""
        return float(min(self.cap, self.first * 2 ** min(failures - 1, 16)) * (0.5 + chance / 2))


class Final(Exception):  # noqa: N818 - reads as what it is: the end
    """Trying again would not help; the text says what to do. ``status`` is the process's."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def finality(error: BaseException) -> Final | None:
    """Tell whether what ended a client is final, and what a person should do about it."""
    if isinstance(error, Final):
        return error
    if isinstance(error, discord.LoginFailure):
        return Final("Discord refused the token; check DISCORD_TOKEN.", EXIT_REFUSED)
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return Final("Discord refused the intents; the bot needs only `guilds`.", EXIT_REFUSED)
    if isinstance(error, discord.ConnectionClosed) and error.code in _FATAL_CLOSES:
        return Final(
            f"Discord closed the connection for good (code {error.code}); check DISCORD_TOKEN.",
            EXIT_REFUSED,
        )
    return None


class Supervisor:
    """Runs clients one after another until ``stop`` is set or trying again would not help."""

    def __init__(
        self,
        make: Callable[[], Client],
        token: str,
        *,
        backoff: Backoff | None = None,
        clock: Callable[[], float] | None = None,
        chance: Callable[[], float] = random.random,
        close_within: float = 9.0,
    ) -> None:
        self._make = make
        self._token = token
        self._backoff = backoff or Backoff()
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._chance = chance
        self._close_within = close_within

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a client running until ``stop`` is set.

        Raises:
            Final: trying again would not help.
        """
        failures = 0
        while not stop.is_set():
            began = self._clock()
            error = await self._attempt(stop)
            if stop.is_set():
                return
            if error is not None and (final := finality(error)):
                raise final
            stable = self._clock() - began >= self._backoff.stable
            # Who was superseded has not failed, and while it waits nobody may be standing by.
            failures = 1 if stable or isinstance(error, Superseded) else failures + 1
            wait = self._backoff.wait(failures, self._chance())
            if isinstance(error, OutOfIdentifies):
                wait = max(wait, error.wait_s)
            trace = None if is_expected(error) else error
            _log.warning("%s; next try in %.0f s", _ending(error), wait, exc_info=trace)
            await _until(stop.wait(), wait)

    async def _attempt(self, stop: asyncio.Event) -> BaseException | None:
        """Run one client until it ends or ``stop`` is set; return what ended it."""
        client = self._make()
        running = asyncio.create_task(client.start(self._token), name="discord client")
        stopping = asyncio.create_task(stop.wait(), name="stop signal")
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await self._close(client)
            running.cancel()
            # Supervision point: whatever ended the client is handled by the caller.
            (error, _) = await asyncio.gather(running, stopping, return_exceptions=True)
        return error

    async def _close(self, client: Client) -> None:
        try:
            async with asyncio.timeout(self._close_within):
                await client.close()
        except TimeoutError:
            _log.warning("the Discord client did not close within %.0f s", self._close_within)
        except Exception as error:  # noqa: BLE001 - supervision: this must not end the host
            trace = None if is_expected(error) else error
            _log.error("the Discord client failed to close (%s)", _name(error), exc_info=trace)


def is_expected(error: BaseException | None) -> bool:
    """Say whether a client ended for what happens to networks, and not by a mistake."""
    if isinstance(error, AttributeError) and error.__context__ is not None:
        # discord.py's own, on its way out of a first connection that failed (see above).
        error = error.__context__
    return error is None or isinstance(error, _EXPECTED)


def _ending(error: BaseException | None) -> str:
    if isinstance(error, UNREACHABLE):
        return not_reached(error)
    if isinstance(error, Superseded):
        return str(error).removesuffix(".")
    return f"the Discord client ended ({_name(error)})"


def _name(error: BaseException | None) -> str:
    return "closed" if error is None else type(error).__name__


async def _until(event: Awaitable[object], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event
