"""What realtime shows is confirmed by the workspace, or leaves the rooms."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.domain.model import Comment, CommentKind, CommentNotice, CommentPolicy, RoomId
from cogs.twentythree.errors import (
    AccessDeniedError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceUnreachableError,
)
from cogs.twentythree.intake import rumours
from cogs.twentythree.realtime import MessageReceived
from tests.fakes.bridge_house import (
    ALL,
    OTHER,
    PROMOTED,
    ROOM,
    SERVED,
    URL,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)
from tests.fakes.realtime import FakeRealtime
from tests.fakes.workspace import row

_ELSEWHERE = "/" + "c3" * 20


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
        client.tell(MessageReceived.of(channel, row(number) | values))


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


async def test_a_burst_that_is_real_takes_a_few_pages(tmp_path: Path) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.calls.clear()
        numbers = range(4, 204)
        for number in numbers:
            made.workspace.say(number, VIDEO, author="Ada", text="Hello")
        hear(client, *numbers)
        await made.until_said(*(f"comment {number}" for number in numbers))
        await until_confirmed(made)

        assert len(made.workspace.calls) < 10
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


async def test_real_comments_among_forged_ones_keep_none_of_them_in_the_room(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        for number in range(4, 150):
            made.workspace.say(number, VIDEO, text="Hello")
        made.bridge.read_all()
        await made.until_said(*(f"comment {number}" for number in range(4, 150)))
        made.workspace.calls.clear()
        # The list's first page holds none of them.
        hear(client, *range(4, 34), promoted_p=True)
        hear(client, *range(1_000, 1_100))
        await made.until_forged(100)
        await made.until_said(*(f"comment {number}" for number in range(4, 150)))

        assert len(made.workspace.calls) < 100


async def test_ids_of_another_objects_comments_keep_no_forged_ones_in_the_room(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.add(WEBINAR)
        await made.attach(WEBINAR, OTHER, comments=CommentPolicy.ALL)
        for number in range(1_000, 1_010):
            made.workspace.say(number, WEBINAR)
        made.workspace.calls.clear()
        hear(client, *range(1_000, 1_100))
        await made.until_forged(100)
        await made.until_said()

        assert len(made.workspace.calls) < 50


async def test_of_a_burst_what_comes_late_is_shown_once_it_is_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rumours, "_BURST_S", 1e9)
    async with listening(tmp_path) as (made, client):
        numbers = range(1_000, 1_300)
        made.workspace.gate.clear()
        made.workspace.calls.clear()
        hear(client, *numbers)
        await made.until_called("comments", 1)
        assert 0 < len(await made.said()) < 200

        made.workspace.gate.set()
        await made.until_said()


async def test_after_a_burst_nothing_overtakes_what_waits_for_its_confirmation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path) as (made, client):
        numbers = range(1_000, 1_151)
        for number in numbers:
            made.workspace.say(number, VIDEO, text="Hello")
        made.workspace.gate.clear()
        # However slow this machine is.
        monkeypatch.setattr(rumours, "_BURST_S", 1e9)
        # In whatever parts it comes.
        hear(client, *numbers[:30])
        await made.until_said(*(f"comment {number}" for number in numbers[:30]))
        hear(client, *numbers[30:150])

        async def is_begun() -> bool:
            return len(await made.said()) >= 100

        await made.until(is_begun)
        await made.until_called("comments", 1)
        assert len(await made.said()) == 100
        monkeypatch.setattr(rumours, "_BURST_S", 0.0)
        hear(client, numbers[150])
        made.workspace.gate.set()
        await made.until_said(*(f"comment {number}" for number in numbers))

        assert await in_order(made) == [f"comment {number}" for number in numbers]


async def test_a_burst_of_many_pages_is_shown_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path) as (made, client):
        made.workspace.page_size = 10
        numbers = range(1_000, 1_300)
        for number in numbers:
            made.workspace.say(number, VIDEO, text="Hello")
        monkeypatch.setattr(rumours, "_BURST_S", 1e9)
        hear(client, *numbers)

        async def are_all_there() -> bool:
            return len(await in_order(made)) == len(numbers)

        await made.until(are_all_there)
        assert await in_order(made) == [f"comment {number}" for number in numbers]


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
        client.tell(MessageReceived.of(ALL, {"event": "deleted", "comment_id": 5}))
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


async def test_a_flood_on_one_object_is_cut_short_and_delays_no_other(tmp_path: Path) -> None:
    async with listening(tmp_path, confirm_s=60) as (made, client):
        made.workspace.add(WEBINAR)
        made.workspace.addresses[WEBINAR] = RealtimeAddress(url=URL, comments_root=_ELSEWHERE)
        await made.attach(WEBINAR, OTHER, comments=CommentPolicy.PROMOTED)
        elsewhere = f"{_ELSEWHERE}/promoted_json"
        await client.until_subscribed(PROMOTED, ALL, elsewhere)
        hear(client, *range(1_000, 21_000))
        hear(client, 5, channel=elsewhere, object_id=WEBINAR, promoted_p=True)
        await made.until_said("comment 5", room=OTHER)

        # 2,000 are shown before they are confirmed, and the store takes 200 at once.
        assert len((await made.store.outbox.work(ROOM, limit=30_000)).pending) <= 2_200
