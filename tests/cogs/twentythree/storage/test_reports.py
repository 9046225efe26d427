from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentPolicy,
    CommentStatus,
    GuildId,
    ReportNotice,
    RoomId,
)
from cogs.twentythree.domain.series import Sample
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.cogs.twentythree.storage.things import (
    GUILD,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    comment,
    look,
    pending,
    post,
    seen,
    take,
)
from tests.fakes.boards import make_board
from tests.fakes.questions import act, ask, question

ACTING = AttachmentRules(comments=CommentPolicy.ALL, has_actions=True)
OTHER_GUILD = GuildId(77)


async def broadcast(store: Store, *, begins: int = 0) -> None:
    """Play a broadcast of ten minutes to its settled end."""
    await look(store, seen(on=True, viewers=3), minute=begins)
    await look(store, seen(on=True, viewers=9), minute=begins + 5)
    await look(store, seen(), minute=begins + 10)
    await look(store, seen(), minute=begins + 20)


async def reports(store: Store, room: RoomId = ROOM) -> list[ReportNotice]:
    waiting = (await store.outbox.work(room)).pending
    return [one.notice for one in waiting if isinstance(one.notice, ReportNotice)]


async def report(store: Store, room: RoomId = ROOM) -> ReportNotice:
    (found,) = await reports(store, room)
    return found


async def stale(store: Store) -> list[ReportNotice]:
    batches = (await store.outbox.work(ROOM)).stale
    found = [one.notice for batch in batches for one in batch.notices]
    return [one for one in found if isinstance(one, ReportNotice)]


def ids(found: ReportNotice) -> list[int]:
    return [one.comment_id for one in found.questions.shown]


# Once, where it is wanted.


