"""The gate that every request of the rooms passes on its way to Discord.

It sees what the host's client really sends: also what discord.py tries again by itself, and what
the rest of the host asks for. So Discord's limits hold for what Discord counts.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import discord
import yarl
from discord.http import Route

from ..domain.troubles import Fault, Kind
from ..storage import Lead
from .outcomes import (
    HeldError,
    LimitedError,
    OnceError,
    TooManyRefusalsError,
    UncertainLeadError,
    wait_of,
)
from .pace import Place, RequestPace

# https://discord.com/developers/docs/topics/rate-limits#global-rate-limit: not bound to it.
_FREE: Final = ("/interactions/", "/webhooks/")
# By then it is known, as a rule, who leads.
_UNCERTAIN_S: Final = 1.0
# A shorter limit is over before anybody has read of it.
_NOTED_S: Final = 5.0

# https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
_INVALID: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
}
# discord.py asks so often before it gives a 429 back.
TRIES: Final = 5


class InvalidBudget:
    """Counts answers 401, 403 and 429 of the last ten minutes, and says when to ask again.

    Discord bans the address of a bot after 10,000 of them. The default leaves nine tenths to
    what the rest of the host asks for, and to other bots at the same address.
    """

    def __init__(
        self, *, clock: Callable[[], float], limit: int = 1000, window_s: float = 600.0
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._window_s = window_s
        self._at: deque[float] = deque(maxlen=limit)

    def wait_s(self) -> float:
        """Return the seconds until a request may be made; 0 is now."""
        now = self._clock()
        while self._at and self._at[0] <= now - self._window_s:
            self._at.popleft()
        # The next request may cost all its tries.
        spare = self._limit - TRIES - len(self._at)
        return 0.0 if spare >= 0 else self._at[-spare - 1] + self._window_s - now

    def count(self, times: int = 1) -> None:
        """Count answers that Discord counts."""
        self._at.extend([self._clock()] * times)


class Passing:
    """What becomes of one request on its way, with all that discord.py makes of it."""

    def __init__(self, place: Place, *, is_word: bool, is_once: bool) -> None:
        self.place = place
        self.is_word = is_word
        self.is_once = is_once
        self.is_sent = False
        # Whether Discord has refused it by a limit, and so done nothing.
        self.is_limited = False


_PASSING: ContextVar[Passing | None] = ContextVar("passing", default=None)


class Gate:
    """Paces requests by the global limit, and holds them back after too many refusals.

    Nothing passes for a process that does not lead for certain: it may have slept on the way.
    """

    def __init__(
        self,
        client: discord.Client,
        pace: RequestPace,
        budget: InvalidBudget,
        lead: Lead | None = None,
    ) -> None:
        self._client = client
        self._lead = lead or Lead.alone()
        self._pace = pace
        self._budget = budget
        self._trace = self._made_trace()

    @contextmanager
    def watching(self) -> Generator[None]:
        """Look at the requests of the host's client, once it has logged in.

        discord.py keeps its session to itself. Where it cannot be found, requests are known by
        how they end, which makes the gate narrower than it need be.
        """
        traces = self._traces()
        if traces is None:
            yield
            return
        traces.append(self._trace)
        try:
            yield
        finally:
            traces.remove(self._trace)

    @property
    def is_watching(self) -> bool:
        """Whether it sees what the host's client sends."""
        # Asked of the session each time: a host that logs in again has another one.
        return self._trace in (self._traces() or ())

    def _traces(self) -> list[aiohttp.TraceConfig] | None:
        session: Any = getattr(getattr(self._client, "http", None), "_HTTPClient__session", None)
        return getattr(session, "trace_configs", None)

    def faults(self) -> dict[Kind, Fault]:
        """Return which of Discord's limits hold back what is sent."""
        found: dict[Kind, Fault] = {}
        if self._budget.wait_s() > 0:
            found[Kind.MANY_REFUSALS] = Fault()
        if (wait_s := self._pace.closed_s()) >= _NOTED_S:
            found[Kind.DISCORD_LIMIT] = Fault(said=f"{math.ceil(wait_s)} s")
        return found

    @asynccontextmanager
    async def passing(
        self, *, is_word: bool = False, is_once: bool = False
    ) -> AsyncGenerator[Passing]:
        """Wait for a place for a request, which the block makes.

        ``is_word``: it tells people of a trouble, such as a database that is away: so may a process
        for which nobody stands by, although its lease has run out by that. ``is_once``: discord.py
        is not to try again by itself what may have had its effect.

        Raises:
            HeldError: it, or what discord.py made of it, is not to be made now.
        """
        passing = Passing(await self._pace.turn(), is_word=is_word, is_once=is_once)
        token = _PASSING.set(passing)
        try:
            self._check(passing)
            passing.is_sent = not self.is_watching
            yield passing
        except discord.HTTPException as error:
            if not self.is_watching and is_invalid(error.status):
                is_limit = error.status == HTTPStatus.TOO_MANY_REQUESTS
                self._budget.count(TRIES if is_limit else 1)
            raise
        except (TimeoutError, asyncio.CancelledError):
            if not self.is_watching:
                open_global_lock(self._client)
            raise
        finally:
            _PASSING.reset(token)
            passing.place.leave(is_used=passing.is_sent)

    async def _turn_again(self, passing: Passing) -> Place:
        place = await self._pace.turn()
        try:
            # Not before: it may have been waited for, and the process been frozen.
            self._check(passing)
        except HeldError:
            place.leave(is_used=False)
            raise
        return place

    def _check(self, passing: Passing) -> None:
        self._check_lead(passing)
        if (wait_s := self._budget.wait_s()) > 0:
            raise TooManyRefusalsError(wait_s)

    def _check_lead(self, passing: Passing) -> None:
        lead = self._lead
        if lead.is_over if passing.is_word else not lead.is_certain:
            raise UncertainLeadError(_UNCERTAIN_S)

    def _made_trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._on_start)
        trace.on_request_end.append(self._on_end)
        trace.on_response_chunk_received.append(self._on_body)
        trace.on_request_exception.append(self._on_exception)
        trace.freeze()
        return trace

    async def _on_start(
        self, _: object, context: SimpleNamespace, start: aiohttp.TraceRequestStartParams
    ) -> None:
        context.is_counted = _is_for_discord(start.url)
        if not context.is_counted or any(part in start.url.path for part in _FREE):
            return
        passing = _PASSING.get()
        if passing is None:
            context.place = self._pace.take()
        elif passing.is_sent:
            # Tried again by discord.py, or the next page of something.
            if passing.is_once and not passing.is_limited:
                raise OnceError(0.0)
            context.place = await self._turn_again(passing)
        else:
            # Once more: discord.py may have slept out a limit, and the process been frozen.
            self._check_lead(passing)
            passing.is_sent = True
            context.place = passing.place

    async def _on_end(
        self, _: object, context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        _leave(context)
        response = end.response
        if (passing := _PASSING.get()) is not None:
            passing.is_limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
        if not context.is_counted or not is_invalid(response.status):
            return
        if response.headers.get("X-RateLimit-Scope") != "shared":
            self._budget.count()
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            context.limits = response.headers

    async def _on_body(
        self, _: object, context: SimpleNamespace, body: aiohttp.TraceResponseChunkReceivedParams
    ) -> None:
        """Take a limit; end the request of ours that ran into one that is not to be slept out.

        aiohttp tells of the body once it is whole, and before discord.py sees it.
        """
        headers = getattr(context, "limits", None)
        if headers is None:
            return
        if "Via" not in headers:
            # The address is banned, for a time that may end early: very few requests look.
            self._pace.slow_down(0.0)
            return
        wait = wait_of(headers, body.chunk)
        if wait.is_global:
            self._pace.slow_down(wait.after_s)
        if wait.is_long and _PASSING.get() is not None:
            raise LimitedError(wait)

    async def _on_exception(
        self, _: object, context: SimpleNamespace, __: aiohttp.TraceRequestExceptionParams
    ) -> None:
        _leave(context)


def open_global_lock(client: discord.Client) -> None:
    """Open what discord.py closes while it sleeps out a limit of all requests.

    It does not do so itself where the request is cut off there, and then sends nothing more.
    """
    lock = getattr(getattr(client, "http", None), "_global_over", None)
    if isinstance(lock, asyncio.Event):
        lock.set()


def _leave(context: SimpleNamespace) -> None:
    place: Place | None = getattr(context, "place", None)
    if place is not None:
        place.leave()


def _is_for_discord(url: yarl.URL) -> bool:
    base = yarl.URL(Route.BASE)
    return url.origin() == base.origin() and url.path.startswith(base.path)


def is_invalid(status: int) -> bool:
    """Say whether Discord counts an answer with this status."""
    return status in _INVALID
