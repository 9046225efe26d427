"""Who did what: on record before it is done, kept for a while, and for the server's own eyes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.acting import KEEP_WORDS, Deed, Effect, Entry, Intent, NewEntry
from cogs.twentythree.domain.deeds import Acted, Action
from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.acts import (
    ANSWER,
    DEE,
    FAR_GUILD,
    MO,
    NAME,
    act,
    answered,
    begin,
    question,
    wanted,
)
from tests.cogs.twentythree.storage.things import GUILD, LATER, LIVE, NOW, ROOM, VIDEO

_DAY = timedelta(days=1)
ATTACHED = NewEntry(
    guild_id=GUILD,
    actor=DEE,
    deed=Deed.ATTACH,
    room_id=ROOM,
    object_id=LIVE.object_id,
    object_title=LIVE.title,
    detail="comments: all",
)


async def entries(store: Store) -> list[Entry]:
    return await store.trail.find(GUILD, limit=100)


async def draft(store: Store) -> Intent:
    return await begin(store, wanted(Action.REPLY), is_draft=True)


# Drafts.


async def test_a_draft_is_sent_once_however_often_it_is_confirmed(store: Store) -> None:
    intent = await draft(store)
    presses = [store.trail.confirm(intent.intent_id, MO.user_id, LATER) for _ in range(5)]
    sent = await asyncio.gather(*presses)

    assert [one for one in sent if one] == [replace(intent, asked_at=LATER)]
    assert await store.trail.open() == [replace(intent, asked_at=LATER)]
    assert not await store.trail.drop(intent.intent_id, MO.user_id, LATER)


async def test_a_draft_is_the_business_of_who_wrote_it(store: Store) -> None:
    intent = await draft(store)

    assert await store.trail.confirm(intent.intent_id, DEE.user_id, NOW) is None
    assert not await store.trail.drop(intent.intent_id, DEE.user_id, NOW)
    assert await store.trail.open() == []
    assert await store.trail.confirm(intent.intent_id, MO.user_id, NOW) is not None


async def test_a_draft_that_is_dropped_cannot_be_sent_and_leaves_no_words(store: Store) -> None:
    intent = await draft(store)
    assert await entries(store) == []

    assert await store.trail.drop(intent.intent_id, MO.user_id, NOW)
    assert not await store.trail.drop(intent.intent_id, MO.user_id, NOW)
    assert await store.trail.confirm(intent.intent_id, MO.user_id, NOW) is None
    (entry,) = await entries(store)
    assert (entry.effect, entry.author, entry.text) == (Effect.DROPPED, "", "")


async def test_there_is_no_draft_of_what_is_not_there(store: Store) -> None:
    assert await store.trail.confirm(5, MO.user_id, NOW) is None
    assert not await store.trail.drop(5, MO.user_id, NOW)


async def test_a_reply_that_was_not_sent_may_be_sent_again_while_its_words_are_kept(
    store: Store,
) -> None:
    intent = await draft(store)
    for _ in range(2):
        sent = await store.trail.confirm(intent.intent_id, MO.user_id, LATER)
        assert sent is not None
        await store.trail.settle(sent.intent_id, Effect.NOT_DONE, comment=None, now=LATER)
        assert await store.trail.open() == []
        assert await store.trail.confirm(intent.intent_id, DEE.user_id, LATER) is None

    await store.trail.prune(LATER + KEEP_WORDS + timedelta(seconds=1), 90 * _DAY)
    assert await store.trail.confirm(intent.intent_id, MO.user_id, LATER) is None


# What is under way.


async def test_what_was_begun_is_open_until_it_is_settled_also_in_another_process(
    database: str,
) -> None:
    store = await Store.open(database)
    first = await begin(store, wanted(Action.PROMOTE))
    await draft(store)
    second = await begin(store, wanted(Action.REPLY, 2), now=LATER)
    await store.trail.note_made(second.intent_id, CommentId(9))
    await store.close()

    store = await Store.open(database)
    assert await store.trail.open() == [first, replace(second, made_id=CommentId(9))]
    assert second.wanted.text == ANSWER
    assert second.name == NAME
    await store.trail.settle(first.intent_id, Effect.REFUSED, comment=None, now=NOW)
    assert [one.intent_id for one in await store.trail.open()] == [second.intent_id]
    await store.close()


async def test_what_is_not_known_yet_stays_open(store: Store) -> None:
    await act(store, wanted(Action.REPLY), None, Effect.UNKNOWN)
    (intent,) = await store.trail.open()

    assert [one.effect for one in await entries(store)] == [Effect.UNKNOWN]
    await store.trail.settle(intent.intent_id, Effect.NOT_DONE, comment=None, now=NOW)
    assert await store.trail.open() == []
    assert [one.effect for one in await entries(store)] == [Effect.NOT_DONE]


async def test_what_is_settled_stays_as_it_is(store: Store) -> None:
    await act(store, wanted(Action.PROMOTE), None, Effect.REFUSED)
    (entry,) = await entries(store)

    await store.trail.settle(entry.entry_id, Effect.DONE, comment=None, now=NOW)
    await store.trail.note_made(entry.entry_id, CommentId(9))
    assert await entries(store) == [entry]


# Who did what.


async def test_entries_come_back_newest_first_and_as_they_were_written(store: Store) -> None:
    await act(store, wanted(Action.DELETE), None)
    await act(store, wanted(Action.REPLY, 2), None)
    await store.trail.note(ATTACHED, LATER)
    attached, replied, deleted = await entries(store)

    assert attached == Entry(
        entry_id=attached.entry_id,
        guild_id=GUILD,
        at=LATER,
        actor=DEE,
        deed=Deed.ATTACH,
        room_id=ROOM,
        object_id=LIVE.object_id,
        object_title=LIVE.title,
        detail="comments: all",
        effect=Effect.DONE,
    )
    assert deleted == Entry(
        entry_id=deleted.entry_id,
        guild_id=GUILD,
        at=NOW,
        actor=MO,
        deed=Action.DELETE,
        room_id=ROOM,
        object_id=VIDEO.object_id,
        object_title=VIDEO.title,
        comment_id=CommentId(1),
        author="Ann",
        text="comment 1",
        effect=Effect.DONE,
    )
    assert (replied.author, replied.text) == (NAME, ANSWER)


async def test_entries_are_found_by_object_and_by_person_a_page_at_a_time(store: Store) -> None:
    for number in range(1, 6):
        await begin(store, wanted(Action.PROMOTE, number, by=DEE if number % 2 else MO))
    await store.trail.note(ATTACHED, NOW)
    find = store.trail.find

    assert [one.deed for one in await find(GUILD, object_id=LIVE.object_id)] == [Deed.ATTACH]
    assert [one.comment_id for one in await find(GUILD, user_id=MO.user_id)] == [4, 2]
    first = await find(GUILD, object_id=VIDEO.object_id, limit=3)
    rest = await find(GUILD, object_id=VIDEO.object_id, limit=3, before=first[-1].entry_id)
    assert [one.comment_id for one in (*first, *rest)] == [5, 4, 3, 2, 1]


async def test_a_server_sees_its_own_entries_only(store: Store) -> None:
    await act(store, wanted(Action.ANSWER, guild=FAR_GUILD), answered())
    await store.trail.note(replace(ATTACHED, guild_id=FAR_GUILD), NOW)

    assert await entries(store) == []
    assert await store.trail.last(GUILD, CommentId(1)) == ()
    assert len(await store.trail.find(FAR_GUILD)) == 2


async def test_the_last_of_promotions_and_of_states_are_told_as_far_as_they_were_done(
    store: Store,
) -> None:
    promoted = question(is_promoted=True)
    await act(store, wanted(Action.PROMOTE), promoted)
    await act(store, wanted(Action.DISMISS), promoted)
    await act(store, wanted(Action.ANSWER, by=DEE), answered())
    await act(store, wanted(Action.UNPROMOTE, by=DEE), question(), Effect.REFUSED)
    await act(store, wanted(Action.REPLY), question())
    await act(store, wanted(Action.PROMOTE, 2, by=DEE), promoted)

    assert await store.trail.last(GUILD, CommentId(1)) == (
        Acted(action=Action.PROMOTE, actor=MO, at=NOW),
        Acted(action=Action.ANSWER, actor=DEE, at=NOW),
    )


# How long it is kept.


async def test_entries_are_kept_for_as_long_as_was_set(store: Store) -> None:
    await act(store, wanted(Action.DELETE), None)
    await store.trail.note(ATTACHED, NOW + _DAY)

    await store.trail.prune(NOW + 90 * _DAY, 90 * _DAY)
    assert len(await entries(store)) == 2
    await store.trail.prune(NOW + 90 * _DAY + timedelta(seconds=1), 90 * _DAY)
    assert [one.deed for one in await entries(store)] == [Deed.ATTACH]


@pytest.mark.parametrize("count", [1, 205], ids=["one", "more than one go takes"])
async def test_words_of_viewers_and_of_replies_go_sooner(store: Store, count: int) -> None:
    for _ in range(count):
        await act(store, wanted(Action.DELETE), None, Effect.REFUSED)
    await act(store, wanted(Action.REPLY), None)

    await store.trail.prune(NOW + KEEP_WORDS, 90 * _DAY)
    assert all(one.author and one.text for one in await entries(store))
    await store.trail.prune(NOW + KEEP_WORDS + timedelta(seconds=1), 90 * _DAY)
    kept = await store.trail.find(GUILD, limit=1000)
    assert len(kept) == count + 1
    assert not any(one.author or one.text for one in kept)
    assert {one.actor for one in kept} == {MO}


async def test_what_is_under_way_is_kept_until_it_is_settled(store: Store) -> None:
    intent = await begin(store, wanted(Action.REPLY))
    await store.trail.prune(NOW + 99 * _DAY, 90 * _DAY)
    assert await store.trail.open() == [intent]

    await store.trail.settle(intent.intent_id, Effect.DONE, comment=None, now=NOW + 99 * _DAY)
    await store.trail.prune(NOW + 99 * _DAY, 90 * _DAY)
    assert await entries(store) == []


async def test_an_old_draft_is_dropped(store: Store) -> None:
    intent = await draft(store)
    await store.trail.prune(NOW + _DAY, 90 * _DAY)
    assert await entries(store) == []

    await store.trail.prune(NOW + 2 * _DAY, 90 * _DAY)
    assert [one.effect for one in await entries(store)] == [Effect.DROPPED]
    assert await store.trail.confirm(intent.intent_id, MO.user_id, NOW + 2 * _DAY) is None
