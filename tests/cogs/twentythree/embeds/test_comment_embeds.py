"""Who did it, what is answered, and what was replied: in embeds and in lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.deeds import Acted, Action
from cogs.twentythree.domain.model import (
    CommentId,
    CommentNotice,
    CommentStatus,
    Quote,
    SentReply,
    Standing,
)
from cogs.twentythree.embeds import cost, identity, lines, message
from cogs.twentythree.embeds.text import units
from tests.fakes.examples import examples
from tests.fakes.notices import acting_notice, comment_notice, deed, sent_reply
from tests.fakes.said import said

ANSWERED = CommentStatus.ANSWERED
DISMISSED = CommentStatus.DISMISSED


def shown(notice: CommentNotice) -> list[str]:
    """Return the lines of a comment's card, without its mark and the line of its kind."""
    return said(message([notice])["embeds"][0]).split("\n")


def as_lines(first: CommentNotice) -> list[str]:
    others = [comment_notice(number) for number in range(100, 110)]
    embeds = message([first, *others])["embeds"]
    text: str = embeds[0]["description"]
    # Without the time of their minute.
    return text[: text.index("\n⭐ **Ada**: Comment 100")].split("\n")[1:]


@pytest.mark.parametrize(
    ("acted", "values", "small", "short"),
    [
        ([deed(Action.ANSWER)], {"status": ANSWERED}, "✅ answered by <@11>", " ✅ <@11>"),
        ([deed(Action.PROMOTE)], {"is_promoted": True}, "⭐ promoted by <@11>", " ⭐ <@11>"),
        ([deed(Action.DISMISS)], {"status": DISMISSED}, "dismissed by <@11>", " dismissed <@11>"),
        ([deed(Action.REOPEN)], {}, "reopened by <@11>", " reopened <@11>"),
        ([deed(Action.UNPROMOTE)], {}, "unpromoted by <@11>", " unpromoted <@11>"),
        (
            [deed(Action.PROMOTE, 12), deed(Action.ANSWER)],
            {"is_promoted": True, "status": ANSWERED},
            "⭐ promoted by <@12> · ✅ answered by <@11>",
            " ⭐ <@12> ✅ <@11>",
        ),
    ],
)
def test_who_did_it_is_said_in_small_print(
    acted: list[Acted], values: dict[str, Any], small: str, short: str
) -> None:
    notice = acting_notice(1, *acted, **values)

    assert shown(notice) == ["Comment 1", f"-# {small}"]
    assert as_lines(notice)[0].endswith(f"[»](https://video.example.com/bridge#comment-1){short}")


@pytest.mark.parametrize(
    ("acted", "values"),
    [
        (deed(Action.ANSWER), {}),
        (deed(Action.ANSWER), {"status": DISMISSED}),
        (deed(Action.PROMOTE), {}),
        (deed(Action.DISMISS), {"status": ANSWERED}),
        (deed(Action.REOPEN), {"status": ANSWERED}),
        (deed(Action.UNPROMOTE), {"is_promoted": True}),
    ],
)
def test_what_is_not_so_any_more_is_nobodys(acted: Acted, values: dict[str, Any]) -> None:
    notice = acting_notice(1, acted, **values)

    assert shown(notice) == ["Comment 1"]
    assert "<@" not in as_lines(notice)[0]


def test_nobody_is_called_by_it() -> None:
    body = message([acting_notice(1, deed(Action.ANSWER), status=ANSWERED)])

    assert body["allowed_mentions"] == {"parse": []}
    assert body["content"] == ""


def test_replies_are_quoted_under_their_question() -> None:
    notice = acting_notice(1, replies=[sent_reply(2, "At *noon*\nor so"), sent_reply(3, "x" * 900)])

    assert shown(notice) == [
        "Comment 1",
        "> **The team**: At \\*noon\\* or so",
        f"> **The team**: {'x' * 199}…",
        "-# 💬 replied by <@11>",
    ]
    assert as_lines(notice)[1:] == [
        "↳ The team: At \\*noon\\* or so",
        f"↳ The team: {'x' * 79}…",
    ]


