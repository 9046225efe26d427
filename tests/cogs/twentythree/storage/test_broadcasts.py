from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    CommentKind,
    CommentPolicy,
    LiveNotice,
    LiveObservation,
    LivePhase,
    ObjectId,
)
from cogs.twentythree.domain.series import Sample
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.things import (
    GUILD,
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    comment,
    look,
    pending,
    post,
    query,
    seen,
    take,
)

ANNOUNCED = AttachmentRules(at_end=AtEnd.ANNOUNCE)
DELETED = AttachmentRules(at_end=AtEnd.DELETE)


async def waiting(store: Store, which: int = -1) -> LiveNotice:
    notice = (await store.outbox.work(ROOM)).pending[which].notice
    assert isinstance(notice, LiveNotice)
    return notice


def viewers(notice: object) -> int | None:
    assert isinstance(notice, LiveNotice)
    return notice.state.viewers_now


async def stale(store: Store) -> list[LiveNotice]:
    batches = (await store.outbox.work(ROOM)).stale
    return [one.notice for batch in batches for one in batch.notices]  # type: ignore[misc]


async def sampled(store: Store, *minutes: int) -> None:
    for minute in minutes:
        at = NOW + timedelta(minutes=minute)
        await store.broadcasts.add_sample(
            LIVE.object_id, Sample(at=at, viewers=minute, comments=2 * minute)
        )


async def test_a_start_is_announced_once(store: Store) -> None:
    await attach(store, LIVE, rules=AttachmentRules(mention_role_id=4))
    first = await look(store, seen(on=True))
    second = await look(store, seen(on=True))
    (queued,) = (await store.outbox.work(ROOM)).pending

    assert first.rooms == {ROOM}
    assert second.rooms == frozenset()
    assert isinstance(queued.notice, LiveNotice)
    assert queued.notice.is_start
    assert queued.notice.mention_role_id == 4


async def test_a_card_that_waits_is_updated_in_place(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    ingested = await look(store, seen(on=True, viewers=5), minute=10)
    work = await store.outbox.work(ROOM)

    assert ingested.rooms == {ROOM}
    assert [viewers(one.notice) for one in work.pending] == [5]
    assert work.stale == ()


async def test_a_card_that_is_out_becomes_stale_with_the_news(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    posted = await post(store)
    await look(store, seen(on=True, viewers=5), minute=10)
    (stale,) = (await store.outbox.work(ROOM)).stale

    assert stale.batch_id == posted.batch_id
    assert stale.message_id is not None
    assert stale.shown == "digest"
    assert [viewers(one.notice) for one in stale.notices] == [5]
    assert await store.outbox.rooms_with_work() == {ROOM}


async def test_an_observation_without_news_leaves_the_card_alone(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    await post(store)

    assert await look(store, seen(on=True, viewers=1)) == Ingested()
    assert await store.outbox.rooms_with_work() == frozenset()


@pytest.mark.parametrize("is_out", [True, False], ids=["out", "waiting"])
async def test_the_start_takes_the_place_of_the_card_of_what_was_coming(
    store: Store, *, is_out: bool
) -> None:
    await attach(store, LIVE)
    await look(store, seen(soon=True))
    if is_out:
        await post(store, nonce="soon")
    await look(store, seen(on=True, soon=True))

    assert await pending(store) == ["live:7:1:start"]
    assert [one.is_withdrawn for one in await stale(store)] == [True] * is_out


async def test_the_line_of_an_end_leads_to_the_message_of_the_start(store: Store) -> None:
    await attach(store, LIVE, rules=ANNOUNCED)
    await look(store, seen(on=True))
    posted = await post(store)
    await look(store, seen(), minute=1)
    await look(store, seen(), minute=5)

    end = await waiting(store)
    assert end.start_url == f"https://discord.com/channels/{GUILD}/{ROOM}/{2**62 + 5}"
    assert posted.room_id == ROOM


@pytest.mark.parametrize(
    ("looked", "sampled_at"), [(9, 5), (5, 9)], ids=["between samples", "between looks"]
)
async def test_a_card_and_its_chart_tell_of_one_peak(
    store: Store, looked: int, sampled_at: int
) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1))
    await sampled(store, 0, 1)
    await look(store, seen(on=True, viewers=looked), minute=2)
    at = NOW + timedelta(minutes=3)
    await store.broadcasts.add_sample(LIVE.object_id, Sample(at=at, viewers=sampled_at, comments=1))
    await look(store, seen(), minute=4)
    await look(store, seen(), minute=9)

    card = await waiting(store)
    assert card.series is not None
    known = [count for count in card.series.viewers if count is not None]
    assert card.state.viewers_peak == max(known) == 9


async def test_counts_that_no_column_holds_are_kept_as_the_most_there_is(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1))
    for minute, count in enumerate((2**31, 2**63 - 1, -(2**40))):
        at = NOW + timedelta(minutes=minute)
        sample = Sample(at=at, viewers=count, comments=count)
        await store.broadcasts.add_sample(LIVE.object_id, sample)
    await look(store, seen(), minute=4)
    await look(store, seen(), minute=9)

    series = (await waiting(store)).series
    assert series is not None
    assert series.viewers[1:3] == (2**31 - 1, 0)


