from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.barring import Membership, Servers
from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentPolicy,
    RoomId,
    Source,
)
from cogs.twentythree.domain.shown import BoardView, QuestionCounts
from cogs.twentythree.storage import Baseline, NewAttachment, NewBoard, Store
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    execute,
    look,
    post,
    query,
    seen,
    start,
    take,
)
from tests.fakes.boards import (
    ANN,
    ANSWERED,
    make_board,
    minutes,
    numbers,
    question,
    stale_boards,
    waiting_boards,
)

OF = LIVE.object_id
QUIET = replace(ALL, comments=CommentPolicy.NONE)
HERE, NOWHERE = (Membership(present=frozenset(one)) for one in ({GUILD}, ()))


def asked(number: int, **values: Any) -> Comment:
    return question(number, OF, **values)


@pytest.fixture
async def held(store: Store) -> Store:
    """A store with an event in two rooms that take no comments."""
    for room in (ROOM, OTHER_ROOM):
        await attach(store, LIVE, room=room, rules=QUIET)
    return store


async def waiting(store: Store, room: RoomId = ROOM) -> BoardNotice:
    (only,) = await waiting_boards(store, room)
    return only


async def stale(store: Store, room: RoomId = ROOM) -> BoardNotice:
    (only,) = await stale_boards(store, room)
    return only


async def shown(database: str) -> None:
    """Have all boards' messages show what is true."""
    await execute(database, "UPDATE twentythree_notices SET is_stale = FALSE")


# Making and moving.


async def test_a_board_begins_with_what_was_there_before_it(held: Store) -> None:
    found = [asked(2), asked(1), asked(3, status=ANSWERED)]
    made = await make_board(held, ROOM, OF, NOW, found=found)

    notice = await waiting(held)
    assert not made.was_there
    assert (notice.object, notice.view, numbers(notice)) == (LIVE, BoardView.BOARD, [1, 2])
    assert notice.counts == QuestionCounts(open=2, answered=1)
    (board,) = await held.boards.find(room_id=ROOM)
    assert (board.guild_id, board.object_id, board.made_by) == (GUILD, OF, 5)


async def test_before_its_questions_were_read_it_is_not_shown(held: Store) -> None:
    made = await held.boards.make(
        NewBoard(room_id=ROOM, object_id=OF, view=BoardView.BOARD, made_by=5), NOW
    )
    await take(held, asked(1))

    assert made is not None
    assert await waiting_boards(held, ROOM) == []
    assert await held.boards.unshown() == [made.board]
    # What came meanwhile is newer than what is read now.
    await take(held, asked(1, status=ANSWERED))
    await held.memory.take_away(OF, [CommentId(2)])
    await held.boards.show(made.board.board_id, [asked(1), asked(3)], NOW)

    assert (await waiting(held)).counts == QuestionCounts(open=1, answered=1)
    assert await held.boards.unshown() == []


async def test_what_went_while_it_was_read_does_not_come_back(held: Store) -> None:
    await take(held, asked(1), asked(2))
    new = NewBoard(room_id=ROOM, object_id=OF, view=BoardView.BOARD, made_by=5)
    made = await held.boards.make(new, NOW)
    assert made is not None
    await held.memory.take_away(OF, [CommentId(1)])

    await held.boards.show(made.board.board_id, [asked(1), asked(2)], NOW)

    assert numbers(await waiting(held)) == [2]


async def test_a_board_needs_its_object_in_the_room(held: Store) -> None:
    new = NewBoard(room_id=RoomId(404), object_id=OF, view=BoardView.BOARD, made_by=5)

    assert await held.boards.make(new, NOW) is None
    assert await held.boards.find() == []


async def test_making_it_again_posts_it_anew_and_the_old_message_goes(held: Store) -> None:
    first = await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)

    second = await make_board(held, ROOM, OF, NOW)

    assert second.was_there
    assert first.board.board_id != second.board.board_id
    assert numbers(await waiting(held)) == [1]
    gone = await stale(held)
    assert (gone.is_withdrawn, gone.questions) == (True, ())
    assert [one.board_id for one in await held.boards.find()] == [second.board.board_id]


async def test_making_it_again_before_it_is_out_posts_it_once(held: Store) -> None:
    for _ in range(2):
        await make_board(held, ROOM, OF, NOW, found=[asked(1)])

    assert numbers(await waiting(held)) == [1]


