"""A bridge between the sandbox's workspace and the real Faye: what stands after a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from cogs.twentythree import web
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
from cogs.twentythree.intake import Bridge, BridgeOptions, BridgeStatus, Mode
from cogs.twentythree.realtime import RealtimeClient
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox import Sandbox
from sandbox.workspace import ChannelPlace, Level, Thing, WorkspaceFault
from tests.fakes.faye import FayeServer
from tests.fakes.intake import RoomsWoken, ports

GUILD = GuildId(1)
VIDEOS, EVENTS = 40, 20


class Run:
    """One run of a bridge; ``asked`` are the requests that were answered."""

    def __init__(self, sandbox: Sandbox, store: Store) -> None:
        self.sandbox = sandbox
        self.store = store
        self.asked: list[str] = []
        self.rooms = RoomsWoken()
        self.woken, self.news = self.rooms.woken, self.rooms.work

    @asynccontextmanager
    async def on(self) -> AsyncGenerator[None]:
        run = self

        class Client(RealtimeClient):
            async def subscribe_confirmed(self, channels: Collection[str]) -> frozenset[str]:
                found = await super().subscribe_confirmed(channels)
                run.news.set()
                return found

        async with web.session() as http:
            api, budget = self._api(http), self._budget
            joined = ports(
                self.store,
                api,
                realtime=lambda url: Client(url, http),
                rooms=self.rooms,
                budget=budget,
            )
            self.bridge = Bridge(joined, BridgeOptions())
            task = asyncio.create_task(self.bridge.run())
            try:
                yield
            finally:
                task.cancel()
                await asyncio.wait({task})
            assert task.cancelled()

    def _api(self, http: aiohttp.ClientSession) -> WorkspaceClient:
        self._budget = RequestBudget(240, clock=time.monotonic)
        token = self.sandbox.workspace.account(Level.READ).bearer
        config = ApiConfig(
            site_url=self.sandbox.workspace.url, credentials=Bearer(token=token), attempts=1
        )
        return WorkspaceClient(http, config, on_request=self._asked)

    def _asked(self, method: str, _: int) -> None:
        self._budget.spend()
        self.asked.append(method)

    async def until_standing(self, count: int) -> BridgeStatus:
        async with asyncio.timeout(60):
            while (status := await self.bridge.status(GUILD)).channels_standing < count:
                await self.news.wait()
                self.news.clear()
        return status


async def attach(store: Store, sandbox: Sandbox) -> list[ObjectId]:
    """Attach videos and live events, each to the room with its number."""
    state = sandbox.workspace.state
    things: list[Thing] = [state.add_video(f"Film {number}") for number in range(VIDEOS)]
    kinds = [ObjectKind.VIDEO] * VIDEOS + [ObjectKind.LIVE] * EVENTS
    things += [state.add_live(f"Talk {number}") for number in range(EVENTS)]
    for thing, kind in zip(things, kinds, strict=True):
        object_id = ObjectId(thing.object_id)
        info = ObjectInfo(object_id=object_id, kind=kind, title=thing.title, url="https://x/1")
        is_live = kind is ObjectKind.LIVE
        rules = AttachmentRules(comments=CommentPolicy.ALL, announces_live=is_live)
        await store.attachments.attach(
            NewAttachment(
                guild_id=GUILD, room_id=RoomId(object_id), object=info, rules=rules, attached_by=1
            ),
            Baseline(
                live=LiveObservation(object_id=object_id, is_broadcasting=False)
                if is_live
                else None
            ),
            now=datetime.now(UTC),
        )
    return [ObjectId(thing.object_id) for thing in things]


async def test_many_new_objects_stand_by_few_requests_and_after_a_restart_by_none(
    tmp_path: Path,
) -> None:
    wanted = 2 * VIDEOS + 3 * EVENTS
    async with FayeServer() as faye, Sandbox(faye_url=faye.url) as sandbox:
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
        sandbox.workspace.options.place = ChannelPlace.OBJECT
        object_ids = await attach(store, sandbox)
        first = Run(sandbox, store)
        async with first.on():
            status = await first.until_standing(wanted)
            # The list of videos, that of live events, and the log of each of these.
            assert first.asked.count("live/log") == EVENTS
            assert first.asked.count("comment/list") < EVENTS
        assert (status.mode, status.channels_wanted) == (Mode.REALTIME, wanted)

        hanging = WorkspaceFault(hangs=True, times=None)
        sandbox.workspace.add_fault(hanging)
        second = Run(sandbox, store)
        await faye.do("handshakes", value=False)
        async with second.on():
            while not await faye.do("refusals"):
                pass
            await faye.do("handshakes", value=True)
            await second.until_standing(wanted)
            await sandbox.workspace.changes.post_comment(object_ids[0], "Hello")
            async with asyncio.timeout(60):
                while RoomId(object_ids[0]) not in second.woken:
                    second.news.clear()
                    await second.news.wait()
            assert second.asked == []
        hanging.release()
        await store.close()
