"""The judges of what moderators do, and of what rooms say of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentNotice, CommentStatus, Standing
from cogs.twentythree.embeds import message
from sandbox.chat import Channel, Chat, Reply
from sandbox.workspace import Workspace
from tests.fakes.notices import acting_notice, deed, sent_reply

from .answers import Entry, Judge
from .marks import Mark, marks_of, untrue_marks
from .plan import MAKERS, plan_of
from .speech import Speech
from .staff import Pressed
from .verdict import Sight, overstaying, too_soon
from .wishes import ACTION_FAULTS
from .witness import BY_HAND, Witness


def answered(number: int) -> CommentNotice:
    notice = acting_notice(number, status=CommentStatus.ANSWERED, is_promoted=True)
    return replace(
        notice,
        acted=(deed(Action.ANSWER, 11),),
        replies=(sent_reply(text="Replied number 5"),),
    )


@pytest.mark.parametrize("count", [1, 30])
def test_marks_are_read_from_cards_and_from_lines(count: int) -> None:
    body = message([answered(number) for number in range(1, count + 1)])
    read = [mark for embed in body["embeds"] for mark in marks_of(embed)]

    assert [one.comment_id for one in read] == list(range(1, count + 1))
    # A line has one mark.
    shown = {"promoted", "answered"} if count == 1 else {"answered"}
    assert {one.states for one in read} == {frozenset(shown)}
    assert {one.is_alone for one in read} == {count == 1}
    if count == 1:
        assert read[0].replies == ["Replied number 5"]
        assert read[0].signed == [("answered", 11)]


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("standing", [Standing.WITHHELD, Standing.REMOVED])
def test_marks_tell_what_is_shown_no_more(count: int, standing: Standing) -> None:
    notices = [replace(answered(number), standing=standing) for number in range(1, count + 1)]
    read = [mark for embed in message(notices)["embeds"] for mark in marks_of(embed)]

    assert len(read) == count
    assert {one.is_withheld for one in read} == {standing is Standing.WITHHELD}
    assert {one.is_removed for one in read} == {standing is Standing.REMOVED}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "is ['promoted'] and shown as []"),
        ({"states": {"promoted"}, "replies": ["Replied number 2"]}, "that are not there"),
        ({"states": {"promoted"}, "is_withheld": True}, "is promoted, and said not to be"),
        ({"states": {"promoted"}}, "has replies ['Replied number 1'] and shows []"),
        (
            {
                "states": {"promoted"},
                "replies": ["Replied number 1"],
                "signed": [("promoted", 5)],
            },
            "who did not press that",
        ),
    ],
)
def test_what_a_room_says_wrongly_is_told(said: dict[str, Any], words: str) -> None:
    workspace = Workspace()
    live = workspace.state.add_live("Film")
    asked = workspace.state.add_comment(live.object_id, "question", "?", "Ada")
    asked.is_promoted = True
    reply = workspace.state.add_comment(live.object_id, "comment", "Replied number 1", "Team")
    reply.reply_to = asked.comment_id
    states = frozenset(said.pop("states", set()))
    mark = Mark(comment_id=asked.comment_id, states=states, is_alone=True, **said)

    found = untrue_marks("one", [mark], workspace, {("promote", 6, asked.comment_id)})

    assert any(words in one for one in found), found


def test_a_reply_is_to_have_no_notice_of_its_own() -> None:
    workspace = Workspace()
    live = workspace.state.add_live("Film")
    asked = workspace.state.add_comment(live.object_id, "question", "?", "Ada")
    reply = workspace.state.add_comment(live.object_id, "comment", "Replied number 1", "Team")
    reply.reply_to = asked.comment_id
    shown = [
        Mark(comment_id=asked.comment_id, states=frozenset(), is_alone=False),
        Mark(comment_id=reply.comment_id, states=frozenset(), is_alone=False),
    ]

    (wrong,) = untrue_marks("one", shown, workspace, ())

    assert "has a notice of its own" in wrong


async def test_what_the_api_makes_twice_is_noticed() -> None:
    workspace = Workspace()
    speech = Speech(workspace, [])
    witness = Witness(workspace, speech)
    witness.watch()
    live = workspace.state.add_live("Film")
    speech.begin([live])
    token = BY_HAND.set(True)
    await speech.speak(0)
    await speech.speak(0)
    BY_HAND.reset(token)
    line = speech.id_at(0.5)
    assert line is not None
    for _ in range(2):
        await workspace.changes.post_comment(live.object_id, "Again", reply_to=line)
        await workspace.changes.clone_comment(line, kind="question")
    await workspace.changes.promote(line)
    await workspace.changes.promote(line)

    assert witness.twice == [f"'Again' was sent twice under {line}", "comment 1 was copied twice"]
    assert witness.done("promote", line) == 1
    assert witness.was_so("promote", line, asyncio.get_running_loop().time())


class Played:
    """A Discord in which one press was answered."""

    def __init__(self, said: str, *private: str) -> None:
        self.people = self
        self._said = said
        self._private = private

    def reply(self, interaction_id: int) -> Reply:
        return Reply(interaction_id=interaction_id, content=self._said)

    def dms(self, _: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(content=one) for one in self._private]


async def judged(
    said: str, *private: str, is_done: bool, is_early: bool = False, **values: Any
) -> list[str]:
    """Return what is wrong with an answer to somebody who wanted a question promoted.

    ``is_early``: they pressed under a forged one, before the question was asked.
    """
    early = asyncio.get_running_loop().time()
    workspace = Workspace()
    speech = Speech(workspace, [])
    witness = Witness(workspace, speech)
    witness.watch()
    live = workspace.state.add_live("Film")
    speech.begin([live])
    comment = await workspace.changes.post_comment(live.object_id, "?", kind="question")
    number = comment.comment_id
    entry = Entry(
        user_id=5,
        action="promote",
        comment_id=number,
        at=1.0,
        stage="done",
        effect="done" if is_done else "not done",
        settled_at=9.0,
    )
    pressed = Pressed(
        user_id=5,
        room=cast("Channel", SimpleNamespace(name="one")),
        action="promote",
        comment_id=number,
        began=early if is_early else asyncio.get_running_loop().time(),
        at=1.0,
        interaction_id=3,
        is_asked=True,
        over_at=2.0,
        **values,
    )
    if is_done:
        await workspace.changes.promote(number)
    told = [one.format(number) for one in private]
    judge = Judge(
        cast("Chat", Played(said, *told)),
        workspace,
        witness,
        [entry],
        may_fail=False,
        is_told=True,
        is_lied_to=False,
    )
    return judge.wrongs([pressed])


NOT_DONE = "Not done: the workspace does not answer."
NOT_THERE = "The workspace does not have this comment: it was deleted there, or never was there."


@pytest.mark.parametrize(
    ("said", "is_done", "values"),
    [
        ("⭐ Promoted.", True, {}),
        (NOT_DONE, False, {}),
        (NOT_THERE, False, {"is_early": True}),
        ("", True, {"is_cut": True}),
        ("", True, {"failed": "not offered"}),
    ],
)
async def test_an_answer_that_is_true_is_well(
    said: str, values: dict[str, Any], *, is_done: bool
) -> None:
    assert await judged(said, is_done=is_done, **values) == []


@pytest.mark.parametrize(
    ("said", "is_done", "values", "words"),
    [
        ("⭐ Promoted.", False, {}, "was said to be done and is not"),
        ("@dee has promoted this already.", False, {}, "was said to be done and is not"),
        (NOT_DONE, True, {}, "was done, and said not to be"),
        ("This comment is gone: it was deleted on the platform.", True, {}, "and is there"),
        (NOT_THERE, False, {}, "and is there"),
        ("Something went wrong inside the bot.", True, {}, "was answered with"),
        ("Not known yet; this message will say.", True, {}, "was answered with"),
        ("", False, {"failed": "it does not say what became of it"}, "was not answered"),
        ("", True, {"failed": "the application did not respond"}, "and it was done"),
        ("", False, {"is_cut": True}, "was lost without a word"),
    ],
)
async def test_an_answer_that_is_not_true_is_told(
    said: str, values: dict[str, Any], words: str, *, is_done: bool
) -> None:
    found = await judged(said, is_done=is_done, **values)

    assert any(words in one for one in found), found


async def test_a_private_message_is_a_word() -> None:
    word = "What you wanted done to comment {} (promote) was not done."

    assert await judged("", word, is_done=False, is_cut=True) == []


def test_a_question_is_private_before_its_promotion_and_soon_after() -> None:
    sights = [
        Sight(at=float(at), is_calm=True, shown=(frozenset(), frozenset({1}))) for at in range(8)
    ]

    assert too_soon(sights, 1, {1: 2.0}) == ["room 2: comment 1 was private and shown"]
    assert too_soon(sights, 1, {1: 0.0}) == []
    (wrong,) = overstaying(sights, 1, [(1, 2.0, 6.0)])
    assert "shown for 4.0 s" in wrong
    assert overstaying(sights, 1, [(1, 2.0, 4.0)]) == []


def test_a_share_of_the_plans_has_actions_and_faults_that_meet_them() -> None:
    plans = [plan_of(seed) for seed in range(200)]
    acting = [plan for plan in plans if plan.has_actions]

    assert 50 < len(acting) < 90
    names = {step.name for plan in acting for step in plan.steps}
    assert names >= ACTION_FAULTS.keys()
    others = {step.name for plan in plans if not plan.has_actions for step in plan.steps}
    assert others.isdisjoint(ACTION_FAULTS)
    assert plan_of(3, ["undo"]).has_actions
    assert MAKERS.keys() >= ACTION_FAULTS.keys()
