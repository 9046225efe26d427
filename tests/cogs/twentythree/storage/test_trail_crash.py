"""A process that dies between two steps of an action, and what the next one finds."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Acted, Action
from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.acts import (
    MO,
    REPLY,
    answered,
    logged,
    reply,
    shown,
    wanted,
)
from tests.cogs.twentythree.storage.test_server_settings import LOG
from tests.cogs.twentythree.storage.things import GUILD, NOW, ROOM, pending, take
from tests.fakes.scripts import run_script

# Dies like a process that is killed: nothing is closed, flushed or rolled back.
_DIES = """
import asyncio, os, sys
from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.storage import Store, log_rooms, trail
from tests.cogs.twentythree.storage.acts import (
    MO, REPLY, answered, begin, question, reply, wanted
)
from tests.cogs.twentythree.storage.test_server_settings import LOG
from tests.cogs.twentythree.storage.things import GUILD, NOW, attach, post, take

async def main():
    store = await Store.open(sys.argv[1])
    await store.servers.set_log_room(GUILD, LOG)
    await attach(store)
    await take(store, question())
    await post(store)
    await steps(store)
    os._exit(9)

def die(*args, **named):
    os._exit(9)

async def steps(store):
"""
_RUNS = "\n\nasyncio.run(main())\n"


@asynccontextmanager
async def after(database: str, *steps: str) -> AsyncGenerator[Store]:
    """Open what a process leaves behind that dies after these steps."""
    script = _DIES + "\n".join(f"    {step}" for step in steps) + _RUNS

    assert await run_script(script, database) == 9
    store = await Store.open(database)
    yield store
    await store.close()


_DRAFT = "intent = await begin(store, wanted(Action.REPLY), is_draft=True)"
_CONFIRM = "await store.trail.confirm(intent.intent_id, MO.user_id, NOW)"
_REPLY = "intent = await begin(store, wanted(Action.REPLY))"
_MADE = "await store.trail.note_made(intent.intent_id, CommentId(REPLY))"
_ANSWER = "intent = await begin(store, wanted(Action.ANSWER))"
_SETTLE = "await store.trail.settle(intent.intent_id, Effect.DONE, comment=answered(), now=NOW)"
ANSWERED_BY_MO = (Acted(action=Action.ANSWER, actor=MO, at=NOW),)


async def settle(store: Store, intent_id: int) -> Ingested:
    return await store.trail.settle(intent_id, Effect.DONE, comment=answered(), now=NOW)


async def test_a_draft_is_still_to_be_confirmed(database: str) -> None:
    async with after(database, _DRAFT) as store:
        assert await store.trail.open() == []
        sent = await store.trail.confirm(1, MO.user_id, NOW)
        assert sent is not None
        assert sent.wanted == wanted(Action.REPLY)


async def test_a_draft_that_was_confirmed_is_open_and_not_confirmed_again(database: str) -> None:
    async with after(database, _DRAFT, _CONFIRM) as store:
        assert [one.wanted for one in await store.trail.open()] == [wanted(Action.REPLY)]
        assert await store.trail.confirm(1, MO.user_id, NOW) is None


async def test_what_was_begun_is_open_and_nothing_is_shown_of_it(database: str) -> None:
    async with after(database, _ANSWER) as store:
        (intent,) = await store.trail.open()
        assert intent.wanted == wanted(Action.ANSWER)
        assert await shown(store) == []

        assert (await settle(store, intent.intent_id)).rooms == {ROOM, LOG}
        assert [one.acted for one in await shown(store)] == [ANSWERED_BY_MO]


async def test_a_reply_that_was_sent_before_the_death_is_known_when_it_comes(
    database: str,
) -> None:
    async with after(database, _REPLY) as store:
        await take(store, reply())
        (intent,) = await store.trail.open()
        assert intent.made_id == REPLY
        assert await pending(store) == []


async def test_a_reply_that_had_come_before_the_death_stays_known(database: str) -> None:
    async with after(database, _REPLY, "await take(store, reply())") as store:
        (intent,) = await store.trail.open()
        assert intent.made_id == REPLY

        await settle(store, intent.intent_id)
        assert [one.comment_id for one in (await shown(store))[0].replies] == [REPLY]


async def test_which_comment_a_reply_is_outlives_the_death(database: str) -> None:
    async with after(database, _REPLY, _MADE) as store:
        (intent,) = await store.trail.open()
        assert intent.made_id == CommentId(REPLY)

        await settle(store, intent.intent_id)
        await take(store, reply())
        assert await pending(store) == []


@pytest.mark.parametrize("at", ["trail.follow_up", "log_rooms.tell", "log_rooms.enqueue"])
async def test_an_outcome_that_was_not_written_whole_was_not_written(
    database: str, at: str
) -> None:
    async with after(database, _ANSWER, f"{at} = die", _SETTLE) as store:
        (intent,) = await store.trail.open()
        assert await shown(store) == []
        assert await logged(store, LOG) == []
        assert await store.trail.last(GUILD, CommentId(1)) == ()

        await settle(store, intent.intent_id)
        assert [one.acted for one in await shown(store)] == [ANSWERED_BY_MO]


async def test_an_outcome_that_was_written_is_shown_and_told_once(database: str) -> None:
    async with after(database, _ANSWER, _SETTLE) as store:
        assert await store.trail.open() == []
        assert await store.outbox.rooms_with_work() == {ROOM, LOG}
        assert [one.acted for one in await shown(store)] == [ANSWERED_BY_MO]

        assert await settle(store, 1) == Ingested()
        assert len(await logged(store, LOG)) == 1
