"""What the caller decides on the way to the server: compression, and a proxy."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.bayeux import read_frame
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


@pytest.mark.parametrize("compresses", [True, False])
async def test_compressed_frames_are_offered_where_they_are_wanted_and_read(
    http: aiohttp.ClientSession,
    compresses: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    offered: list[str] = []
    async with endpoint(_compressing(offered)) as url:
        options = RealtimeOptions(compresses=compresses, websocket_close_s=0.2)
        transport = await WebSocketTransport.open(http, url, options, read_frame)
        got = await frames(transport, 1)
        await transport.close()

    assert got == [["again and " * 1000]]
    assert ("permessage-deflate" in offered[0]) is compresses


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
        async with asyncio.timeout(20):
            first = await asked.get()

    assert first.split()[1] == address.encode()
