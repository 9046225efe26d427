"""What rooms have set, what that leaves out, and what messages are made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cogs.twentythree.domain.acting import Deed, NewEntry
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    NewNotice,
    RoomId,
    Source,
    Standing,
)
from cogs.twentythree.domain.places import PostingPlace
from cogs.twentythree.domain.room_settings import (
    NOTHING_SET,
    LanguageAsked,
    Layout,
    Manner,
    RoomSettings,
    RoomSettingsAsked,
)
from cogs.twentythree.languages import Language
from cogs.twentythree.storage import NewAttachment, Store
from cogs.twentythree.storage.records import Baseline
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    comment_of,
    look,
    pending,
    post,
    seen,
    take,
)

NO_SPAM = RoomSettingsAsked(hidden=("spam",))


async def of_room(store: Store, room: RoomId = ROOM) -> RoomSettings:
    (held,) = await store.attachments.find(room_id=room)
    return held.settings


def spam(number: int, **values: Any) -> Comment:
    return replace(comment(number), text="Some SPAM", **values)


async def counted(store: Store) -> dict[RoomId, int]:
    found = await store.rooms.of_server(GUILD)
    return {room: count for room, (count, _) in found.hidden.items()}


async def test_a_room_has_what_it_says_and_else_what_its_server_says(store: Store) -> None:
    await attach(store)
    assert await of_room(store) == RoomSettings()
    assert (await store.rooms.of_server(GUILD)).defaults == NOTHING_SET

    await store.rooms.set_defaults(GUILD, RoomSettingsAsked(is_silent=True, min_length=2), NOW)
    asked = RoomSettingsAsked(layout=Layout.COMPACT, kinds=("chat",), hidden=("a b", "ü"))
    await store.rooms.set_room(GUILD, ROOM, asked, NOW)

    assert await of_room(store) == RoomSettings(
        layout=Layout.COMPACT, is_silent=True, kinds=("chat",), hidden=("a b", "ü"), min_length=2
    )
    held = await store.rooms.of_server(GUILD)
    assert held.rooms == {ROOM: asked}
    assert held.in_force(ROOM) == await of_room(store)
    assert held.in_force(OTHER_ROOM) == RoomSettings(is_silent=True, min_length=2)
    await store.rooms.set_room(GUILD, ROOM, NOTHING_SET, NOW)
    await store.rooms.set_defaults(GUILD, NOTHING_SET, NOW)
    assert await of_room(store) == RoomSettings()


async def test_what_a_room_hides_does_not_come_and_is_counted_once(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await store.rooms.set_room(GUILD, ROOM, NO_SPAM, NOW)
    await take(store, spam(1), comment(2))
    await take(store, spam(1), comment(2))
    # News again, and left out again: still one comment.
    await take(store, spam(1, is_promoted=True))
    await take(store, spam(3), now=LATER)

    assert await pending(store) == ["comment:2"]
    assert set(await pending(store, OTHER_ROOM)) == {"comment:1", "comment:2", "comment:3"}
    assert (await store.rooms.of_server(GUILD)).hidden == {ROOM: (2, NOW)}


async def test_kinds_and_lengths_are_left_out_as_well(store: Store) -> None:
    await attach(store)
    asked = RoomSettingsAsked(kinds=("question",), min_length=9)
    await store.rooms.set_defaults(GUILD, asked, NOW)
    question = comment(1, kind=CommentKind.QUESTION)
    await take(store, question, comment(2), replace(question, comment_id=CommentId(3), text="Why?"))

    assert await pending(store) == ["comment:1"]
    assert await counted(store) == {ROOM: 2}


async def test_what_waits_is_withdrawn_when_it_is_to_be_hidden(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await take(store, spam(1), comment(2), spam(3))
    await store.rooms.set_room(GUILD, ROOM, NO_SPAM, NOW)
    assert await pending(store) == ["comment:2"]
    assert len(await pending(store, OTHER_ROOM)) == 3

    await store.rooms.set_defaults(GUILD, NO_SPAM, NOW)
    assert await pending(store, OTHER_ROOM) == ["comment:2"]
    assert await counted(store) == {ROOM: 2, OTHER_ROOM: 2}


async def test_what_is_reworded_into_what_is_hidden_is_taken_away_and_back(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.rooms.set_room(GUILD, ROOM, RoomSettingsAsked(hidden=("spam", "comment")), NOW)
    # What was said stays said, whatever is set since.
    await take(store, comment(1, is_promoted=True))
    assert await standing(store) is Standing.SHOWN

    assert (await take(store, spam(1))).rooms == {ROOM}
    assert await standing(store) is Standing.HIDDEN
    (batch,) = await store.outbox.stale(ROOM)
    assert "SPAM" not in str(batch)
    await take(store, replace(comment(1), text="Sorry"))
    assert await standing(store) is Standing.SHOWN


async def standing(store: Store) -> Standing:
    (batch,) = await store.outbox.stale(ROOM)
    notice = batch.notices[0].notice
    assert isinstance(notice, CommentNotice)
    return notice.standing


async def test_a_back_fill_leaves_out_what_the_room_hides(store: Store) -> None:
    await store.rooms.set_room(GUILD, ROOM, NO_SPAM, NOW)
    attached = await attach(store, backfill=[spam(1), comment(2)])

    assert attached.backfilled == 1
    assert await pending(store) == ["comment:2"]


async def test_a_forum_sets_all_of_its_posts(store: Store) -> None:
    forum, posts = RoomId(77), (ROOM, OTHER_ROOM)
    for room, about in zip(posts, (VIDEO, LIVE), strict=True):
        new = NewAttachment(
            guild_id=GUILD, room_id=room, forum_id=forum, object=about, rules=ALL, attached_by=1
        )
        await store.attachments.attach(
            new, Baseline(live=None if about is VIDEO else seen()), now=NOW
        )
    await store.rooms.set_room(GUILD, forum, NO_SPAM, NOW)
    await take(store, spam(1))

    assert [(await of_room(store, one)).hidden for one in posts] == [("spam",)] * 2
    assert await counted(store) == {forum: 1}


# Messages.


def draft() -> Draft:
    return Draft(nonce="n", body="{}", about=VIDEO.object_id)


async def test_the_next_message_knows_what_the_last_one_was_about(store: Store) -> None:
    await attach(store)
    await store.rooms.set_room(GUILD, ROOM, RoomSettingsAsked(layout=Layout.LINES), NOW)
    await take(store, comment(1))
    first = await store.outbox.work(ROOM)
    assert first.manner == Manner(layout=Layout.LINES)
    batch = await store.outbox.start_batch(ROOM, first.pending, draft=draft(), now=NOW)
    assert batch is not None
    await take(store, comment(2))
    assert (await store.outbox.work(ROOM)).manner.after == VIDEO.object_id

    await store.outbox.give_up(batch.batch_id, reason="refused", now=NOW)
    assert (await store.outbox.work(ROOM)).manner.after is None


async def test_a_batch_keeps_how_its_message_was_made(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    manner = Manner(layout=Layout.COMPACT, is_silent=True, after=7)
    work = await store.outbox.work(ROOM)
    await store.outbox.start_batch(
        ROOM, work.pending, draft=replace(draft(), manner=manner), now=NOW
    )
    await store.rooms.set_room(GUILD, ROOM, RoomSettingsAsked(layout=Layout.LINES), NOW)

    (batch,) = (await store.outbox.work(ROOM)).unsettled
    assert batch.manner == manner


async def test_a_lone_comment_is_drafted_as_its_room_has_it(store: Store) -> None:
    await attach(store)
    await store.rooms.set_room(GUILD, ROOM, RoomSettingsAsked(is_silent=True), NOW)
    given: list[Manner] = []

    def drafting(new: NewNotice, manner: Manner, _: object) -> Draft:
        given.append(manner)
        return Draft(nonce=new.event_key, body="{}", manner=manner, about=VIDEO.object_id)

    first = await take(store, comment(1), draft=drafting, source=Source.REALTIME)
    (batch,) = first.started
    await store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=NOW)
    await take(store, comment(2), draft=drafting, source=Source.REALTIME)

    assert given == [Manner(is_silent=True), Manner(is_silent=True, after=VIDEO.object_id)]
    assert batch.manner == given[0]
    assert comment_of(batch.notices[0]).comment_id == 1


async def language_of_the_next(store: Store, room: RoomId = ROOM) -> Language:
    return (await store.outbox.work(room)).manner.language


async def test_a_room_has_its_own_language_or_its_servers_or_what_discord_says(
    store: Store,
) -> None:
    await attach(store)
    await take(store, comment(1))
    assert await language_of_the_next(store) is Language.ENGLISH

    await store.rooms.know_locales({GUILD: "da"})
    assert await language_of_the_next(store) is Language.DANISH
    swedish = RoomSettingsAsked(language=LanguageAsked.SWEDISH)
    await store.rooms.set_defaults(GUILD, swedish, NOW)
    assert await language_of_the_next(store) is Language.SWEDISH
    german = RoomSettingsAsked(language=LanguageAsked.GERMAN)
    await store.rooms.set_room(GUILD, ROOM, german, NOW)
    assert await language_of_the_next(store) is Language.GERMAN
    as_discord = RoomSettingsAsked(language=LanguageAsked.DISCORD)
    await store.rooms.set_room(GUILD, ROOM, as_discord, NOW)
    assert await language_of_the_next(store) is Language.DANISH

    held = await store.rooms.of_server(GUILD)
    assert held.language(ROOM) is Language.DANISH
    assert held.language() is Language.SWEDISH


async def test_a_message_keeps_its_language(store: Store) -> None:
    await attach(store)
    await store.rooms.know_locales({GUILD: "de"})
    given: list[Manner] = []

    def drafting(new: NewNotice, manner: Manner, _: object) -> Draft:
        given.append(manner)
        return Draft(nonce=new.event_key, body="{}", manner=manner, about=VIDEO.object_id)

    await take(store, comment(1), draft=drafting, source=Source.REALTIME)
    await store.rooms.know_locales({GUILD: "da"})

    (batch,) = (await store.outbox.work(ROOM)).unsettled
    assert given == [Manner(language=Language.GERMAN)]
    assert batch.manner == given[0]


async def test_of_english_nothing_new_is_kept_and_a_server_may_change(store: Store) -> None:
    await store.rooms.know_locales({GUILD: "en-US"})
    assert (await store.rooms.of_server(GUILD)).locale is None

    await store.rooms.know_locales({GUILD: "sv-SE"})
    assert (await store.rooms.of_server(GUILD)).language() is Language.SWEDISH

    await store.rooms.know_locales({GUILD: "en-GB"})
    assert (await store.rooms.of_server(GUILD)).language() is Language.ENGLISH


async def test_the_log_is_in_its_servers_language(store: Store) -> None:
    log = RoomId(31)
    await store.servers.set_log_room(GUILD, log)
    await store.rooms.know_locales({GUILD: "da"})
    actor = Actor(user_id=7, name="Mo")
    await store.trail.note(NewEntry(guild_id=GUILD, actor=actor, deed=Deed.MODERATORS), NOW)

    assert await language_of_the_next(store, log) is Language.DANISH


async def test_the_card_of_what_is_in_a_thread_is_made_as_its_room_has_it(store: Store) -> None:
    await store.rooms.know_locales({GUILD: "da"})
    await store.rooms.set_defaults(GUILD, RoomSettingsAsked(is_silent=True), NOW)
    await attach(store, LIVE, rules=replace(ALL, place=PostingPlace.THREAD))
    await look(store, seen(soon=True))
    await post(store)
    (held,) = await store.attachments.find()
    await store.threads.opened(RoomId(-held.attachment_id), OTHER_ROOM, NOW)
    await look(store, seen(on=True, soon=True))

    manner = (await store.outbox.work(ROOM)).manner
    assert (manner.language, manner.is_silent) == (Language.DANISH, True)


async def test_what_waits_for_a_thread_is_withdrawn_when_it_is_to_be_hidden(store: Store) -> None:
    await attach(store, rules=replace(ALL, place=PostingPlace.THREAD))
    (held,) = await store.attachments.find()
    await take(store, comment(1), spam(2))
    await store.rooms.set_room(GUILD, ROOM, NO_SPAM, NOW)

    assert await pending(store, RoomId(-held.attachment_id)) == ["comment:1"]
    found = await store.rooms.of_server(GUILD)
    assert found.hidden == {ROOM: (1, NOW)}
