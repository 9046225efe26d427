"""What a message offers for acting on its comments, against literal expectations and limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.acting import offered
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentNotice,
    CommentStatus,
    LiveNotice,
    LivePhase,
    Notice,
    Standing,
)
from cogs.twentythree.embeds import MESSAGE_SIZE, body_json, message
from cogs.twentythree.embeds.components import components
from cogs.twentythree.embeds.text import units
from sandbox.chat.components import taken
from tests.fakes.examples import examples
from tests.fakes.notices import VIDEO, acting_notice, comment_notice, deed, live_notice

ALONE = [
    {
        "type": 1,
        "components": [
            {
                "type": 2,
                "style": 1,
                "label": "Promote",
                "custom_id": "tt:act:promote:7",
                "emoji": {"name": "⭐"},
            },
            {
                "type": 2,
                "style": 3,
                "label": "Answered",
                "custom_id": "tt:act:answer:7",
                "emoji": {"name": "✅"},
            },
            {"type": 2, "style": 2, "label": "Dismiss", "custom_id": "tt:act:dismiss:7"},
            {
                "type": 2,
                "style": 2,
                "label": "Reply",
                "custom_id": "tt:act:reply:7",
                "emoji": {"name": "💬"},
            },
            {"type": 2, "style": 2, "label": "⋯", "custom_id": "tt:more:7"},
        ],
    }
]


def test_a_comment_alone_has_a_row_of_buttons() -> None:
    assert components([acting_notice(7)]) == ALONE


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"is_promoted": True}, ["Unpromote", "Answered", "Dismiss", "Reply", "⋯"]),
        ({"status": CommentStatus.ANSWERED}, ["Promote", "Reopen", "Dismiss", "Reply", "⋯"]),
        ({"status": CommentStatus.DISMISSED}, ["Promote", "Answered", "Reopen", "Reply", "⋯"]),
        ({"kind": CommentKind.CHAT}, ["Promote", "Answered", "Dismiss", "Reply", "⋯"]),
    ],
)
def test_the_buttons_are_what_makes_sense_for_the_comment(
    values: dict[str, Any], labels: list[str]
) -> None:
    notice = acting_notice(7, **values)
    (row,) = components([notice])
    pressed = [one["custom_id"].split(":") for one in row["components"][:-1]]

    assert [one["label"] for one in row["components"]] == labels
    assert {Action(action) for _, _, action, _ in pressed} <= set(offered(notice.comment))


def test_what_undoes_is_of_the_plain_style() -> None:
    notice = acting_notice(7, is_promoted=True, status=CommentStatus.ANSWERED)
    (row,) = components([notice])

    assert [one["style"] for one in row["components"]] == [2, 2, 2, 2, 2]
    assert [one.get("emoji") for one in row["components"]] == [
        {"name": "⭐"},
        None,
        None,
        {"name": "💬"},
        None,
    ]


def test_several_comments_share_a_menu() -> None:
    answered = acting_notice(
        9,
        deed(Action.PROMOTE, name="Grace\n**Hopper**"),
        deed(Action.ANSWER, name="Alan"),
        is_promoted=True,
        status=CommentStatus.ANSWERED,
        author="",
        text="Is\nit *on*? <@1> " + "long " * 40,
    )
    chat = acting_notice(8, kind=CommentKind.CHAT, author="Ada\u202e", text="Hello")

    assert components([chat, comment_notice(3), answered]) == [
        {
            "type": 1,
            "components": [
                {
                    "type": 3,
                    "custom_id": "tt:pick:0",
                    "placeholder": "Act on a comment…",
                    "options": [
                        {"label": "Ada: Hello", "value": "8", "description": "Chat"},
                        {
                            "label": "⭐✅ Guest: Is it *on*? <@1> long long long long long long "
                            "long long long long long long long long lo…",
                            "value": "9",
                            "description": "Question · promoted by Grace **Hopper** · "
                            "answered by Alan",
                        },
                    ],
                }
            ],
        }
    ]


def test_what_is_not_so_any_more_is_not_said_to_be_anybodys() -> None:
    undone = acting_notice(1, deed(Action.PROMOTE), status=CommentStatus.DISMISSED)
    (row,) = components([undone, acting_notice(2, deed(Action.UNPROMOTE))])

    said = [option["description"] for option in row["components"][0]["options"]]
    assert said == ["Question · dismissed", "Question · unpromoted by Grace"]


def test_many_comments_take_as_many_menus_as_there_are_rows() -> None:
    notices = [acting_notice(number) for number in range(1, 131)]
    menus = [row["components"][0] for row in components(notices)]

    assert [menu["custom_id"] for menu in menus] == [f"tt:pick:{number}" for number in range(5)]
    assert [len(menu["options"]) for menu in menus] == [25] * 5
    # Who cannot see where each stands has to tell them from one another.
    labels = [f"Act on a comment… ({number} of 5)" for number in range(1, 6)]
    assert [menu["placeholder"] for menu in menus] == labels
    assert MESSAGE_SIZE.actions == 125


@pytest.mark.parametrize("standing", [Standing.WITHHELD, Standing.REMOVED])
def test_what_is_not_shown_is_not_acted_on(standing: Standing) -> None:
    gone = replace(acting_notice(7), standing=standing)
    (row,) = components([gone, acting_notice(8)])

    assert components([gone]) == []
    assert [one["value"] for one in row["components"][0]["options"]] == ["8"]


def test_without_actions_there_is_nothing_to_press() -> None:
    for notices in ([comment_notice(1)], [comment_notice(1), comment_notice(2)]):
        assert components(notices) == []
        assert "components" not in message(notices)


@pytest.mark.parametrize(
    ("phase", "state", "label", "url"),
    [
        (LivePhase.SOON, {}, "Register", "https://video.example.com/bridge"),
        (LivePhase.LIVE, {}, "Watch", "https://video.example.com/bridge"),
        (LivePhase.ENDED, {"recording_url": "https://e.com/9"}, "Recording", "https://e.com/9"),
    ],
)
def test_a_card_leads_to_where_its_event_can_be_seen(
    phase: LivePhase, state: dict[str, Any], label: str, url: str
) -> None:
    rows = components([live_notice(phase, **state)])

    button = {"type": 2, "style": 5, "label": label, "url": url}
    assert rows == [{"type": 1, "components": [button]}]
    assert message([live_notice(phase, **state)])["components"] == rows


@pytest.mark.parametrize(
    "notice",
    [
        live_notice(LivePhase.ENDED),
        live_notice(LivePhase.CANCELLED),
        live_notice(LivePhase.IDLE),
        live_notice(LivePhase.ENDED, recording_url="javascript:x"),
        replace(live_notice(LivePhase.SOON), is_released=True),
        replace(live_notice(LivePhase.ENDED, recording_url="https://e.com/9"), is_end=True),
        live_notice(about=replace(VIDEO, url="https://e.com/" + "y" * 600)),
    ],
)
def test_a_card_that_leads_nowhere_has_no_button(notice: LiveNotice) -> None:
    assert components([notice]) == []


def test_the_body_of_a_question_that_can_be_acted_on() -> None:
    body = body_json([acting_notice(7, text="Is it on?")])

    assert json.loads(body) == {
        "content": "",
        "allowed_mentions": {"parse": []},
        "embeds": [
            {
                "url": "https://video.example.com/bridge#comment-7",
                "description": "❓ Is it on?\n"
                "-# [Question](https://video.example.com/bridge#comment-7) · "
                "[How to bridge](https://video.example.com/bridge)",
                "footer": {"text": "Ada"},
                "timestamp": "2030-01-02T03:04:05+00:00",
                "color": 0xE8A33D,
            }
        ],
        "components": ALONE,
    }


def test_the_body_of_lines_that_can_be_acted_on() -> None:
    body = json.loads(body_json([acting_notice(number) for number in range(1, 12)]))
    options = body["components"][0]["components"][0]["options"]

    assert len(body["embeds"]) == 1
    assert options[10] == {"label": "Ada: Comment 11", "value": "11", "description": "Question"}


TEXT = st.text(max_size=120) | st.sampled_from(["x" * 5000, "*😀" * 1600, "\u200b", "e\u0301" * 99])
NOTICE = st.builds(
    lambda made, comment, by: replace(
        made,
        comment=replace(made.comment, **comment),
        acted=(deed(Action.PROMOTE, name=by), deed(Action.ANSWER, 2**63 - 1, by)),
    ),
    st.builds(
        replace,
        st.sampled_from([acting_notice(), comment_notice()]),
        standing=st.sampled_from(Standing),
    ),
    st.fixed_dictionaries(
        {
            "comment_id": st.integers(1, 2**63).map(CommentId),
            "kind": st.sampled_from(CommentKind),
            "status": st.sampled_from(CommentStatus),
            "is_promoted": st.booleans(),
            "author": TEXT,
            "text": TEXT,
        }
    ),
    TEXT,
)
NOTICES = st.lists(
    NOTICE, min_size=1, max_size=140, unique_by=lambda one: one.comment.comment_id
) | st.just([acting_notice(number) for number in range(1, 200)])


def inside(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return chain.from_iterable(row["components"] for row in rows)


@settings(deadline=None, max_examples=examples(60))
@given(NOTICES)
def test_components_are_never_over_a_limit(notices: list[CommentNotice]) -> None:
    rows = components(notices)
    found = list(inside(rows))
    ids = [one["custom_id"] for one in found]

    assert len(rows) <= 5
    assert len(set(ids)) == len(ids)
    assert all(1 <= units(one) <= 100 for one in ids)
    for menu in (one for one in found if one["type"] == 3):
        assert 1 <= len(menu["options"]) <= 25
        for option in menu["options"]:
            assert 1 <= units(option["label"]) <= 100
            assert option["label"] == option["label"].strip()
            assert "\n" not in option["label"]
            assert 1 <= units(option["description"]) <= 100
    # The stand-in has read Discord's limits by itself.
    assert taken(rows, is_v2=False)[1] == []


@settings(deadline=None, max_examples=examples(60))
@given(NOTICES)
def test_each_comment_that_is_shown_can_be_acted_on_once(notices: list[CommentNotice]) -> None:
    found = list(inside(components(notices)))
    wanted = [
        str(one.comment.comment_id)
        for one in notices
        if one.has_actions and one.standing is Standing.SHOWN
    ]

    if len(notices) > 1:
        assert [option["value"] for one in found for option in one["options"]] == wanted[:125]
    else:
        assert {one["custom_id"].rpartition(":")[2] for one in found} == set(wanted)


@settings(deadline=None, max_examples=examples(40))
@given(NOTICES)
def test_discord_py_reads_the_components_as_they_were_meant(notices: list[Notice]) -> None:
    rows = components(notices)

    read = [discord.components.ActionRow(row) for row in rows]  # type: ignore[arg-type]
    for made, row in zip(read, rows, strict=True):
        for one, sent in zip(made.children, row["components"], strict=True):
            kept: Any = one.to_dict()
            if kept.get("emoji"):
                assert kept["emoji"].pop("id") is None
            options = [{key: option[key] for key in _OPTION} for option in kept.get("options", ())]
            kept = {**kept, "options": options} if options else kept
            assert {key: kept[key] for key in sent} == sent


_OPTION = ("label", "value", "description")
