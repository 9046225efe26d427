"""Amid one transaction another is done as a whole, on PostgreSQL, where both may write.

Or it waits for the first, where the first holds what it wants.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import AttachmentRules, CommentId, LiveNotice, ObjectKind
from cogs.twentythree.domain.places import PostingPlace, to_be_opened
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.storage import Baseline, NewAttachment, NewBoard, NewFollow, Store
from tests.cogs.twentythree.storage.acts import MO, begin, logged, question, reply, wanted
from tests.cogs.twentythree.storage.amid import amid
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    look,
    pending,
    post,
    seen,
    take,
)
from tests.fakes.boards import make_board, waiting_boards


@pytest.fixture
async def store(postgres_database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(postgres_database)
    yield opened
    await opened.close()


def log_room(store: Store, room: Any) -> Any:
    return store.servers.set_log_room(GUILD, room)


async def test_a_reply_that_is_heard_of_while_the_workspace_names_it_is_no_news(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, question())
    await post(store)
    intent = await begin(store, wanted(Action.REPLY))

    await amid(
        postgres_database,
        take(store, reply()),
        "made_id IS NULL",
        store.trail.note_made(intent.intent_id, reply().comment_id),
    )
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)

    assert await pending(store) == []


async def test_what_reads_like_a_reply_is_news_once_the_workspace_names_another_comment(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, question())
    await post(store)
    intent = await begin(store, wanted(Action.REPLY))

    await amid(
        postgres_database,
        take(store, reply(10)),
        "UPDATE twentythree_trail",
        store.trail.note_made(intent.intent_id, CommentId(9)),
    )
    await take(store, reply(9))

    assert await pending(store) == ["comment:10"]


async def test_a_board_whose_object_is_taken_out_before_it_is_shown_is_not_shown(
    store: Store, postgres_database: str
) -> None:
    await attach(store, LIVE)
    new = NewBoard(room_id=ROOM, object_id=LIVE.object_id, view=BoardView.BOARD, made_by=5)
    made = await store.boards.make(new, NOW)
    assert made is not None

    rooms, _ = await amid(
        postgres_database,
        store.boards.show(made.board.board_id, [], NOW),
        "UPDATE twentythree_objects",
        store.attachments.detach(ROOM, LIVE.object_id),
    )

    assert rooms == frozenset()


async def test_a_board_that_is_dropped_while_it_is_shown_leaves_nothing(
    store: Store, postgres_database: str
) -> None:
    await attach(store, LIVE)
    new = NewBoard(room_id=ROOM, object_id=LIVE.object_id, view=BoardView.BOARD, made_by=5)
    made = await store.boards.make(new, NOW)
    assert made is not None

    await amid(
        postgres_database,
        store.boards.drop(ROOM, LIVE.object_id),
        "DELETE FROM twentythree_boards",
        store.boards.show(made.board.board_id, [], NOW),
    )

    assert await waiting_boards(store, ROOM) == []


async def test_a_board_that_is_dropped_while_it_is_to_be_tried_again_is_not_posted(
    store: Store, postgres_database: str
) -> None:
    await attach(store, LIVE)
    await make_board(store, ROOM, LIVE.object_id, NOW)
    batch = await post(store)
    await take(store, replace(question(), object_id=LIVE.object_id))
    await store.outbox.give_up(batch.batch_id, reason="refused", now=NOW)

    await amid(
        postgres_database,
        store.boards.try_again(LATER),
        "UPDATE twentythree_notices",
        store.boards.drop(ROOM, LIVE.object_id),
    )

    assert await waiting_boards(store, ROOM) == []


async def test_what_is_told_while_the_log_moves_is_told_where_it_is_now(
    store: Store, postgres_database: str
) -> None:
    await log_room(store, ROOM)
    await attach(store)
    await take(store, question())
    intent = await begin(store, wanted(Action.PROMOTE))

    await amid(
        postgres_database,
        store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW),
        "INSERT INTO twentythree_notices",
        log_room(store, OTHER_ROOM),
    )

    assert len(await logged(store, OTHER_ROOM)) == 1


async def test_the_log_that_is_moved_twice_at_once_is_told_in_one_room(
    store: Store, postgres_database: str
) -> None:
    third = type(ROOM)(ROOM + 100)
    await log_room(store, ROOM)
    await begin_and_settle(store)

    await amid(
        postgres_database,
        log_room(store, OTHER_ROOM),
        "INSERT INTO twentythree_servers",
        log_room(store, third),
    )

    now = await store.servers.log_room(GUILD)
    assert now is not None
    assert len(await logged(store, now)) == 1


async def begin_and_settle(store: Store) -> None:
    intent = await begin(store, wanted(Action.PROMOTE))
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=None, now=NOW)


IN_A_THREAD = replace(ALL, place=PostingPlace.THREAD)


async def test_a_thread_that_nobody_wants_once_it_is_open_gets_nothing(
    store: Store, postgres_database: str
) -> None:
    held = (await attach(store, rules=IN_A_THREAD)).attachment
    await take(store, comment(1))
    room, thread = to_be_opened(held.attachment_id), type(ROOM)(77)

    await amid(
        postgres_database,
        store.threads.opened(room, thread, NOW),
        "UPDATE twentythree_objects",
        attach(store, rules=ALL),
    )

    assert await pending(store) == ["comment:1"]
    (found,) = await store.attachments.find(guild_id=GUILD)
    assert (found.room_id, found.forum_id) == (ROOM, None)


async def test_no_card_is_made_for_what_is_taken_out_meanwhile(
    store: Store, postgres_database: str
) -> None:
    held = (await attach(store, rules=IN_A_THREAD)).attachment
    await take(store, comment(1))

    found, _ = await amid(
        postgres_database,
        store.threads.to_open(to_be_opened(held.attachment_id), NOW),
        "UPDATE twentythree_objects",
        store.attachments.detach(ROOM, VIDEO.object_id),
    )

    assert found is None


async def test_what_was_taken_out_while_it_was_attached_anew_is_attached(
    store: Store, postgres_database: str
) -> None:
    await attach(store)

    await amid(
        postgres_database,
        attach(store),
        "UPDATE twentythree_objects",
        store.attachments.detach(ROOM, VIDEO.object_id),
    )

    assert len(await store.attachments.find(guild_id=GUILD)) == 1


FOLLOW = NewFollow(
    guild_id=GUILD,
    room_id=ROOM,
    is_forum=False,
    kind=ObjectKind.VIDEO,
    category=None,
    rules=ALL,
    followed_by=5,
)
FOUND = NewAttachment(guild_id=GUILD, room_id=ROOM, object=VIDEO, rules=ALL, attached_by=5)


def follow_attaches(store: Store, follow_id: int) -> Awaitable[Any]:
    return store.follows.attach(follow_id, FOUND, Baseline(), mentions=False, now=NOW)


async def test_what_a_follow_attaches_while_it_is_dropped_stays_as_if_by_hand(
    store: Store, postgres_database: str
) -> None:
    follow_id = (await store.follows.follow(FOLLOW, NOW)).follow.follow_id

    await amid(
        postgres_database,
        follow_attaches(store, follow_id),
        "INSERT INTO twentythree_attachments",
        store.follows.unfollow(follow_id),
    )

    (found,) = await store.attachments.find(guild_id=GUILD)
    assert found.follow_id is None


async def test_what_somebody_attaches_while_a_follow_does_stays_as_it_is(
    store: Store, postgres_database: str
) -> None:
    follow_id = (await store.follows.follow(FOLLOW, NOW)).follow.follow_id

    found, _ = await amid(
        postgres_database,
        follow_attaches(store, follow_id),
        "INSERT INTO twentythree_objects",
        attach(store),
    )

    assert found is None


async def test_a_follow_that_is_dropped_while_it_is_set_anew_is_there(
    store: Store, postgres_database: str
) -> None:
    follow_id = (await store.follows.follow(FOLLOW, NOW)).follow.follow_id

    done, _ = await amid(
        postgres_database,
        store.follows.follow(FOLLOW, NOW),
        "UPDATE twentythree_follows",
        store.follows.unfollow(follow_id),
    )

    assert await store.follows.find(GUILD) == [done.follow]


async def test_what_a_follow_is_agreed_to_show_is_not_barred_meanwhile(
    store: Store, postgres_database: str
) -> None:
    follow = replace(FOLLOW, kind=ObjectKind.LIVE)
    follow_id = (await store.follows.follow(follow, NOW)).follow.follow_id
    found = replace(FOUND, object=LIVE)
    made = await store.follows.attach(
        follow_id, found, Baseline(live=seen()), mentions=False, now=NOW
    )
    assert made is not None

    _, settled = await amid(
        postgres_database,
        store.follows.follow(replace(follow, is_exposure_agreed=True), NOW),
        "exposed_at IS NOT NULL",
        store.exposures.settle({made.attachment.attachment_id: True}, NOW),
    )

    assert settled.barred == ()


async def test_a_draft_that_is_confirmed_while_drafts_are_dropped_is_under_way(
    store: Store, postgres_database: str
) -> None:
    intent = await begin(store, wanted(Action.REPLY), is_draft=True)
    late = NOW + timedelta(days=2)

    confirmed, _ = await amid(
        postgres_database,
        store.trail.confirm(intent.intent_id, MO.user_id, late),
        "SELECT pg_current_xact_id_if_assigned",
        store.trail.prune(late, timedelta(days=30)),
    )

    assert await store.trail.open() == [confirmed]


ON_PROGRAMME = NewAttachment(
    guild_id=GUILD,
    room_id=ROOM,
    object=LIVE,
    rules=AttachmentRules(),
    attached_by=5,
    is_on_programme=True,
)


async def plan(store: Store, at: datetime) -> None:
    planned = replace(seen(), scheduled_at=at)
    await store.attachments.attach(ON_PROGRAMME, Baseline(live=planned), now=NOW)


async def test_a_programme_lists_nothing_that_is_taken_out_while_it_is_brought_up_to_date(
    store: Store, postgres_database: str
) -> None:
    await plan(store, NOW + timedelta(days=7))
    await store.programmes.keep(NOW)
    assert await pending(store) == ["programme"]

    await amid(
        postgres_database,
        store.programmes.keep(NOW),
        "FOR UPDATE OF twentythree_notices",
        store.attachments.detach(ROOM, LIVE.object_id),
    )

    assert await pending(store) == []


async def test_a_card_that_is_let_out_says_what_has_come_of_its_event_meanwhile(
    store: Store, postgres_database: str
) -> None:
    start, later = NOW + timedelta(days=7), NOW + timedelta(days=7, hours=2)
    await plan(store, start)

    await amid(
        postgres_database,
        store.programmes.keep(NOW + timedelta(days=6, hours=12)),
        "INSERT INTO twentythree_notices",
        look(store, replace(seen(), scheduled_at=later)),
    )

    cards = [one.notice for one in (await store.outbox.work(ROOM)).pending]
    assert [one.state.scheduled_at for one in cards if isinstance(one, LiveNotice)] == [later]


ACTING = replace(ALL, has_actions=True)


async def test_a_question_that_comes_while_questions_begin_to_be_kept_is_kept(
    store: Store, postgres_database: str
) -> None:
    await attach(store)

    async def ask() -> None:
        await attach(store, room=OTHER_ROOM, rules=ACTING)
        await take(store, question())

    await amid(
        postgres_database, attach(store, rules=ACTING), "DELETE FROM twentythree_questions", ask()
    )

    assert (await store.questions.counts(VIDEO.object_id)).open == 1


async def test_words_of_a_broadcast_that_begins_while_old_ones_are_forgotten_stay(
    store: Store, postgres_database: str
) -> None:
    await attach(store, LIVE, rules=ACTING)
    await look(store, seen(on=True))
    await take(store, replace(question(), object_id=LIVE.object_id))
    await look(store, seen(), minute=1)
    month = 30 * 24 * 60
    await look(store, seen(), minute=month)

    async def ask() -> None:
        await look(store, seen(on=True), minute=month)
        await take(store, replace(question(2), object_id=LIVE.object_id))

    await amid(
        postgres_database,
        store.questions.prune(NOW + timedelta(minutes=month)),
        "UPDATE twentythree_objects",
        ask(),
    )

    found = await store.questions.open(LIVE.object_id, GUILD, limit=2)
    assert [one.text for one in found] == ["comment 1", "comment 2"]


async def test_a_programme_that_is_begun_lists_nothing_that_is_taken_out_meanwhile(
    store: Store, postgres_database: str
) -> None:
    await plan(store, NOW + timedelta(days=7))

    await amid(
        postgres_database,
        store.programmes.keep(NOW),
        "INSERT INTO twentythree_notices",
        store.attachments.detach(ROOM, LIVE.object_id),
    )

    assert await pending(store) == []
