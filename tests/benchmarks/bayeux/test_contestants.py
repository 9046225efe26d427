"""Each contestant starts, subscribes and counts; nothing here measures anything."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.bayeux import events
from benchmarks.bayeux.processes import (
    AIOCOMETD,
    CONTESTANTS,
    FAYE,
    MINIMAL,
    OURS,
    ProcessError,
    contestant,
    faye_server,
    peers_python,
)
from benchmarks.bayeux.proxy import Path

# The peers have a venv of their own, which `make bench` makes; where there is none, what is ours
# and what the tests install is tried.
_ARE_PEERS_HERE = peers_python().exists()
_PRESENT = [name for name in CONTESTANTS if _ARE_PEERS_HERE or name not in {AIOCOMETD, MINIMAL}]
_CHANNELS = events.channels(3)


@pytest.mark.parametrize("name", _PRESENT)
async def test_each_contestant_receives_what_the_real_faye_publishes(name: str) -> None:
    async with faye_server(timeout_s=0.5) as server, contestant(name) as client:
        assert await client.do("open", url=server.url, channel=_CHANNELS[0]) > 0
        verdict = await client.do("subscribe", channels=_CHANNELS[1:])
        assert verdict["standing"] == 2
        await client.do("expect", count=300, is_read=True)
        await server.do("flood", channels=_CHANNELS, comment=events.comment(), count=300)
        result = await client.do("result", timeout_s=20)
    assert result["received"] == 300
    assert result["seconds"] > 0


@pytest.mark.parametrize("name", [OURS, FAYE])
async def test_each_event_is_noted_with_its_number(name: str) -> None:
    steady: dict[str, Any] = {"rate": 1000, "count": 20, "is_awaited": True}
    async with faye_server(timeout_s=0.5) as server, contestant(name) as client:
        await client.do("open", url=server.url, channel=_CHANNELS[0])
        await client.do("record")
        await server.do("pace", channels=_CHANNELS[:1], comment=events.comment(), **steady)
        assert await client.do("after", since_ns=0, timeout_s=10, is_sent_after=True)
        records = await client.do("records", count=20, timeout_s=10)
    assert [record[0] for record in records] == list(range(20))
    assert all(received > sent for _, received, sent in records)


async def test_a_path_can_go_silent_and_new_connections_still_work() -> None:
    async with (
        faye_server(timeout_s=0.5) as server,
        Path(server.port) as path,
        contestant(OURS) as client,
        contestant(OURS) as later,
    ):
        await client.do("open", url=path.url, channel=_CHANNELS[0])
        path.swallow()
        await client.do("expect", count=1, is_read=False)
        await server.do("flood", channels=_CHANNELS[:1], comment=events.comment(), count=1)
        await later.do("open", url=path.url, channel=_CHANNELS[0])
        assert (await client.do("result", timeout_s=0.2))["received"] == 0


async def test_a_failure_of_a_contestant_is_an_answer() -> None:
    async with contestant(OURS) as client:
        with pytest.raises(ProcessError, match="KeyError"):
            await client.do("juggle")
