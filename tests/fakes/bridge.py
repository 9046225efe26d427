"""A bridge without a workspace: objects and attachments in memory, failures on demand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cogs.twentythree.domain.barring import Pause, Servers
from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.following import Category, Follow
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CategoryId,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    GuildId,
    LivePhase,
    LiveState,
    Notice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
    Source,
)
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import StorageError, UnknownObjectError
from cogs.twentythree.intake import (
    Bridge,
    BridgeStatus,
    ChannelShape,
    Mode,
    ObjectStatus,
    WantedAttachment,
    WantedFollow,
)
from cogs.twentythree.intake.openings import Openings
from cogs.twentythree.storage import Attached, Detached, Followed, Refused

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


class FakeBridge(Bridge):
    """What the commands see of a bridge; `error` is raised by every call that asks outside."""

    def __init__(self, *objects: ObjectInfo) -> None:  # super() would want a workspace
        self.servers = Servers()
        self.parents: dict[RoomId, RoomId] = {}
        self.present: list[frozenset[GuildId]] = []
        self.objects = {info.object_id: info for info in objects}
        self.held: list[Attachment] = []
        self.wanted: list[WantedAttachment] = []
        self.error: Exception | None = None
        self.store_error: StorageError | None = None
        self.may_find = asyncio.Event()
        self.may_find.set()
        self.opened: LiveState | None = None
        self.phase: LivePhase | None = None
        self.cards = 0
        self.look_fails: str | None = None
        self.followed: list[Follow] = []
        self.known: list[Category] = []
        self.shapes: list[ChannelShape] = []
        self.is_listening = asyncio.Event()
        self.refusals: list[Refused] = []
        self.openings = Openings()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._was_told = asyncio.Condition()
        self._ids = itertools.count(1)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def faults(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> dict[Kind, Fault]:
        return {}

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error

    async def find(self, object_id: ObjectId) -> ObjectInfo:
        self._fail()
        await self.may_find.wait()
        if object_id not in self.objects:
            raise UnknownObjectError("photo/list")
        return self.objects[object_id]

    async def has_host(self, host: str) -> bool:
        self._fail()
        return host in {"video.example.com", "watch.example.org"}

    async def search(self, text: str) -> list[ObjectInfo]:
        self._fail()
        return [o for o in self.objects.values() if text.casefold() in o.title.casefold()]

    async def attach(self, wanted: WantedAttachment) -> Attached:
        info = await self.find(wanted.object_id)
        self.wanted.append(wanted)
        old = next((a for a in self.held if self._is(a, wanted.room_id, info.object_id)), None)
        rules = wanted.rules.applied(info.kind, old.rules if old else None)
        new = replace(
            an_attachment(
                info=info,
                guild_id=wanted.guild_id,
                room_id=wanted.room_id,
                forum_id=wanted.forum_id,
                rules=rules,
            ),
            attachment_id=next(self._ids),
            is_agreed=wanted.is_agreed,
            parent_id=wanted.parent_id,
        )
        self.held = [a for a in self.held if a is not old] + [new]
        return Attached(
            attachment=new,
            is_new=old is None,
            backfilled=wanted.backfill,
            opened=self.opened,
            phase=self.phase,
        )

    @staticmethod
    def _is(attachment: Attachment, room_id: RoomId, object_id: ObjectId) -> bool:
        return (attachment.room_id, attachment.object.object_id) == (room_id, object_id)

    async def detach(
        self, room_id: RoomId, object_id: ObjectId, cards: AtDetach = AtDetach.DELETE
    ) -> Detached | None:
        gone = next((a for a in self.held if self._is(a, room_id, object_id)), None)
        self.held = [a for a in self.held if a is not gone]
        return None if gone is None else Detached(attachment=gone, cards=self.cards)

    async def attachments(
        self,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Attachment]:
        await self.may_answer.wait()
        if self.store_error is not None:
            raise self.store_error
        return [
            a
            for a in self.held
            if guild_id in {None, a.guild_id}
            and room_id in {None, a.room_id}
            and object_id in {None, a.object.object_id}
        ]

    async def categories(self, text: str) -> list[Category]:
        self._fail()
        return [one for one in self.known if text.casefold() in one.title.casefold()]

    async def category(self, category_id: CategoryId) -> Category:
        self._fail()
        for one in self.known:
            if one.category_id == category_id:
                return one
        raise UnknownObjectError("album/list")

    async def follow(self, wanted: WantedFollow) -> Followed:
        self._fail()
        scope = (wanted.room_id, wanted.kind, wanted.category)
        old = next((f for f in self.followed if (f.room_id, f.kind, f.category) == scope), None)
        new = a_follow(
            follow_id=next(self._ids) if old is None else old.follow_id,
            guild_id=wanted.guild_id,
            room_id=wanted.room_id,
            is_forum=wanted.is_forum,
            kind=wanted.kind,
            category=wanted.category,
            rules=wanted.rules.applied(wanted.kind, None if old is None else old.rules),
            error=self.look_fails,
        )
        self.followed = [f for f in self.followed if f is not old] + [new]
        return Followed(follow=new, is_new=old is None)

    async def unfollow(self, follow_id: int) -> Follow | None:
        gone = next((f for f in self.followed if f.follow_id == follow_id), None)
        self.followed = [f for f in self.followed if f is not gone]
        return gone

    async def follows(self, guild_id: GuildId | None = None) -> list[Follow]:
        return [f for f in self.followed if guild_id in {None, f.guild_id}]

    async def note_parent(self, room_id: RoomId, parent_id: RoomId) -> None:
        self.parents[room_id] = parent_id

    async def know_servers(self, present: Collection[GuildId]) -> None:
        self.present.append(frozenset(present))
        async with self._was_told:
            self._was_told.notify_all()

    async def until_present(self, *guild_ids: int) -> None:
        """Wait until these, and no others, are the servers that the bot is in."""
        async with asyncio.timeout(5), self._was_told:
            await self._was_told.wait_for(lambda: self.present[-1:] == [frozenset(guild_ids)])

    def remembered(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> list[Attachment]:
        mine = [one for one in self.held if guild_id in {None, one.guild_id}]
        return [one for one in mine if object_id in {None, one.object.object_id}]

    async def status(self, guild_id: GuildId) -> BridgeStatus:
        self._fail()
        return BridgeStatus(
            mode=Mode.REALTIME,
            connected_since=NOW,
            last_event_at=NOW,
            lag_s=None,
            pending=0,
            last_error=None,
        )

    def alone_in(self, forum_id: RoomId, object_id: ObjectId) -> AbstractAsyncContextManager[None]:
        return self.openings.alone(forum_id, object_id)

    async def refused(self, guild_id: GuildId) -> list[Refused]:
        return self.refusals

    def object_status(self, held: Sequence[Attachment]) -> ObjectStatus:
        return ObjectStatus(
            mode=Mode.REALTIME,
            channels=("comments",),
            last_event_at=NOW,
            last_read_at=NOW,
            last_error=None,
        )

    def sample(self, info: ObjectInfo) -> list[Notice]:
        comment = Comment(
            comment_id=CommentId(0),
            object_id=info.object_id,
            kind=CommentKind.COMMENT,
            is_promoted=True,
            author="Ann",
            text="A sample",
        )
        return [CommentNotice(object=info, comment=comment, source=Source.REALTIME, seen_at=NOW)]

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        self._fail()
        self.is_listening.set()
        await self.may_answer.wait()
        return self.shapes
