"""Acting on comments from rooms, as the buttons and commands call it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from weakref import WeakValueDictionary

from ..api import WorkspaceClient
from ..backoff import backoff_s
from ..domain.acting import (
    MAKES,
    NOT_THERE,
    Absence,
    Deed,
    Done,
    Effect,
    Entry,
    Intent,
    NewEntry,
    WantedAction,
    is_so,
    signed_as,
    told,
)
from ..domain.deeds import Acted, Action, Actor
from ..domain.fields import storable
from ..domain.model import Attachment, Comment, CommentId, GuildId, ObjectId, ObjectKind, RoomId
from ..errors import StorageError, WorkspaceError, apart
from ..intake.intake import Intake
from ..intake.ports import RoomsPort
from ..languages import kept
from ..storage import Standpoint, Store
from .carrying import Carrying, Sighting, unread, why_not
from .open_intents import OpenIntents

_log = logging.getLogger("twentythree.actions")

# So often, within so long, an answer that was lost is found out before somebody is told to wait.
_QUICK_LOOKS = (0.3, 1.0, 2.0)
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
# Then it is given up: who is meant takes no messages, and the server has no room for them.
_MOST_TELLINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingPorts:
    """What acting is joined to, and does not own."""

    store: Store
    api: WorkspaceClient
    intake: Intake
    rooms: RoomsPort
    now: Callable[[], datetime]


class Acting:
    """Has done to comments what moderators want, once, and knows what came of it.

    Args:
        ports: the store, the workspace, the way in, and the rooms.
        carrying: carries out what is on record.
        reply_name: under which replies are posted, see ``signed_as``; ``None``: the workspace's
            own.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        ports: ActingPorts,
        carrying: Carrying,
        *,
        reply_name: str | None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = ports.store
        self._api = ports.api
        self._intake = ports.intake
        self._rooms = ports.rooms
        self._now = ports.now
        self._carrying = carrying
        self._reply_name = reply_name
        self._pause = pause
        self._turns: WeakValueDictionary[CommentId, asyncio.Lock] = WeakValueDictionary()
        self._ended = 0
        self._unknown = OpenIntents(ports.store)
        self._waiting: dict[int, asyncio.Future[Done]] = {}
        # How often it was tried to tell somebody of an intent.
        self._tellings: Counter[int] = Counter()

    @property
    def can_write(self) -> bool | None:
        """Whether the credentials may act on comments; ``None``: the workspace has not told."""
        return self._api.can_write

    @asynccontextmanager
    async def reading(self, comment_id: CommentId) -> AsyncGenerator[Sighting]:
        """Begin to read a comment, for :meth:`act`, before it is known who may act on it."""
        reading = asyncio.create_task(self._read(comment_id), name="reading for a press")
        try:
            yield Sighting(comment=reading, ended=self._ended)
        finally:
            reading.cancel()
            await asyncio.wait({reading})

    async def act(
        self,
        wanted: WantedAction,
        agreed: Awaitable[bool] | None = None,
        sighting: Sighting | None = None,
    ) -> Done:
        """Do something to a comment that makes no text: all but a reply.

        Never raises a WorkspaceError. Where ``Effect.UNKNOWN`` comes of it, :meth:`known` tells.

        Args:
            wanted: what, and by whom.
            agreed: whether it is to be done, which is not known yet: the comment is read
                meanwhile, and ``Effect.DROPPED`` comes of a no.
            sighting: the comment, where it was begun to be read before.
        """
        async with self._turn(wanted.comment_id):
            seen = await self._seen(wanted, sighting)
            if agreed is not None and not await agreed:
                return Done(effect=Effect.DROPPED)
            if isinstance(seen, Done):
                return seen
            attachment, comment = seen
            wanted = replace(wanted, object_id=attachment.object.object_id)
            is_copy = wanted.action is Action.COPY
            beginning = self._store.trail.begin(
                # What is copied tells the copy.
                replace(wanted, text=comment.text) if is_copy else wanted,
                name=comment.author if is_copy else "",
                comment=comment,
                object_title=attachment.object.title,
                is_draft=False,
                now=self._now(),
            )
            intent = await self._unknown.on_record(beginning)
            carrying_out = self._carried_out(intent, attachment.object.kind, comment)
            return await self._kept(intent, carrying_out)

    async def draft(self, wanted: WantedAction) -> Intent | Done:
        """Put a reply on record that is not sent yet; ``Done`` where there is nothing to answer."""
        # As it is sent, so that it is known again.
        wanted = replace(wanted, text=storable(wanted.text))
        seen = await self._seen(wanted)
        if isinstance(seen, Done):
            return seen
        attachment, comment = seen
        wanted = replace(wanted, object_id=attachment.object.object_id)
        try:
            name = self._reply_name or (await self._api.site()).name
        except WorkspaceError as error:
            return unread(error)
        return await self._store.trail.begin(
            wanted,
            name=signed_as(name, wanted.actor),
            comment=comment,
            object_title=attachment.object.title,
            is_draft=True,
            now=self._now(),
        )

    async def send(self, intent_id: int, user_id: int) -> Done | None:
        """Send a reply that is on record; ``None`` where it is not, or is somebody else's.

        It is looked for first: it may have been sent before.
        """
        confirming = self._store.trail.confirm(intent_id, user_id, self._now())
        intent = await self._unknown.on_record(confirming)
        # Who waits for somebody else's turn may be cut off, too.
        return None if intent is None else await self._kept(intent, self._sent(intent))

    async def drop(self, intent_id: int, user_id: int) -> bool:
        """Drop a reply that was not sent; say whether there was one of this user's."""
        return await self._store.trail.drop(intent_id, user_id, self._now())

    async def known(self, intent_id: int, within_s: float) -> Done | None:
        """Wait until it is known what came of an intent; ``None``: it was not in time."""
        if intent_id not in self._unknown:
            return None
        future = self._waiting.setdefault(intent_id, asyncio.get_running_loop().create_future())
        try:
            done, _ = await asyncio.wait({future}, timeout=within_s)
        finally:
            if not future.done():
                # Nobody listens any more: it is told in private.
                self._waiting.pop(intent_id, None)
        return future.result() if done else None

    async def run(self) -> None:
        """Find out what is not known yet, from before the start as well, until cancelled."""
        await self._unknown.catch_up(is_first=True)
        failures = 0
        while True:
            self._unknown.stirred.clear()
            await self._unknown.catch_up()
            for intent in self._unknown:
                with apart(_log, f"what came of intent {intent.intent_id} is not known yet"):
                    await self._find_out(intent)
            failures = failures + 1 if self._unknown else 0
            wait_s = backoff_s(failures, first_s=_FIRST_WAIT_S, longest_s=_LONGEST_WAIT_S)
            try:
                async with asyncio.timeout(wait_s if self._unknown else None):
                    await self._unknown.stirred.wait()
                failures = 0
            except TimeoutError:
                continue

    async def _seen(
        self, wanted: WantedAction, sighting: Sighting | None = None
    ) -> tuple[Attachment, Comment] | Done:
        """Read the comment again; what came of it where there is nothing left to do."""
        attachment, comment = await self._looked_up(wanted, sighting)
        reason = why_not(attachment)
        if attachment is None or reason:
            return Done(effect=Effect.REFUSED, reason=reason)
        if isinstance(comment, WorkspaceError):
            return unread(comment)
        if comment is not None and comment.object_id != wanted.object_id:
            # Realtime had told of its ID on another object.
            return await self._seen(replace(wanted, object_id=comment.object_id))
        if comment is None:
            return await self._gone(wanted)
        if is_so(wanted.action, comment):
            await self._intake.ingest_read(wanted.object_id, [comment])
            by = await self._who(wanted)
            return Done(effect=Effect.ALREADY, comment=comment, by=by)
        return attachment, comment

    async def _looked_up(
        self, wanted: WantedAction, sighting: Sighting | None
    ) -> tuple[Attachment | None, Comment | WorkspaceError | None]:
        if sighting is not None and sighting.held is not None and sighting.ended == self._ended:
            return sighting.held, await sighting.comment
        # Somebody may have acted on it since.
        return await asyncio.gather(self._held(wanted), self._read(wanted.comment_id))

    async def _read(self, comment_id: CommentId) -> Comment | WorkspaceError | None:
        try:
            return await self._api.comment(comment_id)
        except WorkspaceError as error:
            return error

    async def _held(self, wanted: WantedAction) -> Attachment | None:
        return await self._store.attachments.held(wanted.room_id, wanted.object_id)

    async def _gone(self, wanted: WantedAction) -> Done:
        self._intake.doubt(wanted.object_id, wanted.comment_id)
        if not await self._store.memory.was_confirmed(wanted.object_id, wanted.comment_id):
            # Realtime alone has told of it.
            return Done(effect=Effect.GONE, reason=NOT_THERE)
        if wanted.action is not Action.DELETE:
            return Done(effect=Effect.GONE)
        return Done(effect=Effect.ALREADY, by=await self._who(wanted))

    async def _who(self, wanted: WantedAction) -> Acted | None:
        """Return who of this server was first, as far as it was one of them."""
        where = (wanted.guild_id, wanted.comment_id)
        if wanted.action is Action.DELETE or wanted.action in MAKES:
            return await self._store.trail.who(*where, wanted.action)
        # What somebody here did last may have been undone on the platform, and done again there.
        last = await self._store.trail.last(*where)
        return next((one for one in last if one.action is wanted.action), None)

    async def _kept(self, intent: Intent, doing: Awaitable[Done]) -> Done:
        """Do what is on record, and keep it in mind where it is not known what came of it."""
        done = Done(effect=Effect.UNKNOWN, intent_id=intent.intent_id)
        try:
            # So it is where it could not be put on record, or nobody waits for it any more.
            with suppress(StorageError), self._unknown.at_work(intent.intent_id):
                done = await doing
        finally:
            if done.effect is Effect.UNKNOWN:
                self._unknown.add(intent)
            else:
                self._is_known(intent, done)
        return done

    async def _sent(self, intent: Intent) -> Done:
        async with self._turn(intent.wanted.comment_id):
            seen = await self._seen(intent.wanted)
            if isinstance(seen, Done):
                return await self._carrying.settle(intent, seen.effect, reason=seen.reason)
            attachment, comment = seen
            return await self._carried_out(intent, attachment.object.kind, comment)

    async def _carried_out(self, intent: Intent, kind: ObjectKind, comment: Comment) -> Done:
        done = await self._carrying.begin(intent, kind, comment)
        if done.effect is Effect.ALREADY:
            return replace(done, by=await self._who(intent.wanted))
        for wait_s in _QUICK_LOOKS:
            if done.effect is not Effect.UNKNOWN:
                return done
            await self._pause(wait_s)
            found = await self._carrying.find_out(intent, kind)
            done = done if found is None else await self._carrying.settle_as(intent, found)
        return done

    async def _find_out(self, intent: Intent) -> None:
        wanted = intent.wanted
        try:
            async with self._turn(wanted.comment_id):
                if intent.intent_id not in self._unknown:  # A press that was at work on it knows.
                    return
                held = await self._held(wanted)
                # Of what is attached no more only live events are known to have had questions.
                kind = ObjectKind.LIVE if held is None else held.object.kind
                done = await self._carrying.find_out(intent, kind)
            # Told before it is settled: a process that is killed between the two leaves it open.
            if done is None or not await self._is_told(intent, done):
                return
            await self._carrying.settle_as(intent, done)
        except StorageError as error:
            _log.debug("intent %d waits for the database: %s", intent.intent_id, error)
            return
        self._is_known(intent, done)

    def _is_known(self, intent: Intent, done: Done) -> None:
        self._unknown.drop(intent.intent_id)
        self._tellings.pop(intent.intent_id, None)
        future = self._waiting.pop(intent.intent_id, None)
        if future is not None and not future.done():
            future.set_result(done)

    async def _is_told(self, intent: Intent, done: Done) -> bool:
        """Tell who waits, else in private what was not done; say whether to go on."""
        wanted, tries = intent.wanted, self._tellings
        if (future := self._waiting.pop(intent.intent_id, None)) is not None:
            future.set_result(done)
            tries[intent.intent_id] = _MOST_TELLINGS
        if done.effect is Effect.DONE:
            return True
        if tries[intent.intent_id] >= _MOST_TELLINGS:
            return True
        tries[intent.intent_id] += 1
        text = told(intent, done)
        if not await self._rooms.tell_one(wanted.guild_id, [wanted.actor.user_id], text):
            return False
        # Once, even where the database cannot take it now.
        tries[intent.intent_id] = _MOST_TELLINGS
        return True

    @asynccontextmanager
    async def _turn(self, comment_id: CommentId) -> AsyncGenerator[None]:
        """Let nobody else act on the comment meanwhile, nor realtime be ahead of what is done."""
        lock = self._turns.setdefault(comment_id, asyncio.Lock())
        async with lock:
            try:
                with self._intake.settling(comment_id):
                    yield
            finally:
                self._ended += 1

    # What is asked and set beside.

    async def comment(self, comment_id: CommentId) -> Comment | None:
        """Return a comment as it is now.

        Raises:
            WorkspaceError: it could not be read.
        """
        return await self._api.comment(comment_id)

    async def was_confirmed(self, object_id: ObjectId, comment_id: CommentId) -> bool:
        """Tell whether the workspace has ever had a comment, as far as is known."""
        return await self._store.memory.was_confirmed(object_id, comment_id)

    async def standpoint(
        self, guild_id: GuildId, room_id: RoomId, comment_id: CommentId
    ) -> Standpoint:
        """Return from where somebody in a room acts on a comment, as far as is known."""
        return await self._store.servers.standpoint(guild_id, room_id, comment_id)

    async def look_for(self, room_id: RoomId, comment_id: CommentId) -> Attachment | Absence:
        """Ask the workspace what a comment is on that is not known; return what is attached of it.

        It may be older than what is kept.

        Raises:
            WorkspaceError: it could not be asked.
        """
        held = await self._store.attachments.find(room_id=room_id)
        if not held:
            return Absence.OBJECT
        comment = await self._api.comment(comment_id) if comment_id else None
        if comment is None:
            return Absence.COMMENT
        fitting = (one for one in held if one.object.object_id == comment.object_id)
        return next(fitting, Absence.OBJECT)

    async def moderators(self, guild_id: GuildId) -> int | None:
        """Return the role of those who may act in a server, if one is set."""
        return await self._store.servers.moderators(guild_id)

    async def set_moderators(self, guild_id: GuildId, role_id: int | None, actor: Actor) -> None:
        """Set the role of those who may act; ``None``: who may manage messages in the room."""
        await self._store.servers.set_moderators(guild_id, role_id)
        detail = kept("who may manage messages") if role_id is None else f"<@&{role_id}>"
        await self._noted(guild_id, actor, Deed.MODERATORS, detail)

    async def log_room(self, guild_id: GuildId) -> RoomId | None:
        """Return the room where a server's trail is told, if there is one."""
        return await self._store.servers.log_room(guild_id)

    async def set_log_room(self, guild_id: GuildId, room_id: RoomId | None, actor: Actor) -> None:
        """Set that room; ``None``: nowhere."""
        await self._store.servers.set_log_room(guild_id, room_id)
        detail = kept("nowhere") if room_id is None else f"<#{room_id}>"
        await self._noted(guild_id, actor, Deed.LOG, detail)

    async def history(
        self,
        guild_id: GuildId,
        *,
        object_id: ObjectId | None = None,
        user_id: int | None = None,
        before: int | None = None,
        limit: int = 10,
    ) -> list[Entry]:
        """Return entries of a server's trail, newest first, older than the entry ``before``."""
        return await self._store.trail.find(
            guild_id, object_id=object_id, user_id=user_id, before=before, limit=limit
        )

    async def note(self, entry: NewEntry) -> None:
        """Put on the trail what was set."""
        self._rooms.wake(await self._store.trail.note(entry, self._now()))

    async def _noted(self, guild_id: GuildId, actor: Actor, deed: Deed, detail: str) -> None:
        try:
            await self.note(NewEntry(guild_id=guild_id, actor=actor, deed=deed, detail=detail))
        except StorageError as error:
            # It is set all the same.
            _log.warning("the trail lacks an entry (%s): %s", deed.value, error)
