"""The workspace on loopback: both versions of its REST API."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from aiohttp import web

from . import envelope
from .access import level_of
from .changes import Changes, Publisher
from .faults import WorkspaceFault
from .methods import Caller, Methods, Result, with_fields
from .model import Account, Level
from .options import WorkspaceOptions
from .problems import Problem, unknown
from .state import State
from .thumbnails import thumbnail_of
from .writing import BY_GET, Writing

_CACHE_S = 1_800.0
_NO_ANSWER = 0
_PAGE = "<html><body>Sandbox workspace</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call in the log. ``status`` 0: the connection was closed without an answer."""

    at: float
    http_method: str
    version: str
    method: str
    params: dict[str, str]
    level: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What comes with a call. On POST the platform ignores the query."""

    request: web.Request
    version: str
    method: str
    body: list[tuple[str, str]]
    params: dict[str, str]


class Workspace:
    """A TwentyThree workspace. ``changes`` is the hand of a scenario, ``state`` what is there.

    ``calls`` counts the calls by method, ``log`` holds the last of them.
    """

    def __init__(self, options: WorkspaceOptions | None = None) -> None:
        self.options = options or WorkspaceOptions()
        self.state = State(self.options.seed, self.options.now)
        self.changes = Changes(self.state, self.options)
        self.realtime_url = ""
        self.is_down = False
        self.calls: Counter[str] = Counter()
        self.log: deque[Call] = deque(maxlen=self.options.kept_calls)
        self._faults: list[WorkspaceFault] = []
        self._cache: dict[tuple[str, ...], tuple[float, Result]] = {}
        self._reading = Methods(self.state, self.options).table()
        self._writing = Writing(self.changes).table()
        self._runner: web.AppRunner | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The workspace's address, without a slash at its end."""
        return self._url

    def account(self, level: Level) -> Account:
        """Return the account with a permission level (``READ`` and above)."""
        return self.state.accounts[level]

    def publish_by(self, publisher: Publisher, url: str) -> None:
        """Publish through a realtime service, whose address the API tells."""
        self.changes.publisher = publisher
        self.realtime_url = url

    def add_fault(self, fault: WorkspaceFault) -> WorkspaceFault:
        """Make something go wrong; of several that match, the first one set is taken."""
        self._faults.append(fault)
        return fault

    @property
    def has_faults(self) -> bool:
        """Whether a call may still meet a fault, or nothing is answered at all."""
        return self.is_down or any(one.is_left for one in self._faults)

    def clear_faults(self) -> None:
        """Remove all faults and let go what hangs."""
        for fault in self._faults:
            fault.release()
        self._faults.clear()

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.options.port).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening."""
        self.clear_faults()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        picture = None if self.is_down else thumbnail_of(request.path)
        if picture is not None:
            return web.Response(body=picture, content_type="image/png", headers=self._dated())
        given = await _given(request)
        self.calls[given.method] += 1
        fault = self._fault(given.method)
        if not fault.is_late:
            await fault.rest()
        level, status, text = await self._outcome(given, fault)
        if fault.is_late:
            await fault.rest()
        self._note(given, level, status)
        if status == _NO_ANSWER:
            return _dropped(request)
        content_type, shown = "text/html", _PAGE
        if text is not None:
            content_type, shown = envelope.dressed(given.version, text, given.params)
        return web.Response(
            status=status, text=shown, content_type=content_type, headers=self._dated()
        )

    def _dated(self) -> dict[str, str]:
        now = self.options.now() + self.options.date_offset_s
        return {"Date": formatdate(now, usegmt=True)}

    def _fault(self, method: str) -> WorkspaceFault:
        """Return what is to go wrong with a call, and count it."""
        fault = next((one for one in self._faults if one.matches(method)), WorkspaceFault())
        fault.hits += 1
        return fault

    async def _outcome(self, given: _Given, fault: WorkspaceFault) -> tuple[Level, int, str | None]:
        """Return the caller's level, the status, and the body unless it is a page of HTML."""
        failed = _NO_ANSWER if self.is_down or fault.drops else fault.status
        if failed is not None and (self.is_down or not fault.is_late):
            return Level.NONE, failed, None
        if given.version not in self.options.versions:
            return Level.NONE, 404, None
        level, status, text = await self._answer(given, fault)
        return (level, status, text) if failed is None else (level, failed, None)

    async def _answer(self, given: _Given, fault: WorkspaceFault) -> tuple[Level, int, str]:
        version, method, level = given.version, given.method, Level.ANONYMOUS
        try:
            level, is_signed = self._admit(given, fault)
            urls = {"realtime_url": self._told_url(), "site_url": self.url}
            caller = Caller(level=level, version=version, **urls)
            await fault.let_others_act()
            result, cached = await self._call(caller, given, is_signed=is_signed)
            shown = with_fields(fault.told(result), given.params)
            return level, 200, envelope.success(version, method, level, shown, cached=cached)
        except Problem as problem:
            return level, *envelope.failure(version, level, problem)

    def _admit(self, given: _Given, fault: WorkspaceFault) -> tuple[Level, bool]:
        """Return the caller's level and whether the call is signed; a closed site admits few."""
        is_closed = self.options.is_closed
        accounts = () if fault.is_refused else self.state.accounts.values()
        level, is_signed = level_of(given.request, given.body, accounts, closed=is_closed)
        level = level if fault.level is None else min(level, fault.level)
        has_token = bool(given.params.keys() & {"token", "object_token"})
        if is_closed and level < Level.READ and not has_token:
            raise Problem(401, "missing_authentication", "This site is closed.")
        return level, is_signed

    async def _call(self, caller: Caller, given: _Given, *, is_signed: bool) -> tuple[Result, bool]:
        if given.method in self._writing:
            if given.request.method != "POST" and given.method not in BY_GET:
                raise Problem(405, "invalid_method", "This method wants POST.")
            return await self._writing[given.method](caller, given.params), False
        if given.method not in self._reading:
            raise unknown("no_such_method")
        return self._read(caller, given, is_signed=is_signed)

    def _read(self, caller: Caller, given: _Given, *, is_signed: bool) -> tuple[Result, bool]:
        """Read what an unsigned call asks from the cache, if it was asked in the last half hour."""
        params = given.params
        key = (caller.version, given.method, *(f"{name}={params[name]}" for name in sorted(params)))
        now = self.options.now()
        at, result = self._cache.get(key, (0.0, None))
        if not is_signed and self.options.is_caching and result is not None and now - at < _CACHE_S:
            return result, True
        result = self._reading[given.method](caller, params)
        if not is_signed and "time" not in params:
            self._cache[key] = (now, result)
        return result, False

    def _note(self, given: _Given, level: Level, status: int) -> None:
        call = Call(
            at=self.options.now(),
            http_method=given.request.method,
            version=given.version,
            method=given.method,
            params=given.params,
            level=level.word,
            status=status,
        )
        self.log.append(call)

    def _told_url(self) -> str:
        if self.options.is_absolute:
            return self.realtime_url
        return self.realtime_url.partition(":")[2]


async def _given(request: web.Request) -> _Given:
    version, method = _route(request.path)
    body = [(name, str(value)) for name, value in (await request.post()).items()]
    params = dict(body) if request.method == "POST" else dict(request.query)
    return _Given(request=request, version=version, method=method, body=body, params=params)


def _route(path: str) -> tuple[str, str]:
    """Return version and method of a path such as ``/api/2/comment/list``."""
    for prefix, version in (("/api/2/", "2"), ("/api/", "1")):
        if path.startswith(prefix):
            return version, path.removeprefix(prefix)
    return "", path


def _dropped(request: web.Request) -> web.StreamResponse:
    transport: Any = request.transport
    if isinstance(transport, asyncio.Transport):
        transport.abort()
    return web.Response(status=503)
