import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.batching import plan
from cogs.twentythree.domain.board import Board, QuestionsSeen, showing
from cogs.twentythree.domain.board_view import BoardView, QuestionCounts, ViewerQuestion
from cogs.twentythree.domain.deeds import Action, Actor, LogNotice
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentNotice,
    CommentStatus,
    LiveNotice,
    LivePhase,
    LiveState,
    Notice,
    ObjectId,
    Planned,
    ProgrammeNotice,
    QueuedNotice,
    ReportNotice,
    RoomId,
    Source,
    Standing,
    VideoNotice,
)
from cogs.twentythree.domain.reported import ReportedQuestion, ReportedQuestions
from cogs.twentythree.domain.room_settings import Layout, Manner
from cogs.twentythree.domain.trail import Deed
from cogs.twentythree.embeds import MESSAGE_SIZE, body_json, cost, digest, identity, message
from cogs.twentythree.embeds.text import units
from sandbox.chat.components import taken
from tests.fakes.discord_markdown import rendered
from tests.fakes.notices import SEEN_AT, SERIES, VIDEO, WEBINAR, comment_notice, live_notice
from tests.fakes.said import small_print

LIMITS = {"title": 256, "description": 4096, "footer": 2048, "author": 256}


def embed_of(notice: Notice) -> dict[str, Any]:
    return message([notice])["embeds"][0]


def texts_of(embed: dict[str, Any]) -> dict[str, str]:
    return {
        "title": embed.get("title", ""),
        "description": embed.get("description", ""),
        "footer": embed.get("footer", {}).get("text", ""),
        "author": embed.get("author", {}).get("name", ""),
    }


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
    notice = comment_notice(source=source, created_text="2030-01-01 10:00:00")
    embed = embed_of(replace(notice, is_known=is_known))

    assert "timestamp" not in embed
    assert small_print(embed).endswith(r"2030-01-01 10\:00\:00 (the workspace's time)")


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


UNHURRIED = settings(deadline=None, max_examples=40)
TEXT = st.text(max_size=40) | st.sampled_from(["x" * 5000, "*😀" * 1600, "e\u0301\n" * 200])
TIME = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
OBJECT = st.builds(
    replace,
    st.just(VIDEO),
    title=TEXT,
    url=st.sampled_from([VIDEO.url, "https://e.com/" + "y" * 1800, "nonsense"]) | st.text(),
    picture_url=st.none() | st.text(),
    description=st.none() | TEXT,
    speakers=st.lists(TEXT, max_size=9).map(tuple),
)
COMMENT = st.builds(
    replace,
    st.just(comment_notice(1).comment),
    comment_id=st.integers(1, 2**63).map(CommentId),
    object_id=st.just(ObjectId(7)),
    author=TEXT,
    text=TEXT,
    kind=st.sampled_from(CommentKind),
    status=st.sampled_from(CommentStatus),
    created_at=st.none() | TIME,
    created_text=TEXT,
    position_s=st.none() | st.floats(allow_nan=False),
    avatar=st.text(max_size=40) | st.just("/a/b.jpg"),
)
QUESTION = st.builds(
    ViewerQuestion, comment_id=st.just(CommentId(1)), author=TEXT, text=TEXT, asked_at=TIME
)
NOBODY: dict[CommentId, Actor] = {}
SOMEBODY = {CommentId(1): Actor(user_id=2**63, name="Ben")}
COUNTS = st.builds(QuestionCounts, open=st.sampled_from([0, 10**9]))
NOTICE = (
    st.builds(
        CommentNotice,
        object=OBJECT,
        comment=COMMENT,
        source=st.sampled_from(Source),
        seen_at=TIME,
        standing=st.sampled_from(Standing),
    )
    | st.builds(
        LiveNotice,
        object=OBJECT,
        state=st.builds(
            LiveState,
            phase=st.sampled_from(LivePhase),
            started_at=st.none() | TIME,
            ended_at=st.none(),
            recording_url=st.none() | TEXT,
        ),
        is_start=st.booleans(),
        is_end=st.booleans(),
        mention_role_id=st.none() | st.integers(1, 2**63),
        series=st.none() | st.just(SERIES),
        comments=st.none() | st.integers(0, 10**9),
        questions=st.none() | st.integers(0, 10**9),
    )
    | st.builds(VideoNotice, object=OBJECT)
    | st.builds(
        ReportNotice,
        object=OBJECT,
        until=TIME,
        questions=st.builds(
            ReportedQuestions,
            count=st.integers(0, 9_999),
            shown=st.lists(
                st.builds(ReportedQuestion, author=TEXT, text=TEXT, asked_at=TIME), max_size=40
            ).map(tuple),
        ),
        comments=st.none() | st.integers(0, 10**9),
        state=st.none() | st.builds(LiveState, started_at=TIME, ended_at=st.none() | TIME),
        series=st.none() | st.just(SERIES),
    )
    | st.builds(
        showing,
        st.builds(Board, view=st.sampled_from(BoardView), made_at=TIME),
        OBJECT,
        st.builds(
            QuestionsSeen,
            counts=COUNTS,
            oldest=st.lists(QUESTION, max_size=12).map(tuple),
            speaker=st.none() | QUESTION,
        ),
        st.sampled_from([NOBODY, SOMEBODY]),
        is_hidden=st.booleans(),
    )
    | st.builds(
        LogNotice,
        actor=st.builds(Actor, user_id=st.integers(1, 2**63), name=TEXT),
        deed=st.sampled_from([*Action, *Deed]) | TEXT,
        effect=st.sampled_from(Effect),
        at=TIME,
        object_title=TEXT,
        object_url=OBJECT.map(lambda one: one.url),
        detail=TEXT,
    )
    | st.builds(
        ProgrammeNotice,
        planned=st.lists(st.builds(Planned, object=OBJECT, at=TIME), max_size=10).map(tuple),
        more=st.integers(0, 999),
    )
)


