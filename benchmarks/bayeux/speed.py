"""Throughput, latency, subscribing and memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from . import events
from .figures import Better, Row, percentile
from .plan import Plan
from .processes import (
    AIOCOMETD,
    CONTESTANTS,
    FAYE,
    MINIMAL,
    Process,
    ProcessError,
    Server,
    contestant,
    faye_server,
    replay_server,
)

_FLOOD_BOUND_S = 60.0
_LAST_ONES_S = 5.0
_MANY = 1_000
_BUSY_RATE = 1_000
_KB = 1_000


@asynccontextmanager
async def opened(
    name: str, server: Server, channels: int, *, url: str | None = None
) -> AsyncGenerator[Process]:
    """A fresh process of ``name`` with ``channels`` subscribed."""
    names = events.channels(channels)
    async with contestant(name) as client:
        await client.do("open", url=url or server.url, channel=names[0])
        if names[1:]:
            await client.do("subscribe", channels=names[1:])
        yield client


async def replayed(plan: Plan) -> list[Row]:
    """Prepared frames, so that the client is what saturates."""
    rows: list[Row] = []
    for channels, is_read in ((1, False), (_MANY, False), (_MANY, True)):
        what = f"prepared frames, {_channels(channels)}" + (", payload read" if is_read else "")
        pair = _pair(what)
        least = {FAYE: 2, MINIMAL: 1.1} if is_read else {FAYE: 3, MINIMAL: 1.2}
        pair[0].goals.update({AIOCOMETD: 6} | least)
        for name in CONTESTANTS * plan.runs:
            try:
                async with replay_server() as server, opened(name, server, channels) as client:
                    flood = partial(server.do, "flood", channels=channels)
                    await _measure(client, name, flood, plan.warm_up, pair=None, is_read=is_read)
                    await _measure(client, name, flood, plan.replayed, pair=pair, is_read=is_read)
            except ProcessError as error:
                pair[0].note(name, str(error))
        rows += pair
    return rows


async def flooded(plan: Plan) -> list[Row]:
    """The real Faye; here its server is what saturates, but for the slowest client."""
    rows: list[Row] = []
    for channels in (1, _MANY):
        pair = _pair(f"real Faye, {_channels(channels)}")
        names = events.channels(channels)
        for name in CONTESTANTS * plan.runs:
            try:
                async with (
                    faye_server(timeout_s=plan.fast_timeout_s) as server,
                    opened(name, server, channels) as client,
                ):
                    flood = partial(server.do, "flood", channels=names, comment=events.comment())
                    await _measure(client, name, flood, plan.warm_up, pair=None)
                    await _measure(client, name, flood, plan.flooded, pair=pair)
            except ProcessError as error:
                pair[0].note(name, str(error))
        rows += pair
    return rows


async def _measure(
    client: Process,
    name: str,
    flood: Callable[..., Awaitable[Any]],
    count: int,
    *,
    pair: tuple[Row, Row] | None,
    is_read: bool = False,
) -> None:
    """Have ``count`` events sent, and note in ``pair`` what they took; ``None``: a warm-up."""
    await client.do("expect", count=count, is_read=is_read)
    await flood(count=count)
    result = await client.do("result", timeout_s=_FLOOD_BOUND_S, within_s=_FLOOD_BOUND_S + 10)
    if result["seconds"] is None:
        raise ProcessError(f"{result['received']:,} of {count:,} came")
    if pair is not None:
        rate, cpu = pair
        rate.add(name, (count - 1) / result["seconds"])
        cpu.add(name, result["cpu_s"] * 10_000 / (count - 1))


async def latency(plan: Plan) -> list[Row]:
    """From publishing in the Faye server to the client's callback, over 1,000 channels."""
    rows: list[Row] = []
    for rate in plan.latency_rates:
        middle = Row(label=f"latency at {rate:,}/s, p50", unit="ms", better=Better.LESS)
        tail = Row(label=f"latency at {rate:,}/s, p99", unit="ms", better=Better.LESS)
        if rate == _BUSY_RATE:
            middle.goals[MINIMAL] = 1 / 1.1
        for name in CONTESTANTS * plan.slow_runs:
            try:
                delays = await _delays(name, plan, rate)
            except ProcessError as error:
                middle.note(name, str(error))
                continue
            middle.add(name, percentile(delays, 50))
            tail.add(name, percentile(delays, 99))
        rows += [middle, tail]
    return rows


async def _delays(name: str, plan: Plan, rate: int) -> list[float]:
    """Milliseconds of each event of one run."""
    names, count = events.channels(_MANY), int(rate * plan.latency_s)
    steady: dict[str, Any] = {
        "channels": names,
        "comment": events.comment(),
        "rate": rate,
        "is_awaited": True,
    }
    async with (
        faye_server(timeout_s=plan.fast_timeout_s) as server,
        opened(name, server, _MANY) as client,
    ):
        await client.do("record")
        await server.do("pace", count=count, **steady)
        records = await client.do("records", count=count, timeout_s=_LAST_ONES_S)
    if len(records) < count:
        raise ProcessError(f"{len(records):,} of {count:,} came")
    return [(received - sent) / 1e6 for _, received, sent in records]


async def subscribing(plan: Plan) -> list[Row]:
    """Time until each channel has its verdict, and what each channel costs in memory."""
    rows: list[Row] = []
    # A verdict for each, beside one bare array.
    faster = {FAYE: 5, AIOCOMETD: 5, MINIMAL: 1 / 1.2}
    for count in plan.subscribed:
        time = Row(label=f"{count:,} channels subscribed", unit="s", better=Better.LESS)
        memory = Row(label=f"memory per channel at {count:,}", unit="kB", better=Better.LESS)
        time.goals.update(faster)
        memory.goals[FAYE] = 1
        for name in CONTESTANTS * plan.slow_runs:
            try:
                seconds, grown_bytes = await _subscribe(name, plan, count)
            except ProcessError as error:
                time.note(name, str(error))
                continue
            time.add(name, seconds)
            memory.add(name, grown_bytes / count / _KB)
        rows += [time, memory]
    return rows


async def _subscribe(name: str, plan: Plan, count: int) -> tuple[float, int]:
    """Seconds, and bytes by which the process grew."""
    async with (
        faye_server(timeout_s=plan.fast_timeout_s) as server,
        opened(name, server, 1) as client,
    ):
        await client.do("settle")
        before = client.rss_bytes
        verdict = await client.do("subscribe", channels=events.channels(count + 1)[1:])
        await client.do("settle")
        after = client.rss_bytes
    if verdict["standing"] < count:
        raise ProcessError(f"{verdict['standing']:,} of {count:,} stand")
    return verdict["seconds"], max(0, after - before)


def _pair(what: str) -> tuple[Row, Row]:
    return (
        Row(label=what, unit="messages/s", better=Better.MORE),
        Row(label=what, unit="CPU s per 10,000", better=Better.LESS),
    )


def _channels(count: int) -> str:
    return "1 channel" if count == 1 else f"{count:,} channels"
