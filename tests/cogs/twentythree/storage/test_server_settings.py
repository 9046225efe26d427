"""What a server has set for itself, its log room, and what is forgotten with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.acting import Deed, Effect, NewEntry
from cogs.twentythree.domain.barring import Membership, Servers
from cogs.twentythree.domain.deeds import Action, LogNotice
from cogs.twentythree.domain.model import AttachmentRules, CommentId, GuildId, RoomId, Source
from cogs.twentythree.domain.room_settings import RoomSettingsAsked
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.cogs.twentythree.storage.acts import (
    ANSWER,
    FAR_GUILD,
    FAR_ROOM,
    MO,
    act,
    answered,
    begin,
    logged,
    question,
    wanted,
)
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LATER,
    LIVE,
    NOW,
    ROOM,
    VIDEO,
    attach,
    comment,
    pending,
    post,
    query,
    seen,
    start,
    take,
)

LOG, OTHER_LOG = RoomId(31), RoomId(32)
SET = NewEntry(guild_id=GUILD, actor=MO, deed=Deed.MODERATORS, detail="Only <@&7>")
EVERYBODY = Servers()


async def know(store: Store, *present: GuildId) -> None:
    await store.barred_servers.know(
        membership=Membership(present=frozenset(present)), servers=EVERYBODY, now=NOW
    )


async def test_what_a_server_sets_is_its_own_and_one_thing_leaves_the_other(store: Store) -> None:
    settings = store.servers
    assert (await settings.moderators(GUILD), await settings.log_room(GUILD)) == (None, None)

    await settings.set_moderators(GUILD, 2**62)
    await settings.set_log_room(GUILD, LOG)
    assert (await settings.moderators(GUILD), await settings.log_room(GUILD)) == (2**62, LOG)
    assert await settings.moderators(FAR_GUILD) is None
    await settings.set_moderators(GUILD, None)
    assert (await settings.moderators(GUILD), await settings.log_room(GUILD)) == (None, LOG)
    await settings.set_log_room(GUILD, None)
    assert await settings.log_room(GUILD) is None


# The log room.


async def test_the_log_room_is_told_what_was_done_and_what_was_set(store: Store) -> None:
    await attach(store)
    await store.servers.set_log_room(GUILD, LOG)
    acted = await act(store, wanted(Action.ANSWER), answered())
    woken = await store.trail.note(SET, LATER)

    assert acted.rooms == {LOG, ROOM}
    assert woken == {LOG}
    assert await store.outbox.rooms_with_work() == {LOG, ROOM}
    done, was_set = await logged(store, LOG)
    assert done == LogNotice(
        entry_id=1,
        actor=MO,
        deed="answer",
        effect="done",
        at=NOW,
        object_title=VIDEO.title,
        object_url=VIDEO.url,
        room_id=ROOM,
    )
    assert was_set == LogNotice(
        entry_id=2, actor=MO, deed="moderators", effect="done", at=LATER, detail="Only <@&7>"
    )
    assert await pending(store, LOG) == ["trail:1", "trail:2"]


async def test_what_is_not_public_is_not_named_in_the_log_room(store: Store) -> None:
    secret = replace(VIDEO, is_public=False, title="Secret")
    await attach(store, secret)
    await store.servers.set_log_room(GUILD, LOG)
    entry = replace(SET, room_id=ROOM, object_id=VIDEO.object_id, object_title="Secret")
    entry = replace(entry, is_public=False)

    await store.trail.note(entry, NOW)
    await act(store, wanted(Action.ANSWER), answered())
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await store.trail.note(entry, NOW)

    told = await logged(store, LOG)
    assert [one.room_id for one in told] == [ROOM] * 3
    assert {(one.object_title, one.object_url) for one in told} == {("", "")}
    assert {one.object_title for one in await store.trail.find(GUILD)} == {"Secret", VIDEO.title}


async def test_what_waits_for_the_log_room_does_not_name_what_turns_private(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await store.servers.set_log_room(GUILD, LOG)
    for of in (VIDEO, LIVE):
        entry = replace(SET, room_id=ROOM, object_id=of.object_id, object_title=of.title)
        await store.trail.note(entry, NOW)

    await store.memory.refresh_object(replace(VIDEO, is_public=False), NOW)

    told = [(one.object_title, one.object_url) for one in await logged(store, LOG)]
    assert told == [("", ""), (LIVE.title, LIVE.url)]


async def test_the_log_room_is_told_once_and_only_of_what_has_come_to_its_end(
    store: Store,
) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    draft = await begin(store, wanted(Action.REPLY), is_draft=True)
    await store.trail.drop(draft.intent_id, MO.user_id, NOW)
    await act(store, wanted(Action.REPLY), None, Effect.UNKNOWN)
    assert await logged(store, LOG) == []

    (intent,) = await store.trail.open()
    for effect in (Effect.NOT_DONE, Effect.DONE):
        await store.trail.settle(intent.intent_id, effect, comment=None, now=NOW)
    (told,) = await logged(store, LOG)
    assert told.effect == Effect.NOT_DONE


async def test_an_entry_that_is_tried_again_is_told_in_its_own_place(store: Store) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await act(store, wanted(Action.REPLY), None, Effect.NOT_DONE)
    await post(store, LOG)
    again = await store.trail.confirm(1, MO.user_id, NOW)
    assert again is not None
    done = await store.trail.settle(again.intent_id, Effect.DONE, comment=None, now=NOW)

    assert done.rooms == {LOG}
    (stale,) = await store.outbox.stale(LOG)
    assert [one.notice.effect for one in stale.notices if isinstance(one.notice, LogNotice)] == [
        Effect.DONE
    ]


async def test_the_log_room_is_told_nothing_that_a_viewer_or_a_reply_said(
    store: Store, database: str
) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await act(store, wanted(Action.DELETE), None)
    await act(store, wanted(Action.REPLY), question())

    told = await query(database, "SELECT payload FROM twentythree_notices")
    assert len(told) == 2
    assert not any(word in one for one in told for word in (ANSWER, "Ann", "comment 1"))


async def test_no_server_is_told_of_another(store: Store) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await store.servers.set_log_room(FAR_GUILD, OTHER_LOG)
    await act(store, wanted(Action.ANSWER, guild=FAR_GUILD, room=FAR_ROOM), answered())
    await store.trail.note(replace(SET, guild_id=FAR_GUILD), NOW)

    assert await logged(store, LOG) == []
    assert len(await logged(store, OTHER_LOG)) == 2


async def test_the_log_room_is_not_told_where_to_find_what_the_server_may_not_know(
    store: Store,
) -> None:
    await attach(store, room=FAR_ROOM, guild=FAR_GUILD)
    await store.servers.set_log_room(GUILD, LOG)
    await act(store, wanted(Action.ANSWER), answered())
    await attach(store)
    await store.memory.refresh_object(replace(VIDEO, is_public=False), NOW)
    await act(store, wanted(Action.ANSWER), answered())

    assert [one.object_url for one in await logged(store, LOG)] == ["", ""]


async def test_what_waits_moves_to_the_new_log_room_or_is_told_nobody(store: Store) -> None:
    await attach(store)
    await take(store, question())
    await store.servers.set_log_room(GUILD, ROOM)
    await store.trail.note(SET, NOW)

    await store.servers.set_log_room(GUILD, ROOM)
    assert await pending(store) == ["comment:1", "trail:1"]
    await store.servers.set_log_room(GUILD, LOG)
    assert await pending(store) == ["comment:1"]
    assert await pending(store, LOG) == ["trail:1"]
    await store.servers.set_log_room(GUILD, None)
    assert await pending(store, LOG) == []
    assert await store.trail.note(SET, NOW) == frozenset()


async def test_what_was_told_is_dropped_after_a_while(store: Store, database: str) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await store.trail.note(SET, NOW)
    await post(store, LOG)

    assert await store.upkeep.prune(LATER) == 1
    assert await query(database, "SELECT count(*) FROM twentythree_notices") == [0]


async def test_what_no_log_room_takes_is_given_up_after_a_while(store: Store) -> None:
    await attach(store)
    await store.servers.set_log_room(GUILD, ROOM)
    await take(store, question())
    await store.trail.note(SET, NOW)

    await store.trail.prune(NOW + timedelta(days=7), timedelta(days=90))
    assert await pending(store) == ["comment:1", "trail:1"]
    await store.trail.prune(NOW + timedelta(days=7, seconds=1), timedelta(days=90))
    assert await pending(store) == ["comment:1"]


async def test_a_barred_server_is_told_nothing(store: Store) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await store.trail.note(SET, NOW)
    await know(store, FAR_GUILD)

    assert await store.outbox.rooms_with_work() == frozenset()
    assert await store.trail.note(SET, NOW) == frozenset()
    await know(store, GUILD)
    assert await store.outbox.rooms_with_work() == {LOG}
    assert await pending(store, LOG) == ["trail:1"]


async def test_what_is_under_way_to_the_log_of_a_server_that_is_barred_waits(store: Store) -> None:
    await store.servers.set_log_room(GUILD, LOG)
    await store.trail.note(SET, NOW)
    begun = await start(store, LOG)
    await store.trail.note(SET, NOW)
    await know(store, FAR_GUILD)

    work = await store.outbox.work(LOG)
    assert (work.unsettled, work.pending) == ((), ())
    assert await store.outbox.rooms_with_work() == frozenset()
    await know(store, GUILD)
    work = await store.outbox.work(LOG)
    assert [one.batch_id for one in work.unsettled] == [begun.batch_id]
    assert await pending(store, LOG) == ["trail:2"]


async def test_the_programme_of_a_server_that_is_barred_waits(store: Store) -> None:
    planned = NewAttachment(
        guild_id=GUILD,
        room_id=ROOM,
        object=LIVE,
        rules=ALL,
        attached_by=MO.user_id,
        is_on_programme=True,
    )
    await store.attachments.attach(planned, Baseline(live=seen(soon=True)), now=NOW)
    await store.programmes.keep(NOW)
    assert "programme" in await pending(store)
    await know(store, FAR_GUILD)

    assert await pending(store) == []


# What is forgotten.


async def test_a_server_that_removed_the_bot_is_forgotten_with_all_that_it_did(
    store: Store, database: str
) -> None:
    for guild, room in ((GUILD, LOG), (FAR_GUILD, OTHER_LOG)):
        await store.servers.set_log_room(guild, room)
        await store.trail.note(replace(SET, guild_id=guild), NOW)
        await store.rooms.set_room(guild, room, RoomSettingsAsked(hidden=("a name",)), NOW)
    await begin(store, wanted(Action.PROMOTE))
    await know(store, FAR_GUILD)

    await store.barred_servers.forget(NOW)
    assert len(await store.trail.open()) == 1
    forgotten, _ = await store.barred_servers.forget(NOW + timedelta(seconds=1))
    assert forgotten == {GUILD}
    assert await store.trail.open() == []
    for table in ("trail", "servers", "rooms"):
        left = await query(database, f"SELECT guild_id FROM twentythree_{table}")  # noqa: S608
        assert left == [FAR_GUILD]
    assert await query(database, "SELECT room_id FROM twentythree_notices") == [OTHER_LOG]
    await know(store, FAR_GUILD)
    assert await store.barred_servers.find() == frozenset()


async def test_what_rooms_have_set_is_forgotten_where_there_was_nothing_else(
    store: Store,
) -> None:
    await store.rooms.set_room(GUILD, LOG, RoomSettingsAsked(hidden=("a name",)), NOW)
    await know(store, FAR_GUILD)

    forgotten, _ = await store.barred_servers.forget(NOW + timedelta(seconds=1))
    assert forgotten == {GUILD}
    assert (await store.rooms.of_server(GUILD)).rooms == {}


async def test_an_entry_outlives_what_it_is_about(store: Store) -> None:
    await attach(store, rules=AttachmentRules())
    await act(store, wanted(Action.ANSWER), answered())
    await store.attachments.detach(ROOM, VIDEO.object_id)

    (entry,) = await store.trail.find(GUILD)
    assert entry.object_title == VIDEO.title


@pytest.mark.parametrize("is_forged_first", [False, True])
async def test_a_comment_is_on_the_object_that_the_workspace_names(
    store: Store, *, is_forged_first: bool
) -> None:
    true, forged = (LIVE, VIDEO) if is_forged_first else (VIDEO, LIVE)
    await attach(store, VIDEO)
    await attach(store, LIVE)
    for about, source in ((forged, Source.REALTIME), (true, Source.RECONCILE)):
        found = [replace(comment(5), object_id=about.object_id)]
        await store.memory.ingest(about.object_id, found, source=source, now=NOW)

    at = await store.servers.standpoint(GUILD, ROOM, CommentId(5))

    assert at.held is not None
    assert at.held.object.object_id == true.object_id


async def test_who_acts_and_on_what_is_looked_up_at_once(store: Store) -> None:
    await attach(store, VIDEO)
    await take(store, comment(5))
    await store.servers.set_moderators(GUILD, 7)

    here = await store.servers.standpoint(GUILD, ROOM, CommentId(5))
    unknown = await store.servers.standpoint(GUILD, ROOM, CommentId(6))
    elsewhere = await store.servers.standpoint(FAR_GUILD, FAR_ROOM, CommentId(5))

    (held,) = await store.attachments.find(room_id=ROOM)
    assert (here.held, here.moderators_role_id) == (held, 7)
    assert (unknown.held, unknown.moderators_role_id) == (None, 7)
    assert (elsewhere.held, elsewhere.moderators_role_id) == (None, None)
