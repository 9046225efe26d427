"""When questions about what realtime told are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import CommentId, ObjectId
from cogs.twentythree.intake import rumours
from cogs.twentythree.intake.ports import BridgeOptions
from cogs.twentythree.intake.rumours import Rumours
from tests.fakes.intake import ClockSet
from tests.fakes.notices import comment_notice

VIDEO = ObjectId(7)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the loop's time, in seconds."""

    def set_to(seconds: float) -> None:
        monkeypatch.setattr(rumours, "loop_time", lambda: seconds)

    set_to(0.0)
    return set_to


async def made() -> Rumours:
    """Return those of an object that tells of 1, which is shown, and of 2, which nobody sees."""
    held = Rumours(ClockSet(), BridgeOptions(confirm_s=0.4, again_s=1.0))
    held.shown(VIDEO, [comment_notice(1).comment], known=())
    held.held_back(VIDEO, [comment_notice(2).comment])
    return held


def deny(held: Rumours, ids: Iterable[int]) -> None:
    asked = held.due(VIDEO)
    assert asked.keys() == set(ids)
    held.denied(VIDEO, asked.keys(), asked)
    unseen = any(not one.is_shown for one in asked.values())
    held.go_on(VIDEO, found_any=False, unseen=unseen, is_dear=False)


async def test_what_nobody_sees_puts_no_question_off_about_what_is_shown(
    at: Callable[[float], None],
) -> None:
    held = await made()
    at(0.1)
    deny(held, [2])
    at(0.4)
    deny(held, [1])
    at(1.1)
    deny(held, [2])
    at(1.4)
    assert held.due(VIDEO).keys() == {CommentId(1)}


async def test_no_answer_puts_all_questions_off(at: Callable[[float], None]) -> None:
    held = await made()
    at(0.4)
    held.put_off(VIDEO)
    at(1.3)
    assert not held.due(VIDEO)
    at(1.4)
    assert held.due(VIDEO).keys() == {CommentId(1), CommentId(2)}


async def test_questions_that_take_many_requests_are_gathered(
    at: Callable[[float], None],
) -> None:
    held = await made()
    at(0.1)
    held.go_on(VIDEO, found_any=True, unseen=False, is_dear=True)
    assert not held.due(VIDEO)
    at(0.4)
    assert held.due(VIDEO).keys() == {CommentId(1), CommentId(2)}


async def test_what_has_been_read_otherwise_than_told_keeps_nothing_waiting(
    at: Callable[[float], None],
) -> None:
    held = Rumours(ClockSet(), BridgeOptions(confirm_s=0.4, again_s=1.0))
    comment = comment_notice(2).comment
    held.held_back(VIDEO, [comment])
    assert held.unconfirmed_left(VIDEO) == 0
    at(0.1)
    held.answered(VIDEO, [replace(comment, text="Other words")])
    assert held.unconfirmed_left(VIDEO) > 0
