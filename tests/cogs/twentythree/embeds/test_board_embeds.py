from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import BoardNotice, CommentId
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.domain.shown import BoardView, QuestionCounts, ViewerQuestion
from cogs.twentythree.embeds import back_button, identity, message, page_button
from cogs.twentythree.languages import Language
from tests.fakes.notices import SEEN_AT, WEBINAR, comment_notice

LAUNCH = replace(WEBINAR, title="The launch")
STAMP = int(SEEN_AT.timestamp())


def asked(number: int, text: str = "When?", **values: Any) -> ViewerQuestion:
    at = SEEN_AT + timedelta(seconds=number)
    return ViewerQuestion(
        comment_id=CommentId(number), author="Ada", text=text, asked_at=at, **values
    )


def a_board(*questions: ViewerQuestion, **values: Any) -> BoardNotice:
    counts = QuestionCounts(open=7, promoted=3, answered=12)
    given: dict[str, Any] = {"view": BoardView.BOARD, "counts": counts} | values
    return BoardNotice(object=LAUNCH, board_id=4, questions=questions, **given)


def embed_of(notice: BoardNotice) -> dict[str, Any]:
    (embed,) = message([notice])["embeds"]
    return embed


def custom_ids(notice: BoardNotice) -> list[str]:
    return [
        one["custom_id"] for row in message([notice])["components"] for one in row["components"]
    ]


def test_a_board_says_how_many_there_are_and_lists_the_oldest() -> None:
    taken = asked(2, "What does it *cost*?", taken_by=Actor(user_id=55, name="Ben"))
    embed = embed_of(a_board(asked(1, is_promoted=True), taken, more=5))

    assert embed["title"] == "The launch · 7 open · 3 promoted · 12 answered"
    assert embed["description"].split("\n") == [
        f"- ⭐ **Ada** · When? · <t:{STAMP + 1}:R>",
        f"- **Ada** · What does it \\*cost\\*? · <t:{STAMP + 2}:R> · taken by <@55>",
        "and 5 more",
    ]
    assert embed["url"] == "https://video.example.com/bridge#board-4"


def test_a_board_without_an_open_question_says_so() -> None:
    assert embed_of(a_board())["description"] == "No question is open."
    (embed,) = message([a_board()], Manner(language=Language.SWEDISH))["embeds"]
    assert embed["description"] == "Ingen fråga är öppen."


def test_the_speaker_sees_the_question_large() -> None:
    embed = embed_of(a_board(asked(1, "Why now?"), view=BoardView.SPEAKER, more=2))

    assert embed["title"] == "The launch"
    assert embed["description"].split("\n") == [
        "# Why now?",
        f"**Ada** · <t:{STAMP + 1}:R>",
        "-# 2 more after this one",
    ]


def test_a_long_question_is_not_quite_as_large_and_stays_a_heading() -> None:
    long = asked(1, "first\n# second " * 40)
    shown = embed_of(a_board(long, view=BoardView.SPEAKER))["description"].split("\n")

    assert shown[0].startswith("## first # second first")
    assert len(shown) == 2


def test_the_speaker_is_told_that_nothing_waits() -> None:
    notice = a_board(view=BoardView.SPEAKER)

    assert embed_of(notice)["description"] == "No promoted question waits for an answer."
    assert "components" not in message([notice])


def test_what_viewers_type_is_only_text() -> None:
    hostile = asked(1, "@everyone <@1> [»](https://evil.example) **x**")
    embed = embed_of(a_board(replace(hostile, author="<#5>\n# Boss")))

    (line,) = embed["description"].split("\n")
    assert "\\@everyone \\<\\@1\\> \\[»\\](<https://evil.example>) \\*\\*x\\*\\*" in line
    assert line.startswith("- **\\<#5\\> # Boss** · ")
    assert message([a_board(hostile)])["allowed_mentions"] == {"parse": []}
    # Else its message could not be found again by its address.
    assert identity([embed]) == ("https://video.example.com/bridge#board-4",)


def test_a_question_whose_words_are_not_kept_any_more_is_still_a_line() -> None:
    gone = replace(asked(1), author="", text="")

    assert embed_of(a_board(gone))["description"] == f"- **Guest** · … · <t:{STAMP + 1}:R>"


@pytest.mark.parametrize("state", ["is_hidden", "is_withdrawn"])
def test_what_is_hidden_offers_nothing(state: str) -> None:
    notice = a_board(**{state: True})

    assert embed_of(notice)["title"] == "The launch"
    assert "not public" in embed_of(notice)["description"]
    assert "components" not in message([notice])


def test_the_buttons_carry_all_that_a_press_needs() -> None:
    assert custom_ids(a_board(asked(1))) == ["tt:next:8", "tt:all:8:0"]
    speaker = a_board(asked(9), view=BoardView.SPEAKER, has_actions=True)
    assert custom_ids(speaker) == ["tt:done:8:9"]
    assert "components" not in message([replace(speaker, has_actions=False)])
    assert back_button(LAUNCH.object_id, CommentId(9))["custom_id"] == "tt:back:8:9"
    button = page_button(LAUNCH.object_id, 3, "Next", is_disabled=True)
    assert (button["custom_id"], button["disabled"]) == ("tt:all:8:3", True)


def test_other_messages_have_no_buttons_of_boards() -> None:
    assert "components" not in message([comment_notice(1)])
