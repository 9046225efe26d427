"""A web site on loopback that answers as a test scripts it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from cogs.twentythree.api import WorkspaceClient

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Makes clients of a site, with options.
Make = Callable[..., WorkspaceClient]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in."""

    http_method: str
    path: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True)
class ScriptedSite:
    """``async with ScriptedSite() as site``; what has no answer is a page "not found" in HTML."""

    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    _answers: dict[str, list[Handler]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def answer(self, path: str, *bodies: object, status: int = 200) -> None:
        """Answer a path with these bodies one after the other, the last one for ever.

        A body is JSON if it is a dict, else bytes or text; text is sent as HTML.
        """
        self._answers[path] = [_fixed(body, status) for body in bodies]

    def handle(self, path: str, *handlers: Handler) -> None:
        """Answer a path with these handlers one after the other, the last one for ever."""
        self._answers[path] = list(handlers)

    def queries(self, path: str) -> list[Mapping[str, str]]:
        """Return the queries of the requests for a path."""
        return [seen.query for seen in self.seen if seen.path == path]

    def paths(self) -> list[str]:
        """Return the paths that were asked for."""
        return [seen.path for seen in self.seen]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(
            Seen(
                request.method,
                request.path,
                str(request.rel_url),
                dict(request.query),
                dict(request.headers),
                await request.text(),
            )
        )
        handlers = self._answers.get(request.path)
        if not handlers:
            return web.Response(status=404, text="<h1>Not found</h1>", content_type="text/html")
        handler = handlers.pop(0) if len(handlers) > 1 else handlers[0]
        return await handler(request)


def status(code: int, **headers: str) -> Handler:
    """Answer with a status and headers alone."""

    async def respond(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return respond


async def never(_: web.Request) -> web.StreamResponse:
    """Take a request and do not answer it."""
    await asyncio.Event().wait()
    raise AssertionError


async def drop(request: web.Request) -> web.StreamResponse:
    """Cut the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _fixed(body: object, code: int) -> Handler:
    async def respond(_: web.Request) -> web.StreamResponse:
        if isinstance(body, dict):
            return web.Response(status=code, text=json.dumps(body), content_type="application/json")
        if isinstance(body, bytes):
            return web.Response(status=code, body=body, content_type="text/javascript")
        return web.Response(status=code, text=str(body), content_type="text/html")

    return respond


def page(*rows: Mapping[str, Any], level: str = "read", **beside: object) -> dict[str, Any]:
    """Return an answer of version 2 with these rows."""
    return {
        "status": "ok",
        "permission_level": level,
        "cached": False,
        "p": 1,
        "size": 20,
        "total_count": len(rows),
        "data": list(rows),
        **beside,
    }
