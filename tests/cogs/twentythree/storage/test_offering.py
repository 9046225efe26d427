"""Where comments can be acted on: as the rules of a room have it, and as the workspace lets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import (
    CommentId,
    CommentPolicy,
    ObjectKind,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.storage import Baseline, NewAttachment, NewFollow, Store
from tests.cogs.twentythree.storage.acts import shown
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    pending,
    post,
    query,
    take,
)

ACTIONS = replace(ALL, has_actions=True)
HELD = "SELECT payload LIKE '%\"has_actions\"_true%' FROM twentythree_notices ORDER BY id"


async def note_level(store: Store, level: str) -> None:
    await store.memory.note_level([VIDEO.object_id], level)


async def test_a_comment_can_be_acted_on_where_the_room_has_it_so(store: Store) -> None:
    await attach(store, rules=ACTIONS)
    await attach(store, room=OTHER_ROOM)
    await note_level(store, "write")
    await take(store, comment(1))

    assert [one.has_actions for one in await shown(store)] == [True]
    assert [one.has_actions for one in await shown(store, OTHER_ROOM)] == [False]


@pytest.mark.parametrize(
    ("level", "is_enough"),
    [("anonymous", False), ("read", False), ("write", True), ("super", True), ("owner", False)],
)
async def test_only_a_level_that_may_write_lets_comments_be_acted_on(
    store: Store, level: str, *, is_enough: bool
) -> None:
    await attach(store, rules=ACTIONS)
    await note_level(store, level)
    await take(store, comment(1))

    assert [one.has_actions for one in await shown(store)] == [is_enough]
    (held,) = await store.attachments.find()
    assert held.rules == ACTIONS


async def test_a_level_that_changes_is_followed_by_what_waits_and_what_is_out(
    store: Store, database: str
) -> None:
    await attach(store, rules=ACTIONS)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1))
    await post(store)
    await take(store, comment(2))
    assert await query(database, HELD) == [0, 0, 0, 0]

    await note_level(store, "admin")
    assert [one.has_actions for one in await shown(store)] == [True, True]
    assert ROOM in await store.outbox.rooms_with_work()
    assert await query(database, HELD) == [1, 0, 1, 0]
    await note_level(store, "read")
    assert await query(database, HELD) == [0, 0, 0, 0]


async def test_buttons_come_and_go_with_the_rules(store: Store) -> None:
    await attach(store)
    await note_level(store, "write")
    await take(store, comment(1), comment(2))
    await post(store)
    await store.memory.take_away(VIDEO.object_id, [CommentId(2)])
    await take(store, comment(3))
    attached = await attach(store, rules=ACTIONS)

    assert attached.rooms == {ROOM}
    assert attached.attachment.rules == ACTIONS
    assert {one.comment.comment_id: one.has_actions for one in await shown(store)} == {
        1: True,
        2: False,  # it is gone
        3: True,
    }
    (stale,) = await store.outbox.stale(ROOM)
    await store.outbox.mark_shown(stale, shown="with buttons")
    assert (await attach(store, rules=ACTIONS)).rooms == frozenset()
    assert await store.outbox.stale(ROOM) == ()

    assert (await attach(store)).rooms == {ROOM}
    assert not any(one.has_actions for one in await shown(store))


async def test_many_comments_get_their_buttons(store: Store) -> None:
    await attach(store)
    await note_level(store, "write")
    await take(store, *(comment(number) for number in range(1, 602)))
    for nonce in "123":
        await post(store, nonce=nonce)
    await attach(store, rules=ACTIONS)

    assert [one.has_actions for one in await shown(store)] == [True] * 601


async def test_what_a_message_shows_after_a_change_can_be_acted_on_as_the_rules_have_it(
    store: Store, database: str
) -> None:
    await attach(store, rules=ACTIONS)
    await note_level(store, "write")
    await take(store, comment(1))
    await post(store)
    await store.memory.take_away(VIDEO.object_id, [CommentId(1)])
    assert await query(database, HELD) == [0]

    await take(store, comment(1))
    assert await query(database, HELD) == [1]


async def test_a_backfill_can_be_acted_on(store: Store) -> None:
    await attach(store, room=OTHER_ROOM)
    await note_level(store, "write")
    await attach(store, rules=ACTIONS, backfill=[comment(1)])

    assert await pending(store) == ["comment:1"]
    assert [one.has_actions for one in await shown(store)] == [True]


async def test_a_follow_hands_the_rule_to_what_it_attaches(store: Store) -> None:
    wanted = NewFollow(
        guild_id=GUILD,
        room_id=ROOM,
        is_forum=False,
        kind=ObjectKind.VIDEO,
        category=None,
        rules=ALL,
        followed_by=5,
    )
    assert not (await store.follows.follow(wanted, NOW)).follow.rules.has_actions
    follow = (await store.follows.follow(replace(wanted, rules=ACTIONS), NOW)).follow
    assert follow.rules == ACTIONS
    assert [one.rules for one in await store.follows.find()] == [ACTIONS]

    new = NewAttachment(
        guild_id=GUILD, room_id=ROOM, object=VIDEO, rules=follow.rules, attached_by=5
    )
    await store.follows.attach(follow.follow_id, new, Baseline(), mentions=False, now=NOW)
    assert [one.rules for one in await store.attachments.find()] == [ACTIONS]


def test_the_rule_is_asked_for_like_the_others() -> None:
    asked = RulesAsked(has_actions=True, comments=CommentPolicy.ALL)
    rules = asked.applied(ObjectKind.VIDEO, None)

    assert rules.has_actions
    assert RulesAsked().applied(ObjectKind.VIDEO, rules) == rules
    assert not RulesAsked(has_actions=False).applied(ObjectKind.VIDEO, rules).has_actions
