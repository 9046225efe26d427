"""Do one thing amid another, on PostgreSQL: between two statements of its transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
from sqlalchemy import Engine, event, make_url
from sqlalchemy.util import await_only

_WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_IS_FIRST: ContextVar[bool] = ContextVar("_IS_FIRST", default=False)


@contextmanager
def _stopping(before: str, stop: Callable[[], Awaitable[None]]) -> Generator[None]:
    """Stop the first transaction once, before a statement that begins with these words."""
    left = [stop]

    def look_at(_: Any, __: Any, statement: str, *___: Any) -> None:
        if _IS_FIRST.get() and before in " ".join(statement.split()) and left:
            await_only(left.pop()())

    event.listen(Engine, "before_cursor_execute", look_at)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", look_at)
    assert not left, f"nothing like {before} was executed"


async def amid(
    address: str, first: Awaitable[Any], before: str, other: Awaitable[Any]
) -> tuple[Any, Any]:
    """Do the other before a statement of the first, as far as it gets; return what came of both."""
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    onlooker = await asyncpg.connect(plain)
    doing: list[asyncio.Future[Any]] = []

    async def stop() -> None:
        token = _IS_FIRST.set(False)
        doing.append(asyncio.ensure_future(other))
        _IS_FIRST.reset(token)
        async with asyncio.timeout(60):
            while not doing[0].done() and not await onlooker.fetchval(_WAITING):
                pass

    async def run_first() -> Any:
        _IS_FIRST.set(True)
        return await first

    try:
        with _stopping(before, stop):
            done = await asyncio.create_task(run_first())
        return done, await doing[0]
    finally:
        await onlooker.close()
