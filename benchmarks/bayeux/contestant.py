"""What every contestant in Python does: it takes commands and keeps count of what it gets."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any, Protocol

from . import pipe

_POLL_S = 0.005


class Tally:
    """Counts events (``expect``) or notes each of them (``record``).

    A client calls ``take`` with each event, in whatever form it has it; ``payload`` gets the
    published data out of it, and is only called where a measure says that data is read.
    """

    def __init__(self, payload: Callable[[Any], Any]) -> None:
        self._payload = payload
        self.take: Callable[[Any], None] = self._count
        self._received = 0
        self._mark = 0
        self._wanted = 0
        self._start = self._end = (0.0, 0.0)
        self._records: list[tuple[int, int, int]] = []
        self._is_done = asyncio.Event()

    def expect(self, count: int, *, is_read: bool) -> None:
        """Measure from the first event that comes to number ``count``."""
        self.take = self._count_and_read if is_read else self._count
        self._received, self._mark, self._wanted = 0, 1, count
        self._is_done.clear()

    async def result(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the last event; seconds and CPU seconds are those between first and last."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_done.wait()
        except TimeoutError:
            return {"received": self._received, "seconds": None, "cpu_s": None}
        (wall_start, cpu_start), (wall_end, cpu_end) = self._start, self._end
        seconds, cpu_s = wall_end - wall_start, cpu_end - cpu_start
        return {"received": self._received, "seconds": seconds, "cpu_s": cpu_s}

    def record(self) -> None:
        """Note each event's number, and when it was received and sent (monotonic ns)."""
        self._records = []
        self.take = self._record

    async def records(self, count: int = 0, timeout_s: float = 0) -> list[tuple[int, int, int]]:
        """What was noted, once it is ``count`` events or the time is up."""
        deadline = time.monotonic() + timeout_s
        while len(self._records) < count and time.monotonic() < deadline:  # noqa: ASYNC110 - an event would burden each record
            await asyncio.sleep(_POLL_S)
        return self._records

    async def after(self, since_ns: int, timeout_s: float, *, is_sent_after: bool) -> int | None:
        """When the first event was received after ``since_ns``, or one sent after it."""
        column = 2 if is_sent_after else 1
        deadline = time.monotonic() + timeout_s
        seen = 0
        while time.monotonic() < deadline:
            for record in self._records[seen:]:
                if record[column] > since_ns:
                    return record[1]
            seen = len(self._records)
            await asyncio.sleep(_POLL_S)
        return None

    def _count(self, _event: Any) -> None:
        self._received += 1
        if self._received >= self._mark:
            self._note_mark()

    def _count_and_read(self, event: Any) -> None:
        if self._payload(event)["comment_id"]:
            self._count(event)

    def _note_mark(self) -> None:
        now = (time.perf_counter(), time.process_time())
        if self._received == 1:
            self._start, self._mark = now, self._wanted
        elif self._received == self._wanted:
            self._end = now
            self._is_done.set()

    def _record(self, event: Any) -> None:
        data = self._payload(event)
        self._records.append((data["n"], time.monotonic_ns(), data["sent"]))


class Client(Protocol):
    """A Bayeux client with its defaults."""

    async def open(self, url: str, tally: Tally, *, is_polling: bool = False) -> None:
        """Start, over long-polling if asked to, and have every event given to ``tally.take``."""

    async def subscribe(self, channels: list[str]) -> int:
        """Wait for a verdict on each, by the fastest way there is; return how many stand."""

    async def close(self) -> None:
        """Stop."""


async def run(client: Client, payload: Callable[[Any], Any]) -> None:
    """Obey the harness until it hangs up."""
    tally = Tally(payload)

    async def start(url: str, channel: str, is_polling: bool = False) -> float:  # noqa: FBT001, FBT002 - comes by name
        began = time.perf_counter()
        await client.open(url, tally, is_polling=is_polling)
        await client.subscribe([channel])
        return time.perf_counter() - began

    async def subscribe(channels: list[str]) -> dict[str, Any]:
        began = time.perf_counter()
        standing = await client.subscribe(channels)
        return {"seconds": time.perf_counter() - began, "standing": standing}

    async def expect(count: int, is_read: bool) -> None:  # noqa: FBT001 - comes by name
        tally.expect(count, is_read=is_read)

    async def after(since_ns: int, timeout_s: float, is_sent_after: bool) -> int | None:  # noqa: FBT001 - as above
        return await tally.after(since_ns, timeout_s, is_sent_after=is_sent_after)

    async def record() -> None:
        tally.record()

    async def settle() -> int:
        return gc.collect()

    await pipe.serve(
        {
            "open": start,
            "subscribe": subscribe,
            "expect": expect,
            "result": tally.result,
            "record": record,
            "records": tally.records,
            "after": after,
            "settle": settle,
        }
    )
    await client.close()
