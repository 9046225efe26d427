"""What one transaction of attaching reads, decides and tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import CommentNotice, CommentPolicy
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.errors import NotPublicError
from cogs.twentythree.storage import Attached, Baseline, NewAttachment, Store
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    seen,
    take,
)


async def asked(store: Store, rules: RulesAsked, *, is_agreed: bool = False) -> Attached:
    """Attach what is not public, as a command does that asks for some rules."""
    info = replace(VIDEO, is_public=False)
    new = NewAttachment(
        guild_id=GUILD,
        room_id=ROOM,
        object=info,
        rules=rules.applied(info.kind, None),
        asked=rules,
        attached_by=5,
        is_agreed=is_agreed,
    )
    return await store.attachments.attach(new, Baseline(), now=NOW)


async def test_what_is_asked_changes_nothing_else_of_the_rules(store: Store) -> None:
    first = await asked(store, RulesAsked(comments=CommentPolicy.ALL), is_agreed=True)
    second = await asked(store, RulesAsked(mention_role_id=4))

    assert first.before is None
    assert second.before == first.attachment.rules
    assert second.attachment.rules == replace(first.attachment.rules, mention_role_id=4)
    assert second.attachment.is_agreed


async def test_what_is_not_public_is_not_attached_until_somebody_agrees(store: Store) -> None:
    with pytest.raises(NotPublicError):
        await asked(store, RulesAsked())

    assert await store.attachments.find() == []
    assert await store.memory.ground(VIDEO.object_id) is None


@pytest.mark.parametrize("has_actions", [True, False])
async def test_all_that_is_attached_of_an_object_is_told_with_it(
    store: Store, *, has_actions: bool
) -> None:
    rules = replace(ALL, has_actions=has_actions)
    for room in (ROOM, OTHER_ROOM, ROOM):
        attached = await attach(store, LIVE, room=room, rules=rules, baseline=Baseline(live=seen()))
        await attach(store, VIDEO)

        assert list(attached.held) == await store.attachments.find(object_id=LIVE.object_id)
        rules = replace(rules, mention_role_id=8)


@pytest.mark.parametrize(
    ("later", "expected"),
    [("anonymous", "read"), ("read", "read"), ("write", "write"), (None, "read")],
)
async def test_the_level_is_remembered_at_which_the_baseline_was_read(
    store: Store, later: str | None, expected: str
) -> None:
    rules = replace(ALL, has_actions=True)
    await attach(store, rules=rules, baseline=Baseline(level="read"))
    await take(store, comment(1))
    await attach(store, room=OTHER_ROOM, baseline=Baseline(level=later))

    assert await store.memory.levels([VIDEO.object_id]) == {VIDEO.object_id: expected}
    (waiting,) = (await store.outbox.work(ROOM)).pending
    assert isinstance(waiting.notice, CommentNotice)
    assert waiting.notice.has_actions is (expected == "write")
