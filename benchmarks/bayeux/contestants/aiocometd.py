"""aiocometd-noloop, with its defaults. It runs in the benchmark's own virtual environment."""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import Any

import aiocometd_noloop  # type: ignore[import-not-found]  # only in the other environment

from benchmarks.bayeux.contestant import Tally, run

_MAX_RESTARTS = 100


class Aiocometd:
    def __init__(self) -> None:
        self._client: Any
        self._reader: asyncio.Task[None]

    async def open(self, url: str, tally: Tally, *, is_polling: bool = False) -> None:
        kind = aiocometd_noloop.ConnectionType.LONG_POLLING if is_polling else None
        self._client = aiocometd_noloop.Client(url, kind)
        await self._client.open()
        self._reader = asyncio.create_task(self._read(tally))

    async def subscribe(self, channels: list[str]) -> int:
        # It has no arrays; all at once is its fastest way.
        verdicts = await asyncio.gather(
            *map(self._client.subscribe, channels), return_exceptions=True
        )
        return sum(verdict is None for verdict in verdicts)

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.wait({self._reader})
        await self._client.close()

    async def _read(self, tally: Tally) -> None:
        for _ in range(_MAX_RESTARTS):
            try:
                async for event in self._client:
                    tally.take(event)
            except aiocometd_noloop.exceptions.TransportTimeoutError:
                continue  # after 10 s without a connection its iterator raises, and can go on
            return


if __name__ == "__main__":
    asyncio.run(run(Aiocometd(), itemgetter("data")))
