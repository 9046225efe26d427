"""The least that acts on a comment: a button of discord.py, ``comment/promote``, and an edit.

Nothing is stored, nobody is asked for a right, and nothing is known of what went wrong. With
``LOOP_CARE`` the press is acknowledged first, and the comment read before and after: the requests
that ours makes, too, with nothing stored either.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any, Self

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

CARE = bool(os.environ.get("LOOP_CARE"))


class Promote(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"{'care' if CARE else 'bare'}:(?P<number>\d+)",
):
    http: aiohttp.ClientSession

    def __init__(self, item: discord.ui.Button[Any], number: str) -> None:
        super().__init__(item)
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["number"])

    async def callback(self, interaction: discord.Interaction) -> None:
        assert interaction.message is not None
        if CARE:
            await interaction.response.defer()
            await self._read()
        await self._promote()
        (embed,) = interaction.message.embeds
        embed.description = f"{embed.description}\n-# promoted by {interaction.user.mention}"
        if CARE:
            await self._read()
            await interaction.edit_original_response(embed=embed)
        else:
            await interaction.response.edit_message(embed=embed)

    async def _read(self) -> None:
        async with self.http.get(_url("comment/list"), params={"comment_id": self.number}) as found:
            await found.json()

    async def _promote(self) -> None:
        given = {"comment_id": self.number, "promoted_p": "1"}
        async with self.http.post(_url("comment/promote"), data=given) as answer:
            answer.raise_for_status()
            await answer.json()


def _url(method: str) -> str:
    return f"{os.environ['TWENTYTHREE_SITE_URL']}/api/2/{method}"


async def main() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    bearer = {"Authorization": f"Bearer {os.environ['TWENTYTHREE_BEARER_TOKEN']}"}
    async with (
        aiohttp.ClientSession(headers=bearer) as http,
        discord.Client(intents=discord.Intents(guilds=True)) as client,
    ):
        Promote.http = http
        client.add_dynamic_items(Promote)
        running = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
        try:
            await client.wait_until_ready()
            print("ready", flush=True)
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])


if __name__ == "__main__":
    asyncio.run(main())
