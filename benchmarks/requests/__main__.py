"""``python -m benchmarks.requests``: requests a minute that the sandbox's workspace is asked.

The bridge as it is, with its defaults, on a real store and a real realtime service, but for time:
it runs so many times faster than it would that an hour takes less than a minute, the budget and
whoever writes with it. What is counted is told by the minute of that time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from cogs.twentythree.api import ApiConfig, Bearer, RequestBudget, WorkspaceClient
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.intake import Bridge, BridgeOptions
from cogs.twentythree.realtime import RealtimeClient
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox.faye import FayeServer
from sandbox.workspace import Level, Workspace, WorkspaceOptions
from tests.fakes.intake import ports

_MINUTE_S = 60.0
# While channels are looked up and titles read for the first time; the hour after is what counts.
_START_MINUTES = 20
_MINUTES = 80
_PER_MINUTE = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run: so many objects, of which so many live events, with realtime or without it."""

    attachments: int
    live: int
    with_realtime: bool
    speed: float


class Run:
    """What is asked, by its minutes."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.began = time.monotonic()
        self.asked: list[float] = []

    def spend(self) -> None:
        self.asked.append((time.monotonic() - self.began) * self.case.speed / _MINUTE_S)

    def peak(self) -> int:
        """Return the most requests in any sixty seconds."""
        return max((sum(at <= one < at + 1 for one in self.asked) for at in self.asked), default=0)

    def mean(self) -> float:
        """Return the requests a minute after the start."""
        later = sum(one >= _START_MINUTES for one in self.asked)
        return later / (_MINUTES - _START_MINUTES)


async def run(case: Case) -> Run:
    """Let the time pass."""
    workspace = Workspace(WorkspaceOptions(kept_calls=1))
    faye = FayeServer()
    await faye.start()
    workspace.publish_by(faye.publish, faye.url)
    if not case.with_realtime:
        await faye.close()
    await workspace.start()
    try:
        with tempfile.TemporaryDirectory(prefix="requests-") as folder:
            store = await Store.open(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
            try:
                await _attach(store, workspace, case)
                return await _passed(store, workspace, case)
            finally:
                await store.close()
    finally:
        await workspace.close()
        await faye.close()


async def _attach(store: Store, workspace: Workspace, case: Case) -> None:
    """Attach as if each had been attached long ago; the workspace holds comments elsewhere, too."""
    for number in range(case.attachments):
        is_live = number < case.live
        add = workspace.state.add_live if is_live else workspace.state.add_video
        object_id = ObjectId(add(f"Object {number}").object_id)
        kind = ObjectKind.LIVE if is_live else ObjectKind.VIDEO
        live = LiveObservation(object_id=object_id, is_broadcasting=False) if is_live else None
        info = ObjectInfo(object_id=object_id, kind=kind, title="-", url=workspace.url)
        new = NewAttachment(
            guild_id=GuildId(1),
            room_id=RoomId(object_id),
            object=info,
            rules=AttachmentRules(comments=CommentPolicy.ALL, announces_live=is_live),
            attached_by=1,
        )
        await store.attachments.attach(new, Baseline(live=live), now=datetime.now(UTC))
    other = workspace.state.add_video("Attached nowhere").object_id
    for number in range(300):
        await workspace.changes.post_comment(other, f"Comment {number}")


async def _passed(store: Store, workspace: Workspace, case: Case) -> Run:
    passed, speed = Run(case), case.speed
    budget = RequestBudget(_PER_MINUTE * speed, clock=time.monotonic)

    def asked(_method: str, _status: int) -> None:
        budget.spend()
        passed.spend()

    plain = BridgeOptions()
    options = BridgeOptions(
        reconcile_s=plain.reconcile_s / speed,
        poll_s=plain.poll_s / speed,
        upkeep_s=plain.upkeep_s / speed,
        spacing_s=plain.spacing_s / speed,
    )
    config = ApiConfig(
        site_url=workspace.url, credentials=Bearer(token=workspace.account(Level.READ).bearer)
    )
    async with aiohttp.ClientSession() as http:
        joined = ports(
            store,
            WorkspaceClient(http, config, on_request=asked),
            realtime=lambda url: RealtimeClient(url, http),
            budget=budget,
        )
        bridge = Bridge(joined, options)
        async with _running(bridge), _writing(workspace, case):
            await asyncio.sleep(_MINUTES * _MINUTE_S / speed)
    return passed


@contextlib.asynccontextmanager
async def _running(bridge: Bridge) -> AsyncGenerator[None]:
    task = asyncio.create_task(bridge.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


@contextlib.asynccontextmanager
async def _writing(workspace: Workspace, case: Case) -> AsyncGenerator[None]:
    """Have a comment written each ten seconds, in turn on one of ten objects and elsewhere."""
    ids = list(workspace.state.things)
    turn = [*ids[: min(10, case.attachments)], ids[-1]]

    async def write() -> None:
        for number in range(int(_MINUTES * _MINUTE_S / 10)):
            await workspace.changes.post_comment(turn[number % len(turn)], f"New {number}")
            await asyncio.sleep(10 / case.speed)

    task = asyncio.create_task(write())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.requests")
    parser.add_argument("--attachments", type=int, nargs="+", default=[1, 100, 500, 2_000])
    parser.add_argument("--live", type=int, default=0, help="so many of them are live events")
    parser.add_argument("--speed", type=float, default=80, help="times faster than it would be")
    given = parser.parse_args()
    print("| attachments | live events | realtime | requests a minute | most in a minute |")
    print("|---|---|---|---|---|", flush=True)
    for count in given.attachments:
        for with_realtime in (True, False):
            live = min(count, given.live)
            case = Case(
                attachments=count, live=live, with_realtime=with_realtime, speed=given.speed
            )
            passed = asyncio.run(run(case))
            state = "works" if with_realtime else "away"
            cells = (f"{count:,}", live, state, f"{passed.mean():.1f}", passed.peak())
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
