from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.barring import Membership, Servers
from cogs.twentythree.domain.following import LIVE_KEPT, VIDEO_KEPT, Category, Follow
from cogs.twentythree.domain.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    CategoryId,
    CommentPolicy,
    GuildId,
    LiveNotice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.storage import (
    Attached,
    Baseline,
    Followed,
    NewAttachment,
    NewFollow,
    Store,
)
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
    seen,
)

TALKS = Category(category_id=CategoryId(2**40), title="Talks")
RULES = AttachmentRules(comments=CommentPolicy.ALL, mention_role_id=2**60, at_end=AtEnd.DELETE)


async def follow(
    store: Store,
    kind: ObjectKind = ObjectKind.LIVE,
    *,
    category: Category | None = None,
    room: RoomId = ROOM,
    rules: AttachmentRules = RULES,
    has_calendar: bool = False,
) -> Followed:
    new = NewFollow(
        guild_id=GUILD,
        room_id=room,
        is_forum=False,
        kind=kind,
        category=category,
        rules=rules,
        followed_by=2**61,
        has_calendar=has_calendar,
    )
    return await store.follows.follow(new, NOW)


async def attach_followed(
    store: Store,
    of: Follow,
    info: ObjectInfo = LIVE,
    *,
    baseline: Baseline | None = None,
    mentions: bool = True,
    room: RoomId | None = None,
    forum: RoomId | None = None,
) -> Attached | None:
    new = NewAttachment(
        guild_id=of.guild_id,
        room_id=room or of.room_id,
        forum_id=forum,
        object=info,
        rules=of.rules,
        attached_by=of.followed_by,
    )
    return await store.follows.attach(
        of.follow_id, new, baseline or Baseline(live=seen()), mentions=mentions, now=NOW
    )


async def test_a_follow_comes_back_as_it_was_stored(store: Store) -> None:
    done = await follow(store, category=TALKS)

    assert done.is_new
    assert await store.follows.find() == [done.follow]
    assert done.follow == Follow(
        follow_id=done.follow.follow_id,
        guild_id=GUILD,
        room_id=ROOM,
        kind=ObjectKind.LIVE,
        category=TALKS,
        rules=RULES,
        followed_by=2**61,
        followed_at=NOW,
    )
    assert await store.follows.find(GuildId(404)) == []


async def test_following_again_changes_the_rules_only(store: Store) -> None:
    first = await follow(store)
    await store.follows.note_look(
        first.follow.follow_id, [ObjectId(3)], floor=None, looked_at=LATER
    )

    again = await follow(store, rules=AttachmentRules())

    assert not again.is_new
    assert again.follow == replace(first.follow, rules=AttachmentRules(), looked_at=LATER)
    assert await store.follows.seen_by(first.follow.follow_id) == {3}


async def test_one_room_may_follow_several_things(store: Store) -> None:
    for kind in ObjectKind:
        await follow(store, kind)
        await follow(store, kind, category=TALKS)
    await follow(store, room=OTHER_ROOM)

    assert len(await store.follows.find(GUILD)) == 5


async def test_what_is_found_is_attached_with_the_rules_and_the_card_of_what_is_planned(
    store: Store,
) -> None:
    of = (await follow(store)).follow

    done = await attach_followed(store, of, baseline=Baseline(live=seen(soon=True)))

    assert done is not None
    (held,) = await store.attachments.find()
    assert (held.rules, held.follow_id) == (RULES, of.follow_id)
    assert await pending(store) == [f"live:{LIVE.object_id}:1:soon"]
    assert await store.follows.seen_by(of.follow_id) == {LIVE.object_id}


@pytest.mark.parametrize(("mentions", "role"), [(True, 2**60), (False, None)])
async def test_what_is_on_air_is_announced(
    store: Store, *, mentions: bool, role: int | None
) -> None:
    of = (await follow(store)).follow

    await attach_followed(store, of, baseline=Baseline(live=seen(on=True)), mentions=mentions)

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert isinstance(queued.notice, LiveNotice)
    assert (queued.notice.is_start, queued.notice.mention_role_id) == (True, role)
    await look(store, seen(on=True), minute=1)
    assert len(await pending(store)) == 1


async def test_another_room_gets_the_card_of_the_state_that_is_known(store: Store) -> None:
    await attach(store, LIVE, room=OTHER_ROOM)
    await look(store, seen(on=True))
    of = (await follow(store)).follow

    await attach_followed(store, of, baseline=Baseline(live=seen(on=True)))

    assert await pending(store) == [f"live:{LIVE.object_id}:1:start"]


async def test_a_video_is_told_of_but_its_old_comments_are_no_news(store: Store) -> None:
    of = (await follow(store, ObjectKind.VIDEO)).follow

    await attach_followed(store, of, VIDEO, baseline=Baseline(comments=(comment(1),)))

    assert len(await store.attachments.find()) == 1
    assert await pending(store) == [f"video:{VIDEO.object_id}"]
    await attach(store, VIDEO, rules=AttachmentRules(comments=CommentPolicy.NONE))
    assert await pending(store) == [f"video:{VIDEO.object_id}"]


