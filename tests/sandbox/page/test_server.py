"""The page's addresses: what is served, to whom, and under which policy."""

from __future__ import annotations

import contextlib
import re

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.page import Page, Scene
from tests.fakes.discord_rest_client import Rest
from tests.sandbox.page.visitor import Visitor

_NOWHERE = (
    "static/nothing.js",
    "static/..%2fserver.py",
    "static/%2e%2e%2f%2e%2e%2fhouse.py",
    "static/",
    "server.py",
    "etc/passwd",
    "media/1",
    "media/objects/1",
    *(f"media/{what}{'9' * 5_000}" for what in ("", "objects/")),
    "media/..%2fserver.py",
    "http://example.org/",
)
_FOREIGN = (
    {"Host": "evil.example"},
    {"Host": "127.0.0.1"},
    {"Host": "127.0.0.1:1"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://127.0.0.1"},
)


async def test_the_page_is_served_under_a_strict_policy(
    page: Page, http: aiohttp.ClientSession
) -> None:
    async with http.get(page.url) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        headers = response.headers
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", page.url)

    rules = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["connect-src"] == f"'self' ws://{page.url.split('/')[2]}"
    assert {rules[one] for one in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


async def test_a_file_of_the_page_is_served_by_its_name(
    page: Page, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{page.url}static/index.html") as response:
        assert (response.status, response.content_type) == (200, "text/html")


async def test_nothing_else_is_served(page: Page, http: aiohttp.ClientSession) -> None:
    for path in _NOWHERE:
        async with http.get(page.url + path) as response:
            assert response.status == 404, path
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_other_hosts_and_origins_are_refused(page: Page, http: aiohttp.ClientSession) -> None:
    for path in ("", "live", "media/1"):
        for headers in _FOREIGN:
            async with http.get(page.url + path, headers=headers) as response:
                assert response.status == 403, (path, headers)


async def test_a_websocket_says_where_it_comes_from(
    page: Page, http: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{page.url}live")

    assert refused.value.status == 403


async def test_the_page_has_the_name_localhost_too(page: Page, http: aiohttp.ClientSession) -> None:
    named = page.url.split("/")[2].replace("127.0.0.1", "localhost")

    headers = {"Host": named, "Origin": f"http://{named}"}
    async with http.get(page.url, headers=headers) as response:
        assert response.status == 200
        assert f"ws://{named}" in response.headers["Content-Security-Policy"]


async def test_there_are_not_more_than_sixteen_pages(
    page: Page, http: aiohttp.ClientSession
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        visitors = [Visitor(page, http) for _ in range(17)]
        for one in visitors[:16]:
            await stack.enter_async_context(one)

        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(visitors[16])

    assert refused.value.status == 503


@pytest.mark.parametrize(
    ("kind", "served", "is_download"),
    [
        ("image/png", "image/png", False),
        ("text/html", "application/octet-stream", True),
        ("image/svg+xml", "application/octet-stream", True),
    ],
)
async def test_a_file_is_shown_only_if_it_can_hold_no_script(
    page: Page,
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    *,
    kind: str,
    served: str,
    is_download: bool,
) -> None:
    file_id = sandbox.chat.people.upload('a"\r\nX: y.html', b"<script>", kind)

    async with http.get(f"{page.url}media/{file_id}") as response:
        assert (response.content_type, await response.read()) == (served, b"<script>")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert ("Content-Disposition" in response.headers) is is_download
        assert "X" not in response.headers


async def test_pictures_of_the_sandbox_have_a_source_and_others_have_none(
    visitor: Visitor, sandbox: Sandbox, scene: Scene, rest: Rest, http: aiohttp.ClientSession
) -> None:
    film = scene.film
    thumb = f"{sandbox.workspace.url}/{film.object_id + 1}/{film.object_id}/{film.token}/large"
    embeds = [
        {"title": "ours", "image": {"url": thumb}, "footer": {"text": "x", "icon_url": thumb}},
        {"title": "foreign", "image": {"url": "https://example.org/thumb.jpg"}},
    ]

    await rest("POST", f"/channels/{scene.film_room.id}/messages", {"embeds": embeds})
    ours, foreign = (await visitor.event("message"))["embeds"]

    assert ours["image"]["url"].startswith(thumb)
    assert ours["image"]["src"] == ours["footer"]["icon_src"]
    assert "src" not in foreign["image"]
    async with http.get(visitor.page.url.rstrip("/") + ours["image"]["src"]) as response:
        assert (response.status, response.content_type) == (200, "image/svg+xml")
        assert film.title in await response.text()
