"""The bridge that the commands talk to, and what it holds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import Mock

from cogs.twentythree.api import FoundObject
from cogs.twentythree.domain.barring import Membership, Pause, Servers
from cogs.twentythree.domain.following import Follow
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.errors import StorageError
from cogs.twentythree.intake import Bridge, ChannelShape, WantedAttachment
from cogs.twentythree.storage import Attached, Store
from tests.fakes.bridge_house import House

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)


def an_object(
    object_id: int = 1, *, title: str = "Talk", url: str = "https://video.example.com/talk"
) -> ObjectInfo:
    return ObjectInfo(object_id=ObjectId(object_id), kind=ObjectKind.VIDEO, title=title, url=url)


def an_attachment(
    *,
    info: ObjectInfo | None = None,
    guild_id: int = 1,
    room_id: int = 10,
    forum_id: int | None = None,
    rules: AttachmentRules | None = None,
    pause: Pause | None = None,
    follow_id: int | None = None,
    parent_id: int | None = None,
) -> Attachment:
    return Attachment(
        attachment_id=1,
        guild_id=GuildId(guild_id),
        room_id=RoomId(room_id),
        forum_id=None if forum_id is None else RoomId(forum_id),
        object=info or an_object(),
        rules=rules or AttachmentRules(),
        attached_by=5,
        attached_at=NOW,
        pause=pause,
        follow_id=follow_id,
        parent_id=None if parent_id is None else RoomId(parent_id),
    )


def a_follow(
    *,
    follow_id: int = 1,
    guild_id: int = 1,
    room_id: int = 10,
    kind: ObjectKind = ObjectKind.LIVE,
    rules: AttachmentRules | None = None,
    **values: Any,
) -> Follow:
    return Follow(
        follow_id=follow_id,
        guild_id=GuildId(guild_id),
        room_id=RoomId(room_id),
        kind=kind,
        rules=rules or AttachmentRules(),
        followed_by=5,
        followed_at=NOW,
        **{"category": None, **values},
    )


def a_bridge(*objects: ObjectInfo) -> Bridge:
    """Return a bridge to a workspace with these objects, and to no database."""
    made = House(cast("Store", Mock()))
    made.workspace.objects |= {one.object_id: one for one in objects}
    return made.bridge


class StagedBridge:
    """The bridge of a house as the commands have it: what they ask for can be held up, or fail.

    Attributes:
        wanted: what was attached, each time.
        shapes: what a diagnosis hears.
        may_answer: cleared, neither the database nor a diagnosis answers.
        store_error: what reading attachments ends in.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.workspace = house.workspace
        self.wanted: list[WantedAttachment] = []
        self.shapes: list[ChannelShape] = []
        self.store_error: StorageError | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_listening = asyncio.Event()
        self._membership: Membership | None = None
        self._was_told = asyncio.Condition()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house.bridge, name)

    @property
    def servers(self) -> Servers:
        return self.house.bridge.servers

    @servers.setter
    def servers(self, servers: Servers) -> None:
        self.house.bridge.servers = servers

    async def attach(self, wanted: WantedAttachment, found: FoundObject | None = None) -> Attached:
        attached = await self.house.bridge.attach(wanted, found)
        self.wanted.append(wanted)
        return attached

    async def attachments(self, **which: Any) -> list[Attachment]:
        await self.may_answer.wait()
        if self.store_error is not None:
            raise self.store_error
        return await self.house.bridge.attachments(**which)

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        await self.house.bridge.find(object_id)
        self.is_listening.set()
        await self.may_answer.wait()
        return self.shapes

    async def know_servers(self, membership: Membership) -> frozenset[GuildId]:
        joined = await self.house.bridge.know_servers(membership)
        async with self._was_told:
            self._membership = membership
            self._was_told.notify_all()
        return joined

    async def until_present(self, *guild_ids: int) -> None:
        """Wait until these, and no others, are the servers that the bot is in."""
        async with asyncio.timeout(60), self._was_told:
            await self._was_told.wait_for(
                lambda: (
                    self._membership is not None
                    and self._membership.present == frozenset(guild_ids)
                )
            )

    async def until_told(self) -> Membership:
        """Wait until it is known which servers the bot is in, and return that."""
        async with asyncio.timeout(60), self._was_told:
            await self._was_told.wait_for(lambda: self._membership is not None)
            assert self._membership is not None
            return self._membership
