"""Reads a realtime client's events until one of a kind comes, and makes fast clients."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from cogs.twentythree.bayeux import RetryDelays, SessionOptions
from cogs.twentythree.realtime import (
    MessageReceived,
    RealtimeClient,
    RealtimeEvent,
    RealtimeOptions,
)

_PATIENCE_S = 60.0
_T = TypeVar("_T")
BOTH = ("websocket", "long-polling")


def fast(*kinds: str, check_s: float = 5.0, **changes: Any) -> RealtimeOptions:
    """Options whose times are tiny."""
    session = SessionOptions(
        connection_types=kinds or BOTH,
        request_timeout_s=2.0,
        connect_grace_s=0.5,
        disconnect_timeout_s=1.0,
        settled_s=0.0,
        check_s=check_s,
        backoff=RetryDelays(base_s=0.01, cap_s=0.05),
    )
    return RealtimeOptions(session=session, **{"heartbeat_s": 0.5, "open_timeout_s": 2.0} | changes)


async def until(client: RealtimeClient, kind: type[_T]) -> tuple[_T, list[RealtimeEvent]]:
    """Return the first event of ``kind``, and what came before it."""
    before: list[RealtimeEvent] = []
    async with asyncio.timeout(_PATIENCE_S):
        while not isinstance(event := await anext(client), kind):
            before.append(event)
    return event, before


async def deliveries(client: RealtimeClient, number: int) -> list[object]:
    """Return the data of the next ``number`` deliveries, past all other events."""
    return [(await until(client, MessageReceived))[0].data for _ in range(number)]


async def confirmed(client: RealtimeClient, *channels: str) -> frozenset[str]:
    """Subscribe and wait for the verdict."""
    async with asyncio.timeout(_PATIENCE_S):
        return await client.subscribe_confirmed(channels)