@UNHURRIED
@given(NOTICE)
def test_no_notice_is_ever_over_a_limit(notice: Notice) -> None:
    body = message([notice])
    texts = texts_of(body["embeds"][0])

    for field, limit in LIMITS.items():
        assert units(texts[field]) <= limit
        assert texts[field] == texts[field].strip()
    assert cost(notice) == sum(map(units, texts.values())) <= 6000
    assert units(body["content"]) <= 2000
    rendered(texts["title"])


MANNER = st.builds(
    Manner,
    layout=st.sampled_from(Layout),
    is_silent=st.booleans(),
    after=st.none() | st.just(VIDEO.object_id),
)


@UNHURRIED
@given(NOTICE, MANNER)
def test_no_notice_is_over_a_limit_in_any_manner(notice: Notice, manner: Manner) -> None:
    body = message([notice], manner)

    assert body["embeds"] or body["content"]
    assert units(body["content"]) <= 2000
    for embed in body["embeds"]:
        assert units(embed.get("description", "")) <= 4096
    assert sum(units(it) for one in body["embeds"] for it in texts_of(one).values()) <= 6000
    assert identity(body["embeds"], body["content"])
    # The stand-in has read Discord's limits by itself.
    assert taken(body.get("components", []), is_v2=False)[1] == []


@UNHURRIED
@given(st.lists(NOTICE, min_size=1, max_size=3))
def test_the_same_notices_give_the_same_body(notices: list[Notice]) -> None:
    text = body_json(notices)

    assert text == body_json(notices)
    assert digest(text) == digest(body_json(notices))
    assert json.loads(text) == message(notices)


@UNHURRIED
@given(NOTICE)
def test_discord_py_reads_every_embed_as_it_was_meant(notice: Notice) -> None:
    embed = embed_of(notice)

    read = discord.Embed.from_dict(embed).to_dict()
    assert {key: value for key, value in read.items() if key in embed} == embed
    assert set(read) - set(embed) <= {"type", "flags"}


@UNHURRIED
@given(st.lists(NOTICE, min_size=1, max_size=11))
def test_planned_messages_are_never_over_a_messages_limits(notices: list[Notice]) -> None:
    waiting = [
        QueuedNotice(
            notice_id=number,
            room_id=RoomId(1),
            event_key=str(number),
            notice=notice,
            queued_at=SEEN_AT,
        )
        for number, notice in enumerate(notices)
    ]
    while waiting:
        planned = plan(waiting, MESSAGE_SIZE, cost=cost)
        embeds = message([one.notice for one in planned])["embeds"]

        assert 1 <= len(embeds) <= 10
        assert sum(units(text) for embed in embeds for text in texts_of(embed).values()) <= 6000
        waiting = [one for one in waiting if one not in planned]