async def test_what_was_left_when_the_last_board_went_is_not_believed(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1), asked(2)])
    assert await held.boards.drop(ROOM, OF) == 1
    # Nobody notes this.
    await take(held, asked(1, status=ANSWERED))

    await make_board(held, ROOM, OF, NOW, found=[asked(1, status=ANSWERED), asked(2)])

    assert numbers(await waiting(held)) == [2]


# What it shows.


async def test_two_rooms_and_both_views_follow_in_the_transaction_that_changes_them(
    held: Store, database: str
) -> None:
    await make_board(held, ROOM, OF, NOW)
    await make_board(held, OTHER_ROOM, OF, NOW)
    await make_board(held, OTHER_ROOM, OF, NOW, view=BoardView.SPEAKER)
    await post(held)
    await post(held, OTHER_ROOM, nonce="o")

    done = await take(held, asked(1, is_promoted=True), asked(2))

    assert done.rooms == {ROOM, OTHER_ROOM}
    assert numbers(await stale(held)) == [1, 2]
    assert [numbers(one) for one in await stale_boards(held, OTHER_ROOM)] == [[1, 2], [1]]

    await shown(database)
    done = await take(held, asked(3))
    # The speaker's view says nothing of it.
    assert done.rooms == {ROOM, OTHER_ROOM}
    rows = await query(database, "SELECT event_key FROM twentythree_notices WHERE is_stale")
    assert sorted(rows) == ["board:7:board", "board:7:board"]


async def test_what_changes_nothing_on_it_needs_no_edit(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(number) for number in range(1, 13)])
    await post(held)

    done = await take(held, asked(12, text="Said otherwise"))

    assert done.rooms == frozenset()
    assert await stale_boards(held, ROOM) == []


async def test_a_board_that_waits_is_posted_as_things_are_then(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW)
    await take(held, asked(1))

    assert numbers(await waiting(held)) == [1]


async def test_who_takes_a_question_is_on_the_boards_of_that_server(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)

    taken = await held.questions.take_next(OF, GUILD, ANN, NOW)
    assert taken is not None
    assert taken.rooms == {ROOM}
    assert [one.taken_by for one in (await stale(held)).questions] == [ANN]

    assert await held.questions.release(NOW + minutes(5)) == {ROOM}
    assert [one.taken_by for one in (await stale(held)).questions] == [None]
    assert await held.questions.release(NOW + minutes(9)) == frozenset()