def test_of_many_replies_the_newest_are_quoted_and_the_rest_counted() -> None:
    users = (11, 12, None, 12, 13)
    replies = [sent_reply(number, f"No {number}", user) for number, user in enumerate(users)]
    notice = acting_notice(1, deed(Action.ANSWER, 14), replies=replies, status=ANSWERED)

    assert shown(notice) == [
        "Comment 1",
        "> **The team**: No 2",
        "> **The team**: No 3",
        "> **The team**: No 4",
        "> and 2 more",
        "-# ✅ answered by <@14> · 💬 replied by <@12> · 💬 replied by <@13>",
    ]
    assert as_lines(notice)[-1] == "↳ and 2 more"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            Quote(comment_id=CommentId(5), author="Bob_", text="Why?\nBecause " + "x" * 200),
            f"Bob\\_: Why? Because {'x' * 86}…",
        ),
        (Quote(comment_id=CommentId(5), author="", text="Why?"), "Guest: Why?"),
        (Quote(comment_id=CommentId(5), author="Bob"), "Bob"),
        (Quote(comment_id=CommentId(5)), "an earlier comment"),
    ],
)
def test_what_a_comment_answers_is_quoted_above_it(answers: Quote, said: str) -> None:
    notice = comment_notice(1, text="Indeed", answers=answers)

    assert shown(notice) == [f"-# ↩ {said}", "Indeed"]
    assert as_lines(notice)[0][:30] == f"-# ↩ {said}"[:30]
    assert as_lines(notice)[1].startswith("⭐ **Ada**: Indeed")


@pytest.mark.parametrize("standing", [Standing.REMOVED, Standing.WITHHELD])
def test_of_what_may_not_be_shown_nothing_around_it_is_either(standing: Standing) -> None:
    full = acting_notice(
        1,
        deed(Action.ANSWER),
        replies=[sent_reply(2)],
        status=ANSWERED,
        answers=Quote(comment_id=CommentId(5), author="Bob", text="Why?"),
    )
    body = str(message([replace(full, standing=standing), comment_notice(2)]))

    assert not any(word in body for word in ("Bob", "Why", "<@", "The team", "tt:"))


def test_hostile_names_and_texts_around_a_comment_show_as_they_were_typed() -> None:
    hostile = "[»](https://e.com/#comment-9)\n> **@everyone** <@&5>"
    reply = SentReply(comment_id=CommentId(2), name=hostile, text=hostile)
    answers = Quote(comment_id=CommentId(3), author=hostile, text=hostile)
    notice = acting_notice(1, replies=[reply], answers=answers)
    embeds = message([notice])["embeds"]

    assert identity(embeds) == ("https://video.example.com/bridge#comment-1",)
    assert len(shown(notice)) == 3
    assert "<@&5>" not in embeds[0]["description"].replace("\\<\\@", "")
    assert len(as_lines(notice)) == 3


TEXT = st.sampled_from(["", "short", "x" * 500, "*😀" * 300, "line\n" * 80])
LONG = TEXT | st.sampled_from(["x" * 5000, "*😀" * 1600])
REPLY = st.builds(
    SentReply,
    comment_id=st.integers(1).map(CommentId),
    name=TEXT,
    text=TEXT,
    actor=st.sampled_from([deed(Action.REPLY, user).actor for user in (2**64 - 1, 7, 8)]),
)


@st.composite
def full_notices(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> CommentNotice:
    made = comment_notice(
        draw(st.integers(1, 10**9)),
        is_promoted=draw(st.booleans()),
        status=draw(st.sampled_from(CommentStatus)),
        author=draw(TEXT),
        text=draw(text),
        answers=draw(st.none() | st.builds(Quote, comment_id=st.just(1), author=TEXT, text=TEXT)),
    )
    return replace(
        made,
        has_actions=draw(st.booleans()),
        standing=draw(st.sampled_from(Standing)),
        replies=tuple(draw(st.lists(REPLY, max_size=6))),
        acted=tuple(
            deed(action, 2**64 - 1)
            for action in draw(st.lists(st.sampled_from(Action), max_size=2, unique=True))
        ),
    )


@settings(deadline=None, max_examples=examples(80))
@given(full_notices(LONG))
def test_however_much_is_around_a_comment_it_keeps_within_its_embed(notice: CommentNotice) -> None:
    (embed,) = message([notice])["embeds"]

    assert units(embed["description"]) <= 4096
    assert cost(notice) <= 6000


def size(embeds: Sequence[dict[str, Any]]) -> int:
    return sum(units(one.get("title", "")) + units(one["description"]) for one in embeds)


@settings(deadline=None, max_examples=examples(8))
@given(st.lists(full_notices(), min_size=1, max_size=4))
def test_what_is_done_to_comments_of_a_full_message_finds_room_in_it(
    changed: list[CommentNotice],
) -> None:
    short = [comment_notice(n, text="x", author="A", is_promoted=False) for n in range(300)]
    full = short[: lines(short)]
    after = [
        replace(
            one,
            comment=replace(one.comment, comment_id=full[number].comment.comment_id),
            standing=Standing.SHOWN,
        )
        for number, one in enumerate((changed * len(full))[: len(full)])
    ]
    embeds = message(after)["embeds"]

    assert len(identity(embeds)) == len(full)
    assert size(embeds) <= 6000
    assert len(embeds) <= 10
    assert all(units(one["description"]) <= 4096 for one in embeds)