async def test_an_end_is_settled_after_the_time_for_coming_back(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await look(store, seen(), minute=1)
    (event,) = await store.broadcasts.live_events()
    assert not event.state.is_settled

    await look(store, seen(), minute=5)

    (event,) = await store.broadcasts.live_events()
    assert (event.info, event.state.phase) == (LIVE, LivePhase.ENDED)
    assert event.state.is_settled


async def test_the_time_for_coming_back_can_be_set(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await look(store, seen(), minute=1)

    await store.broadcasts.ingest(
        seen(on=True), now=NOW + timedelta(minutes=9), same_broadcast=timedelta(minutes=10)
    )

    assert await pending(store) == [f"live:{LIVE.object_id}:1:start"]


async def test_a_start_of_another_broadcast_comes_with_the_end_found_late(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    again = replace(seen(on=True), broadcast_started_at=NOW + timedelta(hours=5))

    done = await look(store, again, minute=400)

    assert await pending(store) == [f"live:{LIVE.object_id}:{n}:start" for n in (1, 2)]
    assert (await waiting(store, 0)).state.phase is LivePhase.ENDED
    assert (await waiting(store, 1)).state.phase is LivePhase.LIVE
    assert done.new_events == 2


async def test_an_end_is_announced_once_where_it_was_asked_for(store: Store) -> None:
    await attach(store, LIVE, rules=ANNOUNCED)
    await attach(store, LIVE, room=OTHER_ROOM)
    await look(store, seen(on=True))
    for minute in (1, 5, 9):
        await look(store, seen(), minute=minute)

    start, end = await pending(store)
    assert (start, end) == (f"live:{LIVE.object_id}:1:start", f"live:{LIVE.object_id}:1:end")
    assert await pending(store, OTHER_ROOM) == [start]
    assert (await waiting(store)).is_end


async def test_rules_that_change_withdraw_an_end_that_waits(store: Store) -> None:
    await attach(store, LIVE, rules=ANNOUNCED)
    await look(store, seen(on=True))
    await look(store, seen(), minute=1)
    await look(store, seen(), minute=5)

    await attach(store, LIVE, rules=AttachmentRules())

    assert await pending(store) == [f"live:{LIVE.object_id}:1:start"]


async def test_what_is_to_be_deleted_is_withdrawn_once_the_end_is_settled(store: Store) -> None:
    await attach(store, LIVE, rules=DELETED)
    await look(store, seen(soon=True))
    await post(store, nonce="soon")
    await look(store, seen(on=True), minute=1)
    await look(store, seen(), minute=2)
    assert await pending(store) == [f"live:{LIVE.object_id}:1:start"]

    done = await look(store, seen(), minute=9)

    assert done.rooms == {ROOM}
    assert await pending(store) == []
    (card,) = await stale(store)
    assert card.is_withdrawn


async def test_what_was_deleted_is_not_edited_any_more(store: Store) -> None:
    await attach(store, LIVE, rules=DELETED)
    await look(store, seen(on=True))
    batch = await post(store)
    await look(store, seen(), minute=1)
    await look(store, seen(), minute=9)
    await store.outbox.give_up(batch.batch_id, reason="removed", now=LATER)

    assert (
        await store.broadcasts.set_recording(LIVE.object_id, 1, "https://video.example.com/2")
        == set()
    )
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_the_series_of_a_broadcast_is_on_the_card_of_its_start(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(soon=True))
    await look(store, seen(on=True), minute=1)
    await sampled(store, 1, 2, 2, 3)
    await look(store, seen(), minute=4)
    assert (await waiting(store)).series is None

    await look(store, seen(), minute=9)

    assert await pending(store) == ["live:7:1:start"]
    start = await waiting(store)
    assert start.series is not None
    assert start.series.viewers[:3] == (1, 2, 3)
    assert start.series.comments[:2] == (2, 2)


async def test_a_broadcast_nobody_looked_at_has_no_series(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await look(store, seen(), minute=1)
    await look(store, seen(), minute=9)

    assert (await waiting(store)).series is None


async def test_samples_are_kept_of_the_broadcast_that_is_on_air_only(
    store: Store, database: str
) -> None:
    await attach(store, LIVE)
    await sampled(store, 0)
    await look(store, seen(on=True))
    await sampled(store, 0, 1)
    await look(store, seen(), minute=2)
    await look(store, seen(on=True), minute=20)
    await sampled(store, 20, 21)
    assert await query(database, "SELECT count(*) FROM twentythree_samples") == [2]
    await look(store, seen(), minute=22)
    await look(store, seen(), minute=30)

    series = (await waiting(store)).series
    assert series is not None
    assert series.viewers[:2] == (20, 21)


async def test_a_sample_of_what_is_attached_nowhere_is_dropped(store: Store) -> None:
    await sampled(store, 0)

    assert await store.broadcasts.live_events() == []


async def test_no_more_samples_are_kept_than_a_day_has_minutes(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await sampled(store, 0, 1, 1_442, 1_443)
    on = replace(seen(on=True), broadcast_started_at=NOW)
    await look(store, on, minute=1_443)
    await look(store, seen(), minute=1_444)
    await look(store, seen(), minute=1_450)

    series = (await waiting(store)).series
    assert series is not None
    assert series.viewers[0] is None
    assert series.viewers[-1] == 1_443


async def test_a_recording_reaches_the_cards_of_its_broadcast(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await post(store)
    await look(store, seen(), minute=1)

    rooms = await store.broadcasts.set_recording(LIVE.object_id, 1, "https://video.example.com/2")

    assert rooms == {ROOM}
    (card,) = await stale(store)
    assert card.state.recording_url == "https://video.example.com/2"


@pytest.mark.parametrize("object_id", [LIVE.object_id, ObjectId(404)])
async def test_a_recording_of_anything_else_changes_nothing(
    store: Store, object_id: ObjectId
) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    assert await store.broadcasts.set_recording(object_id, 1, "https://x") == set()
    await look(store, seen(), minute=1)

    assert await store.broadcasts.set_recording(object_id, 2, "https://x") == set()
    assert (await waiting(store)).state.recording_url is None


async def test_events_that_no_room_announces_are_not_watched(store: Store) -> None:
    quiet = AttachmentRules(comments=CommentPolicy.ALL, announces_live=False)
    await attach(store, LIVE, rules=quiet)
    await look(store, seen(on=True))

    assert await store.broadcasts.live_events() == []


async def test_a_look_at_what_is_attached_nowhere_has_no_news(store: Store) -> None:
    nowhere = LiveObservation(object_id=ObjectId(404), is_broadcasting=True)

    assert await store.broadcasts.ingest(nowhere, now=NOW) == Ingested()


def viewers_at(minute: int, viewers: int) -> Sample:
    return Sample(at=NOW + timedelta(minutes=minute), viewers=viewers, comments=None)


async def test_what_realtime_told_fills_the_minutes_without_a_look(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await sampled(store, 3)
    found = [viewers_at(minute, 50 + minute) for minute in (4, 3, 1, 2, -9)]

    await store.broadcasts.fill_samples(LIVE.object_id, found)
    await store.broadcasts.fill_samples(LIVE.object_id, found)
    await look(store, seen(), minute=5)
    await look(store, seen(), minute=9)

    series = (await waiting(store)).series
    assert series is not None
    assert series.viewers[:5] == (None, 51, 52, 3, 54)


async def test_what_realtime_told_far_above_all_that_was_seen_is_left_out(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=200))
    await store.broadcasts.fill_samples(
        LIVE.object_id, [viewers_at(1, 2**63 - 1), viewers_at(2, 601), viewers_at(3, 600)]
    )

    (event,) = await store.broadcasts.live_events()
    assert event.state.viewers_peak == 600


async def test_what_is_told_of_anything_not_on_air_is_dropped(store: Store) -> None:
    await store.broadcasts.fill_samples(LIVE.object_id, [viewers_at(0, 1)])
    await attach(store, LIVE)
    await store.broadcasts.fill_samples(LIVE.object_id, [viewers_at(0, 1), viewers_at(1, 2)])
    await look(store, seen(on=True))
    await look(store, seen(), minute=1)
    await look(store, seen(), minute=9)

    assert (await waiting(store)).series is None


async def test_a_card_has_what_its_event_is_about_from_the_first_and_follows_it(
    store: Store,
) -> None:
    told = replace(LIVE, description="About bread", speakers=("Ada", "Bö"))
    await attach(store, told)
    await look(store, seen(soon=True))
    assert (await waiting(store)).object == told
    await post(store)

    # Who asks about something else does not make it forgotten.
    await store.memory.refresh_object(LIVE, NOW)
    assert await stale(store) == []
    reworded = replace(told, description="About cake", speakers=())
    assert (await store.memory.refresh_object(reworded, NOW)).rooms == {ROOM}
    assert [one.object for one in await stale(store)] == [reworded]


async def test_a_card_of_before_there_were_descriptions_gets_one_with_its_next_state(
    store: Store,
) -> None:
    await attach(store, LIVE)
    await look(store, seen(soon=True))
    await post(store)
    told = replace(LIVE, description="About bread")

    assert not (await store.memory.refresh_object(told, NOW)).rooms
    assert await stale(store) == []
    moved = replace(seen(soon=True), scheduled_at=LATER + timedelta(hours=3))
    await look(store, moved, minute=1)
    assert [one.object for one in await stale(store)] == [told]


async def test_a_card_of_an_event_that_is_attached_late_says_what_it_is_about(
    store: Store,
) -> None:
    told = replace(LIVE, description="About bread")
    await attach(store, told, room=OTHER_ROOM)
    await look(store, seen(soon=True))
    await attach(store, told)

    assert (await waiting(store)).object == told


async def test_what_was_written_is_counted_where_a_broadcast_is_settled(store: Store) -> None:
    await attach(store, LIVE, rules=AttachmentRules(comments=CommentPolicy.ALL, has_actions=True))
    await look(store, seen(on=True), minute=1)
    question = comment(2, of=LIVE, kind=CommentKind.QUESTION)
    await take(store, comment(1, of=LIVE), question)
    await look(store, seen(), minute=2)
    await look(store, seen(), minute=9)

    found = (await store.outbox.work(ROOM)).pending
    (start,) = [one.notice for one in found if one.event_key.endswith(":start")]
    assert isinstance(start, LiveNotice)
    assert (start.comments, start.questions) == (2, 1)