async def test_what_is_forged_or_gone_leaves_the_board(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    await take(held, asked(2, text="Buy now"), source=Source.REALTIME)
    assert numbers(await stale(held)) == [1, 2]

    done = await held.memory.disown(OF, [CommentId(2)])
    assert done.forged == {2}
    assert done.rooms == {ROOM}
    assert numbers(await stale(held)) == [1]

    done = await held.memory.take_away(OF, [CommentId(1)])
    assert done.rooms == {ROOM}
    assert numbers(await stale(held)) == []


async def test_a_new_title_is_on_the_board(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW)
    await post(held)

    done = await held.memory.refresh_object(replace(LIVE, title="Another"), NOW)

    assert ROOM in done.rooms
    assert (await stale(held)).object.title == "Another"


# What bars it.


async def test_of_what_is_not_public_any_more_nothing_stays_on_a_board(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    private = replace(LIVE, title="Secret", is_public=False)

    done = await held.memory.refresh_object(private, NOW)
    await take(held, asked(2))

    hidden = await stale(held)
    assert ROOM in done.rooms
    assert (hidden.is_hidden, hidden.questions, hidden.object.title) == (True, (), "Live")

    await held.memory.refresh_object(replace(private, is_public=True), NOW)

    free = await stale(held)
    assert (free.is_hidden, numbers(free), free.object.title) == (False, [1, 2], "Secret")


async def test_who_agrees_has_the_board_shown_again(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    private = replace(LIVE, is_public=False)
    await held.memory.refresh_object(private, NOW)
    assert (await stale(held)).is_hidden

    await attach(held, private, rules=QUIET)
    assert (await stale(held)).is_hidden
    agreed = NewAttachment(
        guild_id=GUILD, room_id=ROOM, object=private, rules=QUIET, attached_by=9, is_agreed=True
    )
    await held.attachments.attach(agreed, Baseline(live=seen()), now=NOW)

    assert numbers(await stale(held)) == [1]


async def test_a_server_that_is_barred_gets_its_board_as_it_is_once_it_is_free(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW)
    await post(held)
    everywhere = Servers()
    await held.barred_servers.know(membership=NOWHERE, servers=everywhere, now=NOW)
    await take(held, asked(1))
    assert await stale_boards(held, ROOM) == []

    changed = await held.barred_servers.know(membership=HERE, servers=everywhere, now=NOW)

    assert ROOM in changed.rooms
    assert numbers(await stale(held)) == [1]


# How it goes.


async def test_with_its_attachment_a_board_goes(held: Store) -> None:
    for room, nonce in ((ROOM, "n"), (OTHER_ROOM, "o")):
        await make_board(held, room, OF, NOW, found=[asked(1)])
        await post(held, room, nonce=nonce)

    await held.attachments.detach(ROOM, OF, AtDetach.KEEP)

    assert (await stale(held)).is_withdrawn
    assert [one.room_id for one in await held.boards.find()] == [OTHER_ROOM]
    assert await stale_boards(held, OTHER_ROOM) == []


async def test_a_board_that_nobody_has_seen_goes_without_a_trace(
    held: Store, database: str
) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await held.attachments.detach(ROOM, OF)

    assert await held.outbox.rooms_with_work() == frozenset()
    assert await query(database, "SELECT event_key FROM twentythree_notices") == []


async def test_a_board_that_may_be_out_is_looked_for(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await start(held)
    await held.boards.drop(ROOM, OF)

    (batch,) = (await held.outbox.work(ROOM)).unsettled
    (queued,) = batch.notices
    assert isinstance(queued.notice, BoardNotice)
    assert queued.notice.is_withdrawn


async def test_after_detaching_everywhere_the_room_can_have_a_board_again(held: Store) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    for room in (ROOM, OTHER_ROOM):
        await held.attachments.detach(room, OF)
    assert (await stale(held)).is_withdrawn

    await attach(held, LIVE, rules=QUIET)
    await make_board(held, ROOM, OF, NOW)

    assert numbers(await waiting(held)) == []


async def test_a_server_that_is_forgotten_leaves_nothing(held: Store, database: str) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    await held.questions.take_next(OF, GUILD, ANN, NOW)
    await held.barred_servers.know(membership=NOWHERE, servers=Servers(), now=NOW)

    await held.barred_servers.forget(NOW + timedelta(days=8))

    for table in ("boards", "questions", "takings", "notices", "batches"):
        assert await query(database, f"SELECT count(*) FROM twentythree_{table}") == [0]  # noqa: S608 - names of ours


async def test_a_board_outlives_pruning_and_what_it_was_first_sent_as_does_not(
    held: Store, database: str
) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    await post(held)
    await look(held, seen(on=True), minute=1)
    await look(held, seen(), minute=2)
    await look(held, seen(), minute=30)
    later = NOW + timedelta(days=30)
    await held.upkeep.prune(later)
    assert "{}" in await query(database, "SELECT body FROM twentythree_batches")
    await execute(database, "UPDATE twentythree_batches SET body = 'words'")
    await held.questions.prune(later)

    assert await query(database, "SELECT body FROM twentythree_batches") == ["{}"]
    await take(held, asked(2), now=later)
    assert numbers(await stale(held)) == [1, 2]


async def test_a_board_that_was_refused_is_posted_anew_once_it_says_something_else(
    held: Store,
) -> None:
    await make_board(held, ROOM, OF, NOW, found=[asked(1)])
    batch = await start(held)
    await held.outbox.give_up(batch.batch_id, reason="automod", now=NOW)
    later = NOW + minutes(2)
    assert await held.boards.try_again(later) == frozenset()

    await take(held, asked(2))
    assert await held.boards.try_again(NOW + minutes(0.9)) == frozenset()
    assert await held.boards.try_again(later) == {ROOM}

    assert numbers(await waiting(held)) == [1, 2]


async def test_a_board_that_somebody_deleted_stays_away_until_it_is_made_again(
    held: Store,
) -> None:
    await make_board(held, ROOM, OF, NOW)
    batch = await post(held)
    await held.outbox.give_up(batch.batch_id, reason="removed", now=NOW)
    await take(held, asked(1))
    assert await held.boards.try_again(NOW + minutes(9)) == frozenset()
    assert await waiting_boards(held, ROOM) == []

    assert (await make_board(held, ROOM, OF, NOW)).was_there
    assert numbers(await waiting(held)) == [1]
