"""Questions of viewers, and what staff did to them, as the database holds them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentStatus, ObjectId
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.tables import boards, questions, trail


async def ask(store: Store, object_id: ObjectId, number: int, at: datetime, **values: Any) -> None:
    """Have a viewer ask: number 1 first, and each a second after the one before."""
    row = {
        "object_id": object_id,
        "comment_id": number,
        "author": "Ada",
        "text": f"Question {number}?",
        "asked_at": at + timedelta(seconds=number),
        "is_promoted": False,
        "status": CommentStatus.OPEN,
    }
    statement = questions.insert().values(row | values)
    await store._database.write(lambda connection: connection.execute(statement))


async def change(store: Store, number: int, **values: Any) -> None:
    """Have a question become another."""
    statement = questions.update().where(questions.c.comment_id == number).values(**values)
    await store._database.write(lambda connection: connection.execute(statement))


async def remove(store: Store, number: int) -> None:
    """Have a question deleted on the platform."""
    statement = delete(questions).where(questions.c.comment_id == number)
    await store._database.write(lambda connection: connection.execute(statement))


async def show_board(
    store: Store, guild_id: int, room_id: int, object_id: ObjectId, at: datetime
) -> None:
    """Have a room show all questions of an object."""
    row = {"guild_id": guild_id, "room_id": room_id, "object_id": object_id, "view": "board"}
    statement = boards.insert().values(row | {"made_by": 5, "made_at": at})
    await store._database.write(lambda connection: connection.execute(statement))


async def act(
    store: Store,
    action: Action,
    number: int,
    *,
    at: datetime,
    guild_id: int,
    object_id: ObjectId,
    by: str = "Mo",
    effect: Effect | None = Effect.DONE,
) -> None:
    """Have a moderator do something to a question, from a room of a server."""
    row = {
        "guild_id": guild_id,
        "at": at,
        "user_id": 5,
        "user_name": by,
        "deed": action,
        "object_id": object_id,
        "object_title": "",
        "comment_id": number,
        "author": "",
        "text": "",
        "name": "",
        "detail": "",
        "stage": "settled" if effect else "begun",
        "effect": effect,
        "settled_at": at if effect else None,
    }
    statement = trail.insert().values(row)
    await store._database.write(lambda connection: connection.execute(statement))
