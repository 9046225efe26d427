"""What is wrong with a page: what it says on the console, asks of others, and bars people from."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError

_AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_BARS = {"serious", "critical"}
_LOCAL = {"data", "blob", "about"}
_AUDIT = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations"""


class Judge:
    """Listens to all pages of a browser's context; ``faults`` has a line for each.

    Args:
        origin: what pages may talk to, such as ``http://127.0.0.1:8123``.

    Attributes:
        asked: the address of each request, that of a WebSocket too.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._host = urlsplit(origin).netloc
        self.faults: list[str] = []
        self.asked: list[str] = []
        context.on("console", self._said)
        context.on("weberror", self._threw)
        context.on("request", self._requested)
        context.on("page", lambda page: page.on("websocket", lambda one: self._asks(one.url)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.faults.append(f"console {message.type}: {message.text} ({message.location})")

    def _threw(self, error: WebError) -> None:
        self.faults.append(f"not caught: {error.error}")

    def _requested(self, request: Request) -> None:
        self._asks(request.url)

    def _asks(self, url: str) -> None:
        self.asked.append(url)
        parts = urlsplit(url)
        if parts.scheme not in _LOCAL and parts.netloc != self._host:
            self.faults.append(f"asks another: {url}")


async def barriers(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, a line for each element."""
    session = await page.context.new_cdp_session(page)
    # Not by an element of the page's: its content security policy lets in no other script.
    await session.send("Runtime.evaluate", {"expression": _AXE.read_text(encoding="utf-8")})
    await session.detach()
    found: list[dict[str, Any]] = await page.evaluate(_AUDIT)
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]} - {node['failureSummary']}"
        for one in found
        if one["impact"] in _BARS
        for node in one["nodes"]
    ]
