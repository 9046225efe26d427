import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.batching import about, plan
from cogs.twentythree.domain.model import (
    CommentKind,
    CommentNotice,
    CommentStatus,
    LivePhase,
    QueuedNotice,
    RoomId,
    Source,
    Standing,
)
from cogs.twentythree.domain.room_settings import Layout, Manner
from cogs.twentythree.embeds import MESSAGE_SIZE, cost, identity, lines, message
from cogs.twentythree.embeds.text import units
from tests.fakes.examples import examples
from tests.fakes.notices import SEEN_AT, VIDEO, WEBINAR, comment_notice, live_notice

_ADDRESS = re.compile(r"#comment-([0-9]+)$")
_LINK = re.compile(r"\[»\]\([^()\s]*#comment-([0-9]+)>?\)")
TEXT = st.text(max_size=90) | st.sampled_from(
    ["x" * 5000, "*😀" * 1600, "[»](https://e.com/#comment-1)"]
)


def embeds_of(count: int, **values: Any) -> list[dict[str, Any]]:
    return message([comment_notice(number, **values) for number in range(1, count + 1)])["embeds"]


def size(embed: dict[str, Any]) -> int:
    parts = (embed.get("title", ""), embed["description"])
    more = embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")
    return sum(map(units, (*parts, *more)))


def links(embeds: list[dict[str, Any]]) -> list[int]:
    found: list[str] = []
    for embed in embeds:
        found += _ADDRESS.findall(embed.get("url", ""))
        found += _LINK.findall(embed["description"])
    return [int(one) for one in found]


def test_many_comments_are_lines_under_the_objects_name() -> None:
    (embed,) = embeds_of(11, text="Hello\n*there*", kind=CommentKind.CHAT, is_promoted=False)

    assert embed["title"] == "How to bridge"
    assert embed["url"] == "https://video.example.com/bridge#comments-1-11"
    assert embed["description"].split("\n")[:3] == [
        "-# <t:1893553440:t>",
        "**Ada**: Hello \\*there\\*\u00a0[»](https://video.example.com/bridge#comment-1)",
        "**Ada**: Hello \\*there\\*\u00a0[»](https://video.example.com/bridge#comment-2)",
    ]
    assert links([embed]) == list(range(1, 12))


def test_each_minute_has_its_time_once() -> None:
    minutes = [0, 0, 1, 1, 1, 3, 0, 0, 0, 0, 0]
    notices = [
        comment_notice(number, created_at=SEEN_AT + timedelta(minutes=minute))
        for number, minute in enumerate(minutes)
    ]
    unknown = comment_notice(11, source=Source.BACKFILL)
    (embed,) = message([*notices, unknown])["embeds"]
    times = [line for line in embed["description"].split("\n") if line.startswith("-# ")]

    began = 1893553440
    assert times == [f"-# <t:{began + 60 * minute}:t>" for minute in (0, 1, 3, 0)]


def test_under_the_title_of_the_message_before_there_is_none() -> None:
    notices = [comment_notice(n, about=(VIDEO, WEBINAR)[n > 5]) for n in range(11)]
    embeds = message(notices, Manner(after=VIDEO.object_id))["embeds"]

    assert [embed.get("title") for embed in embeds] == [None, "The webinar"]
    assert "url" not in embeds[0]
    assert links(embeds) == list(range(11))


def test_an_embed_of_lines_is_no_longer_than_a_phone() -> None:
    notices = [comment_notice(n, text="x" * 70, author="Ada") for n in range(60)]
    notices = notices[: lines(notices)]
    embeds = message(notices)["embeds"]

    # Each takes three of the thirty rows, and the time another one.
    assert [one["description"].count("[»]") for one in embeds[:2]] == [9, 10]
    assert links(embeds) == list(range(len(notices)))


def test_a_line_tells_a_promotion_and_shortens_a_long_text() -> None:
    line = embeds_of(11, text="x" * 900)[0]["description"].split("\n")[1]

    assert line.startswith("⭐ **Ada**: xxx")
    assert line.endswith("x…\u00a0[»](https://video.example.com/bridge#comment-1)")


