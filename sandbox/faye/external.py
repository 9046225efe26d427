"""Publishing on a Faye server that is not ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp


def http_publisher(url: str, http: aiohttp.ClientSession) -> Callable[[str, Any], Awaitable[None]]:
    """Return a publisher that posts to a Bayeux service.

    The publisher raises ``aiohttp.ClientError`` where the service is away or refuses.
    """

    async def publish(channel: str, data: Any) -> None:
        message = {"channel": channel, "data": data}
        async with http.post(url, json=[message], raise_for_status=True) as response:
            await response.read()

    return publish