async def test_a_room_with_actions_is_told_once_how_a_broadcast_went(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await attach(store, LIVE, room=OTHER_ROOM)
    await ask(store, LIVE.object_id, 1, NOW)
    await broadcast(store)
    await look(store, seen(), minute=40)

    found = await report(store)

    assert (found.object, ids(found)) == (LIVE, [1])
    assert found.state is not None
    assert found.state.viewers_peak == 9
    assert await reports(store, OTHER_ROOM) == []


async def test_there_is_no_report_before_the_end_is_settled(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await look(store, seen(on=True))
    await look(store, seen(), minute=10)

    assert await reports(store) == []


async def test_a_report_that_is_out_is_not_said_again_after_a_restart(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await broadcast(store)
    await post(store)
    await look(store, seen(), minute=30)

    assert await pending(store) == []


async def test_the_next_broadcast_has_a_report_of_its_own(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await broadcast(store)
    await broadcast(store, begins=100)

    assert len(await reports(store)) == 2


async def test_what_is_attached_anew_is_told_of_its_next_broadcast(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await broadcast(store)
    await post(store)
    await store.attachments.detach(ROOM, LIVE.object_id)
    await attach(store, LIVE, rules=ACTING)
    await broadcast(store, begins=100)

    assert len(await reports(store)) == 1


async def test_a_report_that_waits_goes_when_the_actions_are_switched_off(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await broadcast(store)

    await attach(store, LIVE, rules=replace(ACTING, has_actions=False))

    assert await reports(store) == []


async def test_an_event_that_is_only_acted_on_is_watched(store: Store) -> None:
    await attach(store, LIVE, rules=replace(ACTING, announces_live=False))
    await broadcast(store)

    assert [one.info for one in await store.broadcasts.live_events()] == [LIVE]
    assert len(await reports(store)) == 1


# What it says.


async def test_comments_are_counted_by_what_was_read_or_seen(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await take(store, *(comment(number, of=LIVE) for number in (1, 2, 3)))
    await look(store, seen(on=True))
    now = await store.reports.now(GUILD, LIVE.object_id, NOW)
    assert now is not None
    assert now.comments == 3

    at = NOW + timedelta(minutes=1)
    await store.broadcasts.add_sample(LIVE.object_id, Sample(at=at, viewers=1, comments=12))

    now = await store.reports.now(GUILD, LIVE.object_id, at)
    assert now is not None
    assert now.comments == 12


async def test_a_report_has_the_series_of_its_broadcast(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await look(store, seen(on=True, viewers=1))
    for minute in (0, 1, 2):
        at = NOW + timedelta(minutes=minute)
        sample = Sample(at=at, viewers=minute, comments=minute)
        await store.broadcasts.add_sample(LIVE.object_id, sample)
    on_air = await store.reports.now(GUILD, LIVE.object_id, NOW + timedelta(minutes=3))
    await look(store, seen(), minute=4)
    await look(store, seen(), minute=9)

    series = (await report(store)).series
    assert on_air is not None
    assert on_air.series is not None
    assert series is not None
    assert series.viewers[:3] == on_air.series.viewers[:3] == (0, 1, 2)


async def test_a_room_that_takes_promoted_comments_names_no_other_question(
    store: Store,
) -> None:
    await attach(store, LIVE, rules=replace(ACTING, comments=CommentPolicy.PROMOTED))
    await attach(store, LIVE, room=OTHER_ROOM, rules=replace(ACTING, comments=CommentPolicy.NONE))
    await make_board(store, OTHER_ROOM, LIVE.object_id, NOW)
    await ask(store, LIVE.object_id, 1, NOW)
    await ask(store, LIVE.object_id, 2, NOW, is_promoted=True)
    await broadcast(store)

    here, with_board = await report(store), await report(store, OTHER_ROOM)

    assert (ids(here), here.questions.count) == ([2], 2)
    assert ids(with_board) == [1, 2]


async def test_each_server_is_told_of_its_own_moderators(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    elsewhere = NewAttachment(
        guild_id=OTHER_GUILD, room_id=OTHER_ROOM, object=LIVE, rules=ACTING, attached_by=1
    )
    await store.attachments.attach(elsewhere, Baseline(live=seen()), now=NOW)
    for number in (1, 2, 3):
        await ask(store, LIVE.object_id, number, NOW)
    one, two, three = (question(LIVE.object_id, number, NOW) for number in (1, 2, 3))
    answer = partial(act, store, Action.ANSWER, at=NOW)
    await answer(one, guild_id=GUILD, by="Mo")
    await answer(two, guild_id=OTHER_GUILD, by="Bo")
    await answer(three, guild_id=GUILD, effect=Effect.ALREADY)
    await answer(three, guild_id=GUILD, effect=None)
    await broadcast(store)

    def who(found: ReportNotice) -> list[list[str]]:
        return [[by.actor.name for by in one.acted] for one in found.questions.shown]

    assert who(await report(store)) == [["Mo"], [], []]
    assert who(await report(store, OTHER_ROOM)) == [[], ["Bo"], []]


# What becomes of it.


async def test_a_report_follows_what_becomes_of_its_questions(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    for number in (1, 2, 3):
        await ask(store, LIVE.object_id, number, NOW)
    await broadcast(store)
    await post(store)

    answered = await ask(store, LIVE.object_id, 1, NOW, status=CommentStatus.ANSWERED)
    deleted = await store.memory.take_away(LIVE.object_id, [CommentId(2)])
    await ask(store, LIVE.object_id, 9, NOW + timedelta(hours=1))

    (now,) = await stale(store)
    assert answered.rooms == deleted.rooms == {ROOM}
    assert ids(now) == [1, 3]
    assert (now.questions.count, now.questions.answered) == (2, 1)


async def test_who_answers_afterwards_is_told_of_as_well(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await ask(store, LIVE.object_id, 1, NOW)
    await broadcast(store)
    await post(store)

    of = question(LIVE.object_id, 1, NOW)
    await act(store, Action.ANSWER, of, at=NOW + timedelta(hours=1), guild_id=GUILD)

    (now,) = await stale(store)
    assert [by.actor.name for by in now.questions.shown[0].acted] == ["Mo"]


async def test_where_everybody_comes_to_see_the_room_it_names_no_private_question(
    store: Store,
) -> None:
    held = (await attach(store, LIVE, rules=ACTING)).attachment
    for number, is_promoted in ((1, False), (2, True), (3, False)):
        await ask(store, LIVE.object_id, number, NOW, is_promoted=is_promoted)
    await broadcast(store)
    await post(store)

    settled = await store.exposures.settle({held.attachment_id: True}, NOW)
    assert settled.rooms == {ROOM}
    assert [ids(one) for one in await stale(store)] == [[2]]

    # It was read late, and was asked before the end.
    await ask(store, LIVE.object_id, 4, NOW)
    await ask(store, LIVE.object_id, 1, NOW, status=CommentStatus.ANSWERED)
    (shown,) = await stale(store)
    assert (ids(shown), shown.questions.count) == ([2], 4)

    await store.exposures.settle({held.attachment_id: False}, NOW)
    assert [ids(one) for one in await stale(store)] == [[1, 2, 3, 4]]


async def test_what_has_not_changed_is_not_edited(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await ask(store, LIVE.object_id, 1, NOW)
    await broadcast(store)
    await post(store)

    assert (await ask(store, LIVE.object_id, 1, NOW)).rooms == frozenset()
    assert await stale(store) == []


async def test_a_report_that_is_too_old_to_be_edited_stays(store: Store) -> None:
    await attach(store, LIVE, rules=ACTING)
    await ask(store, LIVE.object_id, 1, NOW)
    await broadcast(store)
    await post(store)
    await store.upkeep.prune(NOW + timedelta(days=8))

    await store.memory.take_away(LIVE.object_id, [CommentId(1)])
    await look(store, seen(), minute=60)

    assert await stale(store) == []
    assert await reports(store) == []


# At any time.


async def test_of_what_is_attached_nowhere_there_is_no_report(store: Store) -> None:
    assert await store.reports.now(GUILD, LIVE.object_id, NOW) is None


@pytest.mark.parametrize("acts", [True, False])
async def test_it_is_known_whether_questions_are_kept(
    store: Store,
    acts: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    await attach(store, LIVE, rules=replace(ACTING, has_actions=acts))

    now = await store.reports.now(GUILD, LIVE.object_id, NOW)

    assert now is not None
    assert now.are_questions_kept is acts
