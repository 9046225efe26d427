from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    CommentKind,
    CommentNotice,
    CommentStatus,
    LivePhase,
    Notice,
    Source,
    VideoNotice,
)
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.embeds import identity, message
from cogs.twentythree.embeds.text import units
from tests.fakes.notices import SEEN_AT, VIDEO, WEBINAR, comment_notice, live_notice
from tests.fakes.said import small_print


def embed_of(notice: Notice) -> dict[str, Any]:
    return message([notice])["embeds"][0]


def test_a_comment_shows_who_said_what_where_and_when() -> None:
    notice = comment_notice(3, author="Ada", text="Hello *there*", is_promoted=False)

    assert embed_of(notice) == {
        "url": "https://video.example.com/bridge#comment-3",
        "description": "Hello \\*there\\*\n"
        "-# [Comment](https://video.example.com/bridge#comment-3) · "
        "[How to bridge](https://video.example.com/bridge)",
        "footer": {"text": "Ada"},
        "timestamp": "2030-01-02T03:04:05+00:00",
        "color": 0x4F8EF7,
    }


@pytest.mark.parametrize(
    ("values", "small"),
    [
        ({"kind": CommentKind.QUESTION}, "Question · promoted"),
        ({"kind": CommentKind.QUESTION, "is_promoted": False}, "Question"),
        ({"kind": CommentKind.CHAT, "is_promoted": False}, "Chat"),
        ({"position_s": 35.4}, "Comment · promoted · at 0:35"),
        ({"position_s": 3725.0}, "Comment · promoted · at 1:02:05"),
        ({"position_s": 1e300}, "Comment · promoted · at …"),
        ({"position_s": -1.0}, "Comment · promoted"),
    ],
)
def test_the_small_print_tells_the_kind(values: dict[str, Any], small: str) -> None:
    assert small_print(unheaded(comment_notice(**values))) == small


@pytest.mark.parametrize(
    ("values", "text", "colour"),
    [
        ({"is_promoted": False}, "Why?", 0x4F8EF7),
        ({"is_promoted": False, "kind": CommentKind.CHAT}, "Why?", 0x8A94A6),
        ({"is_promoted": False, "kind": CommentKind.QUESTION}, "❓ Why?", 0xE8A33D),
        ({"kind": CommentKind.QUESTION}, "⭐ Why?", 0xF5D547),
        ({"status": CommentStatus.ANSWERED}, "✅ Why?", 0x3BA55D),
        ({"status": CommentStatus.DISMISSED}, "~~Why?~~", 0x5C677D),
    ],
)
def test_kind_and_state_are_one_mark_and_a_colour(
    values: dict[str, Any], text: str, colour: int
) -> None:
    embed = embed_of(comment_notice(text="Why?", **values))

    assert embed["description"].split("\n")[0] == text
    assert embed["color"] == colour


def test_a_place_in_a_video_leads_to_its_second() -> None:
    place = "at [1:02:05](https://video.example.com/bridge/62:05)"

    assert embed_of(comment_notice(position_s=3725.0))["description"].endswith(place)
    of_event = embed_of(comment_notice(about=WEBINAR, position_s=3725.0))
    assert of_event["description"].endswith("at 1:02:05")


def test_the_title_is_said_only_where_it_changes() -> None:
    about = [VIDEO, VIDEO, WEBINAR, VIDEO]
    notices = [comment_notice(number, about=one) for number, one in enumerate(about)]

    def heads(after: int | None) -> list[bool]:
        embeds = message(notices, Manner(after=after))["embeds"]
        return ["[How to bridge]" in one["description"] for one in embeds]

    assert heads(None) == heads(WEBINAR.object_id) == [True, False, False, True]
    assert heads(VIDEO.object_id) == [False, False, False, True]


@pytest.mark.parametrize(
    ("avatar", "shown"),
    [
        ("/1/2/quad.jpg", "https://video.example.com/1/2/quad.jpg"),
        ("https://video.example.com/a.jpg", "https://video.example.com/a.jpg"),
        ("", None),
        ("https://gravatar.example/avatar/0123456789abcdef", None),
        ("//evil.example/a.jpg", None),
        ("javascript:alert(1)", None),
        ("https://video.example.com@evil.example/a.jpg", None),
        ("http://[::1", None),
    ],
)
def test_only_the_workspaces_own_picture_stands_beside_a_name(
    avatar: str, shown: str | None
) -> None:
    assert embed_of(comment_notice(avatar=avatar))["footer"].get("icon_url") == shown


def test_a_known_time_is_shown_before_the_time_of_sight() -> None:
    created = datetime(2029, 12, 31, 23, tzinfo=UTC)
    for source in Source:
        embed = embed_of(comment_notice(source=source, created_at=created, created_text="old"))

        assert embed["timestamp"] == "2029-12-31T23:00:00+00:00"
        assert small_print(embed) == "Comment · promoted · How to bridge"


