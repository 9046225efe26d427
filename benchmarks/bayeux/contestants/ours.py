"""The realtime client of this project, with its defaults."""

from __future__ import annotations

import asyncio
from operator import attrgetter

import aiohttp

from benchmarks.bayeux.contestant import Tally, run
from cogs.twentythree.bayeux import SessionOptions
from cogs.twentythree.realtime import MessageReceived, RealtimeClient, RealtimeOptions

_POLLING = RealtimeOptions(session=SessionOptions(connection_types=("long-polling",)))


class Ours:
    def __init__(self) -> None:
        self._http: aiohttp.ClientSession
        self._client: RealtimeClient
        self._reader: asyncio.Task[None]

    async def open(self, url: str, tally: Tally, *, is_polling: bool = False) -> None:
        self._http = aiohttp.ClientSession()
        options = _POLLING if is_polling else None
        self._client = RealtimeClient(url, self._http, options=options)
        await self._client.__aenter__()
        self._reader = asyncio.create_task(self._read(tally))

    async def subscribe(self, channels: list[str]) -> int:
        return len(await self._client.subscribe_confirmed(channels))

    async def close(self) -> None:
        await self._client.aclose()
        await self._reader
        await self._http.close()

    async def _read(self, tally: Tally) -> None:
        async for event in self._client:
            if isinstance(event, MessageReceived):
                tally.take(event)


if __name__ == "__main__":
    asyncio.run(run(Ours(), attrgetter("data")))
