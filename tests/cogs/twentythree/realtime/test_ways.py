"""The way to the server: no compression, and the proxy that the caller decides on."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.realtime import RealtimeClient, RealtimeOptions
from cogs.twentythree.realtime.websocket import WebSocketTransport
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.pumped import frames
from tests.fakes.realtime_reader import fast


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
