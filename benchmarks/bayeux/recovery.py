"""Opening, and coming back after a cut, a silent path and a restart of the server.

Clients hardly work here, so that all of them are measured at the same time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from . import events
from .figures import Better, Losses, Row, losses
from .plan import Plan
from .processes import (
    AIOCOMETD,
    CONTESTANTS,
    FAYE,
    MINIMAL,
    OURS,
    Process,
    ProcessError,
    Server,
    contestant,
    faye_server,
)
from .proxy import Path

_RATE = 50
_CUT_S = 1.0
_DOWN_S = 0.3
_MANY = 1_000
_BACK_S = 0.3
_FOUND_S = 10.0
_USABLE_S = 1.0
_SETTLE_S = 1.0
_MAX_PUBLISHED = 20_000
_NS = 1e9
# So that no two processes start, or come back, at the same moment.
_STAGGER_S = 0.7

Measure = Callable[[str], Awaitable[None]]


async def _guarded(measure: Measure, name: str, time_row: Row, *, delay_s: float = 0.0) -> None:
    await asyncio.sleep(delay_s)
    try:
        await measure(name)
    except ProcessError as error:
        time_row.note(name, str(error))


async def _side_by_side(measure: Measure, names: Sequence[str], time_row: Row) -> None:
    async with asyncio.TaskGroup() as tasks:
        for index, name in enumerate(names):
            delay_s = index * _STAGGER_S
            tasks.create_task(_guarded(measure, name, time_row, delay_s=delay_s))


async def opening(plan: Plan) -> list[Row]:
    """Until the first subscription stands; one after the other, but for the one that waits."""
    label = f"open, Faye holds connects for {plan.open_timeout_s:g} s"
    row = Row(label=label, unit="s", better=Better.LESS)

    async def measure(name: str) -> None:
        channel = events.channels(1)[0]
        async with faye_server(timeout_s=plan.open_timeout_s) as server, contestant(name) as client:
            seconds = await client.do(
                "open", url=server.url, channel=channel, within_s=plan.open_bound_s
            )
            row.add(name, seconds)

    for name in (OURS, FAYE, MINIMAL) * plan.slow_runs:
        await _guarded(measure, name, row)
    await _side_by_side(measure, [AIOCOMETD] * plan.slow_runs, row)
    return [row]


async def cut(plan: Plan) -> list[Row]:
    """The TCP path is cut for a second, and the server knows of it."""
    rows = _three(f"TCP cut of {_CUT_S:g} s, {_RATE} events/s", "back after the path healed")

    rows[0].limit = _BACK_S
    rows[1].limit = rows[2].limit = 0

    async def measure(name: str) -> None:
        async with (
            faye_server(timeout_s=plan.fast_timeout_s * 2) as server,
            Path(server.port) as path,
            contestant(name) as client,
        ):
            await _follow(client, server, path.url)
            path.cut()
            await asyncio.sleep(_CUT_S)
            path.heal()
            await _take_return(client, server, name, rows, bound_s=plan.back_bound_s)

    for _ in range(plan.recovery_runs):
        await _side_by_side(measure, CONTESTANTS, rows[0])
    return rows


async def half_open(plan: Plan) -> list[Row]:
    """The path goes silent: nothing passes, and neither side is told. New connections work."""
    label = f"half-open path, Faye holds connects for {plan.half_open_timeout_s:g} s"
    rows = _three(label, "back after it went silent")

    rows[0].limit = _FOUND_S
    rows[2].limit = 0

    async def measure(name: str) -> None:
        async with (
            faye_server(timeout_s=plan.half_open_timeout_s) as server,
            Path(server.port) as path,
            contestant(name) as client,
        ):
            await _follow(client, server, path.url)
            path.swallow()
            await _take_return(
                client, server, name, rows, bound_s=plan.half_open_bound_s, is_sent_after=True
            )

    await _side_by_side(measure, CONTESTANTS * plan.slow_runs, rows[0])
    return rows


async def reset(plan: Plan) -> list[Row]:
    """A held poll is reset, and Faye does not notice; until the next subscription has its verdict.

    The minimal loop does not poll.
    """
    label = f"held poll reset, Faye holds connects for {plan.half_open_timeout_s:g} s: usable again"
    row = Row(label=label, unit="s", better=Better.LESS, limit=_USABLE_S)
    first, second = events.channels(2)

    async def measure(name: str) -> None:
        async with (
            faye_server(timeout_s=plan.half_open_timeout_s) as server,
            Path(server.port) as path,
            contestant(name) as client,
        ):
            bound_s = plan.half_open_bound_s
            opening = {"url": path.url, "channel": first, "is_polling": True}
            await client.do("open", within_s=bound_s, **opening)
            await asyncio.sleep(_SETTLE_S)
            path.cut()
            path.heal()
            verdict = await client.do("subscribe", channels=[second], within_s=bound_s)
            if not verdict["standing"]:
                raise ProcessError("refused")
            row.add(name, verdict["seconds"])

    await _side_by_side(measure, (OURS, FAYE, AIOCOMETD) * plan.slow_runs, row)
    return [row]


async def restart(plan: Plan) -> list[Row]:
    """The server is killed and comes back; until all channels stand again, and all deliver."""
    what = f"server restart, {_MANY:,} channels"
    back = Row(label=f"{what}: all stand again", unit="s", better=Better.LESS)
    silent = Row(label=f"{what}: without delivery", unit="channels", better=Better.LESS)
    back.goals[MINIMAL] = 1
    silent.limit = 0
    names, comment = events.channels(_MANY), events.comment()

    async def measure(name: str) -> None:
        async with contestant(name) as client:
            async with faye_server(timeout_s=plan.fast_timeout_s) as server:
                await client.do("open", url=server.url, channel=names[0])
                await client.do("subscribe", channels=names[1:])
                await asyncio.sleep(_SETTLE_S)
            await asyncio.sleep(_DOWN_S)
            async with faye_server(timeout_s=plan.fast_timeout_s, port=server.port) as again:
                bound = plan.back_bound_s
                stood_ns = await again.do("standing", count=_MANY, timeout_s=bound)
                if stood_ns is None:
                    raise ProcessError(f"not within {bound:g} s")
                back.add(name, max(0.0, stood_ns - again.listening_ns) / _NS)
                await asyncio.sleep(_SETTLE_S)
                await client.do("record")
                await again.do("flood", channels=names, comment=comment, count=_MANY)
                await asyncio.sleep(_SETTLE_S)
                silent.add(name, _losses(_MANY, await client.do("records")).lost)

    for _ in range(plan.recovery_runs):
        await _side_by_side(measure, CONTESTANTS, back)
    return [back, silent]


async def _follow(client: Process, server: Server, url: str) -> None:
    """Open, and have events published from now on."""
    channel = events.channels(1)[0]
    await client.do("open", url=url, channel=channel)
    await client.do("record")
    await server.do(
        "pace", channels=[channel], comment=events.comment(), rate=_RATE, count=_MAX_PUBLISHED
    )
    await asyncio.sleep(_SETTLE_S)


async def _take_return(
    client: Process,
    server: Server,
    name: str,
    rows: list[Row],
    *,
    bound_s: float,
    is_sent_after: bool = False,
) -> None:
    since = time.monotonic_ns()
    back, lost, repeated = rows
    returned = await client.do(
        "after",
        since_ns=since,
        timeout_s=bound_s,
        is_sent_after=is_sent_after,
        within_s=bound_s + 10,
    )
    if returned is None:
        raise ProcessError(f"not within {bound_s:g} s")
    back.add(name, (returned - since) / _NS)
    await asyncio.sleep(_SETTLE_S)
    published = await server.do("stop")
    await asyncio.sleep(_SETTLE_S)
    fate = _losses(published, await client.do("records"))
    lost.add(name, fate.lost)
    repeated.add(name, fate.repeated)


def _losses(published: int, records: list[list[Any]]) -> Losses:
    return losses(published, (record[0] for record in records))


def _three(label: str, time_label: str) -> list[Row]:
    return [
        Row(label=f"{label}: {time_label}", unit="s", better=Better.LESS),
        Row(label=f"{label}: lost", unit="events", better=Better.LESS),
        Row(label=f"{label}: delivered twice", unit="events", better=Better.LESS),
    ]
