"""The card with which a room begins where an event is planned or on air already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import AtEnd, AttachmentRules, LiveNotice, LivePhase
from cogs.twentythree.storage import Baseline, Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    OTHER_ROOM,
    ROOM,
    attach,
    look,
    pending,
    post,
    seen,
)

CALLING = AttachmentRules(mention_role_id=4)
OFF = replace(CALLING, announces_live=False)


async def waiting(store: Store) -> list[LiveNotice]:
    found = [one.notice for one in (await store.outbox.work(ROOM)).pending]
    return [one for one in found if isinstance(one, LiveNotice)]


@pytest.mark.parametrize(
    ("on", "phase", "key"),
    [(False, LivePhase.SOON, "live:7:1:soon"), (True, LivePhase.LIVE, "live:7:1:start")],
    ids=["planned", "on air"],
)
@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["first", "attached elsewhere"])
async def test_an_event_that_is_planned_or_on_air_gets_its_card_at_once_and_mentions_nobody(
    store: Store, phase: LivePhase, key: str, *, on: bool, is_elsewhere: bool
) -> None:
    found = Baseline(live=seen(on=on, soon=True))
    if is_elsewhere:
        await attach(store, LIVE, room=OTHER_ROOM)
    done = await attach(store, LIVE, rules=CALLING, baseline=found)
    (card,) = await waiting(store)

    assert await pending(store) == [key]
    assert (card.state.phase, card.mention_role_id) == (phase, None)
    assert done.opened == card.state


@pytest.mark.parametrize("on", [False, True], ids=["planned", "on air"])
async def test_attaching_again_with_live_on_where_it_was_off_posts_the_card(
    store: Store, *, on: bool
) -> None:
    found = Baseline(live=seen(on=on, soon=True))
    await attach(store, LIVE, room=OTHER_ROOM, rules=CALLING)
    silent = await attach(store, LIVE, rules=OFF)
    assert (silent.opened, await waiting(store)) == (None, [])

    done = await attach(store, LIVE, rules=CALLING, baseline=found)

    (card,) = await waiting(store)
    assert card.mention_role_id is None
    assert done.opened == card.state
    again = await attach(store, LIVE, rules=CALLING, baseline=found)
    (card,) = await waiting(store)
    assert (again.opened, card.mention_role_id) == (None, None)


@pytest.mark.parametrize("at_end", list(AtEnd))
async def test_an_event_that_was_attached_on_air_follows_its_whole_life(
    store: Store, at_end: AtEnd
) -> None:
    rules = replace(CALLING, at_end=at_end)
    await attach(store, LIVE, rules=rules, baseline=Baseline(live=seen(on=True, viewers=1)))
    await post(store)
    await look(store, seen(on=True, viewers=5), minute=2)
    await look(store, seen(), minute=4)
    await look(store, seen(), minute=9)

    (edited,) = (await store.outbox.work(ROOM)).stale
    (card,) = [one.notice for one in edited.notices]
    assert isinstance(card, LiveNotice)
    assert (card.state.phase, card.state.viewers_peak) == (LivePhase.ENDED, 5)
    assert card.is_withdrawn == (at_end is AtEnd.DELETE)
    assert [one.is_end for one in await waiting(store)] == [True] * (at_end is AtEnd.ANNOUNCE)


async def test_an_event_with_nothing_to_come_begins_in_silence(store: Store) -> None:
    done = await attach(store, LIVE)

    assert (done.opened, await pending(store)) == (None, [])


@pytest.mark.parametrize(
    ("rules", "phase"), [(CALLING, LivePhase.IDLE), (OFF, None)], ids=["announced", "not announced"]
)
async def test_attaching_tells_where_an_event_without_a_card_is_in_its_life(
    store: Store, rules: AttachmentRules, phase: LivePhase | None
) -> None:
    done = await attach(store, LIVE, rules=rules, baseline=Baseline(live=seen()))

    assert (done.opened, done.phase) == (None, phase)