@pytest.mark.parametrize(
    ("source", "is_known"),
    [(Source.BACKFILL, False), (Source.RECONCILE, False), (Source.REALTIME, True)],
    ids=["back-filled", "read after a gap", "promoted long after"],
)
def test_what_was_not_written_just_now_shows_the_workspaces_own_words(
    source: Source, *, is_known: bool
) -> None:
    notice = comment_notice(source=source, created_text="2030-01-02 10:00:00")
    embed = embed_of(replace(notice, is_known=is_known))

    assert "timestamp" not in embed
    assert small_print(embed).endswith(r"written 10\:00 by the platform's clock")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("2029-12-30 10:00:00.5", r"written 2029-12-30 10\:00 by"),
        ("2029-99-30 10:00:00", r"written 2029-99-30 10\:00\:00 by"),
        ("yesterday", "written yesterday by"),
    ],
)
def test_a_time_of_another_day_is_told_with_it_and_what_is_none_as_it_is(
    told: str, shown: str
) -> None:
    embed = embed_of(comment_notice(source=Source.BACKFILL, created_text=told))

    assert shown in small_print(embed)


def test_what_has_just_come_in_was_written_just_now() -> None:
    embed = embed_of(comment_notice(source=Source.REALTIME, created_text="2030-01-01 10:00:00"))

    assert embed["timestamp"] == SEEN_AT.isoformat()


def test_a_long_text_ends_with_a_link_to_the_whole() -> None:
    embed = embed_of(comment_notice(5, text="long * " * 2000))

    link = "…\n[Read the whole text](<https://video.example.com/bridge#comment-5>)\n-# "
    assert link in embed["description"]
    assert units(embed["description"]) <= 4096


def test_a_text_of_many_lines_is_shortened_too() -> None:
    embed = embed_of(comment_notice(text="\n".join("abcdefgh" * 10)))

    assert embed["description"].count("\n") == 31
    assert "Read the whole text" in embed["description"]


def test_nothing_to_show_is_said() -> None:
    embed = embed_of(comment_notice(author="\u200b", text=" ", about=replace(VIDEO, title="")))

    assert embed["footer"]["text"] == "Guest"
    assert embed["description"].startswith("⭐ *(no text)*\n")
    assert small_print(embed).endswith(" · Untitled")


def test_a_name_is_not_escaped_because_names_have_no_markdown() -> None:
    assert embed_of(comment_notice(author="_Ada_ <@1>"))["footer"]["text"] == "_Ada_ <@1>"


def test_an_address_that_is_no_web_address_is_left_out() -> None:
    about = replace(WEBINAR, url="javascript:alert(1)", picture_url="file:///etc/passwd")

    for notice in (comment_notice(about=about), live_notice(about=about, is_start=True, role=1)):
        assert "url" not in embed_of(notice)
        assert "image" not in embed_of(notice)
    untitled = live_notice(about=replace(about, title="\u200b"), is_start=True, role=1)
    assert message([untitled])["content"] == "<@&1> Untitled is live"
    long = embed_of(comment_notice(about=about, text="x" * 5000))
    assert "*The whole text is on the video's page.*\n-# Comment" in long["description"]


@pytest.mark.parametrize(
    ("phase", "state", "description"),
    [
        (
            LivePhase.SOON,
            {"scheduled_at": SEEN_AT},
            "**Planned** · starts <t:1893553445:F> (<t:1893553445:R>)",
        ),
        (LivePhase.SOON, {}, "**Planned**"),
        (
            LivePhase.SOON,
            {"scheduled_at": SEEN_AT, "moved_from": SEEN_AT, "is_near": True},
            "**Soon** · starts <t:1893553445:F> (<t:1893553445:R>) · was <t:1893553445:f>",
        ),
        (
            LivePhase.LIVE,
            {"started_at": SEEN_AT, "viewers_now": 12, "viewers_peak": 30},
            "🔴 **Live** since <t:1893553445:t> (<t:1893553445:R>)\n12 watching · 30 at the peak",
        ),
        (
            LivePhase.LIVE,
            {"started_at": SEEN_AT, "viewers_now": 30, "viewers_peak": 30},
            "🔴 **Live** since <t:1893553445:t> (<t:1893553445:R>)\n30 watching",
        ),
        (
            LivePhase.ENDED,
            {"started_at": SEEN_AT, "ended_at": SEEN_AT + timedelta(minutes=7), "viewers_peak": 0},
            "**Ended** <t:1893553865:f> (<t:1893553865:R>) · lasted 7 min",
        ),
        (
            LivePhase.ENDED,
            {
                "started_at": SEEN_AT - timedelta(hours=1, minutes=5),
                "ended_at": SEEN_AT,
                "viewers_now": 12,
                "viewers_peak": 30,
            },
            "**Ended** <t:1893553445:f> (<t:1893553445:R>) · lasted 1 h 5 min\n30 at the peak",
        ),
        (
            LivePhase.ENDED,
            {"started_at": SEEN_AT, "ended_at": SEEN_AT + timedelta(minutes=7)},
            "**Ended** <t:1893553865:f> (<t:1893553865:R>) · lasted 7 min",
        ),
        (
            LivePhase.ENDED,
            {"started_at": SEEN_AT, "ended_at": SEEN_AT},
            "**Ended** <t:1893553445:f> (<t:1893553445:R>) · lasted less than a minute",
        ),
        (
            LivePhase.CANCELLED,
            {"scheduled_at": SEEN_AT},
            "**Cancelled** · was planned for <t:1893553445:F> (<t:1893553445:R>)",
        ),
        (LivePhase.IDLE, {}, "**Not live**"),
    ],
)
def test_a_card_shows_its_state(phase: LivePhase, state: dict[str, Any], description: str) -> None:
    embed = embed_of(live_notice(phase, **state))

    assert embed["description"] == description
    assert embed["title"] == "The webinar"


