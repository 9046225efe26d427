"""The workspace on loopback: both versions of its REST API."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from . import envelope
from .access import level_of
from .changes import Changes, Publisher
from .faults import WorkspaceFault
from .methods import Caller, Methods, Params, Result
from .model import Account, Level
from .options import WorkspaceOptions
from .problems import Problem, unknown
from .state import State
from .writing import Writing

_CACHE_S = 1_800.0
_PAGE = "<html><body>Sandbox workspace</body></html>"


class Workspace:
    """A TwentyThree workspace. ``changes`` is the hand of a scenario, ``state`` what is there."""

    def __init__(self, options: WorkspaceOptions | None = None) -> None:
        self.options = options or WorkspaceOptions()
        self.state = State(self.options.seed, self.options.now)
        self.changes = Changes(self.state, self.options)
        self.realtime_url = ""
        self.is_down = False
        self.calls: Counter[str] = Counter()
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
        version, method = _route(request.path)
        self.calls[method] += 1
        fault = next((one for one in self._faults if one.matches(method)), None)
        if fault is not None:
            fault.hits += 1
            await fault.rest()
            if fault.status is not None:
                return web.Response(status=fault.status, text=_PAGE, content_type="text/html")
        if self.is_down or (fault is not None and fault.drops):
            return _dropped(request)
        if version not in self.options.versions:
            return web.Response(status=404, text=_PAGE, content_type="text/html")
        return await self._answer(request, version, method)

    async def _answer(self, request: web.Request, version: str, method: str) -> web.Response:
        body = [(name, str(value)) for name, value in (await request.post()).items()]
        # On POST the platform ignores the query.
        params: Mapping[str, str] = dict(body) if request.method == "POST" else request.query
        level = Level.ANONYMOUS
        status = 200
        try:
            level, is_signed = self._admit(request, body, params)
            caller = Caller(level=level, version=version, realtime_url=self._told_url())
            result, cached = await self._call(caller, request, method, params, is_signed=is_signed)
            text = envelope.success(version, method, level, result, cached=cached)
        except Problem as problem:
            status, text = envelope.failure(version, level, problem)
        content_type, shown = envelope.dressed(version, text, dict(params))
        return web.Response(status=status, text=shown, content_type=content_type)

    def _admit(
        self, request: web.Request, body: list[tuple[str, str]], params: Params
    ) -> tuple[Level, bool]:
        """Return the caller's level and whether the call is signed; a closed site admits few."""
        is_closed = self.options.is_closed
        accounts = self.state.accounts.values()
        level, is_signed = level_of(request, body, accounts, closed=is_closed)
        if is_closed and level < Level.READ and "token" not in params:
            raise Problem(401, "missing_authentication", "This site is closed.")
        return level, is_signed

    async def _call(
        self,
        caller: Caller,
        request: web.Request,
        method: str,
        params: Params,
        *,
        is_signed: bool,
    ) -> tuple[Result, bool]:
        if method in self._writing:
            if request.method != "POST":
                raise Problem(405, "invalid_method", "This method wants POST.")
            return await self._writing[method](caller, params), False
        if method not in self._reading:
            raise unknown("no_such_method")
        key = (caller.version, method, *(f"{name}={params[name]}" for name in sorted(params)))
        now = self.options.now()
        if not is_signed and self.options.is_caching and key in self._cache:
            at, result = self._cache[key]
            if now - at < _CACHE_S:
                return result, True
        result = self._reading[method](caller, params)
        if not is_signed and "time" not in params:
            self._cache[key] = (now, result)
        return result, False

    def _told_url(self) -> str:
        if self.options.is_absolute:
            return self.realtime_url
        return self.realtime_url.partition(":")[2]


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
