"""Short ways to have staff act on comments, and to see what rooms show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cogs.twentythree.domain.acting import Effect, Intent, WantedAction
from cogs.twentythree.domain.deeds import Action, Actor, LogNotice
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentStatus,
    GuildId,
    Quote,
    RoomId,
)
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.things import GUILD, NOW, ROOM, VIDEO, comment

MO, DEE = Actor(user_id=2**62 + 11, name="Mo"), Actor(user_id=2**62 + 12, name="Dee")
FAR_GUILD, FAR_ROOM = GuildId(2**62 + 21), RoomId(2**62 + 22)
NAME, ANSWER = "The team", "Yes, on Monday."
# The number of the reply; its question is the first comment.
REPLY = 9


def question(number: int = 1, *, is_promoted: bool = False) -> Comment:
    return comment(number, is_promoted=is_promoted, kind=CommentKind.QUESTION)


def answered(number: int = 1) -> Comment:
    return replace(question(number), status=CommentStatus.ANSWERED)


def reply(number: int = REPLY, *, to: int | None = 1) -> Comment:
    """Return the reply as the workspace shows it; ``to``: what it is said to answer."""
    answers = None if to is None else Quote(comment_id=CommentId(to))
    return replace(comment(number), author=NAME, text=ANSWER, answers=answers)


def wanted(
    action: Action,
    number: int = 1,
    *,
    by: Actor = MO,
    guild: GuildId = GUILD,
    room: RoomId = ROOM,
) -> WantedAction:
    return WantedAction(
        action=action,
        guild_id=guild,
        room_id=room,
        object_id=VIDEO.object_id,
        comment_id=CommentId(number),
        actor=by,
        text=ANSWER if action is Action.REPLY else "",
    )


async def begin(
    store: Store, wish: WantedAction, *, is_draft: bool = False, now: datetime = NOW
) -> Intent:
    return await store.trail.begin(
        wish,
        name=NAME if wish.action is Action.REPLY else "",
        comment=question(wish.comment_id),
        object_title=VIDEO.title,
        is_draft=is_draft,
        now=now,
    )


async def act(
    store: Store, wish: WantedAction, comment: Comment | None, effect: Effect = Effect.DONE
) -> Ingested:
    """Begin an action and settle it."""
    intent = await begin(store, wish)
    return await store.trail.settle(intent.intent_id, effect, comment=comment, now=NOW)


async def answer(store: Store, *, made: int | None = REPLY) -> Ingested:
    """Have Mo reply to the first comment; ``made``: which comment the workspace says that is."""
    intent = await begin(store, wanted(Action.REPLY))
    if made is not None:
        await store.trail.note_made(intent.intent_id, CommentId(made))
    return await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)


async def shown(store: Store, room: RoomId = ROOM) -> list[CommentNotice]:
    """Return the comments that a room is to show, those first that wait; stale ones alone."""
    work = await store.outbox.work(room)
    batches = [*work.unsettled, *work.stale]
    held = [*work.pending, *(one for batch in batches for one in batch.notices)]
    return [one.notice for one in held if isinstance(one.notice, CommentNotice)]


async def logged(store: Store, room: RoomId) -> Sequence[LogNotice]:
    pending = (await store.outbox.work(room)).pending
    return [one.notice for one in pending if isinstance(one.notice, LogNotice)]
