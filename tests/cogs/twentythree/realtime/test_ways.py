"""The way to the server: no compression, the proxy that the caller decides on, dead addresses."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from cogs.twentythree.realtime import RealtimeClient, RealtimeOptions
from cogs.twentythree.realtime.websocket import WebSocketTransport
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.odd_bayeux import OddServer
from tests.fakes.pumped import frames
from tests.fakes.realtime_reader import confirmed, fast


def _compressing(offered: list[str]) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        offered.append(request.headers.get("Sec-WebSocket-Extensions", ""))
        socket = web.WebSocketResponse(compress=True)
        await socket.prepare(request)
        await socket.send_str('["' + "again and " * 1000 + '"]')
        await socket.close()
        return socket

    return serve


async def test_compressed_frames_are_not_offered_for_each_would_cost_time(
    http: aiohttp.ClientSession,
) -> None:
    offered: list[str] = []
    async with endpoint(_compressing(offered)) as url:
        options = RealtimeOptions(websocket_close_s=0.2)
        transport = await WebSocketTransport.open(http, url, options)
        got = await frames(transport, 1)
        await transport.close()

    assert got == [["again and " * 1000]]
    assert "permessage-deflate" not in offered[0]


@pytest.mark.parametrize("kind", ["websocket", "long-polling"])
async def test_the_proxy_of_the_environment_is_used_where_the_callers_session_says_so(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait(await reader.readline())
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    address = "http://realtime.invalid/faye"
    async with (
        server,
        aiohttp.ClientSession(trust_env=True) as http,
        RealtimeClient(address, http, options=fast(kind)),
    ):
        async with asyncio.timeout(60):
            first = await asked.get()

    assert first.split()[1] == address.encode()


class _Resolver(AbstractResolver):
    """Names two addresses; at the first nobody is."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=flags)
            for address, kind in (("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET))
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("kind", ["websocket", "long-polling"])
async def test_where_the_first_address_of_a_host_is_dead_the_second_is_used(kind: str) -> None:
    server = OddServer()
    connector = aiohttp.TCPConnector(resolver=_Resolver())
    async with (
        endpoint(server.serve) as url,
        aiohttp.ClientSession(connector=connector) as http,
        RealtimeClient(
            url.replace("127.0.0.1", "realtime.invalid"), http, options=fast(kind)
        ) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
