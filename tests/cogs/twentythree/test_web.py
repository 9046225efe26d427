"""What a session takes from the environment and from home, and where it may be led."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cogs.twentythree.api import Anonymous, ApiConfig, Bearer, WorkspaceClient
from cogs.twentythree.bayeux import SessionOptions
from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.realtime import RealtimeClient, RealtimeOptions
from cogs.twentythree.storage import Lead
from cogs.twentythree.web import only_leading, session
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.site import ScriptedSite

_NAMES = ("http_proxy", "https_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password of-home\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))


@pytest.fixture
async def proxied() -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy that notes and refuses everything: its address, and the first lines it got."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_no_password_of_home_goes_anywhere() -> None:
    async with ScriptedSite() as site, session() as http:
        site.answer("/api/2/site/get", {"status": "ok", "data": {"site_name": "A"}})
        for credentials in (Anonymous(), Bearer(token="t")):
            config = ApiConfig(site_url=site.url, version="2", credentials=credentials)
            await WorkspaceClient(http, config).site()

    sent = [seen.headers.get("Authorization") for seen in site.seen]
    assert sent == [None, "Bearer t"]


@pytest.mark.parametrize(
    ("variable", "url", "line"),
    [
        ("http_proxy", "http://video.example.com/", "GET http://video.example.com/"),
        ("https_proxy", "https://video.example.com/", "CONNECT video.example.com:443"),
        ("https_proxy", "wss://video.example.com/", ""),
        ("http_proxy", "http://other.example.com/", ""),
        ("http_proxy", "http://video.example.com:81/", ""),
    ],
)
async def test_proxies_come_from_the_environment_and_their_passwords_from_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
    proxied: tuple[str, list[str]],
    variable: str,
    url: str,
    line: str,
) -> None:
    address, asked = proxied
    monkeypatch.setenv(variable, f"http://{address}")
    monkeypatch.setenv("no_proxy", "other.example.com,video.example.com:81")
    async with session() as http:
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout(60), http.get(url):
                pass

    assert [text.startswith(line) for text in asked] == [True] * bool(line)
    assert "of-home" not in "".join(asked)
    assert "authorization" not in "".join(asked).lower()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_password_of_a_proxy_is_the_one_in_its_address(
    monkeypatch: pytest.MonkeyPatch, proxied: tuple[str, list[str]], scheme: str
) -> None:
    address, asked = proxied
    monkeypatch.setenv(f"{scheme}_proxy", f"http://me:mine@{address}")
    async with session() as http:
        with suppress(aiohttp.ClientError):
            async with http.get(f"{scheme}://video.example.com/"):
                pass

    assert "Proxy-Authorization: Basic bWU6bWluZQ==" in asked[0]


def _redirect(status: int, location: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": location})

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["websocket", "long-polling"])
async def test_realtime_is_not_led_to_another_origin(kind: str, status: int) -> None:
    seen: list[str] = []
    refused = asyncio.Event()

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append(await request.text())
        return web.json_response([])

    async with endpoint(note) as elsewhere, session() as http:
        led = _redirect(status, elsewhere)

        async def lead(request: web.Request) -> web.StreamResponse:
            refused.set() if led_once else led_once.append(True)
            return await led(request)

        led_once: list[bool] = []
        async with endpoint(lead) as url:
            options = RealtimeOptions(session=SessionOptions(connection_types=(kind,)))
            async with RealtimeClient(url, http, options=options) as client:
                await client.subscribe(["/secret/all_json"])
                # The second attempt: by then the first has led nowhere.
                async with asyncio.timeout(60):
                    await refused.wait()
    assert seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_what_is_posted_stays_posted_where_its_origin_leads_it(status: int) -> None:
    seen: list[tuple[str, str]] = []
    arrived = asyncio.Event()

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, (await request.json())[0]["channel"]))
        arrived.set()
        return web.json_response([])

    app = web.Application()
    app.router.add_route("*", "/faye", _redirect(status, "/moved/faye"))
    app.router.add_route("*", "/moved/faye", note)
    options = RealtimeOptions(session=SessionOptions(connection_types=("long-polling",)))
    async with (
        TestServer(app, host="127.0.0.1") as server,
        session() as http,
        RealtimeClient(str(server.make_url("/faye")), http, options=options),
        asyncio.timeout(60),
    ):
        await arrived.wait()
    assert seen[0] == ("POST", "/meta/handshake")


async def test_a_redirect_that_leads_round_and_round_ends() -> None:
    asked = 0
    is_tried_again = asyncio.Event()

    async def lead(_: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked > 4:
            is_tried_again.set()
        return web.Response(status=302, headers={"Location": "/faye"})

    options = RealtimeOptions(session=SessionOptions(connection_types=("long-polling",)))
    async with (
        endpoint(lead) as url,
        session() as http,
        RealtimeClient(url, http, options=options) as client,
    ):
        async with asyncio.timeout(60):
            await is_tried_again.wait()
        assert not client.connected


async def test_nothing_is_changed_in_the_workspace_by_who_may_not_lead_any_more() -> None:
    lead = Lead.alone()
    async with ScriptedSite() as site, session(only_leading(lead)) as http:
        site.answer("/api/2/site/get", {"status": "ok", "data": {"site_name": "A"}})
        site.answer("/api/2/comment/delete", {"status": "ok"})
        client = WorkspaceClient(http, ApiConfig(site_url=site.url, version="2"))
        await client.writing.delete(CommentId(1))
        lead.lose("Another leads.")

        with pytest.raises(WorkspaceUnreachableError) as refused:
            await client.writing.delete(CommentId(1))
        await client.site()

    assert not refused.value.was_sent
    assert site.paths() == ["/api/2/comment/delete", "/api/2/site/get"]
