"""What realtime shows is confirmed by the workspace, or leaves the rooms."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.domain.model import Comment, CommentKind, CommentNotice, CommentPolicy, RoomId
from cogs.twentythree.errors import (
    AccessDeniedError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceUnreachableError,
)
from cogs.twentythree.realtime import MessageReceived
from tests.fakes.bridge_house import (
    ALL,
    OTHER,
    PROMOTED,
    ROOM,
    SERVED,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)
from tests.fakes.realtime import FakeRealtime
from tests.fakes.workspace import row


@asynccontextmanager
async def listening(
    path: Path, policy: CommentPolicy = CommentPolicy.ALL, **options: Any
) -> AsyncGenerator[tuple[House, FakeRealtime]]:
    """A video in a room, and its channels heard.

    Three comments are there, and known since before it was attached: 1 to 3, of which 2 is a
    private question.
    """
    quick = {"confirm_s": 0.02, "again_s": 0.02, "spacing_s": 0.01, "hold_s": 0.01}
    async with house(path, **(quick | options)) as made:
        for number in (1, 2, 3):
            kind = CommentKind.QUESTION if number == 2 else CommentKind.COMMENT
            made.workspace.say(number, VIDEO, kind=kind, text="Hello")
        async with running(made):
            client = await made.served(comments=policy)
            await client.until_subscribed(
                *([PROMOTED] if policy is CommentPolicy.PROMOTED else [PROMOTED, ALL])
            )
            await made.until_looked_up([VIDEO])
            yield made, client


def hear(client: FakeRealtime, *numbers: int, channel: str = ALL, **values: object) -> None:
    values = {"promoted_p": False, **values}
    for number in numbers:
        client.tell(MessageReceived(channel, row(number) | values))


async def texts(made: House, room: RoomId = ROOM) -> str:
    return str((await made.store.outbox.work(room)).pending)


async def in_order(made: House) -> list[str]:
    pending = (await made.store.outbox.work(ROOM, limit=10_000)).pending
    told = [one.notice for one in pending if isinstance(one.notice, CommentNotice)]
    return [f"comment {one.comment.comment_id}" for one in told]


async def verified_until(made: House) -> datetime | None:
    held = await made.bridge.attachments(object_id=VIDEO)
    return made.bridge.object_status(held).verified_until


async def until_confirmed(made: House) -> None:
    async def is_confirmed() -> bool:
        return not await made.store.memory.unconfirmed()

    await made.until(is_confirmed)


async def test_a_forged_comment_is_shown_denied_and_gone(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.gate.clear()
        hear(client, 5)
        await made.until_said("comment 5")
        made.workspace.gate.set()
        await made.until_said()

        assert made.forged() == 1
        assert await made.store.memory.unconfirmed() == {}
        made.workspace.say(5, VIDEO, text="Real words")
        hear(client, 5, content_text="Real words")
        await made.until_said("comment 5")
        assert "Real words" in await texts(made)


async def test_a_lie_that_ends_between_two_questions_takes_nothing_away(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        ended: list[bool] = []

        def lie(told: Sequence[Comment]) -> Sequence[Comment]:
            # The question about one that is known to be there is the first that is answered.
            ended.extend([True] * any(one.comment_id < 5 for one in told))
            return told if ended else []

        made.workspace.say(5, VIDEO, author="Ada", text="Hello")
        made.workspace.lie = lie
        hear(client, 5)
        await made.until_said("comment 5")
        await until_confirmed(made)

        assert made.forged() is None
        await made.until_said("comment 5")


async def test_where_nothing_is_known_that_could_vouch_a_denial_more_is_needed(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, confirm_s=0.02, again_s=0.02) as made:
        made.workspace.addresses[VIDEO] = SERVED
        async with running(made):
            client = await made.served(comments=CommentPolicy.ALL)
            await client.until_subscribed(PROMOTED, ALL)
            await made.until_looked_up([VIDEO])
            calls = made.workspace.calls
            calls.clear()
            made.workspace.say(5, VIDEO, author="Ada", text="Hello")
            # Asked twice, a while apart, and at once again: all that it takes elsewhere.
            made.workspace.lie = lambda told: told if calls.count("comment") > 3 else []
            made.workspace.gate.clear()
            hear(client, 5)
            await made.until_said("comment 5")
            made.workspace.gate.set()
            await until_confirmed(made)

            assert await made.said() == ["comment 5"]
            assert made.forged() is None


async def test_a_comment_that_the_workspace_learns_of_a_moment_later_stays(tmp_path: Path) -> None:
    async with listening(tmp_path, again_s=0.2) as (made, client):
        made.workspace.calls.clear()
        hear(client, 5)
        await made.until_called("comment", 1)
        made.workspace.say(5, VIDEO, text="Hello")
        await until_confirmed(made)

        assert await made.said() == ["comment 5"]
        assert made.forged() is None


@pytest.mark.parametrize(
    "error",
    [
        WorkspaceUnreachableError("comment/list", "timeout"),
        UnreadableAnswerError("comment/list", "200"),
        AccessDeniedError("comment/list"),
    ],
    ids=["away", "HTML", "refused"],
)
async def test_while_the_workspace_does_not_answer_nothing_leaves(
    tmp_path: Path, error: WorkspaceError
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.calls.clear()
        made.workspace.down = error
        made.workspace.say(6, VIDEO)
        hear(client, 5, 6)
        await made.until_called("comment", 6)
        made.advance(30)
        assert await made.said() == ["comment 5", "comment 6"]
        made.workspace.down = None
        await until_confirmed(made)

        assert await made.said() == ["comment 6"]


async def test_what_was_shown_before_a_restart_is_asked_about_after_it(tmp_path: Path) -> None:
    async with listening(tmp_path, confirm_s=60) as (made, client):
        hear(client, 5, 6)
        await made.until_said("comment 5", "comment 6")
        known = made.workspace
    async with house(tmp_path, confirm_s=0.02, again_s=0.02) as again:
        again.workspace.objects, again.workspace.held = known.objects, known.held
        again.workspace.say(6, VIDEO)
        async with running(again):
            await again.until_said("comment 6")


@pytest.mark.parametrize("is_empty", [True, False], ids=["empty", "lowered"])
async def test_a_workspace_that_hides_what_it_has_makes_nothing_forged(
    tmp_path: Path, *, is_empty: bool
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.say(5, VIDEO, kind=CommentKind.QUESTION, text="Hello")
        if is_empty:
            made.workspace.lie = lambda _: []
        else:
            made.workspace.level = "anonymous"
        made.workspace.calls.clear()
        hear(client, 5, comment_type="question")
        await made.until_called("site", 3)
        assert await made.said() == ["comment 5"]
        made.workspace.lie, made.workspace.level = (lambda told: told), "read"
        await until_confirmed(made)

        assert await made.said() == ["comment 5"]
        assert made.forged() is None


async def test_the_level_of_the_attach_counts_before_there_was_a_reading(tmp_path: Path) -> None:
    async with house(tmp_path, confirm_s=0.02, again_s=0.02) as made:
        made.workspace.add(VIDEO)
        made.workspace.addresses[VIDEO] = SERVED
        made.workspace.say(1, VIDEO)
        await made.attach(comments=CommentPolicy.ALL)
        made.workspace.level = "anonymous"
        async with running(made):
            client = await made.client()
            await client.until_subscribed(PROMOTED, ALL)
            await made.until_looked_up([VIDEO])
            made.workspace.say(5, VIDEO, kind=CommentKind.QUESTION)
            made.workspace.calls.clear()
            hear(client, 5, comment_type="question")
            await made.until_called("site", 3)

            assert await made.said() == ["comment 5"]


async def test_a_comment_of_another_object_goes_where_it_belongs(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.add(WEBINAR)
        await made.attach(WEBINAR, OTHER, comments=CommentPolicy.ALL)
        made.workspace.say(5, WEBINAR)
        hear(client, 5)
        await made.until_said("comment 5", room=OTHER)
        await made.until_said()


async def test_after_three_forged_comments_an_object_is_verified_first_for_an_hour(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        assert (await verified_until(made)) is None
        hear(client, 5, 6, 7)
        await made.until_forged(3)
        assert (await verified_until(made)) is not None

        made.workspace.gate.clear()
        made.workspace.calls.clear()
        made.workspace.say(9, VIDEO)
        hear(client, 8, 9)
        await made.until_called("comment", 1)
        assert await made.said() == []
        made.workspace.gate.set()
        await made.until_said("comment 9")
        await made.until_forged(4)

        made.advance(3_600)
        assert (await verified_until(made)) is None
        made.workspace.gate.clear()
        hear(client, 10)
        await made.until_said("comment 10", "comment 9")
        made.workspace.gate.set()


async def test_a_real_comment_with_an_id_that_was_forged_before_is_not_denied(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.calls.clear()

        def late(told: Sequence[Comment]) -> Sequence[Comment]:
            # The last question was answered just before the real one was said.
            if made.workspace.calls.count("comment") == 2:
                made.workspace.gate.clear()
                made.workspace.say(5, VIDEO, author="Ada", text="Real words")
                hear(client, 5, content_text="Real words")
            return told

        made.workspace.lie = late
        hear(client, 5)
        rumours = made.bridge.rumours
        await made.until(lambda: {2} == {one.told for one in rumours.due(VIDEO).values()})
        made.workspace.lie = lambda told: told
        made.workspace.gate.set()
        await until_confirmed(made)

        assert await made.said() == ["comment 5"]
        assert "Real words" in await texts(made)


async def test_who_repeats_a_forged_message_keeps_it_no_longer_in_the_room(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):

        def repeated(told: Sequence[Comment]) -> Sequence[Comment]:
            hear(client, 5)
            return told

        made.workspace.lie = repeated
        hear(client, 5)
        await made.until(lambda: (made.forged() or 0) >= 1)


async def test_what_is_told_as_deleted_while_the_workspace_lies_leaves_soon_after(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path, doubt_s=0.02) as (made, client):
        for number in (5, 6):
            made.workspace.say(number, VIDEO, text="Hello")
        hear(client, 5, 6)
        await made.until_said("comment 5", "comment 6")
        await until_confirmed(made)
        made.workspace.lie = lambda _: []
        made.workspace.delete(5)
        made.workspace.calls.clear()
        client.tell(MessageReceived(ALL, {"event": "deleted", "comment_id": 5}))
        await made.until_called("site", 1)
        assert await made.said() == ["comment 5", "comment 6"]
        made.workspace.lie = lambda told: told
        await made.until_said("comment 6")


async def test_forged_comments_far_between_change_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        for number in (5, 6, 7, 8):
            hear(client, number)
            await made.until_forged(number - 4)
            made.advance(400)

        assert (await verified_until(made)) is None


async def test_where_realtime_is_verified_nothing_is_shown_unconfirmed(tmp_path: Path) -> None:
    async with listening(tmp_path, verifies=True) as (made, client):
        made.workspace.gate.clear()
        made.workspace.calls.clear()
        made.workspace.say(6, VIDEO)
        hear(client, 5, 6)
        await made.until_called("comment", 1)
        assert await made.said() == []
        made.workspace.gate.set()
        await made.until_said("comment 6")
        await made.until_forged(1)


async def test_a_private_question_is_not_shown_for_a_promotion_that_is_forged(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path, CommentPolicy.PROMOTED) as (made, client):
        made.workspace.gate.clear()
        made.workspace.calls.clear()
        hear(client, 2, channel=PROMOTED, comment_type="question", promoted_p=True)
        await made.until_called("comment", 1)
        assert await made.said() == []
        made.workspace.gate.set()
        await made.until(lambda: made.bridge.rumours.wait_s(but=()) is None)
        assert await made.said() == []
        made.workspace.promote(2)
        hear(client, 2, channel=PROMOTED, comment_type="question", promoted_p=True)
        await made.until_said("comment 2")


async def test_a_forged_edit_of_a_real_comment_is_not_shown(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.say(5, VIDEO)
        hear(client, 5, content_text="Comment 5")
        await until_confirmed(made)
        made.workspace.calls.clear()
        hear(client, 5, content_text="A link")
        await made.until_called("comment", 1)
        await made.until(lambda: made.bridge.rumours.wait_s(but=()) is None)

        assert "A link" not in await texts(made)


async def test_a_forged_promotion_of_a_known_comment_is_taken_back(tmp_path: Path) -> None:
    async with listening(tmp_path, CommentPolicy.PROMOTED) as (made, client):
        made.workspace.gate.clear()
        hear(client, 3, channel=PROMOTED, promoted_p=True)
        await made.until_said("comment 3")
        made.workspace.gate.set()
        await made.until_said()
