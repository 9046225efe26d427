"""Which channels stand: refused and allowed by the real Faye, remembered over a restart."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cogs.twentythree import web
from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.bridge import Mode
from cogs.twentythree.realtime import RealtimeClient
from tests.fakes.bridge_house import GUILD, PROMOTED, VIDEO, House, house, running
from tests.fakes.faye import FayeServer
from tests.fakes.workspace import ROOT, row


@asynccontextmanager
async def served_by(faye: FayeServer, path: Path, **options: Any) -> AsyncGenerator[House]:
    """A running bridge with real clients, and a video on that service."""
    async with web.session() as http, house(path, **options) as made:
        made.connect = lambda _: RealtimeClient(faye.url, http)
        made.workspace.add(VIDEO)
        made.workspace.addresses[VIDEO] = RealtimeAddress(url=faye.url, comments_root=ROOT)
        async with running(made):
            yield made


async def is_realtime(made: House) -> bool:
    return (await made.bridge.status(GUILD)).mode is Mode.REALTIME


async def test_a_refused_channel_is_polled_over_until_the_server_allows_it(tmp_path: Path) -> None:
    async with (
        FayeServer() as faye,
        # So soon is everything looked up again that a look-up would teach it anew.
        served_by(faye, tmp_path, poll_s=0.02, reconcile_s=0.02, upkeep_s=0.02) as made,
    ):
        await faye.do("refuse", value=PROMOTED)
        await made.attach()
        await made.until_called("realtime", 3)
        assert not await is_realtime(made)

        await faye.do("refuse", value=None)
        await made.until(lambda: is_realtime(made))
        await faye.publish(PROMOTED, row(5))
        await made.until_said("comment 5")
