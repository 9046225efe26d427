"""What is to be in a server's calendar, and what is kept of it, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.barring import KEEP_GONE
from cogs.twentythree.domain.calendar import (
    CalendarGoal,
    CalendarObstacle,
    KeptScheduled,
    ScheduledKey,
    ScheduledStage,
    ScheduledStatus,
    goal_of,
)
from cogs.twentythree.domain.following import Follow
from cogs.twentythree.domain.model import AttachmentRules, GuildId, LiveObservation, LivePhase
from cogs.twentythree.storage import Baseline, CalendarCounts, CalendarWork, Store
from tests.cogs.twentythree.storage.test_follows import attach_followed, follow
from tests.cogs.twentythree.storage.test_server_settings import know
from tests.cogs.twentythree.storage.things import (
    GUILD,
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    look,
    seen,
)
from tests.fakes.calendars import said_of

KEPT = KeptScheduled(
    key=ScheduledKey(LIVE.object_id, 1),
    stage=ScheduledStage.MADE,
    said=said_of(picture_url=None),
    scheduled_id=2**62,
)
PLANNED = Baseline(live=seen(soon=True))
QUIET = AttachmentRules(announces_live=False)


async def followed(store: Store, **options: object) -> Follow:
    """Have a follow with a calendar that has found a planned event."""
    done = await follow(store, **{"has_calendar": True, **options})  # type: ignore[arg-type]
    await attach_followed(store, done.follow, baseline=PLANNED)
    return done.follow


async def work(store: Store) -> CalendarWork:
    return (await store.calendars.work(GUILD)).get(GUILD, CalendarWork())


async def goals(store: Store) -> list[CalendarGoal]:
    return [goal_of(one) for one in (await work(store)).covered]


async def test_what_a_follow_has_found_is_covered(store: Store) -> None:
    await followed(store)
    (event,) = (await work(store)).covered

    assert event.key == (LIVE.object_id, 1)
    assert (event.info, event.is_gone) == (LIVE, False)
    assert (event.state.phase, event.state.scheduled_at) == (LivePhase.SOON, LATER)
    assert await store.calendars.work(GuildId(404)) == {}
    assert list(await store.calendars.work()) == [GUILD]


async def test_two_follows_of_a_server_cover_an_event_once(store: Store) -> None:
    await followed(store)
    await followed(store, room=OTHER_ROOM)

    assert len((await work(store)).covered) == 1


async def test_what_is_attached_by_hand_is_covered_once_a_follow_has_found_it(
    store: Store,
) -> None:
    await attach(store, LIVE, baseline=PLANNED)
    done = await follow(store, has_calendar=True)
    assert await goals(store) == []

    assert await attach_followed(store, done.follow, baseline=PLANNED) is None
    assert await goals(store) == [CalendarGoal.PLANNED]
    # Options of its own do not take it out of the calendar, live state does.
    await attach(store, LIVE, baseline=PLANNED, rules=AttachmentRules(mention_role_id=5))
    assert await goals(store) == [CalendarGoal.PLANNED]
    await attach(store, LIVE, baseline=PLANNED, rules=QUIET)
    assert await goals(store) == []


async def test_a_post_of_a_forum_is_covered(store: Store) -> None:
    done = await follow(store, has_calendar=True)
    await attach_followed(store, done.follow, baseline=PLANNED, room=OTHER_ROOM, forum=ROOM)

    assert await goals(store) == [CalendarGoal.PLANNED]


async def test_without_the_option_the_follow_or_the_attachment_nothing_is_covered(
    store: Store,
) -> None:
    one = await followed(store)
    await follow(store)
    assert await goals(store) == []

    await follow(store, has_calendar=True)
    assert await goals(store) == [CalendarGoal.PLANNED]
    await store.attachments.detach(ROOM, LIVE.object_id)
    assert await goals(store) == []

    await store.follows.unfollow(one.follow_id)
    await followed(store)
    assert await goals(store) == [CalendarGoal.PLANNED]
    (again,) = await store.follows.find()
    await store.follows.unfollow(again.follow_id)
    assert await goals(store) == []


async def test_what_is_not_public_is_hidden_even_where_people_agreed(store: Store) -> None:
    await followed(store)
    await store.memory.refresh_object(replace(LIVE, is_public=False), NOW)
    assert await goals(store) == [CalendarGoal.HIDDEN]

    await store.memory.refresh_object(LIVE, NOW)
    assert await goals(store) == [CalendarGoal.PLANNED]


async def test_what_is_gone_comes_back_with_the_next_look(store: Store) -> None:
    await followed(store)
    await store.calendars.note_gone(LIVE.object_id, NOW)
    assert await goals(store) == [CalendarGoal.CALLED_OFF]

    await look(store, seen(soon=True))
    assert await goals(store) == [CalendarGoal.PLANNED]


async def test_the_state_of_the_event_is_that_of_the_platform(store: Store) -> None:
    await followed(store)
    cancelled = LiveObservation(object_id=LIVE.object_id, is_broadcasting=False, is_cancelled=True)
    await look(store, cancelled)
    assert await goals(store) == [CalendarGoal.UNDECIDED]
    await look(store, cancelled, minute=1)
    assert await goals(store) == [CalendarGoal.CALLED_OFF]

    await look(store, seen(on=True))
    assert await goals(store) == [CalendarGoal.ON_AIR]


async def test_what_is_kept_comes_back_as_it_was_until_it_is_forgotten(store: Store) -> None:
    other = replace(
        KEPT,
        key=ScheduledKey(LIVE.object_id, 2),
        stage=ScheduledStage.BEGUN,
        scheduled_id=None,
        status=ScheduledStatus.CANCELLED,
    )
    for one in (other, KEPT):
        await store.calendars.keep(GUILD, one)
    assert (await work(store)).kept == (KEPT, other)

    begun = replace(KEPT, said=replace(KEPT.said, name="New", end=LATER))
    await store.calendars.keep(GUILD, begun)
    await store.calendars.forget(GUILD, other.key)
    await store.calendars.forget(GuildId(404), KEPT.key)
    assert (await work(store)).kept == (begun,)


async def test_an_obstacle_is_new_once(store: Store) -> None:
    full = CalendarObstacle.FULL
    await store.calendars.keep(GUILD, KEPT)

    assert [await store.calendars.meet(GUILD, full, at) for at in (NOW, LATER)] == [True, False]
    assert await store.calendars.counts(GUILD) == CalendarCounts(made=1, obstacle=full, since=NOW)
    assert (await work(store)).obstacle is full
    assert [await store.calendars.meet(GUILD, None, NOW) for _ in range(2)] == [True, False]
    assert await store.calendars.counts(GUILD) == CalendarCounts(made=1)
    # What else the server has set is there all the same.
    await store.servers.set_moderators(GUILD, 7)
    await store.calendars.meet(GUILD, full, NOW)
    assert await store.servers.moderators(GUILD) == 7


@pytest.mark.parametrize(
    "one",
    [
        replace(KEPT, stage=ScheduledStage.CLOSED),
        replace(KEPT, stage=ScheduledStage.BEGUN, scheduled_id=None),
        replace(KEPT, status=ScheduledStatus.COMPLETED),
    ],
)
async def test_only_what_is_in_the_calendar_is_counted(store: Store, one: KeptScheduled) -> None:
    await store.calendars.keep(GUILD, one)

    assert (await store.calendars.counts(GUILD)).made == 0


async def test_who_asked_for_a_calendar_is_told_the_last_first(store: Store) -> None:
    await followed(store)
    await follow(store, room=OTHER_ROOM)

    assert await store.calendars.people(GUILD) == [2**61]
    assert await store.calendars.people(GuildId(404)) == []


async def test_a_barred_server_is_left_alone_and_one_that_is_gone_forgotten(store: Store) -> None:
    await followed(store)
    await store.calendars.keep(GUILD, KEPT)
    await know(store)
    assert await store.calendars.work() == {}
    await know(store, GUILD)
    assert (await work(store)).kept == (KEPT,)
    await know(store)
    await store.barred_servers.forget(NOW + KEEP_GONE)
    await know(store, GUILD)
    assert await store.calendars.work() == {}
