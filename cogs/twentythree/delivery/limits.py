"""What discord.py has seen of a room's rate limit in Discord's headers."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord.http import Route

from ..domain.model import RoomId


def messages_left(client: discord.Client, room_id: RoomId) -> int | None:
    """Return how many messages may be created in the room at once; ``None``: not known.

    discord.py keeps the numbers to itself, so its shape is not relied on: where it differs,
    nothing is known.
    """
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=room_id)
    http: Any = getattr(client, "http", None)
    hashes: Any = getattr(http, "_bucket_hashes", {})
    buckets: Any = getattr(http, "_buckets", {})
    seen = buckets.get(f"{hashes.get(route.key)}:{route.major_parameters}")
    if seen is None:
        return None
    expires = getattr(seen, "expires", None)
    if expires is None or expires <= asyncio.get_running_loop().time():
        return int(seen.limit)
    return max(0, int(seen.remaining))
