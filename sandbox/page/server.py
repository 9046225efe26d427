"""The page on loopback: its files, its pictures and its WebSocket, for browsers on this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from .keeper import Keeper
from .mirror import Mirror
from .open_page import OpenPage
from .page_verbs import verbs
from .pictures import Pictures
from .scene import Scene
from .switches import Switches

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATIC: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_MOST_PAGES: Final = 16
_STOP_S: Final = 0.2
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Page:
    """Serves the page. An async context manager; :meth:`run` is what keeps it up to date.

    Args:
        scene: what is shown.
        keeper: has the bot's process.
        port: to listen on; 0: any.
    """

    def __init__(self, scene: Scene, keeper: Keeper, *, port: int = 0) -> None:
        pictures = Pictures(scene.sandbox)
        self._mirror = Mirror(scene, keeper, Switches(scene.sandbox), pictures)
        self._verbs = verbs(scene, self._mirror, keeper)
        self._port = port
        self._open: set[OpenPage] = set()
        self._files = {
            one.name: one for one in _STATIC.iterdir() if one.suffix in _KINDS and one.is_file()
        }
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/live", self._live)
        pictures.add_to(app)
        app.on_response_prepare.append(_secure)
        app.on_shutdown.append(self._end)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_S)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self._port}/"

    async def run(self) -> None:
        """Follow what happens, until cancelled."""
        await self._mirror.run()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let only this page's own address in: other sites may reach loopback, too."""
        hosts = {f"{name}:{self._port}" for name in ("127.0.0.1", "localhost")}
        origin = request.headers.get("Origin")
        if request.headers.get("Host") not in hosts or (
            origin is not None and origin not in {f"http://{one}" for one in hosts}
        ):
            raise web.HTTPForbidden
        return await handler(request)

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return self._file("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.StreamResponse:
        if name not in self._files:
            raise web.HTTPNotFound
        found = self._files[name]
        return web.FileResponse(found, headers={"Content-Type": _KINDS[found.suffix]})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if "Origin" not in request.headers:
            raise web.HTTPForbidden
        if len(self._open) >= _MOST_PAGES:
            raise web.HTTPServiceUnavailable
        page = OpenPage(self._mirror, self._verbs)
        self._open.add(page)
        self._mirror.is_watched.set()
        try:
            return await page.serve(request)
        finally:
            self._open.discard(page)
            if not self._open:
                self._mirror.is_watched.clear()

    async def _end(self, _: web.Application) -> None:
        for page in tuple(self._open):
            await page.end()


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(
        {
            "Content-Security-Policy": _POLICY.format(host=request.host),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    )
