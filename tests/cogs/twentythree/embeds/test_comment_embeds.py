import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.batching import plan
from cogs.twentythree.domain.model import (
    CommentKind,
    CommentNotice,
    CommentStatus,
    QueuedNotice,
    RoomId,
    Standing,
)
from cogs.twentythree.embeds import MESSAGE_SIZE, cost, identity, lines, message
from cogs.twentythree.embeds.text import units
from tests.fakes.notices import SEEN_AT, VIDEO, WEBINAR, comment_notice, live_notice

_ADDRESS = re.compile(r"#comment-([0-9]+)$")
_LINK = re.compile(r"\[»\]\([^()\s]*#comment-([0-9]+)\)")
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
    assert embed["description"].split("\n")[1] == (
        "**Ada** · Chat: Hello \\*there\\* [»](https://video.example.com/bridge#comment-2)"
    )
    assert links([embed]) == list(range(1, 12))


def test_a_line_tells_a_promotion_and_shortens_a_long_text() -> None:
    line = embeds_of(11, text="x" * 900)[0]["description"].split("\n")[0]

    assert line.startswith("**Ada** · Comment, promoted: xxx")
    assert line.endswith("x… [»](https://video.example.com/bridge#comment-1)")


def test_what_has_no_address_has_no_link() -> None:
    about = replace(VIDEO, url="nonsense")
    (embed,) = embeds_of(11, about=about, author="", text="")

    assert "url" not in embed
    assert embed["description"].split("\n")[0] == "**Guest** · Comment, promoted: …"
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
    (one,) = embeds_of(30)
    other = one | {"description": one["description"].replace("#comment-30", "#comment-31")}

    assert identity([one]) != identity([other])
    assert len(identity([one])) == 30


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
@pytest.mark.no_cover
@settings(deadline=None, max_examples=60)
@given(
    comments=st.lists(
        st.tuples(TEXT, TEXT, st.sampled_from([VIDEO, WEBINAR]), st.booleans()), max_size=60
    ),
    allowance=st.none() | st.integers(0, 8),
)
def test_by_and_by_each_comment_goes_once_in_order_within_every_limit(
    comments: list[tuple[str, str, Any, bool]], allowance: int | None
) -> None:
    waiting = [
        queued(comment_notice(n, text=text, author=author, about=about, is_promoted=promoted))
        for n, (text, author, about, promoted) in enumerate(comments, start=1)
    ]
    wanted = sorted(range(1, len(waiting) + 1), key=lambda n: not comments[n - 1][3])
    shown: list[int] = []
    while waiting:
        planned = plan(waiting, MESSAGE_SIZE, cost=cost, lines=lines, allowance=allowance)
        assert planned == plan(waiting, MESSAGE_SIZE, cost=cost, lines=lines, allowance=allowance)
        embeds = message([one.notice for one in planned])["embeds"]

        assert 1 <= len(embeds) <= 10
        assert sum(map(size, embeds)) <= 6000
        for embed in embeds:
            assert 1 <= units(embed["description"]) <= 4096
            assert units(embed.get("title", "")) <= 256
        assert links(embeds) == [one.notice_id for one in planned]
        assert len(set(identity(embeds))) == len(planned)
        shown += links(embeds)
        waiting = [one for one in waiting if one not in planned]

    assert shown == wanted


def queued(notice: CommentNotice) -> QueuedNotice:
    number = notice.comment.comment_id
    return QueuedNotice(
        notice_id=number,
        room_id=RoomId(1),
        event_key=f"comment:{number}",
        notice=notice,
        queued_at=SEEN_AT,
    )
