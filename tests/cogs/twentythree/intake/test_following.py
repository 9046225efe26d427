from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.following import LIVE_KEPT, MOST_AT_ONCE, VIDEO_KEPT
from cogs.twentythree.domain.model import (
    AtEnd,
    Attachment,
    CategoryId,
    LiveObservation,
    ObjectId,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.errors import AccessDeniedError, WorkspaceError, WorkspaceUnreachableError
from cogs.twentythree.storage import Store
from tests.fakes.town import CLOSED, FORUM, GUILD, ROOM, TALKS, Town


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


async def test_what_is_planned_is_attached_at_the_first_look_with_its_card(town: Town) -> None:
    town.event(1)
    await town.follow(mention_role_id=7, at_end=AtEnd.ANNOUNCE)

    await town.look()

    (held,) = await town.store.attachments.find()
    assert (held.object.object_id, held.room_id, held.attached_by) == (1, ROOM, 5)
    assert (held.rules.mention_role_id, held.rules.at_end) == (7, AtEnd.ANNOUNCE)
    assert [card.state.phase for card in await town.cards()] == ["soon"]
    assert town.woken == {ROOM}
    assert town.bridge.states.get(ObjectId(1)) is not None


async def test_what_is_on_air_already_calls_nobody_but_a_later_event_does(town: Town) -> None:
    town.event(1, is_on=True)
    await town.follow(mention_role_id=7)
    await town.look()
    town.event(2, is_on=True)
    await town.look()

    first, second = await town.cards()
    assert (first.is_start, first.mention_role_id) == (True, None)
    assert (second.is_start, second.mention_role_id) == (True, 7)


async def test_what_went_on_air_before_the_follow_calls_nobody_when_it_can_be_read_at_last(
    town: Town,
) -> None:
    for number, minutes in ((1, -5), (2, 5)):
        event = town.event(number, is_on=True).object_id
        began = town.now + timedelta(minutes=minutes)
        on_air = replace(town.workspace.live_states[event], broadcast_started_at=began)
        town.workspace.live_states[event] = on_air
        town.workspace.failing[event] = AccessDeniedError("comment/list", "403")
    town.event(3)
    await town.follow(mention_role_id=7)
    await town.look()
    town.workspace.failing.clear()
    town.now += timedelta(minutes=10)
    await town.look()

    starts = [one for one in await town.cards() if one.is_start]
    called = {one.object.object_id: one.mention_role_id for one in starts}
    assert called == {1: None, 2: 7}


async def test_what_went_on_air_since_the_follow_calls_although_no_look_has_worked_yet(
    town: Town,
) -> None:
    town.workspace.failing[town.event(1).object_id] = AccessDeniedError("comment/list", "403")
    await town.follow(mention_role_id=7)
    await town.look()
    town.now += timedelta(minutes=10)
    event = town.event(2, is_on=True).object_id
    on_air = replace(town.workspace.live_states[event], broadcast_started_at=town.now)
    town.workspace.live_states[event] = on_air
    await town.look()

    assert [one.mention_role_id for one in await town.cards()] == [7]


async def test_what_comes_later_is_attached_then_and_nothing_twice(town: Town) -> None:
    await town.follow()
    await town.look()
    town.event(1)
    for _ in range(3):
        await town.look()

    assert await town.attached() == [1]
    assert len(await town.cards()) == 1


async def test_what_a_moderator_detached_stays_detached(town: Town) -> None:
    town.event(1)
    await town.follow()
    await town.look()

    await town.bridge.detach(ROOM, ObjectId(1))
    await town.look()

    assert await town.attached() == []


async def test_only_the_category_that_is_followed_counts(town: Town) -> None:
    town.event(1)
    town.event(2, category=70)
    await town.follow(category=TALKS)

    await town.look()

    assert await town.attached() == [2]


async def test_videos_that_are_there_are_the_baseline(town: Town) -> None:
    town.film(1, published=town.now - timedelta(hours=1))
    await town.follow(ObjectKind.VIDEO)
    await town.look()
    town.film(2)
    await town.look()

    assert await town.attached() == [2]
    assert town.workspace.calls.count("videos 10") == 1
    assert town.workspace.calls.count("videos 1") == 1


async def test_a_wrongly_empty_first_list_of_videos_makes_no_old_one_new(
    town: Town,
) -> None:
    town.film(1, published=None)
    town.film(2, published=town.now - timedelta(days=3))
    listed, town.listing.films = town.listing.films, {}
    await town.follow(ObjectKind.VIDEO)
    await town.look()
    town.listing.films = listed
    for _ in range(2):
        await town.look()
    assert await town.attached() == []

    town.film(3)
    await town.look()

    assert await town.attached() == [3]


async def test_videos_that_lists_have_lacked_are_old_however_often_these_were_empty(
    town: Town,
) -> None:
    before = town.now - timedelta(minutes=1)
    await town.follow(ObjectKind.VIDEO)
    for _ in range(5):
        await town.look()
    for number in (1, 2, 3, 4):
        town.film(number, published=before)
    town.film(5)
    await town.look()

    assert await town.attached() == [5]


async def test_a_video_that_is_published_before_the_first_look_is_new(town: Town) -> None:
    town.film(1, published=town.now - timedelta(hours=1))
    await town.follow(ObjectKind.VIDEO)
    town.now += timedelta(minutes=1)
    town.film(2)
    await town.look()

    assert await town.attached() == [2]


async def test_a_category_that_is_empty_and_stays_so_is_looked_at_twice(town: Town) -> None:
    await town.follow(ObjectKind.VIDEO)
    await town.look()
    (follow,) = await town.bridge.follows(GUILD)
    assert follow.looked_at is None
    await town.look()
    (follow,) = await town.bridge.follows(GUILD)
    assert follow.looked_at == town.now


async def test_many_new_ones_come_a_few_at_a_time(town: Town) -> None:
    for number in range(MOST_AT_ONCE + 2):
        town.event(number + 1)
    await town.follow()

    await town.look()
    assert len(await town.attached()) == MOST_AT_ONCE
    (follow,) = await town.bridge.follows(GUILD)
    assert follow.looked_at is None

    await town.look()
    assert len(await town.attached()) == MOST_AT_ONCE + 2
    (follow,) = await town.bridge.follows(GUILD)
    assert follow.looked_at == town.now


async def test_what_several_follow_is_listed_once_a_look(town: Town) -> None:
    await town.follow()
    await town.follow(room_id=RoomId(12))
    await town.follow(category=TALKS)

    await town.look()

    assert town.workspace.calls.count("events") == 2


async def test_a_forum_gets_a_post_for_each_event_and_one_only(town: Town) -> None:
    event = town.event(1)
    await town.follow(room_id=FORUM, is_forum=True)

    await town.look()
    await town.look()

    assert town.posts == [(FORUM, event)]
    (held,) = await town.store.attachments.find()
    assert (held.room_id, held.forum_id) == (501, FORUM)
    assert len(await town.cards(RoomId(501))) == 1


async def test_a_forum_that_takes_no_post_now_says_why_and_is_tried_again(town: Town) -> None:
    town.event(1)
    town.event(2)
    await town.follow(room_id=FORUM, is_forum=True)
    town.is_forum_open = False
    await town.look()
    (follow,) = await town.bridge.follows()
    assert (await town.attached(), follow.error, town.refusals) == ([], CLOSED, 1)

    town.is_forum_open = True
    await town.look()

    (follow,) = await town.bridge.follows()
    assert (await town.attached(), follow.error) == ([1, 2], None)


async def test_what_has_a_post_in_the_forum_already_is_left_there(town: Town) -> None:
    town.event(1)
    await town.follow(room_id=FORUM, is_forum=True)
    await town.look()
    await town.follow(category=TALKS, room_id=FORUM, is_forum=True)
    town.listing.upcoming[70] = town.listing.upcoming[None]

    await town.look()

    assert len(town.posts) == 1
    assert await town.attached() == [1]


async def test_a_look_that_fails_is_noted_and_made_again(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.follow()
    town.workspace.down = WorkspaceUnreachableError("live/list")
    await town.look()
    await town.look()
    (follow,) = await town.bridge.follows()
    assert follow.error is not None
    assert "could not be reached" in follow.error
    assert sum(one.levelname == "WARNING" for one in caplog.records) == 1

    town.workspace.down = None
    town.event(1)
    await town.look()

    (follow,) = await town.bridge.follows()
    assert follow.error is None
    assert await town.attached() == [1]


async def test_an_event_that_is_listed_but_hidden_is_passed_over(town: Town) -> None:
    town.workspace.hidden.add(town.event(1).object_id)
    town.event(2)
    follow = await town.follow()

    await town.look()

    assert await town.attached() == [2]
    assert await town.store.follows.seen_by(follow.follow_id) == {1, 2}


async def test_an_event_that_turns_private_while_a_look_is_made_is_not_attached(
    town: Town,
) -> None:
    event = town.event(1).object_id
    planned = town.workspace.live_states[event]
    town.workspace.live_states[event] = replace(planned, is_public=False)
    await town.follow()
    await town.look()
    assert await town.attached() == []

    town.workspace.live_states[event] = planned
    await town.look()
    assert await town.attached() == [event]


async def test_a_video_that_turns_private_while_a_look_is_made_is_not_attached(town: Town) -> None:
    town.film(1, published=town.now - timedelta(days=1))
    follow = await town.follow(ObjectKind.VIDEO)
    await town.look()
    film = town.film(2)
    town.workspace.objects[film.object_id] = replace(film, is_public=False)
    await town.look()
    assert await town.attached() == []
    assert film.object_id not in await town.store.follows.seen_by(follow.follow_id)

    town.workspace.objects[film.object_id] = film
    await town.look()
    assert await town.attached() == [film.object_id]


@pytest.mark.parametrize(
    "error",
    [AccessDeniedError("comment/list", "403"), WorkspaceUnreachableError("comment/list", "503")],
    ids=["refused", "broken"],
)
async def test_what_cannot_be_read_by_itself_is_in_the_way_of_nothing_and_tried_again(
    town: Town, error: WorkspaceError
) -> None:
    first = town.event(1).object_id
    town.workspace.failing[first] = error
    town.event(2)
    town.event(3)
    await town.follow()
    await town.look()
    assert await town.attached() == [2, 3]

    await town.look()
    (follow,) = await town.bridge.follows()
    assert follow.error == str(error)
    town.workspace.failing.clear()
    await town.look()

    assert sorted(await town.attached()) == [1, 2, 3]
    (follow,) = await town.bridge.follows()
    assert follow.error is None


async def test_many_that_cannot_be_read_are_in_the_way_of_nothing_and_all_tried_again(
    town: Town,
) -> None:
    old = [town.event(number).object_id for number in range(1, MOST_AT_ONCE + 3)]
    for one in old:
        town.workspace.failing[one] = AccessDeniedError("comment/list", "403")
    town.event(50)
    await town.follow()
    await town.look()
    await town.look()
    assert await town.attached() == [50]
    (follow,) = await town.bridge.follows(GUILD)
    assert follow.looked_at is not None

    del town.workspace.failing[old[-1]]
    await town.look()
    await town.look()
    assert await town.attached() == [50, old[-1]]


async def test_a_workspace_that_goes_away_during_a_look_is_left_alone(town: Town) -> None:
    for number in range(1, 6):
        event = town.event(number).object_id
        town.workspace.failing[event] = WorkspaceUnreachableError("comment/list", "503")
    await town.follow()
    await town.look()

    assert town.workspace.calls.count("comments") == 2
    (follow,) = await town.bridge.follows()
    assert follow.error is not None


async def test_following_again_keeps_what_is_not_said_again(town: Town) -> None:
    await town.follow(mention_role_id=7)

    again = await town.follow(at_end=AtEnd.DELETE)

    assert (again.rules.mention_role_id, again.rules.at_end) == (7, AtEnd.DELETE)
    assert len(await town.bridge.follows()) == 1


async def test_unfollowing_ends_it_and_keeps_what_is_attached(town: Town) -> None:
    town.event(1)
    follow = await town.follow()
    await town.look()

    assert await town.bridge.unfollow(follow.follow_id) is not None
    town.event(2)
    await town.look()

    assert await town.attached() == [1]


async def test_what_is_long_over_is_let_go_and_comes_back_when_it_is_planned_anew(
    town: Town,
) -> None:
    town.event(1, is_on=True)
    await town.follow()
    await town.look()
    town.workspace.live_states.clear()
    town.listing.upcoming.clear()
    off = LiveObservation(object_id=ObjectId(1), is_broadcasting=False)
    await town.store.broadcasts.ingest(off, now=town.now)
    await town.look(LIVE_KEPT / timedelta(minutes=1) + 65)
    assert await town.attached() == []
    assert town.bridge.states.get(ObjectId(1)) is None

    town.event(1)
    await town.look()

    assert await town.attached() == [1]


async def test_a_video_that_is_let_go_does_not_come_back(town: Town) -> None:
    await town.follow(ObjectKind.VIDEO)
    await town.look()
    town.film(1)
    await town.look()
    await town.look(VIDEO_KEPT / timedelta(minutes=1) + 5)
    await town.look()

    assert await town.attached() == []


async def test_what_somebody_attaches_while_it_is_about_to_be_let_go_stays(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.follow(ObjectKind.VIDEO)
    await town.look()
    info = town.film(1)
    await town.look()
    spent = await town.store.follows.spent(town.now + VIDEO_KEPT + timedelta(minutes=5))
    assert [one.object.object_id for one in spent] == [1]

    async def spent_before(_: object) -> list[Attachment]:
        await town.attach(info.object_id)
        return spent

    monkeypatch.setattr(town.store.follows, "spent", spent_before)
    await town.look()

    assert await town.attached() == [1]


async def test_categories_are_asked_of_the_workspace(town: Town) -> None:
    town.listing.known = [TALKS]

    assert await town.bridge.categories("Tal") == [TALKS]
    assert await town.bridge.category(CategoryId(70)) == TALKS


@asynccontextmanager
async def running(town: Town) -> AsyncGenerator[None]:
    task = asyncio.create_task(town.following.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()


async def until(town: Town, *attached: int) -> None:
    async with asyncio.timeout(60):
        town.work.clear()
        while await town.attached() != list(attached):
            await town.work.wait()
            town.work.clear()


async def test_a_new_follow_is_looked_after_before_it_is_answered(town: Town) -> None:
    town.event(1)
    town.is_forum_open = False
    async with running(town):
        await town.follow()
        assert await town.attached() == [1]
        closed = await town.follow(room_id=FORUM, is_forum=True)
        assert closed.error == CLOSED


async def test_those_that_are_there_are_looked_after_at_the_start(town: Town) -> None:
    town.event(1)
    await town.follow()
    town.following._asked.clear()
    town.following._is_asked.clear()
    async with running(town):
        await until(town, 1)
