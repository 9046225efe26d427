"""The ports of the intake as a test plays them, and its parts without the service around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from prometheus_client import CollectorRegistry

from cogs.twentythree.api import WorkspaceClient
from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.model import Attachment, GuildId, ObjectId, ObjectInfo, RoomId
from cogs.twentythree.intake import BridgeOptions, Ports
from cogs.twentythree.intake.agenda import Agenda
from cogs.twentythree.intake.intake import Intake
from cogs.twentythree.intake.listener import Listener
from cogs.twentythree.intake.missing import SingleComments
from cogs.twentythree.intake.objects import Objects, ObjectState
from cogs.twentythree.intake.readings import Readings
from cogs.twentythree.intake.rumours import Rumours
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.realtime import RealtimeClient
from cogs.twentythree.storage import Drafting
from tests.fakes.budget import NoLimit
from tests.fakes.realtime import FakeRealtime


class RoomsWoken:
    """Notes what the rooms are told; ``work`` is set each time. ``deaf``: so often nobody is.

    ``forums``: opens posts; without it, none can be opened.
    """

    def __init__(self, draft: Drafting | None = None) -> None:
        self.draft = draft
        self.woken: set[RoomId] = set()
        self.told: list[Attachment] = []
        self.said: list[tuple[int, str]] = []
        self.deaf = 0
        self.work = asyncio.Event()
        self.forums: RoomSupervisor | None = None

    def wake(
        self,
        rooms: Iterable[RoomId],
        started: Iterable[Batch] = (),
        edits: Collection[RoomId] = (),
    ) -> None:
        self.woken |= set(rooms)
        self.work.set()

    async def tell(self, barred: Sequence[Attachment]) -> None:
        self.told += barred
        self.work.set()

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str) -> bool:
        if self.deaf:
            self.deaf -= 1
            return False
        self.said.append((people[0], text))
        self.work.set()
        return True

    async def open_post(self, forum_id: RoomId, info: ObjectInfo) -> RoomId | str:
        if self.forums is None:
            return "Posts in forums cannot be opened here."
        return await self.forums.open_post(forum_id, info)

    async def close_post(self, room_id: RoomId) -> None:
        if self.forums is not None:
            await self.forums.close_post(room_id)


class ClockSet:
    """A clock that a test sets: as this machine's, or as ``now`` returns, and ``ahead`` of it."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._now() + self.ahead


def ports(store: Any, workspace: Any, **others: Any) -> Ports:
    """Return ports to a store and a workspace; the others are played unless they are given."""
    played: dict[str, Any] = {
        "realtime": lambda url: cast("RealtimeClient", FakeRealtime(url)),
        "rooms": RoomsWoken(),
        "budget": NoLimit(),
        "metrics": Metrics(CollectorRegistry()),
        "clock": ClockSet(),
    }
    return Ports(store=store, api=cast("WorkspaceClient", workspace), **(played | others))


class Parts:
    """What every part of the intake works with, joined as in the service."""

    def __init__(self, joined: Ports, **options: Any) -> None:
        self.ports = joined
        self.options = BridgeOptions(**({"confirm_s": 0.01, "again_s": 0.01} | options))
        self.agenda = Agenda()
        self.rumours = Rumours(joined.clock, self.options)
        self.objects = Objects(
            joined.store,
            self.agenda,
            self.rumours,
            joined.clock,
            analytics=self.options.analytics,
        )
        self.intake = Intake(joined, self.objects, self.agenda, self.rumours, self.options)
        self.single = SingleComments(joined.api, joined.store, self.objects)
        self.listener = Listener(joined, self.objects, self.agenda, self.intake, self.options)

    def attach(self, *attachments: Attachment) -> ObjectState:
        """Have one object attached, as far as memory goes."""
        state = self.objects.set(attachments[0].object.object_id, attachments)
        assert state is not None
        return state

    async def refresh(self, object_id: ObjectId) -> ObjectState:
        """Take over what the store holds of one object."""
        await self.objects.refresh(object_id)
        state = self.objects.get(object_id)
        assert state is not None
        return state


def readings_of(parts: Parts) -> Readings:
    """Return what reads objects into these parts."""
    return Readings(
        parts.ports, parts.objects, parts.agenda, parts.intake, parts.single, options=parts.options
    )
