"""What ``/video setup`` sets: all of it, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.domain.acting import Deed, NewEntry
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import AttachmentRules, ObjectInfo, ObjectKind, RoomId
from cogs.twentythree.storage import Baseline, NewAttachment, NewFollow, NewSetup, Store
from tests.cogs.twentythree.storage.things import ALL, GUILD, LIVE, NOW, OTHER_ROOM, ROOM, VIDEO

LOG_ROOM = RoomId(2**62 + 9)
ROLE = 2**60
ENTRY = NewEntry(guild_id=GUILD, actor=Actor(user_id=5, name="Ann"), deed=Deed.SETUP, room_id=ROOM)


def an_attachment(
    room: RoomId, rules: AttachmentRules | None = None, of: ObjectInfo = LIVE
) -> tuple[NewAttachment, Baseline]:
    new = NewAttachment(
        guild_id=GUILD,
        room_id=room,
        object=of,
        rules=rules or AttachmentRules(),
        attached_by=5,
    )
    return new, Baseline()


def a_follow(room: RoomId, rules: AttachmentRules | None = None) -> NewFollow:
    return NewFollow(
        guild_id=GUILD,
        room_id=room,
        is_forum=False,
        kind=ObjectKind.LIVE,
        category=None,
        rules=rules or AttachmentRules(),
        followed_by=5,
    )


WHOLE = NewSetup(
    entry=ENTRY,
    attachments=(an_attachment(ROOM), an_attachment(OTHER_ROOM, ALL)),
    follows=(a_follow(ROOM), a_follow(OTHER_ROOM, ALL)),
    moderators_role_id=ROLE,
)


async def held(store: Store) -> list[Any]:
    """Return all that a setup may set."""
    return [
        [(one.room_id, one.rules) for one in await store.attachments.find()],
        [(one.room_id, one.rules) for one in await store.follows.find()],
        await store.servers.moderators(GUILD),
        [one.deed for one in await store.trail.find(GUILD)],
    ]


async def test_a_setup_is_stored_with_all_its_parts(store: Store) -> None:
    await store.servers.set_log_room(GUILD, LOG_ROOM)

    done = await store.setups.set_up(WHOLE, NOW)

    both = [(ROOM, AttachmentRules()), (OTHER_ROOM, ALL)]
    assert await held(store) == [both, both, ROLE, [Deed.SETUP]]
    assert [one.attachment.room_id for one in done.attached] == [ROOM, OTHER_ROOM]
    assert [one.follow.room_id for one in done.followed] == [ROOM, OTHER_ROOM]
    assert done.rooms == {LOG_ROOM}


async def test_a_second_one_changes_the_rules_and_adds_nothing(store: Store) -> None:
    await store.setups.set_up(WHOLE, NOW)
    again = NewSetup(
        entry=ENTRY, attachments=(an_attachment(ROOM, ALL),), follows=(a_follow(ROOM, ALL),)
    )

    done = await store.setups.set_up(again, NOW)

    both = [(ROOM, ALL), (OTHER_ROOM, ALL)]
    # Who may act stays as it was.
    assert await held(store) == [both, both, ROLE, [Deed.SETUP, Deed.SETUP]]
    assert [done.attached[0].is_new, done.followed[0].is_new] == [False, False]


@pytest.mark.parametrize(
    "step", ["attach_object", "keep_follow", "name_moderators", "put_on_trail"]
)
async def test_a_setup_that_fails_in_any_of_its_parts_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    setups = "cogs.twentythree.storage.server_settings"
    calls = 0

    def fail(*_: object, **__: object) -> None:
        nonlocal calls
        calls += 1
        raise RuntimeError(step)

    monkeypatch.setattr(f"{setups}.{step}", fail)
    with pytest.raises(RuntimeError):
        await store.setups.set_up(WHOLE, NOW)

    assert calls == 1
    assert await held(store) == [[], [], None, []]


async def test_what_is_attached_in_several_rooms_is_one_object(store: Store) -> None:
    new = NewSetup(
        entry=ENTRY,
        attachments=(an_attachment(ROOM, of=VIDEO), an_attachment(OTHER_ROOM, of=VIDEO)),
    )
    await store.setups.set_up(new, NOW)

    assert len(await store.attachments.find(object_id=VIDEO.object_id)) == 2