async def test_what_is_given_options_by_hand_is_not_the_follows_any_more(store: Store) -> None:
    of = (await follow(store)).follow
    await attach_followed(store, of)

    again = await attach(store, LIVE)

    assert (again.is_new, again.attachment.follow_id) == (False, None)
    assert await store.attachments.find() == [again.attachment]


async def test_what_is_in_the_room_already_stays_as_it_is(store: Store) -> None:
    by_hand = (await attach(store, LIVE)).attachment
    of = (await follow(store)).follow

    assert await attach_followed(store, of, baseline=Baseline(live=seen(soon=True))) is None

    assert await store.attachments.find() == [by_hand]
    assert await store.follows.seen_by(of.follow_id) == {LIVE.object_id}


async def test_what_has_a_post_in_the_forum_gets_no_other(store: Store) -> None:
    of = (await follow(store)).follow
    forum = RoomId(77)
    assert await attach_followed(store, of, room=RoomId(78), forum=forum) is not None

    assert await attach_followed(store, of, room=RoomId(79), forum=forum) is None


async def test_what_was_detached_by_hand_stays_known(store: Store) -> None:
    of = (await follow(store)).follow
    await attach_followed(store, of)

    await store.attachments.detach(ROOM, LIVE.object_id)

    assert await store.follows.seen_by(of.follow_id) == {LIVE.object_id}


async def test_a_follow_that_is_gone_attaches_nothing(store: Store) -> None:
    of = (await follow(store)).follow
    await store.follows.unfollow(of.follow_id)

    assert await attach_followed(store, of) is None
    assert await store.attachments.find() == []


async def test_unfollowing_keeps_what_is_attached_as_if_by_hand(store: Store) -> None:
    of = (await follow(store)).follow
    await attach_followed(store, of)

    assert await store.follows.unfollow(of.follow_id) == of

    (held,) = await store.attachments.find()
    assert held.follow_id is None
    assert await store.follows.find() == []
    assert await store.follows.unfollow(of.follow_id) is None


async def test_a_look_is_noted_with_what_it_found_and_how_it_failed(store: Store) -> None:
    of = (await follow(store)).follow
    await store.follows.note_failed_look(of.follow_id, "The workspace is away.")
    (failed,) = await store.follows.find()
    assert failed.error == "The workspace is away."

    await store.follows.note_look(of.follow_id, [ObjectId(1)], floor=ObjectId(1), looked_at=None)
    (part,) = await store.follows.find()
    assert (part.error, part.floor, part.looked_at) == (None, 1, None)

    await store.follows.note_look(of.follow_id, [], floor=ObjectId(1), looked_at=LATER)
    (whole,) = await store.follows.find()
    assert whole.looked_at == LATER


async def test_a_look_for_a_follow_that_is_gone_is_not_noted(store: Store) -> None:
    await store.follows.note_look(404, [ObjectId(1)], floor=None, looked_at=LATER)

    assert await store.follows.seen_by(404) == frozenset()


async def test_what_is_over_is_spent_after_a_while(store: Store) -> None:
    events = (await follow(store)).follow
    films = (await follow(store, ObjectKind.VIDEO)).follow
    await attach_followed(store, events, baseline=Baseline(live=seen(on=True)))
    await attach_followed(store, films, VIDEO, baseline=Baseline())
    await attach(store, LIVE, room=OTHER_ROOM)
    await look(store, seen(), minute=1)

    async def spent(after: timedelta) -> list[Attachment]:
        return await store.follows.spent(NOW + after)

    assert await spent(LIVE_KEPT) == []
    (event,) = await spent(LIVE_KEPT + timedelta(minutes=2))
    assert (event.object, event.room_id) == (LIVE, ROOM)
    assert len(await spent(VIDEO_KEPT + timedelta(minutes=1))) == 2


async def test_in_a_server_that_gets_nothing_now_nothing_is_spent(store: Store) -> None:
    films = (await follow(store, ObjectKind.VIDEO)).follow
    await attach_followed(store, films, VIDEO, baseline=Baseline())
    here, after = Membership(present=frozenset({GUILD})), NOW + VIDEO_KEPT + timedelta(minutes=1)
    for allowed in (frozenset[int](), None):
        servers = Servers(allowed)
        await store.barred_servers.know(membership=here, servers=servers, now=NOW)
        assert len(await store.follows.spent(after)) == (allowed is None)


async def test_an_event_may_be_attached_again_when_it_is_forgotten(store: Store) -> None:
    of = (await follow(store)).follow
    await attach_followed(store, of)

    await store.follows.forget_event(of.follow_id, LIVE.object_id)

    assert await store.follows.seen_by(of.follow_id) == frozenset()
