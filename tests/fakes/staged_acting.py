"""Acting on comments as the commands call it, without a workspace and a trail behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from cogs.twentythree.actions import Acting
from cogs.twentythree.domain.acting import (
    Absence,
    Deed,
    Done,
    Effect,
    Entry,
    Intent,
    NewEntry,
    WantedAction,
    as_wanted,
    is_so,
)
from cogs.twentythree.domain.deeds import Acted, Action, Actor
from cogs.twentythree.domain.model import Attachment, Comment, CommentId, GuildId, ObjectId, RoomId
from cogs.twentythree.errors import StorageError, WorkspaceError
from cogs.twentythree.storage import Standpoint, Store

AT = datetime(2030, 1, 2, 12, tzinfo=UTC)


class FakeActing:
    """Does at once what is wanted, and notes it; what comes of it can be set.

    Attributes:
        comments: what the workspace holds.
        wanted: what was to be done, each time.
        comes: what comes of the next actions, one after the other, in place of what would.
        forged: of these realtime alone has told.
        down: what reading a comment ends in.
        is_full: nothing can be put on the trail.
        may_answer: cleared, nothing is answered.
        may_know: cleared, it stays unknown what came of it.
        later: what comes of an action that is not known yet; ``None``: it is never known.
        drafts: replies that wait to be sent, by their intents.
        entries: the trail, oldest first.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self.can_write: bool | None = True
        self.comments: dict[int, Comment] = {}
        self.forged: set[int] = set()
        self.wanted: list[WantedAction] = []
        self.comes: list[Done] = []
        self.down: WorkspaceError | StorageError | None = None
        self.is_full = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_asked = asyncio.Event()
        self.may_know = asyncio.Event()
        self.later: Done | None = None
        self.drafts: dict[int, Intent] = {}
        self.entries: list[Entry] = []
        self.roles: dict[int, int | None] = {}
        self.log_rooms: dict[int, RoomId | None] = {}
        self._objects: dict[int, ObjectId] = {}
        self._intents = 0
        self._acted: dict[tuple[int, Action], Acted] = {}
        self._turn = asyncio.Lock()

    # What is done to comments.

    @asynccontextmanager
    async def reading(self, comment_id: CommentId) -> AsyncGenerator[SimpleNamespace]:
        yield SimpleNamespace(held=None)

    async def act(
        self,
        wanted: WantedAction,
        agreed: Awaitable[bool] | None = None,
        sighting: object = None,
    ) -> Done:
        async with self._turn:
            if agreed is not None and not await agreed:
                return Done(effect=Effect.DROPPED)
            self.wanted.append(wanted)
            self.is_asked.set()
            await self.may_answer.wait()
            return self._came(wanted)

    def _came(self, wanted: WantedAction) -> Done:
        if self.comes:
            return self.comes.pop(0)
        comment = self.comments.get(wanted.comment_id)
        by = self._acted.get((wanted.comment_id, wanted.action))
        if is_so(wanted.action, comment):
            return Done(effect=Effect.ALREADY, comment=comment, by=by)
        if comment is None:
            return Done(effect=Effect.GONE)
        acted = Acted(action=wanted.action, actor=wanted.actor, at=AT)
        self._acted[wanted.comment_id, wanted.action] = acted
        if wanted.action is Action.DELETE:
            del self.comments[wanted.comment_id]
            return Done(effect=Effect.DONE)
        self.comments[wanted.comment_id] = as_wanted(wanted.action, comment)
        return Done(effect=Effect.DONE, comment=self.comments[wanted.comment_id])

    async def draft(self, wanted: WantedAction) -> Intent | Done:
        if self.comes:
            return self.comes.pop(0)
        if wanted.comment_id not in self.comments:
            return Done(effect=Effect.GONE)
        self._intents += 1
        intent = Intent(intent_id=self._intents, wanted=wanted, asked_at=AT, name="The team")
        self.drafts[intent.intent_id] = intent
        return intent

    async def send(self, intent_id: int, user_id: int) -> Done | None:
        intent = self.drafts.get(intent_id)
        if intent is None or intent.wanted.actor.user_id != user_id:
            return None
        del self.drafts[intent_id]
        done = await self.act(intent.wanted)
        if done.effect is Effect.NOT_DONE:
            self.drafts[intent_id] = intent
        return done

    async def drop(self, intent_id: int, user_id: int) -> bool:
        intent = self.drafts.get(intent_id)
        if intent is None or intent.wanted.actor.user_id != user_id:
            return False
        del self.drafts[intent_id]
        return True

    async def known(self, intent_id: int, within_s: float) -> Done | None:
        await self.may_know.wait()
        return self.later

    async def comment(self, comment_id: CommentId) -> Comment | None:
        await self.may_answer.wait()
        if self.down is not None:
            raise self.down
        return self.comments.get(comment_id)

    async def run(self) -> None:
        """Has nothing to find out."""
        await asyncio.Event().wait()

    # What is set.

    async def standpoint(
        self, guild_id: GuildId, room_id: RoomId, comment_id: CommentId
    ) -> Standpoint:
        if isinstance(self.down, StorageError):
            raise self.down
        object_id, found = self._objects.get(comment_id), []
        if object_id is not None and self._store is not None:
            found = await self._store.attachments.find(room_id=room_id, object_id=object_id)
        return Standpoint(
            held=found[0] if found else None, moderators_role_id=self.roles.get(guild_id)
        )

    async def was_confirmed(self, object_id: ObjectId, comment_id: CommentId) -> bool:
        return comment_id not in self.forged

    async def look_for(self, room_id: RoomId, comment_id: CommentId) -> Attachment | Absence:
        assert self._store is not None
        held = await self._store.attachments.find(room_id=room_id)
        comment = await self.comment(comment_id) if held else None
        if comment is None:
            return Absence.COMMENT if held else Absence.OBJECT
        fitting = (one for one in held if one.object.object_id == comment.object_id)
        return next(fitting, Absence.OBJECT)

    async def moderators(self, guild_id: GuildId) -> int | None:
        return self.roles.get(guild_id)

    async def set_moderators(self, guild_id: GuildId, role_id: int | None, actor: Actor) -> None:
        self.roles[guild_id] = role_id
        detail = "who may manage messages" if role_id is None else f"<@&{role_id}>"
        await self._note(guild_id, Deed.MODERATORS, actor, detail)

    async def log_room(self, guild_id: GuildId) -> RoomId | None:
        return self.log_rooms.get(guild_id)

    async def set_log_room(self, guild_id: GuildId, room_id: RoomId | None, actor: Actor) -> None:
        self.log_rooms[guild_id] = room_id
        detail = "nowhere" if room_id is None else f"<#{room_id}>"
        await self._note(guild_id, Deed.LOG, actor, detail)

    async def _note(self, guild_id: GuildId, deed: Deed, actor: Actor, detail: str) -> None:
        await self.note(NewEntry(guild_id=guild_id, actor=actor, deed=deed, detail=detail))

    async def note(self, entry: NewEntry) -> None:
        if self.is_full:
            raise StorageError("The database is full.")
        self.add(
            guild_id=entry.guild_id,
            actor=entry.actor,
            deed=entry.deed,
            room_id=entry.room_id,
            object_id=entry.object_id,
            object_title=entry.object_title,
            detail=entry.detail,
            effect=Effect.DONE,
        )

    def add(self, **values: Any) -> Entry:
        """Put an entry on the trail."""
        usual: dict[str, Any] = {"at": AT, "actor": Actor(user_id=7, name="Ann")}
        entry = Entry(**(usual | values | {"entry_id": len(self.entries) + 1}))
        self.entries.append(entry)
        return entry

    async def history(
        self,
        guild_id: GuildId,
        *,
        object_id: ObjectId | None = None,
        user_id: int | None = None,
        before: int | None = None,
        limit: int = 10,
    ) -> list[Entry]:
        found = [
            one
            for one in reversed(self.entries)
            if one.guild_id == guild_id
            and object_id in (None, one.object_id)
            and user_id in (None, one.actor.user_id)
            and (before is None or one.entry_id < before)
        ]
        return found[:limit]

    # What happens elsewhere.

    def say(self, comment: Comment) -> None:
        """Have a viewer write a comment; what it is about is known from then on."""
        self.comments[comment.comment_id] = comment
        self._objects[comment.comment_id] = comment.object_id

    def forget(self, comment_id: int) -> None:
        """Have it not be known any more what a comment is on."""
        del self._objects[comment_id]

    def elsewhere(self, comment_id: int, **values: Any) -> None:
        """Have somebody change a comment on the platform."""
        self.comments[comment_id] = replace(self.comments[comment_id], **values)


def as_acting(acting: FakeActing | None = None) -> Acting:
    """Return it as what it stands in for."""
    return cast("Acting", acting or FakeActing())
