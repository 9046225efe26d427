"""What rooms show of an action once it is known what came of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Acted, Action
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    SentReply,
    Source,
    Standing,
)
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.acts import (
    ANSWER,
    DEE,
    FAR_GUILD,
    FAR_ROOM,
    MO,
    NAME,
    REPLY,
    act,
    answer,
    answered,
    begin,
    question,
    shown,
    wanted,
)
from tests.cogs.twentythree.storage.things import (
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    pending,
    post,
    take,
)

PROMOTED_ONLY = AttachmentRules(comments=CommentPolicy.PROMOTED)
ROOMS = (ROOM, OTHER_ROOM, FAR_ROOM)
# A reply as it is shown in the server that it was sent from.
SENT = SentReply(comment_id=CommentId(REPLY), name=NAME, text=ANSWER, actor=MO)


def by_mo(action: Action) -> Acted:
    return Acted(action=action, actor=MO, at=NOW)


async def asked(store: Store) -> None:
    """Post a question in two rooms of a server, and in one of another server."""
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await attach(store, room=FAR_ROOM, guild=FAR_GUILD)
    await take(store, question())
    for room in ROOMS:
        await post(store, room, nonce=str(room))


async def only(store: Store, room: int = ROOM) -> CommentNotice:
    (notice,) = await shown(store, next(one for one in ROOMS if one == room))
    return notice


async def test_all_rooms_show_what_was_done_and_those_of_the_server_who_did_it(
    store: Store,
) -> None:
    await asked(store)
    done = await act(store, wanted(Action.ANSWER), answered())

    assert done == Ingested(changes=1, rooms=frozenset(ROOMS), edits=frozenset(ROOMS))
    here, beside, far = [await only(store, room) for room in ROOMS]
    assert [one.comment for one in (here, beside, far)] == [answered()] * 3
    assert here.acted == beside.acted == (by_mo(Action.ANSWER),)
    assert far.acted == ()


async def test_who_did_it_is_said_also_where_a_reading_was_first(store: Store) -> None:
    await asked(store)
    intent = await begin(store, wanted(Action.ANSWER))
    await take(store, answered())
    assert (await only(store)).acted == ()

    done = await store.trail.settle(intent.intent_id, Effect.DONE, comment=answered(), now=NOW)
    assert done.rooms == {ROOM, OTHER_ROOM}
    assert (await only(store)).acted == (by_mo(Action.ANSWER),)


async def test_a_promotion_comes_with_its_name_to_rooms_that_take_no_other_comments(
    store: Store,
) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, rules=PROMOTED_ONLY)
    await take(store, question())
    done = await act(store, wanted(Action.PROMOTE), question(is_promoted=True))

    assert done.rooms == {OTHER_ROOM}
    assert (await only(store, OTHER_ROOM)).acted == (by_mo(Action.PROMOTE),)


async def test_a_promotion_and_a_state_are_told_together_and_the_last_of_each(
    store: Store,
) -> None:
    await asked(store)
    promoted = replace(answered(), is_promoted=True)
    await act(store, wanted(Action.DISMISS), replace(question(), status=CommentStatus.DISMISSED))
    await act(store, wanted(Action.ANSWER), answered())
    await act(store, wanted(Action.PROMOTE), promoted)

    assert (await only(store)).acted == (by_mo(Action.ANSWER), by_mo(Action.PROMOTE))


async def test_what_is_undone_on_the_platform_is_nobodys_deed_any_more(store: Store) -> None:
    await asked(store)
    promoted = replace(answered(), is_promoted=True)
    await act(store, wanted(Action.ANSWER), answered())
    await act(store, wanted(Action.PROMOTE), promoted)
    await take(store, question(is_promoted=True))
    assert (await only(store)).acted == (by_mo(Action.PROMOTE),)

    await take(store, promoted)
    assert (await only(store)).acted == (by_mo(Action.PROMOTE),)


async def test_realtime_that_is_late_takes_nobodys_name_away(store: Store) -> None:
    await asked(store)
    await act(store, wanted(Action.ANSWER), answered())
    await take(store, question(), source=Source.REALTIME)
    await take(store, answered())

    notice = await only(store)
    assert (notice.comment, notice.acted) == (answered(), (by_mo(Action.ANSWER),))


async def test_what_was_done_by_others_is_taken_in_without_a_name(store: Store) -> None:
    await asked(store)
    done = await act(store, wanted(Action.ANSWER), answered(), Effect.ALREADY)

    assert done.rooms == set(ROOMS)
    assert (await only(store)).comment == answered()
    assert (await only(store)).acted == ()


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        (Action.DELETE, Effect.DONE),
        (Action.DELETE, Effect.ALREADY),
        (Action.PROMOTE, Effect.GONE),
    ],
    ids=["deleted", "deleted before", "found to be gone"],
)
async def test_what_is_gone_leaves_all_rooms(store: Store, action: Action, effect: Effect) -> None:
    await asked(store)
    await act(store, wanted(Action.ANSWER), answered())
    await answer(store)
    done = await act(store, wanted(action), None, effect)

    assert done == Ingested(changes=1, rooms=frozenset(ROOMS), edits=frozenset(ROOMS))
    for room in ROOMS:
        notice = await only(store, room)
        assert notice.standing is Standing.REMOVED
        assert (notice.comment.text, notice.acted, notice.replies) == ("", (), ())


@pytest.mark.parametrize("effect", [Effect.REFUSED, Effect.NOT_DONE, Effect.UNKNOWN])
@pytest.mark.parametrize("action", [Action.DELETE, Action.REPLY, Action.PROMOTE])
async def test_what_was_not_done_changes_nothing(
    store: Store, action: Action, effect: Effect
) -> None:
    await asked(store)

    assert await act(store, wanted(action), None, effect) == Ingested()
    assert await shown(store) == []


async def test_a_comment_that_was_read_is_taken_in_whatever_came_of_the_action(
    store: Store,
) -> None:
    await asked(store)
    done = await act(store, wanted(Action.PROMOTE), answered(), Effect.REFUSED)

    assert done.rooms == set(ROOMS)
    assert (await only(store)).comment == answered()


async def test_a_second_outcome_is_not_shown(store: Store) -> None:
    await asked(store)
    intent = await begin(store, wanted(Action.ANSWER))
    await store.trail.settle(intent.intent_id, Effect.REFUSED, comment=question(), now=NOW)

    again = await store.trail.settle(intent.intent_id, Effect.DONE, comment=answered(), now=NOW)
    assert again == Ingested()
    assert await shown(store) == []


@pytest.mark.parametrize("action", list(Action))
async def test_an_action_on_what_was_detached_meanwhile_is_settled_in_silence(
    store: Store, action: Action
) -> None:
    await asked(store)
    intent = await begin(store, wanted(action))
    await store.trail.note_made(intent.intent_id, CommentId(REPLY))
    for room in ROOMS:
        await store.attachments.detach(room, VIDEO.object_id)

    done = await store.trail.settle(intent.intent_id, Effect.DONE, comment=answered(), now=NOW)
    assert done == Ingested()
    assert await store.trail.open() == []


# Replies.


async def test_a_reply_is_shown_under_its_question_and_its_sender_in_his_server_alone(
    store: Store,
) -> None:
    await asked(store)
    done = await answer(store)

    assert done.rooms == set(ROOMS)
    assert (await only(store)).replies == (await only(store, OTHER_ROOM)).replies == (SENT,)
    assert (await only(store, FAR_ROOM)).replies == (replace(SENT, actor=None),)


async def test_a_reply_says_nothing_of_who_set_the_state(store: Store) -> None:
    await asked(store)
    await act(store, wanted(Action.ANSWER, by=DEE), answered())
    intent = await begin(store, wanted(Action.REPLY))
    await store.trail.note_made(intent.intent_id, CommentId(REPLY))
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=answered(), now=NOW)

    assert [one.actor for one in (await only(store)).acted] == [DEE]


async def test_a_copy_is_news_as_any_other_question(store: Store) -> None:
    await asked(store)
    chat = replace(question(), kind=CommentKind.CHAT)
    intent = await begin(store, wanted(Action.COPY))
    await store.trail.note_made(intent.intent_id, CommentId(5))
    await store.trail.settle(intent.intent_id, Effect.DONE, comment=chat, now=NOW)
    await take(store, replace(comment(5), kind=CommentKind.QUESTION))

    assert await pending(store) == ["comment:5"]
