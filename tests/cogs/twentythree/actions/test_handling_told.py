"""Replies whose answer misleads, and comments that were read before they are acted on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cogs.twentythree.domain.acting import Done, Effect, Intent
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentId
from sandbox.workspace import WorkspaceFault
from tests.cogs.twentythree.actions.desk import DEE, MO, ROOM, Desk


async def sent(desk: Desk, comment_id: CommentId, text: str = "On Monday.") -> Done | None:
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, comment_id, text=text))
    assert isinstance(intent, Intent)
    return await desk.acting.send(intent.intent_id, MO.user_id)


@pytest.mark.parametrize(
    "text",
    ["a\0b", "a\ud800b", "a\u200bb\u2028c", "<b>*bold*</b> &amp; @everyone", "o" + "\u0302" * 1999],
    ids=["NUL", "half a pair", "zero-width", "markup", "marks"],
)
async def test_a_reply_of_odd_characters_is_known_again_when_its_answer_is_lost(
    desk: Desk, text: str
) -> None:
    number = await desk.say()
    desk.workspace.add_fault(WorkspaceFault(method="comment/add", drops=True, is_late=True))

    done = await sent(desk, number, text)

    assert done is not None
    assert (done.effect, desk.calls("comment/add")) == (Effect.DONE, 1)


async def test_an_answer_that_names_another_comment_shows_nothing_of_that_one(desk: Desk) -> None:
    """A reply is answered with 200 and the ID of a question on another object."""
    number = await desk.say()
    other = desk.workspace.state.add_live("A private event")
    foreign = await desk.workspace.changes.post_comment(
        other.object_id, "A secret", kind="question"
    )
    desk.workspace.add_fault(
        WorkspaceFault(method="comment/add", is_late=True, told_id=foreign.comment_id)
    )

    done = await sent(desk, number)

    assert done is not None
    assert (done.effect, desk.calls("comment/add")) == (Effect.DONE, 1)
    assert await desk.shown(CommentId(foreign.comment_id)) is None
    shown = await desk.shown(number)
    assert shown is not None
    assert [one.text for one in shown.replies] == ["On Monday."]


async def test_an_answer_that_names_a_viewers_comment_does_not_make_it_ours(desk: Desk) -> None:
    number, viewers = await desk.say(), await desk.say("Me, too.")
    desk.workspace.add_fault(WorkspaceFault(method="comment/add", is_late=True, told_id=viewers))

    done = await sent(desk, number)

    assert done is not None
    assert done.effect is Effect.DONE
    assert await desk.shown(viewers) is not None
    shown = await desk.shown(number)
    assert shown is not None
    assert [one.text for one in shown.replies] == ["On Monday."]


async def test_a_reply_is_not_sent_where_its_object_turned_private_meanwhile(desk: Desk) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    info = (await desk.api.find(desk.object_id)).info
    await desk.store.memory.refresh_object(replace(info, is_public=False), desk.clock.now())

    done = await desk.acting.send(intent.intent_id, MO.user_id)

    assert done is not None
    assert (done.effect, desk.calls("comment/add")) == (Effect.REFUSED, 0)


async def test_a_comment_that_was_read_before_is_read_again_once_somebody_has_acted(
    desk: Desk,
) -> None:
    number = await desk.say()
    held = await desk.store.attachments.held(ROOM, desk.object_id)
    before = desk.calls("comment/list")

    async with desk.acting.reading(number) as mos, desk.acting.reading(number) as dees:
        mos.held = dees.held = held
        first, second = await asyncio.gather(
            desk.acting.act(desk.wanted(Action.ANSWER, number), None, mos),
            desk.acting.act(desk.wanted(Action.ANSWER, number, by=DEE), None, dees),
        )

    assert (first.effect, second.effect) == (Effect.DONE, Effect.ALREADY)
    assert desk.calls("comment/update") == 1
    # Twice ahead, once back, and once more for who came second.
    assert desk.calls("comment/list") - before == 4
