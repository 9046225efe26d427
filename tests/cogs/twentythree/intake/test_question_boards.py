"""Boards between a workspace and a store: made, filled, kept true, and questions handed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentPolicy,
    ObjectKind,
    Source,
)
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.intake import question_boards
from cogs.twentythree.intake.question_boards import QuestionBoards
from cogs.twentythree.storage import MadeBoard, NewBoard
from tests.fakes.boards import ANN, ANSWERED, BEN, numbers, question, waiting_boards
from tests.fakes.bridge_house import (
    ALL,
    GUILD,
    OTHER,
    PROMOTED,
    ROOM,
    SERVED,
    WEBINAR,
    House,
    running,
)
from tests.fakes.bridge_house import house as a_house

NEW = NewBoard(room_id=ROOM, object_id=WEBINAR, view=BoardView.BOARD, made_by=5)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with a_house(tmp_path, confirm_s=0.01, again_s=0.01) as made:
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        yield made


def asked(number: int, **values: Any) -> Comment:
    return question(number, WEBINAR, **values)


def hold(house: House, *found: Comment) -> None:
    house.workspace.held |= {one.comment_id: one for one in found}


def desk(house: House) -> QuestionBoards:
    return house.bridge.questions


async def made(house: House) -> MadeBoard:
    found = await desk(house).make(NEW)
    assert found is not None
    return found


async def board(house: House) -> BoardNotice:
    (only,) = await waiting_boards(house.store, ROOM)
    return only


async def test_a_board_shows_what_was_asked_before_it_was_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.workspace.page_size = 2
    hold(house, *(asked(number) for number in range(1, 8)), asked(8, status=ANSWERED))
    await house.attach(WEBINAR, comments=CommentPolicy.NONE)

    await made(house)

    assert numbers(await board(house)) == list(range(1, 8))
    assert (await board(house)).counts.answered == 1
    assert ROOM in house.woken

    monkeypatch.setattr(question_boards, "_MOST_PAGES", 2)
    await desk(house).drop(ROOM, WEBINAR)
    await made(house)
    # The newest are read first, and no more than so many.
    assert numbers(await board(house)) == [5, 6, 7]


async def test_without_the_workspace_there_is_no_board(house: House) -> None:
    await house.attach(WEBINAR)
    house.workspace.down = WorkspaceUnreachableError("comment/list")

    with pytest.raises(WorkspaceUnreachableError):
        await desk(house).make(NEW)

    assert await house.store.boards.find() == []


async def test_what_is_not_attached_there_gets_no_board(house: House) -> None:
    await house.attach(WEBINAR)

    assert await desk(house).make(replace(NEW, room_id=OTHER)) is None


async def test_a_board_that_is_there_is_moved_without_asking_the_workspace(house: House) -> None:
    hold(house, asked(1))
    await house.attach(WEBINAR)
    await made(house)
    house.workspace.down = WorkspaceUnreachableError("comment/list")

    assert (await made(house)).was_there
    assert numbers(await board(house)) == [1]


async def test_a_board_that_was_cut_off_before_it_was_shown_is_finished(house: House) -> None:
    await house.attach(WEBINAR)
    hold(house, asked(1))
    await house.store.boards.make(NEW, house.clock.now())
    house.workspace.down = WorkspaceUnreachableError("comment/list")
    await desk(house).look()
    assert await waiting_boards(house.store, ROOM) == []

    house.workspace.down = None
    again = House(house.store)
    again.workspace.held = house.workspace.held
    await desk(again).look()

    assert numbers(await board(house)) == [1]
    assert ROOM in again.woken


async def test_for_a_board_all_comments_are_listened_to_as_long_as_it_is_there(
    house: House,
) -> None:
    house.workspace.addresses[WEBINAR] = SERVED
    await house.attach(WEBINAR, comments=CommentPolicy.NONE)
    async with running(house):
        await house.until_looked_up([WEBINAR])
        before = house.bridge.states.channels()
        await made(house)
        during = house.bridge.states.channels()
        await house.bridge.detach(ROOM, WEBINAR, AtDetach.DELETE)
        await house.attach(WEBINAR, comments=CommentPolicy.PROMOTED)
        await house.until_looked_up([WEBINAR])
        after = house.bridge.states.channels()

    assert {ALL, PROMOTED}.isdisjoint(before)
    assert {ALL, PROMOTED} <= during
    assert ALL not in after


async def test_a_question_comes_by_realtime_and_goes_if_it_is_forged(house: House) -> None:
    await house.attach(WEBINAR, comments=CommentPolicy.NONE)
    async with running(house):
        await made(house)
        hold(house, asked(1))
        await house.ingest(asked(1))
        await house.ingest(asked(2, text="Buy now"))
        assert numbers(await board(house)) == [1, 2]

        async def is_true() -> bool:
            return numbers(await board(house)) == [1]

        await house.until_forged(1)
        await house.until(is_true)


async def test_what_became_of_a_question_meanwhile_is_found_by_a_reading(house: House) -> None:
    found = [asked(number) for number in range(1, 6)]
    hold(house, *found)
    house.workspace.page_size = 2
    await house.attach(WEBINAR, comments=CommentPolicy.NONE)
    await made(house)
    del house.workspace.held[CommentId(2)]
    hold(house, asked(1, status=ANSWERED))

    async with running(house):

        async def is_true() -> bool:
            house.bridge.read_all()
            return numbers(await board(house)) == [3, 4, 5]

        await house.until(is_true)

    assert (await board(house)).counts.answered == 1


async def test_what_somebody_has_for_five_minutes_goes_back(house: House) -> None:
    hold(house, asked(1))
    await house.attach(WEBINAR)
    await made(house)
    assert await desk(house).take_next(WEBINAR, GUILD, ANN) is not None
    assert await desk(house).take_next(WEBINAR, GUILD, BEN) is None
    assert [one.taken_by for one in (await board(house)).questions] == [ANN]

    house.woken.clear()
    house.advance(299)
    await desk(house).look()
    assert house.woken == set()
    house.advance(2)
    await desk(house).look()

    assert house.woken == {ROOM}
    assert [one.taken_by for one in (await board(house)).questions] == [None]


async def test_a_question_is_given_back_by_who_has_it(house: House) -> None:
    hold(house, asked(1))
    await house.attach(WEBINAR)
    await made(house)
    await desk(house).take_next(WEBINAR, GUILD, ANN)
    one = (WEBINAR, CommentId(1), GUILD)

    assert not await desk(house).give_back(*one, BEN.user_id)
    assert await desk(house).give_back(*one, ANN.user_id)
    assert not await desk(house).give_back(*one, ANN.user_id)
    assert [one.taken_by for one in (await board(house)).questions] == [None]


async def test_all_open_questions_come_in_pages(house: House) -> None:
    hold(house, *(asked(number) for number in range(1, 20)))
    await house.attach(WEBINAR)
    empty = await desk(house).page(WEBINAR, GUILD, 4)
    assert (empty.questions, empty.number, empty.pages) == ((), 0, 1)
    await made(house)

    pages = [await desk(house).page(WEBINAR, GUILD, number) for number in (0, 1, 2, 99)]

    assert [[one.comment_id for one in page.questions] for page in pages] == [
        list(range(1, 9)),
        list(range(9, 17)),
        [17, 18, 19],
        [17, 18, 19],
    ]
    assert [(page.number, page.pages) for page in pages] == [(0, 3), (1, 3), (2, 3), (2, 3)]


async def test_pruning_brings_the_boards_up_to_date(house: House) -> None:
    hold(house, asked(1))
    await house.attach(WEBINAR)
    await made(house)
    states = house.store.broadcasts
    seen = await house.workspace.live(WEBINAR)
    now = house.clock.now()
    for minute, is_on in enumerate((True, False, False)):
        observed = replace(seen, is_broadcasting=is_on)
        await states.ingest(observed, now=now + timedelta(minutes=10 * minute))
    house.advance(8 * 86_400)
    house.woken.clear()

    await desk(house).prune()

    assert house.woken == {ROOM}
    assert [one.text for one in (await board(house)).questions] == [""]


async def test_a_question_that_was_read_before_it_was_changed_stays_as_it_is_now(
    house: House,
) -> None:
    hold(house, asked(1), asked(2))
    await house.attach(WEBINAR)
    house.workspace.answers.clear()

    making = asyncio.create_task(desk(house).make(NEW))
    await house.until_called("comments", house.workspace.calls.count("comments") + 1)
    await house.bridge.intake.ingest(WEBINAR, [asked(1, status=ANSWERED)], Source.RECONCILE)
    house.workspace.answers.set()
    await making

    assert numbers(await board(house)) == [2]
