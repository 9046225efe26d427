"""Attaching and detaching, with all that follows: objects to read, rooms to wake.

An object is found, what is there is read, and all of it stored at once. In a forum it is one post
for an object, whoever asks for it and how many at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from ..api import FoundObject
from ..domain.admission import accepts
from ..domain.cards import AtDetach
from ..domain.following import Follow
from ..domain.ingest import in_order
from ..domain.model import (
    Attachment,
    Comment,
    CommentPolicy,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from ..domain.places import rooms_of
from ..errors import StorageError
from ..storage import Attached, Baseline, Detached, NewAttachment, NewFollow, NewSetup, SetupDone
from .exchange import WantedAttachment, WantedSetup
from .objects import Objects
from .ports import BridgeOptions, Ports
from .readings import Readings

_log = logging.getLogger("twentythree.intake")


class Attaching:
    """Attaches objects to rooms and detaches them, and has all done that follows from it."""

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        readings: Readings,
        options: BridgeOptions,
    ) -> None:
        self._api = ports.api
        self._store = ports.store
        self._rooms = ports.rooms
        self._now = ports.clock.now
        self._objects = objects
        self._readings = readings
        self._same_broadcast = timedelta(seconds=options.same_broadcast_s)
        self.openings = Openings()

    async def attach(self, wanted: WantedAttachment, found: FoundObject | None = None) -> Attached:
        """Attach an object to a room, or change the rules where it is attached already.

        The first attach is silent: what is there already is remembered, not posted, but for
        the newest ``backfill`` comments that the room takes.

        ``found``: the object as the workspace has just shown it; ``None``: it is asked.

        Raises:
            WorkspaceError: the object cannot be found or read; nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        # Of two at once the later one has read the newer baseline.
        async with self.openings.alone(wanted.room_id, wanted.object_id):
            found = found or await self._api.find(wanted.object_id)
            attached = await self._attach(wanted, found)
        await self._took(attached, is_set=True)
        return attached

    async def _attach(self, wanted: WantedAttachment, found: FoundObject) -> Attached:
        new = _new(wanted, found.info)
        # Also where it is attached already: a room that now takes more must not get the old.
        baseline = await self._readings.baseline(found)
        async with self._objects.alone(wanted.object_id):
            attached = await self._store.attachments.attach(
                new,
                baseline,
                backfill=backfill_of(baseline.comments, new.rules.comments, wanted.backfill),
                now=self._now(),
                same_broadcast=self._same_broadcast,
            )
            self._objects.set(wanted.object_id, attached.held)
        return attached

    async def set_up(self, wanted: WantedSetup, follows: Sequence[NewFollow]) -> SetupDone:
        """Attach an object to several rooms, and all else of a setup, at once.

        Raises:
            WorkspaceError: the object cannot be found or read; nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        async with AsyncExitStack() as turns:
            # In one order for everybody: who is at one room may wait for another.
            for where in sorted({(one.room_id, one.object_id) for one in wanted.attachments}):
                await turns.enter_async_context(self.openings.alone(*where))
            done = await self._set_up(wanted, follows)
        for one in done.attached:
            await self._took(one)
        return done

    async def _set_up(self, wanted: WantedSetup, follows: Sequence[NewFollow]) -> SetupDone:
        attachments: list[tuple[NewAttachment, Baseline]] = []
        for object_id in {one.object_id for one in wanted.attachments}:
            found = await self._api.find(object_id)
            baseline = await self._readings.baseline(found)
            attachments += [
                (_new(one, found.info), baseline)
                for one in wanted.attachments
                if one.object_id == object_id
            ]
        new = NewSetup(
            entry=wanted.entry,
            attachments=tuple(attachments),
            follows=tuple(follows),
            moderators_role_id=wanted.moderators_role_id,
        )
        return await self._store.setups.set_up(new, self._now(), self._same_broadcast)

    async def attach_followed(
        self, follow: Follow, info: ObjectInfo, *, mentions: bool, is_one_of_many: bool
    ) -> str | None:
        """Attach what a follow has found; return why that cannot be done now, if so.

        It comes with the card of what is planned or on air. ``is_one_of_many``: the room is told
        of it by its programme first.

        Raises:
            WorkspaceError: the object cannot be read; nothing was stored.
        """
        up = await self._attach_followed(
            follow, info, mentions=mentions, is_one_of_many=is_one_of_many
        )
        if up.attached is not None:
            await self._took(up.attached)
        return up.error

    async def _attach_followed(
        self, follow: Follow, info: ObjectInfo, *, mentions: bool, is_one_of_many: bool
    ) -> _FollowedUp:
        baseline = await self._readings.baseline(FoundObject(info=info))
        if not await self._is_public(info, baseline):
            # It has turned since it was listed, and is listed again once everybody may see it.
            return _FollowedUp()
        began = None if baseline.live is None else baseline.live.broadcast_started_at
        # Where it is told, no matter which look this is: earlier ones may have failed.
        mentions = mentions if began is None else began >= follow.followed_at
        if not follow.is_forum:
            return await self._attach_here(
                follow,
                info,
                baseline,
                follow.room_id,
                mentions=mentions,
                is_one_of_many=is_one_of_many,
            )
        async with self.openings.alone(follow.room_id, info.object_id):
            held = await self._store.attachments.find(object_id=info.object_id)
            if any(one.forum_id == follow.room_id for one in held):
                room_id = follow.room_id
                return await self._attach_here(follow, info, baseline, room_id, mentions=mentions)
            post = await self._rooms.open_post(follow.room_id, info)
            if isinstance(post, str):
                return _FollowedUp(error=post)
            return await self._attach_post(follow, info, baseline, post, mentions=mentions)

    async def _is_public(self, info: ObjectInfo, baseline: Baseline) -> bool:
        if info.kind is ObjectKind.VIDEO:
            # Its comments do not tell, and it has waited for its turn since it was listed.
            return (await self._api.find(info.object_id, info.kind)).info.is_public
        return baseline.live is None or baseline.live.is_public

    async def _attach_post(
        self, follow: Follow, info: ObjectInfo, baseline: Baseline, post: RoomId, *, mentions: bool
    ) -> _FollowedUp:
        """Attach to a post that was just opened, and take the post back if that fails."""
        is_kept = False
        try:
            done = await self._attach_here(follow, info, baseline, post, mentions=mentions)
            is_kept = done.attached is not None
            return done
        finally:
            if not is_kept:
                await self.close_post(post)

    async def close_post(self, post: RoomId) -> None:
        """Take back a post that was opened for nothing: what is attached there keeps it.

        What is stored may seem not to be, where an answer of the database was lost.
        """
        try:
            held = await self._store.attachments.find(room_id=post)
        except StorageError as error:
            _log.warning("post %d stays, whatever is attached there: %s", post, error)
            return
        if not held:
            await self._rooms.close_post(post)

    async def _attach_here(
        self,
        follow: Follow,
        info: ObjectInfo,
        baseline: Baseline,
        room_id: RoomId,
        *,
        mentions: bool,
        is_one_of_many: bool = False,
    ) -> _FollowedUp:
        attached = await self._store.follows.attach(
            follow.follow_id,
            NewAttachment(
                guild_id=follow.guild_id,
                room_id=room_id,
                forum_id=follow.room_id if follow.is_forum else None,
                object=info,
                rules=follow.rules,
                attached_by=follow.followed_by,
                is_exposure_agreed=follow.is_exposure_agreed,
                is_on_programme=is_one_of_many,
            ),
            baseline,
            mentions=mentions,
            now=self._now(),
        )
        return _FollowedUp(attached=attached)

    async def detach(
        self, room_id: RoomId, object_id: ObjectId, cards: AtDetach = AtDetach.DELETE
    ) -> Detached | None:
        """Detach an object from a room; ``None`` where it was not attached.

        ``cards``: what becomes of those of what is planned or on air.
        """
        return await self._detached(room_id, object_id, cards)

    async def let_go(self, attachment: Attachment) -> None:
        """Detach what a follow attached, unless somebody wants it by now."""
        object_id, follow_id = attachment.object.object_id, attachment.follow_id
        await self._detached(attachment.room_id, object_id, AtDetach.DELETE, of_follow=follow_id)

    async def _detached(
        self,
        room_id: RoomId,
        object_id: ObjectId,
        cards: AtDetach,
        *,
        of_follow: int | None = None,
    ) -> Detached | None:
        gone = await self._store.attachments.detach(room_id, object_id, cards, of_follow=of_follow)
        self._rooms.wake({room_id} if gone is None else rooms_of(gone.attachment))
        await self._objects.take_over(object_id)
        return gone

    async def _took(self, attached: Attached, *, is_set: bool = False) -> None:
        """Have all done that follows from what is attached now.

        ``is_set``: it is known by now to those who read the object.
        """
        object_id = attached.attachment.object.object_id
        self._rooms.wake(rooms_of(attached.attachment) | attached.rooms)
        if is_set or await self._objects.take_over(object_id):
            self._objects.read_anew(object_id)
        await self._rooms.tell(attached.barred)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FollowedUp:
    """What came of an object that a follow found.

    ``error`` says why no post could be opened for it: it is tried again. ``attached`` is ``None``
    also where the object was in the room already, or is not public any more.
    """

    error: str | None = None
    attached: Attached | None = None


def _new(wanted: WantedAttachment, info: ObjectInfo) -> NewAttachment:
    return NewAttachment(
        guild_id=wanted.guild_id,
        room_id=wanted.room_id,
        forum_id=wanted.forum_id,
        parent_id=wanted.parent_id,
        object=info,
        rules=wanted.rules.applied(info.kind, None),
        asked=wanted.rules,
        attached_by=wanted.attached_by,
        is_agreed=wanted.is_agreed and not info.is_public,
        is_agreed_for_all=wanted.is_agreed_for_all,
        is_exposure_agreed=wanted.is_exposure_agreed,
    )


def backfill_of(
    comments: Sequence[Comment], policy: CommentPolicy, count: int
) -> tuple[Comment, ...]:
    """Return the newest ``count`` comments that the policy takes, oldest first."""
    taken = in_order(comment for comment in comments if accepts(policy, comment))
    return tuple(taken[-count:]) if count else ()


class Openings:
    """Lets one at a time look what there is of an object in a room, or a forum, and change that.

    In a forum, that is to open a post for it. Who is alone in a forum may wait for a post in it,
    and nobody the other way round.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[RoomId, ObjectId], asyncio.Lock]
        self._locks = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, room_id: RoomId, object_id: ObjectId) -> AsyncGenerator[None]:
        """Wait until nobody else is at it, and keep others out of the block."""
        lock = self._locks.setdefault((room_id, object_id), asyncio.Lock())
        async with lock:
            yield
