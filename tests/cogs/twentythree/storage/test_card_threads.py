"""Threads on cards in the store: what is to be opened, and what is where once they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    CommentKind,
    CommentPolicy,
    LiveNotice,
    RoomId,
    VideoNotice,
)
from cogs.twentythree.domain.places import PostingPlace
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.storage import Baseline, NewAttachment, NewBoard, Store, ThreadToOpen
from tests.cogs.twentythree.storage.things import (
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
    query,
    seen,
    start,
    take,
)

THREADED = AttachmentRules(comments=CommentPolicy.ALL, place=PostingPlace.THREAD)
MESSAGE = 2**62 + 5
THREAD = RoomId(MESSAGE)


async def waiting_room(store: Store, about: int = LIVE.object_id) -> RoomId:
    """Return the room in which waits what is for a thread."""
    (held,) = [one for one in await store.attachments.find() if one.object.object_id == about]
    return RoomId(-held.attachment_id)


async def to_open(store: Store, about: int = LIVE.object_id) -> ThreadToOpen | None:
    return await store.threads.to_open(await waiting_room(store, about), NOW)


async def opened(store: Store) -> None:
    """Have the card in the room, and the thread on it."""
    await post(store, nonce="card")
    room = await waiting_room(store)
    assert await store.threads.opened(room, THREAD, NOW)


async def planned(store: Store, **values: object) -> None:
    await attach(store, LIVE, rules=THREADED, **values)  # type: ignore[arg-type]
    await look(store, seen(soon=True))


async def test_the_card_waits_in_the_room_and_a_comment_for_the_thread(store: Store) -> None:
    await planned(store)
    taken = await take(store, comment(1, of=LIVE))
    unopened = await waiting_room(store)

    assert await pending(store) == ["live:7:1:soon"]
    assert await pending(store, unopened) == ["comment:1"]
    assert taken.rooms == {unopened}
    assert await store.outbox.rooms_with_work() == {ROOM, unopened}


async def test_nothing_is_opened_before_anything_waits_or_before_the_card_is_there(
    store: Store,
) -> None:
    await planned(store)
    assert await to_open(store) is None

    await take(store, comment(1, of=LIVE))
    found = await to_open(store)
    assert found is not None
    assert (found.message_id, found.is_coming) == (None, True)
    assert await store.threads.waiting_for(ROOM) == {await waiting_room(store)}


async def test_what_waits_goes_to_the_thread_once_it_is_open(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await post(store)
    found = await to_open(store)
    assert found is not None
    assert (found.channel_id, found.message_id, found.title) == (ROOM, MESSAGE, LIVE.title)
    room = await waiting_room(store)
    # Cut off before it was stored, it is stored another time.
    assert await store.threads.opened(room, THREAD, NOW)
    assert await store.threads.opened(room, THREAD, NOW)

    assert await pending(store, THREAD) == ["comment:1"]
    assert await pending(store, room) == []
    await take(store, comment(2, of=LIVE))
    assert await pending(store, THREAD) == ["comment:1", "comment:2"]
    (held,) = await store.attachments.find(room_id=ROOM)
    assert (held.room_id, held.forum_id) == (THREAD, ROOM)
    assert await store.attachments.find(room_id=THREAD) == [held]


async def test_a_thread_is_of_the_newest_card_that_stands(store: Store) -> None:
    await planned(store)
    await post(store, nonce="soon")
    await look(store, seen(on=True, soon=True))
    await take(store, comment(1, of=LIVE))
    # The card of before is to be deleted, and that of the start is on its way.
    found = await to_open(store)

    assert found is not None
    assert (found.message_id, found.is_coming) == (None, True)


async def test_the_card_with_the_thread_is_kept_at_the_start_and_shows_it(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await opened(store)
    begun = await look(store, seen(on=True, soon=True))
    (stale,) = (await store.outbox.work(ROOM)).stale
    (notice,) = [one.notice for one in stale.notices]

    assert begun.rooms == {ROOM}
    assert await pending(store) == ["live:7:1:start"]
    assert isinstance(notice, LiveNotice)
    assert not notice.is_withdrawn
    assert notice.state.started_at is not None


@pytest.mark.parametrize("rules", [THREADED, AttachmentRules(place=PostingPlace.THREAD)])
async def test_a_video_has_a_card_as_soon_as_it_needs_a_thread(
    store: Store, rules: AttachmentRules
) -> None:
    await attach(store, VIDEO, rules=rules)
    assert await store.outbox.rooms_with_work() == frozenset()
    await take(store, comment(1, is_promoted=True))
    found = await to_open(store, VIDEO.object_id)

    assert found is not None
    assert found.is_coming
    (card,) = (await store.outbox.work(ROOM)).pending
    assert card.notice == VideoNotice(object=VIDEO, is_new=False)


async def test_a_card_that_people_deleted_is_replaced_once(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await post(store)
    first = await to_open(store)
    assert first is not None
    await store.threads.card_is_gone(first.batch_id or 0, NOW)
    second = await to_open(store)
    assert second is not None
    assert second.is_coming
    assert await pending(store) == ["card:7"]

    await store.outbox.settle(
        (await start(store, nonce="2")).batch_id, message_id=MESSAGE + 1, shown="d", now=NOW
    )
    third = await to_open(store)
    assert third is not None
    assert third.message_id == MESSAGE + 1
    await store.threads.card_is_gone(third.batch_id or 0, NOW)
    last = await to_open(store)
    assert last is not None
    assert (last.message_id, last.is_coming) == (None, False)


async def test_an_event_that_nobody_announces_has_a_card_for_its_thread(store: Store) -> None:
    rules = AttachmentRules(
        comments=CommentPolicy.ALL, announces_live=False, place=PostingPlace.THREAD
    )
    await attach(store, LIVE, rules=rules)
    await take(store, comment(1, of=LIVE))
    await to_open(store)

    assert await pending(store) == ["card:7"]


async def test_what_is_on_the_programme_gets_its_card_with_the_first_comment(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    (queued,) = (await store.outbox.work(ROOM)).pending

    assert queued.event_key == "live:7:1:soon"
    found = await to_open(store)
    assert found is not None
    assert found.is_coming


async def test_an_object_that_somebody_attached_to_the_thread_stays_as_it_is(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await post(store)
    room = await waiting_room(store)
    await attach(store, LIVE, room=THREAD)

    assert not await store.threads.opened(room, THREAD, NOW)


async def test_the_end_is_told_in_the_thread_and_leads_to_the_start(store: Store) -> None:
    rules = AttachmentRules(
        comments=CommentPolicy.ALL, at_end=AtEnd.ANNOUNCE, place=PostingPlace.THREAD
    )
    await attach(store, LIVE, rules=rules)
    await look(store, seen(on=True))
    await take(store, comment(1, of=LIVE))
    await opened(store)
    rooms = (await look(store, seen(), minute=60)).rooms
    rooms |= (await look(store, seen(), minute=90)).rooms
    queued = (await store.outbox.work(THREAD)).pending
    (line,) = [one.notice for one in queued if isinstance(one.notice, LiveNotice)]

    assert line.is_end
    assert line.start_url == f"https://discord.com/channels/{GUILD}/{ROOM}/{MESSAGE}"
    assert THREAD in rooms
    due = await store.threads.due(THREAD)
    assert due is not None
    assert due.due == "settled"
    assert (await store.outbox.work(THREAD)).is_thread_due
    await store.threads.done(due)
    assert await store.threads.due(THREAD) is None
    assert not (await store.outbox.work(THREAD)).is_thread_due


async def test_a_post_is_told_each_state_and_only_the_last(store: Store) -> None:
    forum = OTHER_ROOM
    new = NewAttachment(
        guild_id=GUILD,
        room_id=ROOM,
        forum_id=forum,
        object=LIVE,
        rules=AttachmentRules(),
        attached_by=1,
    )
    await store.attachments.attach(new, Baseline(live=seen(soon=True)), now=NOW)
    planned = await store.threads.due(ROOM)
    assert planned is not None
    assert planned.due == "soon"
    begun = await look(store, seen(on=True, soon=True))
    # It was told the one while it became the other.
    await store.threads.done(planned)
    live = await store.threads.due(ROOM)

    assert ROOM in begun.rooms
    assert live is not None
    assert live.due == "live"
    assert ROOM in await store.outbox.rooms_with_work()


async def test_a_pause_of_an_unopened_thread_is_its_attachments(store: Store) -> None:
    await planned(store)
    room = await waiting_room(store)

    (paused,) = await store.attachments.pause(room, "closed", NOW)
    assert paused.room_id == ROOM
    assert await store.attachments.resume(room)
    await store.attachments.pause(ROOM, "closed", NOW)
    (held,) = await store.attachments.find(room_id=ROOM)
    assert held.pause is not None


async def test_detaching_leaves_nothing_that_waits(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    gone = await store.attachments.detach(ROOM, LIVE.object_id, AtDetach.DELETE)

    assert gone is not None
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_detaching_from_the_room_detaches_what_is_in_the_thread(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await opened(store)
    gone = await store.attachments.detach(ROOM, LIVE.object_id, AtDetach.KEEP)

    assert gone is not None
    assert gone.cards == 1
    assert await pending(store, THREAD) == []


async def test_boards_go_to_the_thread_with_all_else(store: Store) -> None:
    await planned(store)
    new = NewBoard(room_id=ROOM, object_id=LIVE.object_id, view=BoardView.BOARD, made_by=1)
    made = await store.boards.make(new, NOW)
    assert made is not None
    await store.boards.show(made.board.board_id, [], NOW)
    await take(store, comment(1, of=LIVE))
    room = await waiting_room(store)
    assert await store.threads.opened(room, THREAD, NOW)

    (board,) = await store.boards.find()
    assert board.room_id == THREAD
    assert "board:7:board" in await pending(store, THREAD)
    assert await pending(store) == ["live:7:1:soon"]
    (held,) = await store.attachments.find()
    assert held.has_board


# Another place.


async def moved(store: Store, place: PostingPlace) -> None:
    rules = AttachmentRules(comments=CommentPolicy.ALL, place=place)
    await attach(store, LIVE, rules=rules, now=LATER)


async def test_what_waits_goes_to_the_other_place_and_what_was_said_is_not_said_again(
    store: Store,
) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await post(store, nonce="card")
    await take(store, comment(1, of=LIVE))
    await post(store, nonce="1")
    await take(store, comment(2, of=LIVE))
    await moved(store, PostingPlace.THREAD)
    unopened = await waiting_room(store)

    assert await pending(store) == []
    assert await pending(store, unopened) == ["comment:2"]
    assert await store.threads.opened(unopened, THREAD, LATER)
    # A promotion is news to rooms that have not had the comment.
    await take(store, comment(1, of=LIVE, is_promoted=True))
    assert await pending(store, THREAD) == ["comment:2"]
    stale = (await store.outbox.work(ROOM)).stale
    assert "comment:1" in {one.event_key for batch in stale for one in batch.notices}


async def test_what_was_said_before_is_known_until_the_thread_is_opened(
    store: Store, database: str
) -> None:
    await attach(store, LIVE, rules=AttachmentRules(comments=CommentPolicy.ALL))
    await take(store, comment(1, of=LIVE))
    await post(store)
    await moved(store, PostingPlace.THREAD)
    unopened = await waiting_room(store)
    await store.upkeep.prune(NOW + timedelta(days=30))

    await take(store, comment(1, of=LIVE, is_promoted=True))
    assert await pending(store, unopened) == []

    await store.attachments.detach(ROOM, LIVE.object_id)
    await store.upkeep.prune(NOW + timedelta(days=30))
    assert await query(database, "SELECT event_key FROM twentythree_notices") == []


async def test_a_place_may_change_to_and_fro(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await opened(store)
    batch = await store.outbox.start_batch(
        THREAD,
        (await store.outbox.work(THREAD)).pending,
        draft=Draft(nonce="in the thread", body="{}"),
        now=NOW,
    )
    assert batch is not None
    await store.outbox.settle(batch.batch_id, message_id=MESSAGE + 9, shown="d", now=NOW)
    await moved(store, PostingPlace.ROOM)
    await take(store, comment(1, of=LIVE, is_promoted=True), comment(2, of=LIVE))
    (held,) = await store.attachments.find()

    assert (held.room_id, held.forum_id) == (ROOM, None)
    assert await pending(store) == ["comment:2"]
    await moved(store, PostingPlace.THREAD)
    unopened = await waiting_room(store)
    assert await pending(store, unopened) == ["comment:2"]
    # The same thread: what it had, it does not get again.
    assert await store.threads.opened(unopened, THREAD, LATER)
    assert await pending(store, THREAD) == ["comment:2"]


async def test_what_was_never_opened_comes_back_to_the_room(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await moved(store, PostingPlace.ROOM)

    assert await pending(store) == ["live:7:1:soon", "comment:1"]
    assert await store.outbox.rooms_with_work() == {ROOM}


async def test_another_of_the_same_object_is_not_attached_beside_a_thread(store: Store) -> None:
    await planned(store)
    await take(store, comment(1, of=LIVE))
    await opened(store)
    again = await attach(store, LIVE, rules=THREADED, now=NOW + timedelta(minutes=1))

    assert not again.is_new
    assert again.attachment.room_id == THREAD


async def test_a_board_that_was_asked_for_while_the_thread_was_opened_is_in_it(
    store: Store,
) -> None:
    await planned(store)
    await opened(store)
    new = NewBoard(room_id=ROOM, object_id=LIVE.object_id, view=BoardView.BOARD, made_by=1)
    made = await store.boards.make(new, NOW)
    assert made is not None
    await store.boards.show(made.board.board_id, [], NOW)

    assert made.board.room_id == THREAD
    assert "board:7:board" in await pending(store, THREAD)
    await take(store, comment(1, of=LIVE, kind=CommentKind.QUESTION))
    assert await pending(store, THREAD) == ["board:7:board", "comment:1"]
