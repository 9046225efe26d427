"""A Discord at the height of the rooms' ``Poster``: remembers messages and nonces, can be told
to answer otherwise."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cogs.twentythree.delivery.files import MessageFile
from cogs.twentythree.delivery.outcomes import Delivered, Outcome
from cogs.twentythree.delivery.posting import Poster
from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.embeds import identity

from .said import said


@dataclass
class Message:
    message_id: int
    room_id: RoomId
    nonce: str
    body: str
    edits: int = 0
    files: tuple[str, ...] = ()

    @property
    def embeds(self) -> list[dict[str, Any]]:
        embeds: list[dict[str, Any]] = json.loads(self.body)["embeds"]
        return embeds

    @property
    def identity(self) -> tuple[str, ...]:
        return _identity(self.body)


@dataclass
class Lost:
    """The message gets there; the reply is this."""

    reply: Outcome


@dataclass
class Hang:
    """The message gets there, and the reply comes when the event is set."""

    release: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Outcome | Lost | Hang


class NoClient:
    """A client whose cache is empty."""

    guilds = ()

    def is_ready(self) -> bool:
        return True

    def get_guild(self, guild_id: int) -> None:
        return None

    def get_channel(self, channel_id: int) -> None:
        return None


class FakePoster(Poster):
    def __init__(self) -> None:
        super().__init__(
            NoClient(),  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]  # never asked for anything
            request_timeout_s=60.0,
            history_limit=100,
        )
        self.messages: list[Message] = []
        self.faults: defaultdict[RoomId, deque[Fault]] = defaultdict(deque)
        self.always: dict[RoomId, Outcome] = {}
        self.refuse: Callable[[str], Outcome | None] = lambda _: None
        self.attempts: list[tuple[RoomId, str, str]] = []
        self.searches: list[tuple[RoomId, datetime]] = []
        self.refuse_edit: Callable[[str], Outcome | None] = lambda _: None
        self.refuse_delete: Outcome | None = None
        self.edit_hangs: asyncio.Event | None = None
        self.left: int | None = None
        self.fileless: set[RoomId] = set()
        self.files_refused: Outcome | None = None
        self._changed = asyncio.Condition()
        self._ids = itertools.count(1000)

    def texts(self, room_id: RoomId) -> list[str]:
        shown = [one for one in self.messages if one.room_id == room_id]
        return [said(embed) for one in shown for embed in one.embeds]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(is_so)

    def allowance(self, room_id: RoomId) -> int | None:
        return self.left

    async def post(self, room_id: RoomId, body: str, nonce: str) -> Outcome:
        self.attempts.append((room_id, nonce, body))
        fault = self.always.get(room_id) or self.refuse(body)
        if fault is None and self.faults[room_id]:
            return await self._faulty(self.faults[room_id].popleft(), room_id, body, nonce)
        await self._tell()
        return fault or await self._committed(room_id, body, nonce)

    def takes_files(self, room_id: RoomId) -> bool:
        return room_id not in self.fileless

    async def edit(
        self, room_id: RoomId, message_id: int, body: str, files: Sequence[MessageFile] = ()
    ) -> Outcome:
        self.attempts.append((room_id, f"edit {message_id}", body))
        if files and self.files_refused is not None:
            return self.files_refused
        await self._tell()
        if self.edit_hangs is not None:
            await self.edit_hangs.wait()
        if (refused := self.refuse_edit(body)) is not None:
            return refused
        if self.faults[room_id]:
            fault = self.faults[room_id].popleft()
            assert not isinstance(fault, Lost | Hang)
            await self._tell()
            return fault
        (found,) = (one for one in self.messages if one.message_id == message_id)
        found.body, found.edits = body, found.edits + 1
        found.files = tuple(one.filename for one in files)
        await self._tell()
        return Delivered(message_id=message_id)

    async def delete(self, room_id: RoomId, message_id: int) -> Outcome:
        self.attempts.append((room_id, f"delete {message_id}", ""))
        await self._tell()
        if self.refuse_delete is not None:
            return self.refuse_delete
        if self.faults[room_id]:
            fault = self.faults[room_id].popleft()
            assert not isinstance(fault, Lost | Hang)
            await self._tell()
            return fault
        self.messages = [one for one in self.messages if one.message_id != message_id]
        await self._tell()
        return Delivered(message_id=message_id)

    async def find(self, room_id: RoomId, body: str, since: datetime) -> Outcome | None:
        self.searches.append((room_id, since))
        wanted = _identity(body)
        for one in self.messages:
            if one.room_id == room_id and one.identity == wanted:
                return Delivered(message_id=one.message_id)
        return None

    async def _faulty(self, fault: Fault, room_id: RoomId, body: str, nonce: str) -> Outcome:
        if isinstance(fault, Lost):
            await self._committed(room_id, body, nonce)
            return fault.reply
        if isinstance(fault, Hang):
            delivered = await self._committed(room_id, body, nonce)
            await fault.release.wait()
            return delivered
        await self._tell()
        return fault

    async def _committed(self, room_id: RoomId, body: str, nonce: str) -> Outcome:
        for one in self.messages:
            if one.nonce == nonce:
                return Delivered(message_id=one.message_id)
        message = Message(next(self._ids), room_id, nonce, body)
        self.messages.append(message)
        await self._tell()
        return Delivered(message_id=message.message_id)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _identity(body: str) -> tuple[str, ...]:
    shown = json.loads(body)
    return identity(shown["embeds"], shown.get("content", ""))
