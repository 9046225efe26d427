"""What moderators want of comments: done once, and known to be done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.acting import NOT_THERE, Absence, Done, Effect, Intent
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    Attachment,
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    RoomId,
    Source,
)
from sandbox.workspace import Level, WorkspaceFault
from tests.cogs.twentythree.actions.desk import (
    DEE,
    FAR_ROOM,
    GUILD,
    MO,
    NAME,
    ROOM,
    Desk,
    finding_out,
    is_settled,
    is_told,
    until,
)

SETTING = [Action.PROMOTE, Action.ANSWER, Action.DISMISS, Action.DELETE]
METHODS = {
    Action.PROMOTE: "comment/promote",
    Action.ANSWER: "comment/update",
    Action.DISMISS: "comment/update",
    Action.DELETE: "comment/delete",
    Action.COPY: "comment/clone",
    Action.REPLY: "comment/add",
}


def is_as_wanted(desk: Desk, action: Action, comment_id: CommentId) -> bool:
    comment = desk.workspace.state.comments.get(comment_id)
    match action:
        case Action.DELETE:
            return comment is None
        case Action.PROMOTE:
            return comment is not None and comment.is_promoted
        case Action.ANSWER:
            return comment is not None and comment.status == "answered"
        case _:
            return comment is not None and comment.status == "dismissed"


async def sent(desk: Desk, comment_id: CommentId, text: str = "On Monday.") -> Done | None:
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, comment_id, text=text))
    assert isinstance(intent, Intent)
    return await desk.acting.send(intent.intent_id, MO.user_id)


@pytest.mark.parametrize("action", SETTING)
async def test_an_action_is_done_and_shown(desk: Desk, action: Action) -> None:
    number = await desk.say()
    done = await desk.acting.act(desk.wanted(action, number))

    assert (done.effect, desk.calls(METHODS[action])) == (Effect.DONE, 1)
    assert is_as_wanted(desk, action, number)
    assert await desk.store.trail.open() == []
    here, there = await desk.shown(number), await desk.shown(number, FAR_ROOM)
    if action is Action.DELETE:
        assert (here, there) == (None, None)
        return
    assert here is not None
    assert there is not None
    assert [one.actor for one in here.acted] == [MO]
    assert there.acted == ()
    assert {ROOM, FAR_ROOM} <= desk.rooms.woken


@pytest.mark.parametrize("action", SETTING)
async def test_what_is_so_already_is_not_done_again(desk: Desk, action: Action) -> None:
    number = await desk.say()
    await desk.acting.act(desk.wanted(action, number))
    again = await desk.acting.act(desk.wanted(action, number, by=DEE))

    assert (again.effect, desk.calls(METHODS[action])) == (Effect.ALREADY, 1)
    assert again.by is not None
    assert again.by.actor == MO


async def test_two_at_once_and_five_presses_do_it_once(desk: Desk) -> None:
    number = await desk.say()
    presses = [desk.acting.act(desk.wanted(Action.ANSWER, number, by=MO)) for _ in range(5)]
    presses.append(desk.acting.act(desk.wanted(Action.ANSWER, number, by=DEE)))
    effects = [done.effect for done in await asyncio.gather(*presses)]

    assert sorted(effects) == [Effect.ALREADY] * 5 + [Effect.DONE]
    assert desk.calls("comment/update") == 1


async def test_what_somebody_did_on_the_platform_is_shown_and_not_done_again(desk: Desk) -> None:
    number = await desk.say()
    desk.workspace.state.comments[number].status = "answered"
    done = await desk.acting.act(desk.wanted(Action.ANSWER, number))

    assert (done.effect, done.by, desk.calls("comment/update")) == (Effect.ALREADY, None, 0)
    shown = await desk.shown(number)
    assert shown is not None
    assert shown.comment.status is CommentStatus.ANSWERED


async def test_a_comment_that_is_gone_is_said_to_be(desk: Desk) -> None:
    number = await desk.say()
    await desk.workspace.changes.delete_comment(number)
    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))

    assert (done.effect, desk.calls("comment/promote")) == (Effect.GONE, 0)


async def test_an_id_that_was_forged_on_another_object_is_acted_on_where_it_is(
    desk: Desk,
) -> None:
    number = await desk.say()
    other = ObjectId(desk.workspace.state.add_live("Another").object_id)
    done = await desk.acting.act(replace(desk.wanted(Action.PROMOTE, number), object_id=other))
    assert done.effect is Effect.REFUSED
    await desk.attach(has_actions=True, object_id=other)
    done = await desk.acting.act(replace(desk.wanted(Action.PROMOTE, number), object_id=other))

    assert done.effect is Effect.DONE
    assert desk.workspace.state.comments[number].is_promoted


async def test_where_the_workspace_is_away_nothing_is_done(desk: Desk) -> None:
    number = await desk.say()
    desk.workspace.is_down = True
    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))

    assert done.effect is Effect.NOT_DONE
    assert "could not be reached" in done.reason


async def test_refused_credentials_are_no_workspace_that_is_away(desk: Desk) -> None:
    number = await desk.say()
    desk.workspace.add_fault(WorkspaceFault(method="comment/list", is_refused=True))
    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))

    assert done.effect is Effect.REFUSED
    assert "credentials" in done.reason


async def test_a_reply_is_not_sent_where_actions_were_turned_off_meanwhile(desk: Desk) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    await desk.attach(has_actions=False)
    done = await desk.acting.send(intent.intent_id, MO.user_id)

    assert done is not None
    assert (done.effect, desk.calls("comment/add")) == (Effect.REFUSED, 0)


async def test_too_low_a_level_is_refused_with_what_to_do(desk: Desk) -> None:
    number = await desk.say()
    desk.workspace.add_fault(WorkspaceFault(method="comment/promote", level=Level.READ))
    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))

    assert done.effect is Effect.REFUSED
    assert "write" in done.reason


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("action", SETTING)
async def test_a_lost_answer_is_found_out_at_once(
    desk: Desk, action: Action, *, is_late: bool
) -> None:
    number = await desk.say()
    fault = WorkspaceFault(method=METHODS[action], drops=True, is_late=is_late)
    desk.workspace.add_fault(fault)
    done = await desk.acting.act(desk.wanted(action, number))

    assert done.effect is Effect.DONE
    assert is_as_wanted(desk, action, number)
    assert desk.calls(METHODS[action]) == (1 if is_late else 2)


@pytest.mark.parametrize("action", SETTING)
async def test_what_is_not_known_is_found_out_once_the_workspace_is_back(
    desk: Desk, action: Action
) -> None:
    number = await desk.say()
    gone = WorkspaceFault(method=METHODS[action], drops=True, is_late=True)
    desk.workspace.add_fault(gone)
    away = desk.workspace.add_fault(
        WorkspaceFault(method="comment/list", times=None, drops=True, hits=0)
    )
    away.times = 0

    async def leave() -> None:
        away.times = None

    gone.meanwhile = leave
    done = await desk.acting.act(desk.wanted(action, number))
    assert (done.effect, done.intent_id is None) == (Effect.UNKNOWN, False)

    async with finding_out(desk):
        away.times = 0
        known = await desk.acting.known(done.intent_id or 0, within_s=20)
    assert known is not None
    assert (known.effect, desk.calls(METHODS[action])) == (Effect.DONE, 1)


@pytest.mark.parametrize("action", SETTING)
async def test_what_nobody_waits_for_any_more_is_found_out_all_the_same(
    desk: Desk, action: Action
) -> None:
    number = await desk.say()
    fault = desk.workspace.add_fault(
        WorkspaceFault(method=METHODS[action], drops=True, is_late=True)
    )
    async with finding_out(desk):
        pressing = asyncio.create_task(desk.acting.act(desk.wanted(action, number)))

        async def give_up() -> None:
            pressing.cancel()

        fault.meanwhile = give_up
        await asyncio.wait({pressing})
        assert pressing.cancelled()
        await until(desk, lambda: is_settled(desk))

    assert is_as_wanted(desk, action, number)
    assert desk.calls(METHODS[action]) == 1


async def test_a_reply_that_is_given_up_before_its_turn_is_found_out_all_the_same(
    desk: Desk,
) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    fault = desk.workspace.add_fault(
        WorkspaceFault(method=METHODS[Action.PROMOTE], drops=True, is_late=True)
    )

    async def give_up() -> None:
        sending = asyncio.create_task(desk.acting.send(intent.intent_id, MO.user_id))
        while len(await desk.store.trail.open()) < 2:
            pass
        # By then it knows that itself, and waits for its turn.
        await desk.store.trail.open()
        sending.cancel()
        await asyncio.wait({sending})
        assert sending.cancelled()

    fault.meanwhile = give_up
    async with finding_out(desk):
        await desk.acting.act(desk.wanted(Action.PROMOTE, number))
        desk.clock.ahead = timedelta(seconds=11)
        await until(desk, lambda: is_settled(desk))

    assert desk.calls(METHODS[Action.REPLY]) == 0


@pytest.mark.parametrize("is_sent", [False, True])
@pytest.mark.parametrize("action", SETTING)
async def test_after_a_crash_the_next_start_settles_it(
    desk: Desk, action: Action, *, is_sent: bool
) -> None:
    number = await desk.say()
    await begin(desk, action, number)
    if is_sent:
        await _do(desk, action, number)
    desk.acting = desk.started()
    async with finding_out(desk):
        await until(desk, lambda: is_settled(desk))

    assert is_as_wanted(desk, action, number)
    assert desk.calls(METHODS[action]) == 1
    assert desk.rooms.said == []


async def test_what_was_begun_long_ago_is_not_done_any_more_and_said(desk: Desk) -> None:
    number = await desk.say()
    await begin(desk, Action.PROMOTE, number, ago=timedelta(minutes=10))
    async with finding_out(desk):
        await until(desk, lambda: is_settled(desk))
        await until(desk, lambda: is_told(desk))

    assert desk.calls("comment/promote") == 0
    ((user_id, text),) = desk.rooms.said
    assert user_id == MO.user_id
    assert "was not done" in text


async def test_what_was_under_way_does_not_undo_what_was_done_since(desk: Desk) -> None:
    number = await desk.say()
    await begin(desk, Action.ANSWER, number)
    await _do(desk, Action.ANSWER, number)
    desk.acting = desk.started()
    await desk.acting.act(desk.wanted(Action.DISMISS, number, by=DEE))
    async with finding_out(desk):
        await until(desk, lambda: is_told(desk))

    assert is_as_wanted(desk, Action.DISMISS, number)
    assert desk.calls("comment/update") == 2
    ((user_id, text),) = desk.rooms.said
    assert user_id == MO.user_id
    assert "something else" in text


# What makes a comment.


async def test_a_reply_is_sent_once_and_shown_under_its_question(desk: Desk) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    assert desk.calls("comment/add") == 0
    presses = [desk.acting.send(intent.intent_id, MO.user_id) for _ in range(3)]
    effects = [None if one is None else one.effect for one in await asyncio.gather(*presses)]

    assert sorted(effects, key=str) == [None, None, Effect.DONE]
    made = [one for one in desk.workspace.state.comments.values() if one.reply_to == number]
    assert [(one.author, one.text) for one in made] == [(NAME, "On Monday.")]
    shown = await desk.shown(number)
    assert shown is not None
    assert [(one.name, one.text, one.actor) for one in shown.replies] == [(NAME, "On Monday.", MO)]
    # It comes back as any comment does, and is no news.
    found = await desk.api.comment(CommentId(made[0].comment_id))
    assert found is not None
    await desk.parts.intake.ingest_read(desk.object_id, [found])
    assert await desk.shown(CommentId(made[0].comment_id)) is None


async def test_nobody_sends_what_is_somebody_elses(desk: Desk) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)

    assert await desk.acting.send(intent.intent_id, DEE.user_id) is None
    assert await desk.acting.drop(intent.intent_id, MO.user_id)
    assert await desk.acting.send(intent.intent_id, MO.user_id) is None


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_reply_whose_answer_is_lost_is_never_there_twice(
    desk: Desk, *, is_late: bool
) -> None:
    number = await desk.say()
    desk.workspace.add_fault(WorkspaceFault(method="comment/add", drops=True, is_late=is_late))
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    done = await desk.acting.send(intent.intent_id, MO.user_id)
    assert done is not None
    if not is_late:
        assert done.effect is Effect.UNKNOWN
        desk.clock.ahead += timedelta(seconds=11)
        async with finding_out(desk):
            done = await desk.acting.known(intent.intent_id, within_s=20)
        assert done is not None
        assert done.effect is Effect.NOT_DONE
        done = await desk.acting.send(intent.intent_id, MO.user_id)

    assert done is not None
    assert done.effect is Effect.DONE
    made = [one for one in desk.workspace.state.comments.values() if one.reply_to == number]
    assert len(made) == 1


async def test_spam_is_said_to_be(desk: Desk) -> None:
    desk.workspace.options.spam = "Monday"
    done = await sent(desk, await desk.say())

    assert done is not None
    assert done.effect is Effect.REFUSED
    assert "spam" in done.reason


async def test_a_chat_line_is_copied_once(desk: Desk) -> None:
    number = await desk.say("When does it begin?", kind="chat")
    first = await desk.acting.act(desk.wanted(Action.COPY, number))
    second = await desk.acting.act(desk.wanted(Action.COPY, number, by=DEE))

    assert (first.effect, second.effect) == (Effect.DONE, Effect.ALREADY)
    assert second.by is not None
    assert second.by.actor == MO
    kinds = [one.kind for one in desk.workspace.state.comments.values()]
    assert sorted(kinds) == [CommentKind.CHAT, CommentKind.QUESTION]


# Beside.


async def test_what_a_comment_is_on_is_found_by_its_room(desk: Desk) -> None:
    number = await desk.say()

    found = await desk.acting.standpoint(GUILD, ROOM, number)
    assert found.held is not None
    assert found.held.object.object_id == desk.object_id
    assert (await desk.acting.standpoint(GUILD, FAR_ROOM, CommentId(5))).held is None


async def test_what_is_not_agreed_to_is_not_done_and_the_comment_is_read_meanwhile(
    desk: Desk,
) -> None:
    number = await desk.say()
    agreed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    desk.workspace.log.clear()

    async def is_read() -> bool:
        return bool(desk.workspace.log)

    acting = asyncio.create_task(desk.acting.act(desk.wanted(Action.PROMOTE, number), agreed))
    await until(desk, is_read)
    agreed.set_result(False)

    assert (await acting).effect is Effect.DROPPED
    assert [one.method for one in desk.workspace.log] == ["comment/list"]
    assert await desk.acting.history(GUILD) == []


async def test_a_comment_that_is_not_known_is_asked_for(desk: Desk) -> None:
    known_to_it = await desk.workspace.changes.post_comment(desk.live.object_id, "Old?")
    other = desk.workspace.state.add_live("Another")
    elsewhere = await desk.workspace.changes.post_comment(other.object_id, "Here?")
    look_for = desk.acting.look_for

    found = await look_for(ROOM, CommentId(known_to_it.comment_id))
    assert isinstance(found, Attachment)
    assert found.object.object_id == desk.object_id
    assert await look_for(ROOM, CommentId(elsewhere.comment_id)) is Absence.OBJECT
    assert await look_for(ROOM, CommentId(999)) is Absence.COMMENT
    calls = desk.calls("comment/list")
    assert await look_for(ROOM, CommentId(0)) is Absence.COMMENT
    assert await look_for(RoomId(99), CommentId(known_to_it.comment_id)) is Absence.OBJECT
    assert desk.calls("comment/list") == calls


async def test_what_realtime_alone_has_told_of_was_not_deleted(desk: Desk) -> None:
    number = await desk.say()
    comment = await desk.acting.comment(number)
    assert comment is not None
    forged = replace(comment, comment_id=CommentId(number + 1))
    await desk.parts.intake.ingest(desk.object_id, [forged], Source.REALTIME)

    for action in (Action.ANSWER, Action.DELETE):
        done = await desk.acting.act(desk.wanted(action, forged.comment_id))
        assert (done.effect, done.reason) == (Effect.GONE, NOT_THERE)
    assert not await desk.acting.was_confirmed(desk.object_id, forged.comment_id)
    assert await desk.acting.was_confirmed(desk.object_id, number)


async def begin(
    desk: Desk, action: Action, number: CommentId, *, ago: timedelta = timedelta()
) -> None:
    """Put an action on record, as a process that dies then leaves it."""
    comment = await desk.api.comment(number)
    assert comment is not None
    await desk.store.trail.begin(
        desk.wanted(action, number),
        name="",
        comment=comment,
        object_title="The launch",
        is_draft=False,
        now=desk.clock.now() - ago,
    )


async def _do(desk: Desk, action: Action, number: CommentId) -> None:
    writing = desk.api.writing
    match action:
        case Action.DELETE:
            await writing.delete(number)
        case Action.PROMOTE:
            await writing.promote(number, is_promoted=True)
        case Action.ANSWER:
            await writing.set_status(desk.object_id, number, CommentStatus.ANSWERED)
        case _:
            await writing.set_status(desk.object_id, number, CommentStatus.DISMISSED)
