"""Replies that were sent from rooms are known when they come back, by whatever way and order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.acting import KEEP_WORDS, Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentPolicy,
    SentReply,
    Source,
    Standing,
)
from cogs.twentythree.storage import Baseline, Ingested, Store
from tests.cogs.twentythree.storage.acts import (
    ANSWER,
    DEE,
    MO,
    NAME,
    REPLY,
    answer,
    begin,
    question,
    reply,
    shown,
    wanted,
)
from tests.cogs.twentythree.storage.things import (
    ALL,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    pending,
    post,
    take,
)

PROMOTED_ONLY = AttachmentRules(comments=CommentPolicy.PROMOTED)
SENT = SentReply(comment_id=CommentId(REPLY), name=NAME, text=ANSWER, actor=MO)
WAYS = pytest.mark.parametrize("source", [Source.REALTIME, Source.RECONCILE])


async def asked(store: Store) -> None:
    """Post a question."""
    await attach(store)
    await take(store, question())
    await post(store)


async def replies(store: Store) -> tuple[SentReply, ...]:
    """Return what is to be shown under the question."""
    notices = await shown(store)
    return notices[0].replies if notices else ()


async def take_away(store: Store, *numbers: int) -> Ingested:
    return await store.memory.take_away(VIDEO.object_id, [CommentId(number) for number in numbers])


# Before it is settled.


@WAYS
@pytest.mark.parametrize("to", [1, None], ids=["answer told", "answer not told"])
async def test_a_reply_that_comes_before_it_is_settled_is_known_and_no_news(
    store: Store, source: Source, to: int | None
) -> None:
    await asked(store)
    intent = await begin(store, wanted(Action.REPLY))
    came = await take(store, reply(to=to), source=source)

    assert (came.new_events, came.rooms, came.started) == (0, frozenset(), ())
    assert await store.trail.open() == [replace(intent, made_id=CommentId(REPLY))]
    done = await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)
    assert done.rooms == {ROOM}
    assert await replies(store) == (SENT,)
    await take(store, reply(to=to))
    assert await pending(store) == []
    assert await replies(store) == (SENT,)


@pytest.mark.parametrize(
    "other",
    [
        replace(reply(), text="Yes, on Tuesday."),
        replace(reply(), author="Somebody else"),
        reply(to=2),
    ],
    ids=["other words", "another name", "another question"],
)
async def test_what_others_say_meanwhile_is_news(store: Store, other: Comment) -> None:
    await asked(store)
    intent = await begin(store, wanted(Action.REPLY))
    await take(store, other)

    assert await pending(store) == [f"comment:{REPLY}"]
    assert await store.trail.open() == [intent]


async def test_what_is_known_already_is_no_reply(store: Store) -> None:
    await asked(store)
    await take(store, reply())
    intent = await begin(store, wanted(Action.REPLY))
    await take(store, replace(reply(), is_promoted=True))

    assert await store.trail.open() == [intent]
    await take(store, reply(10))
    assert [one.made_id for one in await store.trail.open()] == [10]


async def test_what_is_refused_or_a_draft_is_waited_for_by_nobody(store: Store) -> None:
    await asked(store)
    await begin(store, wanted(Action.REPLY), is_draft=True)
    refused = await begin(store, wanted(Action.REPLY))
    await store.trail.settle(refused.intent_id, Effect.REFUSED, comment=None, now=NOW)
    await take(store, reply())

    assert await pending(store) == [f"comment:{REPLY}"]


async def test_a_reply_whose_words_are_forgotten_is_waited_for_by_nobody(store: Store) -> None:
    await asked(store)
    await answer(store, made=None)
    await store.trail.prune(NOW + KEEP_WORDS + timedelta(seconds=1), timedelta(days=90))
    await take(store, replace(reply(), author="", text=""))

    assert await pending(store) == [f"comment:{REPLY}"]


async def test_the_same_words_twice_are_two_replies(store: Store) -> None:
    await asked(store)
    for person in (MO, DEE):
        await begin(store, wanted(Action.REPLY, by=person))
    await take(store, reply(), reply(), reply(10), reply(11))

    assert [one.made_id for one in await store.trail.open()] == [REPLY, 10]
    assert await pending(store) == ["comment:11"]


# After it.


@WAYS
async def test_a_reply_that_comes_afterwards_is_no_news(store: Store, source: Source) -> None:
    await asked(store)
    await answer(store)
    came = await take(store, reply(), source=source)
    await take(store, reply())

    assert (came.new_events, came.rooms) == (0, frozenset())
    assert await pending(store) == []
    assert await replies(store) == (SENT,)


@WAYS
async def test_a_reply_whose_number_nobody_told_is_shown_once_it_comes(
    store: Store, source: Source
) -> None:
    await asked(store)
    assert await answer(store, made=None) == Ingested()
    came = await take(store, reply(to=None), source=source)

    assert came.rooms == {ROOM}
    assert await replies(store) == (SENT,)
    assert await take(store, reply(10)) != Ingested()
    assert await pending(store) == ["comment:10"]


async def test_nobody_has_asked_what_we_replied_whatever_kind_it_is(store: Store) -> None:
    await attach(store, rules=replace(ALL, has_actions=True))
    await take(store, question())
    intent = await begin(store, wanted(Action.REPLY))
    as_question = replace(reply(), kind=CommentKind.QUESTION)
    await take(store, as_question)
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)
    await take(store, replace(as_question, is_promoted=True))

    counts = await store.questions.counts(VIDEO.object_id)
    assert (counts.open, counts.promoted) == (1, 0)


async def test_a_promoted_reply_is_no_notice_either(store: Store) -> None:
    await asked(store)
    await attach(store, room=OTHER_ROOM, rules=PROMOTED_ONLY)
    await answer(store)
    await take(store, replace(reply(), is_promoted=True))

    assert await pending(store) == await pending(store, OTHER_ROOM) == []


async def test_a_reply_follows_what_becomes_of_it_on_the_platform(store: Store) -> None:
    await asked(store)
    await answer(store)
    await take(store, reply())
    edited = replace(reply(), text="Yes, on Friday.")

    assert (await take(store, edited)).rooms == {ROOM}
    assert await replies(store) == (replace(SENT, text="Yes, on Friday."),)
    assert (await take_away(store, REPLY)).rooms == {ROOM}
    assert await replies(store) == ()
    assert (await take(store, reply())).rooms == {ROOM}
    assert await replies(store) == (SENT,)
    assert await pending(store) == []


async def test_a_reply_that_is_gone_before_it_is_settled_is_not_shown(store: Store) -> None:
    await asked(store)
    intent = await begin(store, wanted(Action.REPLY))
    await take(store, reply())
    await take_away(store, REPLY)
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)

    assert await replies(store) == ()


async def test_readings_look_for_replies_as_for_what_is_on_show(store: Store) -> None:
    async def tracked(since: int | None = None) -> list[int]:
        at = None if since is None else CommentId(since)
        found = await store.memory.tracked([VIDEO.object_id], at)
        return [one.comment_id for one in found]

    await asked(store)
    await answer(store)
    # No list has held it yet: it may not be there for any.
    assert await tracked() == [1]
    await take(store, reply())
    assert await tracked() == [1, REPLY]
    assert await tracked(2) == [REPLY]
    assert await tracked(10) == []

    await take_away(store, REPLY)
    assert await tracked() == [1]
    await take(store, reply())
    await store.trail.prune(NOW + KEEP_WORDS + timedelta(seconds=1), timedelta(days=90))
    assert await tracked() == [1]


async def test_the_newest_reply_is_looked_for_although_nothing_newer_is_on_show(
    store: Store,
) -> None:
    async def newest(seconds: int) -> CommentId | None:
        before = NOW + timedelta(seconds=seconds)
        return await store.memory.newest_tracked([VIDEO.object_id], before)

    await asked(store)
    await answer(store)
    assert await newest(1) == 1
    await take(store, reply())
    assert await newest(0) is None
    assert await newest(1) == REPLY

    await take_away(store, REPLY)
    assert await newest(1) == 1


async def test_a_forged_reply_is_taken_back_and_the_real_one_may_come(store: Store) -> None:
    await asked(store)
    await answer(store, made=None)
    await take(store, reply(8), source=Source.REALTIME)
    assert [one.comment_id for one in await replies(store)] == [8]

    gone = await store.memory.disown(VIDEO.object_id, [CommentId(8)])
    assert gone == Ingested(forged=frozenset({CommentId(8)}), rooms=frozenset({ROOM}))
    assert await replies(store) == ()
    await take(store, reply())
    assert await replies(store) == (SENT,)


@pytest.mark.parametrize("is_told", [False, True], ids=["not told", "told"])
async def test_a_reply_whose_number_was_forged_before_it_was_given_is_no_notice(
    store: Store,
    is_told: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    await asked(store)
    await take(store, replace(reply(to=None), text="Buy now!"), source=Source.REALTIME)
    await post(store, nonce="forged")
    intent = await begin(store, wanted(Action.REPLY))
    if is_told:
        await store.trail.note_made(intent.intent_id, CommentId(REPLY))
    came = await take(store, reply())
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=question(), now=NOW)

    assert (came.new_events, came.rooms) == (0, frozenset({ROOM}))
    assert await pending(store) == []
    asked_now, forged_now = await shown(store)
    assert (asked_now.replies, forged_now.standing) == ((SENT,), Standing.REMOVED)


# Under questions that come, or come back, later.


async def test_a_question_that_comes_to_a_room_later_brings_its_replies(store: Store) -> None:
    await asked(store)
    await attach(store, room=OTHER_ROOM, rules=PROMOTED_ONLY)
    await answer(store)
    await take(store, question(is_promoted=True))

    assert [one.replies for one in await shown(store, OTHER_ROOM)] == [(SENT,)]


async def test_a_question_that_is_withheld_for_a_while_gets_its_replies_back(
    store: Store,
) -> None:
    await attach(store, rules=PROMOTED_ONLY)
    await take(store, question(is_promoted=True))
    await post(store)
    await answer(store)
    (withheld,) = await shown(store)
    assert (withheld.standing, withheld.replies) == (Standing.WITHHELD, ())

    await take(store, question(is_promoted=True))
    (back,) = await shown(store)
    assert (back.standing, back.replies) == (Standing.SHOWN, (SENT,))


async def test_a_new_room_gets_questions_with_their_replies_and_no_replies_alone(
    store: Store,
) -> None:
    await asked(store)
    await answer(store)
    old = (question(), reply())
    await attach(store, room=OTHER_ROOM, baseline=Baseline(comments=old), backfill=old)

    assert [(one.comment.comment_id, one.replies) for one in await shown(store, OTHER_ROOM)] == [
        (1, (SENT,))
    ]


async def test_a_reply_to_what_was_detached_and_attached_again_is_no_news(store: Store) -> None:
    await asked(store)
    await answer(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store, baseline=Baseline(comments=(question(),)))
    await take(store, reply())

    assert await pending(store) == []


async def test_what_is_replied_on_what_is_not_public_waits_where_nobody_agreed_to_show_it(
    store: Store,
) -> None:
    await asked(store)
    private = replace(VIDEO, is_public=False)
    await store.memory.refresh_object(private, NOW)
    await answer(store)
    await take(store, reply())

    assert await replies(store) == ()
    freed = await store.memory.refresh_object(VIDEO, NOW)
    assert freed.rooms == {ROOM}
    assert await replies(store) == (SENT,)
