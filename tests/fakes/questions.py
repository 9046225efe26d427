"""Questions of viewers, and what staff do to them, in a store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cogs.twentythree.domain.acting import Effect, WantedAction, as_wanted
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    GuildId,
    ObjectId,
    RoomId,
    Source,
)
from cogs.twentythree.storage import Ingested, Store


def question(object_id: ObjectId, number: int, at: datetime, **values: Any) -> Comment:
    """Return a question: number 1 was asked first, and each a second after the one before."""
    fields: dict[str, Any] = {
        "comment_id": CommentId(number),
        "object_id": object_id,
        "kind": CommentKind.QUESTION,
        "is_promoted": False,
        "author": "Ada",
        "text": f"Question {number}?",
        "created_at": at + timedelta(seconds=number),
    }
    return Comment(**(fields | values))


async def ask(
    store: Store, object_id: ObjectId, number: int, at: datetime, **values: Any
) -> Ingested:
    """Have a viewer ask, or a question that was asked become another."""
    found = [question(object_id, number, at, **values)]
    return await store.memory.ingest(object_id, found, source=Source.RECONCILE, now=at)


async def act(
    store: Store,
    action: Action,
    to: Comment,
    *,
    at: datetime,
    guild_id: int,
    by: str = "Mo",
    effect: Effect | None = Effect.DONE,
) -> None:
    """Have a moderator do something to a question, from a room of a server."""
    wanted = WantedAction(
        action=action,
        guild_id=GuildId(guild_id),
        room_id=RoomId(1),
        object_id=to.object_id,
        comment_id=to.comment_id,
        actor=Actor(user_id=5, name=by),
    )
    intent = await store.trail.begin(
        wanted, name="", comment=to, object_title="", is_draft=False, now=at
    )
    if effect is not None:
        after = as_wanted(action, to)
        await store.trail.settle(intent.intent_id, effect, comment=after, now=at)
