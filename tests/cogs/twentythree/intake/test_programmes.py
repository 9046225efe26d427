"""Many planned events in a room: one message lists them, and each card comes in its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.following import MOST_CARDS, MOST_LISTED
from cogs.twentythree.domain.model import LiveObservation, LivePhase, ObjectId, ObjectKind
from cogs.twentythree.storage import Store
from tests.fakes.town import ROOM, TALKS, Town

_DAY_H = 24


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


async def planned(town: Town, count: int) -> None:
    """Follow a workspace with events planned a day apart, the first in a day and an hour."""
    for number in range(1, count + 1):
        town.event(number, hours=number * _DAY_H + 1)
    await town.follow(mention_role_id=7)
    for _ in range(count // 10 + 1):
        await town.look()


async def see(town: Town, object_id: int, **values: Any) -> None:
    told = {"object_id": ObjectId(object_id), "is_broadcasting": False, **values}
    await town.store.broadcasts.ingest(LiveObservation(**told), now=town.now)
    await town.store.programmes.keep(town.now)


async def listed(town: Town) -> list[int]:
    found = await town.programme()
    assert found is not None
    return [one.object.object_id for one in found.planned]


async def test_past_a_few_one_message_lists_the_next_ten_and_no_card_comes(town: Town) -> None:
    await planned(town, 31)

    assert len(await town.attached()) == 31
    assert await town.cards() == []
    assert await listed(town) == list(range(1, MOST_LISTED + 1))
    found = await town.programme()
    assert found is not None
    assert found.more == 21


async def test_a_few_get_their_cards_at_once_and_need_no_list(town: Town) -> None:
    await planned(town, MOST_CARDS)

    assert len(await town.cards()) == MOST_CARDS
    assert await town.programme() is None


async def test_a_card_comes_a_day_before_the_start_and_once(town: Town) -> None:
    await planned(town, 7)
    town.now += timedelta(hours=2)
    for _ in range(2):
        await town.store.programmes.keep(town.now)

    (card,) = await town.cards()
    assert (card.object.object_id, card.state.phase) == (1, LivePhase.SOON)
    assert await listed(town) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_start_is_told_as_ever(town: Town) -> None:
    await planned(town, 7)
    await see(town, 3, is_broadcasting=True)

    (card,) = await town.cards()
    assert (card.is_start, card.mention_role_id) == (True, 7)
    assert await listed(town) == [1, 2, 4, 5, 6, 7]


async def test_the_list_follows_what_becomes_of_the_events(town: Town) -> None:
    await planned(town, 7)
    await see(town, 2, is_cancelled=True)
    await see(town, 3, scheduled_at=town.now + timedelta(days=30))
    town.event(8, hours=30)
    await town.look()

    assert await listed(town) == [1, 8, 4, 5, 6, 7, 3]
    assert await town.cards() == []


@pytest.mark.parametrize("is_out", [True, False], ids=["out", "waiting"])
async def test_with_the_last_of_its_events_the_list_goes(town: Town, *, is_out: bool) -> None:
    await planned(town, 6)
    if is_out:
        await town.post()
    for number in range(1, 7):
        await town.bridge.detach(ROOM, ObjectId(number))

    gone = [batch.notices[0].notice for batch in (await town.store.outbox.work(ROOM)).stale]
    assert [getattr(one, "is_withdrawn", None) for one in gone] == [True] * is_out
    assert await town.programme() is None


async def test_what_is_out_is_edited_and_lives_through_pruning(town: Town) -> None:
    await planned(town, 7)
    await town.post()
    await town.store.upkeep.prune(town.now + timedelta(days=365))
    await town.bridge.detach(ROOM, ObjectId(1))

    assert await town.programme() is None
    (stale,) = (await town.store.outbox.work(ROOM)).stale
    assert "live/1" not in str(stale.notices[0].notice)


async def test_what_stays_after_unfollowing_stays_on_the_list(town: Town) -> None:
    await planned(town, 7)
    (follow,) = await town.store.follows.find()
    await town.bridge.unfollow(follow.follow_id)
    await town.store.programmes.keep(town.now)

    assert await listed(town) == [1, 2, 3, 4, 5, 6, 7]


async def test_attaching_one_by_hand_posts_its_card(town: Town) -> None:
    await planned(town, 7)
    done = await town.attach(2)

    (card,) = await town.cards()
    assert card.object.object_id == 2
    assert done.opened == card.state
    assert await listed(town) == [1, 3, 4, 5, 6, 7]


async def test_a_second_follow_adds_to_the_list_of_the_room(town: Town) -> None:
    await planned(town, 7)
    town.event(20, category=70, hours=40)
    await town.follow(ObjectKind.LIVE, TALKS)
    await town.look()

    assert await listed(town) == [1, 20, 2, 3, 4, 5, 6, 7]
    assert await town.cards() == []