def test_what_has_no_address_has_no_link() -> None:
    about = replace(VIDEO, url="nonsense")
    (embed,) = embeds_of(11, about=about, author="", text="")

    assert "url" not in embed
    assert embed["description"].split("\n")[1] == "⭐ **Guest**: …"
    assert identity([embed]) == (f"How to bridge\n{embed['description']}",)


def test_each_object_has_its_own_embed_in_the_comments_order() -> None:
    about = [VIDEO] * 5 + [WEBINAR] * 5 + [VIDEO] * 5
    embeds = message([comment_notice(n, about=one) for n, one in enumerate(about)])["embeds"]

    assert [embed["title"] for embed in embeds] == ["How to bridge", "The webinar", "How to bridge"]
    assert len({embed["url"] for embed in embeds}) == 3
    assert links(embeds) == list(range(15))


def test_more_objects_than_embeds_take_another_message() -> None:
    notices = [comment_notice(n, about=(VIDEO, WEBINAR)[n % 2]) for n in range(15)]

    assert lines(notices) == 10
    assert lines([live_notice(), *notices]) == 0


def test_a_message_of_lines_is_known_by_all_its_links() -> None:
    (one,) = embeds_of(20)
    other = one | {"description": one["description"].replace("#comment-20", "#comment-21")}

    assert identity([one]) != identity([other])
    assert len(identity([one])) == 20


def test_the_same_comments_are_known_in_either_form() -> None:
    as_lines = message([comment_notice(n, text="x" * 900) for n in range(8)])["embeds"]
    as_cards = message([comment_notice(n) for n in range(8)])["embeds"]

    assert len(as_lines) < len(as_cards)
    assert identity(as_lines) == identity(as_cards)


def test_comments_that_have_grown_since_still_fit() -> None:
    grown = [comment_notice(n, text="😀*" * 900, author="*" * 200) for n in range(60)]
    embeds = message(grown)["embeds"]

    assert links(embeds) == list(range(60))
    assert sum(map(size, embeds)) <= 6000


@pytest.mark.parametrize(
    "change",
    [
        {"standing": Standing.REMOVED},
        {"standing": Standing.WITHHELD},
        {"comment": {"is_promoted": True, "status": CommentStatus.DISMISSED}},
    ],
)
def test_marks_and_removals_find_room_in_a_message_that_was_full(change: dict[str, Any]) -> None:
    short = [comment_notice(n, text="x", author="A", is_promoted=False) for n in range(300)]
    full = short[: lines(short)]
    fields = {name: value for name, value in change.items() if name != "comment"}
    after = [
        replace(one, comment=replace(one.comment, **change.get("comment", {})), **fields)
        for one in full
    ]
    embeds = message(after)["embeds"]

    assert links(embeds) == list(range(len(full)))
    assert sum(map(size, embeds)) <= 6000


# Plainer tests reach the same lines; to count them here takes longer than to run this.
@settings(deadline=None, max_examples=examples(60))
@given(
    comments=st.lists(
        st.tuples(TEXT, TEXT, st.sampled_from([VIDEO, WEBINAR]), st.booleans()), max_size=60
    ),
    allowance=st.none() | st.integers(0, 8),
    layout=st.sampled_from(Layout),
)
def test_by_and_by_each_comment_goes_once_in_order_within_every_limit(
    comments: list[tuple[str, str, Any, bool]], allowance: int | None, layout: Layout
) -> None:
    waiting = [
        queued(comment_notice(n, text=text, author=author, about=about, is_promoted=promoted))
        for n, (text, author, about, promoted) in enumerate(comments, start=1)
    ]
    wanted = sorted(range(1, len(waiting) + 1), key=lambda n: not comments[n - 1][3])
    shown: list[int] = []
    manner = Manner(layout=layout)
    while waiting:
        planned = plan(
            waiting,
            MESSAGE_SIZE,
            cost=cost,
            lines=partial(lines, manner=manner),
            allowance=allowance,
            layout=layout,
        )
        body = message([one.notice for one in planned], manner)
        embeds, content = body["embeds"], body["content"]

        assert bool(embeds) is (layout is not Layout.COMPACT)
        assert len(embeds) <= 10
        assert sum(map(size, embeds)) <= 6000
        assert units(content) <= 2000
        for embed in embeds:
            assert 1 <= units(embed["description"]) <= 4096
            assert units(embed.get("title", "")) <= 256
        numbers = links(embeds) or [int(one) for one in _LINK.findall(content)]
        assert numbers == [one.notice_id for one in planned]
        assert len(set(identity(embeds, content))) == len(planned)
        shown += numbers
        manner = replace(manner, after=about(planned[-1].notice))
        waiting = [one for one in waiting if one not in planned]

    assert shown == wanted


