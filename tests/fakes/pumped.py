"""Takes the frames of a transport one by one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from cogs.twentythree.realtime.transport import Transport, TransportError

_PATIENCE_S = 60.0


async def frames(transport: Transport, number: int) -> list[object]:
    """Return the next ``number`` frames; raises what ends the transport before that."""
    taken: list[object] = []
    is_done = asyncio.Event()

    def take(frame: object, size: int) -> None:
        assert size >= 0
        taken.append(frame)
        if len(taken) == number:
            is_done.set()

    async with asyncio.timeout(_PATIENCE_S):
        pump = asyncio.create_task(transport.pump(take))
        done = asyncio.create_task(is_done.wait())
        await asyncio.wait({pump, done}, return_when=asyncio.FIRST_COMPLETED)
    done.cancel()
    if not is_done.is_set():
        await pump
    pump.cancel()
    with suppress(asyncio.CancelledError, TransportError):
        await pump
    return taken
