"""Bodies of whatever notices there may be, against Discord's limits."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.acting import Deed, Effect
from cogs.twentythree.domain.batching import plan
from cogs.twentythree.domain.board import Board, QuestionsSeen, showing
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
from cogs.twentythree.domain.room_settings import Layout, Manner
from cogs.twentythree.domain.shown import (
    BoardView,
    QuestionCounts,
    ReportedQuestion,
    ReportedQuestions,
    ViewerQuestion,
)
from cogs.twentythree.embeds import MESSAGE_SIZE, body_json, cost, digest, identity, message
from cogs.twentythree.embeds.text import units
from cogs.twentythree.languages import Language
from sandbox.chat.components import taken
from tests.fakes.discord_markdown import rendered
from tests.fakes.examples import examples
from tests.fakes.notices import SEEN_AT, SERIES, VIDEO, comment_notice

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


PLACES = "{title} {start} {url} {speakers}"
UNHURRIED = settings(deadline=None, max_examples=examples(40))
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
        start_text=st.sampled_from(["", PLACES, "x" * (500 - len(PLACES)) + PLACES]),
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
    language=st.sampled_from(Language),
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
