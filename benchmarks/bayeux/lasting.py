"""A client that is started again with all that it listened to, and one to which nothing happens."""

from __future__ import annotations

import asyncio
import time

from . import events
from .figures import Better, Row
from .plan import Plan
from .processes import CONTESTANTS, Process, ProcessError, Server, contestant, faye_server

_MANY = 1_000
_SETTLE_S = 2.0
_HOUR_S = 3600.0
_IDLE_S = 4.0


async def client_restart(plan: Plan) -> list[Row]:
    """From the start of a client's process until all that it remembers stands again."""
    what = f"client restarted with {plan.remembered:,} channels: all stand"
    row = Row(label=what, unit="s", better=Better.LESS)
    names = events.channels(plan.remembered)
    for name in CONTESTANTS * plan.slow_runs:
        try:
            async with faye_server(timeout_s=plan.fast_timeout_s) as server:
                async with contestant(name) as client:
                    await _listen(client, server, names)
                began = time.monotonic()
                async with contestant(name) as client:
                    await _listen(client, server, names)
                    row.add(name, time.monotonic() - began)
        except ProcessError as error:
            row.note(name, str(error))
    return [row]


async def idle(plan: Plan) -> list[Row]:
    """What a client uses while nothing is published; all of them at the same time."""
    row = Row(
        label=f"an hour in which nothing happens, {_MANY:,} channels",
        unit="CPU s",
        better=Better.LESS,
        limit=_IDLE_S,
    )

    async def measure(name: str) -> None:
        try:
            async with (
                faye_server(timeout_s=plan.open_timeout_s) as server,
                contestant(name) as client,
            ):
                await _listen(client, server, events.channels(_MANY), plan.open_bound_s)
                await asyncio.sleep(_SETTLE_S)
                before_s = client.cpu_s
                await asyncio.sleep(plan.idle_s)
                row.add(name, (client.cpu_s - before_s) * _HOUR_S / plan.idle_s)
        except ProcessError as error:
            row.note(name, str(error))

    async with asyncio.TaskGroup() as tasks:
        for name in CONTESTANTS:
            tasks.create_task(measure(name))
    return [row]


async def _listen(client: Process, server: Server, names: list[str], within_s: float = 60) -> None:
    await client.do("open", url=server.url, channel=names[0], within_s=within_s)
    verdict = await client.do("subscribe", channels=names[1:], within_s=within_s)
    if verdict["standing"] < len(names) - 1:
        raise ProcessError(f"{verdict['standing']:,} of {len(names) - 1:,} stand")
