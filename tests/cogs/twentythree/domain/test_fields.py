from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.fields import (
    MAX_COMMENT,
    MAX_NAME,
    CommentRow,
    comment_from_row,
    kind_of,
)
from cogs.twentythree.domain.model import Comment, CommentId, CommentKind, ObjectId

OBJECT = ObjectId(800001)
ROW: dict[str, Any] = {
    "comment_id": 900001,
    "object_id": 800001,
    "object_type": "live",
    "comment_type": "question",
    "promoted_p": False,
    "name": "Ada Example",
    "email": "ada@example.org",
    "comment_time": "50.4",
    "creation_date_ansi": "2030-01-02 03:04:05",
    "content": "<p>Why?</p>",
    "content_text": "Why?",
}


def comment(**values: Any) -> Comment:
    found = comment_from_row(ROW | values, OBJECT)
    assert found is not None
    return found


def test_a_row_of_version_2_becomes_a_comment() -> None:
    assert comment() == Comment(
        comment_id=CommentId(900001),
        object_id=OBJECT,
        kind=CommentKind.QUESTION,
        is_promoted=False,
        author="Ada Example",
        text="Why?",
        created_text="2030-01-02 03:04:05",
        position_s=50.4,
    )


@pytest.mark.parametrize(
    ("left_out", "untold"),
    [
        ((), set()),
        (("promoted_p",), {"promotion"}),
        (("comment_type",), {"kind"}),
        (("name",), {"author"}),
        (("content", "content_text"), {"text"}),
    ],
)
def test_what_a_row_leaves_out_is_known(left_out: tuple[str, ...], untold: set[str]) -> None:
    row = {name: value for name, value in ROW.items() if name not in left_out}
    found = comment_from_row(row, OBJECT)

    assert found is not None
    assert set(found.untold) == untold
    assert comment(name="", content="", content_text="").untold == ()


def test_a_row_of_version_1_spells_everything_as_text() -> None:
    row = ROW | {
        "comment_id": "900001",
        "object_id": "800001",
        "promoted_p": "1",
        "comment_time": "",
        "user_id": "",
    }

    found = comment_from_row(row, OBJECT)

    assert found is not None
    assert (found.comment_id, found.is_promoted, found.position_s) == (900001, True, None)


@pytest.mark.parametrize(
    "missing", [None, "", 0, -1, True, float("nan"), "x", 2**63, [1]], ids=repr
)
def test_a_row_without_a_readable_id_is_nothing(missing: object) -> None:
    assert comment_from_row(ROW | {"comment_id": missing}, OBJECT) is None


def test_a_row_of_another_object_is_nothing() -> None:
    assert comment_from_row(ROW, ObjectId(5)) is None


def test_a_row_that_names_no_object_is_of_the_one_asked_about() -> None:
    row = {key: value for key, value in ROW.items() if key != "object_id"}

    assert comment_from_row(row, OBJECT) == comment()
    assert comment_from_row(row, None) is None


def test_without_an_object_asked_about_the_row_is_believed() -> None:
    assert comment_from_row(ROW, None) == comment()


@pytest.mark.parametrize(
    ("told", "of", "kind"),
    [
        ("chat", "live", CommentKind.CHAT),
        (" Comment ", "live", CommentKind.COMMENT),
        ("", "photo", CommentKind.COMMENT),
        ("", "live", CommentKind.QUESTION),
        ("", "", CommentKind.QUESTION),
        ("whisper", "photo", CommentKind.QUESTION),
    ],
)
def test_a_kind_that_is_not_known_counts_as_private(told: str, of: str, kind: CommentKind) -> None:
    assert comment(comment_type=told, object_type=of).kind is kind


def test_a_kind_is_one_of_three_words() -> None:
    assert kind_of("QUESTION") is CommentKind.QUESTION
    assert kind_of("note") is None


@pytest.mark.parametrize("told", [None, "", "?", [], 2])
def test_a_promotion_that_cannot_be_read_is_none(told: object) -> None:
    assert comment(promoted_p=told).is_promoted is False


@pytest.mark.parametrize(
    "name",
    [
        "ada@example.org",
        "Ada <ada@example.org>",
        "ada @ example.org",
        "ada＠example.org",
        "ada\u200b@\u200bexample.org",
        "ada@exam...",
        "@example.org",
    ],
)
def test_a_name_that_looks_like_an_address_is_not_shown(name: str) -> None:
    assert comment(name=name).author == "Guest"
    assert comment(name=name, first_name="Ada").author == "Ada"


@pytest.mark.parametrize("name", ["@ada", "Ada @ Work", "Ada (at) home", "\u202eadA", "李"])
def test_a_name_that_is_none_is_shown_as_it_is(name: str) -> None:
    assert comment(name=name).author == name


def test_the_first_name_that_is_there_is_shown() -> None:
    assert comment(name="  ", first_name="", full_name="A. Example").author == "A. Example"
    assert comment(name="", truncated_name="Ada Exam...").author == "Ada Exam..."
    assert len(comment(name="x" * 1000).author) == MAX_NAME


def test_a_text_that_is_html_only_is_made_plain() -> None:
    assert comment(content_text="", content="<p>one</p><p>two &amp; 3</p>").text == "one\ntwo & 3"


def test_hostile_text_is_kept_as_it_is_and_bounded() -> None:
    hostile = "@everyone \u202e\u200b\x1b[31m**b** <@1> [x](https://example.org)"

    assert comment(content_text=hostile).text == hostile
    assert len(comment(content_text="x" * 50_000).text) == MAX_COMMENT


def test_a_time_counts_only_where_its_zone_is_known() -> None:
    expected = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert comment().created_at is None
    assert comment(creation_date_ansi="2030-01-02 03:04:05+00").created_at == expected
    assert comment(creation_date_epoch=str(int(expected.timestamp()))).created_at == expected


@pytest.mark.parametrize("told", [-1, "x", 1e12, True, None])
def test_a_position_that_cannot_be_is_none(told: object) -> None:
    assert comment(comment_time=told).position_s is None


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


# Plainer tests reach the same lines; to count them here takes longer than to run this.
@given(row=st.fixed_dictionaries({}, optional=dict.fromkeys([*CommentRow.model_fields], VALUE)))
def test_no_row_raises_and_every_comment_can_be_stored(row: dict[str, Any]) -> None:
    found = comment_from_row({"comment_id": 1, "object_id": 2} | row, None)

    if found is not None:
        f"{found.author}{found.text}{found.created_text}".encode()
        assert found.comment_id > 0
        assert found.object_id > 0


@given(row=st.dictionaries(st.text() | st.integers() | st.none(), VALUE))
def test_keys_that_are_no_names_do_no_harm(row: dict[Any, Any]) -> None:
    assert comment_from_row(row | ROW, OBJECT) is not None


@given(
    address=st.emails(),
    in_fields=st.sets(st.sampled_from(["name", "first_name", "full_name", "truncated_name"])),
    around=st.tuples(st.text(max_size=3), st.text(max_size=3)),
)
def test_an_address_never_gets_into_a_comment(
    address: str, in_fields: set[str], around: tuple[str, str]
) -> None:
    names = dict.fromkeys(in_fields, address.join(around))

    found = comment_from_row(ROW | {"email": address, "user": {"email": address}} | names, OBJECT)

    assert address not in repr(found)