def test_the_pictures_address_changes_with_the_state_only() -> None:
    pictures = [
        embed_of(live_notice(LivePhase.SOON))["image"]["url"],
        embed_of(live_notice(LivePhase.LIVE))["image"]["url"],
        embed_of(live_notice(LivePhase.LIVE, broadcast=2))["image"]["url"],
    ]
    assert "image" not in embed_of(live_notice(LivePhase.ENDED))
    assert "image" not in embed_of(live_notice(LivePhase.CANCELLED))

    assert pictures[1] == "https://video.example.com/bridge.jpg?state=live-1"
    assert len(set(pictures)) == 3
    assert embed_of(live_notice(LivePhase.LIVE, viewers_now=4))["image"]["url"] == pictures[1]


def test_a_new_video_is_shown_with_its_link_and_picture() -> None:
    embed = embed_of(VideoNotice(object=VIDEO))

    assert embed["title"] == "How to bridge"
    assert embed["description"] == "**New video**"
    assert embed["url"] == "https://video.example.com/bridge#new-video"
    assert embed["image"] == {"url": "https://video.example.com/bridge.jpg"}
    bare = embed_of(VideoNotice(object=replace(VIDEO, url="", picture_url=None)))
    assert not {"url", "image"} & set(bare)


def test_a_start_mentions_its_role_and_nobody_else() -> None:
    body = message([live_notice(is_start=True, role=99, about=replace(WEBINAR, title="@everyone"))])

    assert body["content"] == "<@&99> \\@everyone is live"
    assert body["allowed_mentions"] == {"parse": [], "roles": ["99"]}


def test_a_start_has_words_of_its_own_while_it_is_on_air() -> None:
    about = replace(WEBINAR, title="@everyone", speakers=("Ada", "*Bo*"))
    words = "**Now** {title} since {start}: {url} with {speakers} <@&7>"
    start = replace(live_notice(is_start=True, about=about, started_at=SEEN_AT), start_text=words)
    said = (
        "**Now** \\@everyone since <t:1893553445:t>: <https://video.example.com/bridge> with Ada, "
        "\\*Bo\\* <@&7>"
    )

    assert message([start])["content"] == said
    assert message([start])["allowed_mentions"] == {"parse": []}
    calling = message([replace(start, mention_role_id=99)])
    assert calling["content"] == f"<@&99> {said}"
    assert calling["allowed_mentions"] == {"parse": [], "roles": ["99"]}
    over = replace(start, state=replace(start.state, phase=LivePhase.ENDED))
    for quiet in (over, replace(start, is_start=False), replace(start, is_released=True)):
        assert message([quiet])["content"] == ""


@pytest.mark.parametrize(
    "notice",
    [
        live_notice(is_start=True),
        live_notice(is_start=False, role=99),
        live_notice(LivePhase.SOON, is_start=False, role=99),
        live_notice(LivePhase.ENDED, is_start=True, role=99),
        comment_notice(text="<@&99> @everyone"),
    ],
)
def test_nothing_else_mentions_anyone(notice: Notice) -> None:
    body = message([notice])

    assert body["content"] == ""
    assert body["allowed_mentions"] == {"parse": []}


def test_a_body_is_told_from_others_by_the_addresses_of_its_embeds() -> None:
    soon = live_notice(LivePhase.SOON, scheduled_at=SEEN_AT)
    notices: list[Notice] = [comment_notice(1), comment_notice(2), soon, live_notice(is_start=True)]

    names = identity(message(notices)["embeds"])

    assert len(set(names)) == 4
    assert names[2].endswith("#live-card-1893553445")
    assert names[3].endswith("#live-start-1")
    assert identity([{"title": "a", "description": "b"}]) == ("a\nb",)


def unheaded(notice: CommentNotice) -> dict[str, Any]:
    return message([notice], Manner(after=notice.object.object_id))["embeds"][0]
