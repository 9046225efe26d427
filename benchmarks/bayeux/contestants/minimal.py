"""The least that receives events: aiohttp, orjson, one array of subscriptions, a retry.

No verdict per channel, no resumption, no advice, no second transport, no word on what was missed.
"""

from __future__ import annotations

import asyncio
import contextlib
from operator import itemgetter
from typing import Any

import aiohttp
import orjson  # type: ignore[import-not-found]  # only in the other environment

from benchmarks.bayeux.contestant import Tally, run

_RETRY_S = 0.25
_HEARTBEAT_S = 10.0
_MAX_RETRIES = 10_000


class Minimal:
    def __init__(self) -> None:
        self._channels: list[str] = []
        self._socket: aiohttp.ClientWebSocketResponse
        self._client_id = ""
        self._subscribed: asyncio.Future[int]
        self._is_open = asyncio.Event()
        self._runner: asyncio.Task[None]

    async def open(self, url: str, tally: Tally, *, is_polling: bool = False) -> None:
        if is_polling:
            raise NotImplementedError
        self._runner = asyncio.create_task(self._run(url, tally))
        await self._is_open.wait()

    async def subscribe(self, channels: list[str]) -> int:
        self._channels += channels
        self._subscribed = asyncio.get_running_loop().create_future()
        await self._send("/meta/subscribe", subscription=channels)
        return await self._subscribed

    async def close(self) -> None:
        self._runner.cancel()
        await asyncio.wait({self._runner})

    async def _run(self, url: str, tally: Tally) -> None:
        async with aiohttp.ClientSession() as http:
            for _ in range(_MAX_RETRIES):
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with http.ws_connect(url, heartbeat=_HEARTBEAT_S) as self._socket:
                        types = ["websocket"]
                        await self._send(
                            "/meta/handshake", version="1.0", supportedConnectionTypes=types
                        )
                        await self._read(tally)
                await asyncio.sleep(_RETRY_S)

    async def _read(self, tally: Tally) -> None:
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return  # the heartbeat found the path dead
            for message in orjson.loads(frame.data):
                if message["channel"].startswith("/meta/"):
                    await self._obey(message)
                else:
                    tally.take(message)

    async def _obey(self, reply: dict[str, Any]) -> None:
        match reply["channel"]:
            case "/meta/handshake":
                self._client_id = reply["clientId"]
                if self._channels:
                    await self._send("/meta/subscribe", subscription=self._channels)
                await self._send("/meta/connect", connectionType="websocket")
                self._is_open.set()
            case "/meta/connect":
                await self._send("/meta/connect", connectionType="websocket")
            case "/meta/subscribe" if not self._subscribed.done():
                wanted = reply["subscription"]
                is_good = reply["successful"]
                self._subscribed.set_result(
                    is_good and (1 if isinstance(wanted, str) else len(wanted))
                )

    async def _send(self, channel: str, **rest: object) -> None:
        message = {"channel": channel, "clientId": self._client_id, "id": "1", **rest}
        await self._socket.send_str(orjson.dumps([message]).decode())


if __name__ == "__main__":
    asyncio.run(run(Minimal(), itemgetter("data")))
