"""What is seen where rooms and workspace are compared that somebody else filled."""

import pytest

from sandbox.comparing import Comparison, Handled, is_board, is_report, shows_alone
from tests.sandbox.filled_stage import ANSWER, FilledStage, comment


def wrong(filled: FilledStage, handled: Handled | None = None) -> list[str]:
    """Compare; return what is told to be wrong."""
    filled.said.clear()
    is_right = Comparison(filled.stage).tell(handled)
    found = [line.split()[0] for line in filled.said if line.endswith("WRONG")]
    assert is_right == (not found)
    return found


async def test_rooms_that_hold_each_notice_once_are_right(filled: FilledStage) -> None:
    assert wrong(filled) == []
    assert filled.said[-1] == "Every room holds each notice once."


async def test_a_missing_notice_is_seen(filled: FilledStage) -> None:
    filled.sandbox.chat.rooms.delete_message(filled.promoted_message)

    assert wrong(filled) == ["#webinar"]
    assert any("1 missing" in line for line in filled.said)
    assert not Comparison(filled.stage).is_all_there()


async def test_a_notice_that_is_said_twice_is_seen(filled: FilledStage) -> None:
    await filled.post(filled.stage.staff_room, comment(filled.private))

    assert wrong(filled) == ["#moderators"]
    assert any("1 twice" in line for line in filled.said)


async def test_a_private_notice_in_the_wrong_room_is_seen(filled: FilledStage) -> None:
    await filled.post(filled.stage.webinar_room, comment(filled.private))

    assert wrong(filled) == ["#webinar"]
    assert any("1 not meant for it" in line for line in filled.said)


async def test_what_is_left_of_a_deleted_comment_is_no_notice(filled: FilledStage) -> None:
    gone = "Comment: *(removed on the platform)* [»](https://example.com/#comment-5)"
    embed = {"title": "Film", "description": gone}
    await filled.edit(filled.stage.webinar_room, filled.start_message, embed)

    assert not Comparison(filled.stage).holds(filled.stage.webinar_room, 5)
    wrong(filled)
    assert any("0 not meant for it" in line for line in filled.said if "#webinar" in line)


async def test_a_missing_start_and_a_second_one_are_seen(filled: FilledStage) -> None:
    filled.sandbox.chat.rooms.delete_message(filled.start_message)
    assert wrong(filled) == ["#webinar"]
    for _ in range(2):
        await filled.post(filled.stage.webinar_room, "#live-start-1")

    assert wrong(filled) == ["#webinar"]
    assert any("live starts 2 of 1" in line for line in filled.said)


@pytest.fixture
async def handled(filled: FilledStage) -> Handled:
    """Have the promoted question handled, and a board and a report that say so."""
    await filled.handle()
    await filled.board()
    await filled.report()
    return Handled(answered={filled.promoted: ANSWER})


async def test_what_was_done_once_and_is_shown_is_right(
    filled: FilledStage, handled: Handled
) -> None:
    assert wrong(filled, handled) == [], filled.said
    assert filled.said[-1] == "Every room holds each notice once, and everything was done once."


async def test_a_reply_that_was_sent_twice_is_seen(filled: FilledStage, handled: Handled) -> None:
    await filled.reply()

    assert wrong(filled, handled) == ["#webinar", "#moderators", "workspace"]


async def test_a_reply_that_is_a_notice_of_its_own_is_seen(
    filled: FilledStage, handled: Handled
) -> None:
    replies = [one for one in filled.sandbox.workspace.state.comments.values() if one.reply_to]
    await filled.post(filled.stage.staff_room, comment(replies[0].comment_id))

    assert wrong(filled, handled) == ["#moderators"]


async def test_what_was_asked_for_twice_is_seen(filled: FilledStage, handled: Handled) -> None:
    await filled.call("promote", comment_id=filled.promoted, promoted_p=1)

    assert wrong(filled, handled) == ["workspace"]
    assert any("calls: promote 2," in line for line in filled.said)


async def test_what_was_undone_on_the_platform_is_seen(
    filled: FilledStage, handled: Handled
) -> None:
    await filled.sandbox.workspace.changes.set_status(filled.promoted, "")

    assert wrong(filled, handled) == ["workspace", "board", "report"]


async def test_a_second_board_is_seen(filled: FilledStage, handled: Handled) -> None:
    await filled.board()

    assert wrong(filled, handled) == ["board"]


async def test_a_board_that_is_behind_is_seen(filled: FilledStage, handled: Handled) -> None:
    messages = filled.sandbox.chat.messages(filled.stage.staff_room.id)
    filled.sandbox.chat.rooms.delete_message(next(filter(is_board, messages)).id)
    assert wrong(filled, handled) == ["board"]
    await filled.board("2 open · 1 promoted · 0 answered")

    assert wrong(filled, handled) == ["board"]


@pytest.mark.parametrize("listed", ["", "1,Ann,a,answered,Mia\n", "1,Ann,a,open,\n2,Bo,b,open,\n"])
async def test_a_report_with_another_table_is_seen(
    filled: FilledStage, handled: Handled, listed: str
) -> None:
    messages = filled.sandbox.chat.messages(filled.stage.staff_room.id)
    filled.sandbox.chat.rooms.delete_message(next(filter(is_report, messages)).id)
    assert wrong(filled, handled) == ["report"]
    await filled.report(listed)

    assert wrong(filled, handled) == ["report"]


async def test_a_message_of_several_comments_is_about_none_alone(filled: FilledStage) -> None:
    chat, stage = filled.sandbox.chat, filled.stage
    (alone, _), (together,) = (
        chat.messages(stage.webinar_room.id),
        chat.messages(stage.staff_room.id),
    )

    assert shows_alone(alone, filled.promoted)
    assert not shows_alone(alone, filled.private)
    assert not shows_alone(together, filled.promoted)