# A line each without an embed.


def text_of(*notices: CommentNotice, after: int | None = None, is_silent: bool = False) -> str:
    manner = Manner(layout=Layout.COMPACT, after=after, is_silent=is_silent)
    body = message(notices, manner)
    assert body["embeds"] == []
    assert body["allowed_mentions"] == {"parse": []}
    assert body.get("flags") == (4096 if is_silent else None)
    return body["content"]


def test_a_compact_comment_is_one_line_under_its_title() -> None:
    one = comment_notice(1, kind=CommentKind.QUESTION, is_promoted=False, text="*Is* it on?")
    line = "❓ **Ada**: \\*Is\\* it on?\u00a0[»](<https://video.example.com/bridge#comment-1>)"

    assert text_of(one).split("\n") == [
        "-# [How to bridge](<https://video.example.com/bridge>)",
        line,
    ]
    assert text_of(one, after=VIDEO.object_id, is_silent=True) == line


def test_compact_comments_are_known_by_their_links() -> None:
    notices = [comment_notice(number) for number in range(1, 9)]
    content = text_of(*notices)

    assert identity([], content) == identity(message(notices)["embeds"])


def test_of_what_is_compact_as_many_share_a_message_as_it_holds() -> None:
    manner = Manner(layout=Layout.COMPACT)
    notices = [comment_notice(number, text="x" * 60) for number in range(100)]
    count = lines(notices, manner)

    assert 1 < count < lines(notices)
    content = text_of(*notices[:count])
    assert units(content) <= 2000 < units(content) + 1 + units(content.split("\n")[-1])


def test_compact_comments_that_have_grown_since_still_fit() -> None:
    short = [comment_notice(n, text="x", author="A", is_promoted=False) for n in range(300)]
    full = short[: lines(short, Manner(layout=Layout.COMPACT))]
    grown = [
        replace(one, comment=replace(one.comment, text="😀*" * 900, author="*" * 200))
        for one in full
    ]

    content = text_of(*grown)
    assert units(content) <= 2000
    assert [int(one) for one in _LINK.findall(content)] == list(range(len(full)))


def test_a_long_address_is_no_link_in_plain_text() -> None:
    about = replace(VIDEO, url="https://e.com/" + "y" * 1800)

    content = text_of(comment_notice(1, about=about, text="x" * 4000, author="y" * 200))
    assert units(content) <= 2000
    assert "https://" not in content


def test_a_dense_room_has_lines_however_few_they_are() -> None:
    (embed,) = message([comment_notice(1)], Manner(layout=Layout.LINES))["embeds"]

    assert embed["description"].endswith(
        "**Ada**: Comment 1\u00a0[»](https://video.example.com/bridge#comment-1)"
    )


def test_only_comments_are_silent() -> None:
    silent = Manner(is_silent=True)

    assert message([comment_notice(1)], silent)["flags"] == 4096
    for phase in LivePhase:
        assert "flags" not in message([live_notice(phase, is_start=True, role=1)], silent)
    assert "flags" not in message([comment_notice(1)])


def queued(notice: CommentNotice) -> QueuedNotice:
    number = notice.comment.comment_id
    return QueuedNotice(
        notice_id=number,
        room_id=RoomId(1),
        event_key=f"comment:{number}",
        notice=notice,
        queued_at=SEEN_AT,
    )
