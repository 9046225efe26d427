"""The least that brings comments to a room: a socket to Faye and ``channel.send``.

Nothing is tried again, nothing is known of what was missed, and nothing is stored, unless
``MINIMAL_DATABASE`` names a file: then each comment is one durable row before it is posted.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


async def follow(
    url: str, channel: str, room: discord.PartialMessageable, rows: sqlite3.Connection | None
) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        await socket.send_json([_handshake()])
        async for frame in socket:
            for message in frame.json():
                match message["channel"]:
                    case "/meta/handshake":
                        client_id = message["clientId"]
                        subscribe = {"channel": "/meta/subscribe", "subscription": channel}
                        await socket.send_json([{"clientId": client_id, **subscribe}])
                        await socket.send_json([_connect(client_id)])
                    case "/meta/connect":
                        await socket.send_json([_connect(message["clientId"])])
                    case "/meta/subscribe":
                        print("subscribed", flush=True)
                    case _:
                        if rows is not None:
                            await asyncio.to_thread(_keep, rows, str(message["data"]))
                        await room.send(embed=_embed(message["data"]))


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE comments (id INTEGER PRIMARY KEY, row TEXT)")
    return connection


def _keep(connection: sqlite3.Connection, row: str) -> None:
    connection.execute("INSERT INTO comments (row) VALUES (?)", (row,))


def _handshake() -> dict[str, Any]:
    types = ["websocket"]
    return {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": types}


def _connect(client_id: str) -> dict[str, str]:
    rest = {"connectionType": "websocket", "clientId": client_id}
    return {"channel": "/meta/connect", **rest}


def _embed(row: dict[str, Any]) -> discord.Embed:
    embed = discord.Embed(title="Film", description=row["content_text"])
    return embed.set_author(name=row.get("name") or "Guest")


async def main() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    path = os.environ.get("MINIMAL_DATABASE")
    rows = _opened(path) if path else None
    url, channel, room_id = (os.environ[f"MINIMAL_{name}"] for name in ("URL", "CHANNEL", "ROOM"))
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        running = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
        try:
            await client.wait_until_ready()
            await follow(url, channel, client.get_partial_messageable(int(room_id)), rows)
        finally:
            running.cancel()
            await asyncio.wait([running])


if __name__ == "__main__":
    asyncio.run(main())
