"""All that acting on comments is joined to: a workspace on loopback, a store, rooms that listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from cogs.twentythree.actions import Acting, ActingPorts, Carrying
from cogs.twentythree.api import WorkspaceClient
from cogs.twentythree.domain.acting import WantedAction
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentNotice,
    CommentPolicy,
    GuildId,
    ObjectId,
    RoomId,
)
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox.workspace import Workspace
from tests.fakes.intake import ClockSet, Parts, RoomsWoken, ports

GUILD, FAR = GuildId(10), GuildId(20)
ROOM, FAR_ROOM = RoomId(11), RoomId(21)
MO, DEE = Actor(user_id=1, name="Mo"), Actor(user_id=2, name="Dee")
NAME = "The team"


class Desk:
    """Presses buttons, and looks at the workspace and the rooms.

    ``waits`` are the pauses that were taken; none takes time.
    """

    def __init__(self, workspace: Workspace, api: WorkspaceClient, store: Store) -> None:
        self.workspace = workspace
        self.api = api
        self.store = store
        self.rooms = RoomsWoken()
        self.registry = CollectorRegistry()
        self.clock = ClockSet()
        self.waits: list[float] = []
        self.live = workspace.state.add_live("The launch")
        self.object_id = ObjectId(self.live.object_id)
        self.acting = self.started()

    def started(self) -> Acting:
        """Return the service as a process that has just begun has it."""
        metrics = Metrics(CollectorRegistry())
        joined = ports(self.store, self.api, rooms=self.rooms, metrics=metrics, clock=self.clock)
        self.parts = Parts(joined)
        carrying = Carrying(
            self.store,
            self.api,
            self.parts.intake,
            metrics,
            now=self.clock.now,
            pause=self.pause,
        )
        acting_ports = ActingPorts(
            store=self.store,
            api=self.api,
            intake=self.parts.intake,
            rooms=self.rooms,
            now=self.clock.now,
        )
        return Acting(acting_ports, carrying, reply_name=NAME, pause=self.pause)

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def begin(self) -> None:
        """Attach the event to a room of each of two servers."""
        await self.attach(has_actions=True)
        await self.store.memory.note_level([self.object_id], "write")

    async def attach(self, *, has_actions: bool, object_id: ObjectId | None = None) -> None:
        """Attach the event to both rooms, or change that of its rules."""
        found = await self.api.find(object_id or self.object_id)
        rules = AttachmentRules(comments=CommentPolicy.ALL, has_actions=has_actions)
        for guild_id, room_id in ((GUILD, ROOM), (FAR, FAR_ROOM)):
            new = NewAttachment(
                guild_id=guild_id,
                room_id=room_id,
                object=found.info,
                rules=rules,
                attached_by=1,
            )
            await self.store.attachments.attach(new, Baseline(), now=datetime.now(UTC))

    async def say(self, text: str = "Is it on?", *, kind: str = "question") -> CommentId:
        """Have a viewer write; the rooms get it."""
        comment = await self.workspace.changes.post_comment(self.live.object_id, text, kind=kind)
        found = await self.api.comment(CommentId(comment.comment_id))
        assert found is not None
        await self.parts.intake.ingest_read(self.object_id, [found])
        return CommentId(comment.comment_id)

    def wanted(
        self, action: Action, comment_id: CommentId, *, by: Actor = MO, text: str = ""
    ) -> WantedAction:
        return WantedAction(
            action=action,
            guild_id=GUILD,
            room_id=ROOM,
            object_id=self.object_id,
            comment_id=comment_id,
            actor=by,
            text=text,
        )

    async def shown(self, comment_id: CommentId, room: RoomId = ROOM) -> CommentNotice | None:
        """Return what a room is to show of a comment."""
        pending = (await self.store.outbox.work(room)).pending
        told = (one.notice for one in pending if isinstance(one.notice, CommentNotice))
        return next((one for one in told if one.comment.comment_id == comment_id), None)

    def calls(self, method: str) -> int:
        return self.workspace.calls[method]


@asynccontextmanager
async def finding_out(desk: Desk) -> AsyncGenerator[None]:
    """Have what is not known yet found out until the block is left."""
    task = asyncio.create_task(desk.acting.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def is_settled(desk: Desk) -> bool:
    """Tell whether no action is under way any more."""
    return await desk.store.trail.open() == []


async def until(desk: Desk, is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, for a minute at most."""
    async with asyncio.timeout(60):
        while not await is_so():
            desk.rooms.work.clear()
            try:
                async with asyncio.timeout(0.05):
                    await desk.rooms.work.wait()
            except TimeoutError:
                continue


async def is_told(desk: Desk) -> bool:
    """Tell whether somebody was told something in private."""
    return bool(desk.rooms.said)
