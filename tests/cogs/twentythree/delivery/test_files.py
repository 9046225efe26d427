from __future__ import annotations

import socket
from base64 import b64decode
from collections.abc import AsyncGenerator

import pytest
from aiohttp import web

from cogs.twentythree import web as plugin_web
from cogs.twentythree.delivery import Covers

_PNG = b"\x89PNG\r\n\x1a\n and so on"
_JPEG = b"\xff\xd8\xff and so on"
_LARGE = _PNG + bytes(4 * 1024 * 1024)


async def _serve(request: web.Request) -> web.Response:
    bodies = {"png": _PNG, "jpeg": _JPEG, "large": _LARGE, "page": b"<html>", "none": b""}
    if request.match_info["name"] == "away":
        raise web.HTTPFound("http://127.0.0.2:1/png")
    if request.match_info["name"] not in bodies:
        raise web.HTTPNotFound
    return web.Response(body=bodies[request.match_info["name"]])


@pytest.fixture
async def site() -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_get("/{name}", _serve)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    await runner.cleanup()


@pytest.fixture
async def covers(site: str) -> AsyncGenerator[Covers]:
    async with plugin_web.session() as http:
        yield Covers(http, f"{site}/")


@pytest.mark.parametrize(("name", "data"), [("png", _PNG), ("jpeg", _JPEG)])
async def test_a_picture_of_the_workspace_is_had(
    covers: Covers, site: str, name: str, data: bytes
) -> None:
    found = await covers.cover(f"{site}/{name}")

    assert found is not None
    kind, _, encoded = found.partition(";base64,")
    assert (kind, b64decode(encoded)) == (f"data:image/{name}", data)


@pytest.mark.parametrize("name", ["page", "none", "large", "missing", "away"])
async def test_what_is_no_picture_of_a_fit_size_is_left_out(
    covers: Covers, site: str, name: str
) -> None:
    assert await covers.cover(f"{site}/{name}") is None


@pytest.mark.parametrize(
    "url",
    [None, "", "no address", "http://127.0.0.1:1/png", "http://[::1/png", "file:///etc/hosts"],
)
async def test_nothing_of_other_places_is_asked_for(covers: Covers, url: str | None) -> None:
    assert await covers.cover(url) is None
