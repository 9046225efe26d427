from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.decoding import (
    MAX_JSON,
    MAX_SHAPE,
    Decoded,
    decode_comments,
    json_in,
    shape,
)
from cogs.twentythree.domain.model import Comment, CommentKind, CommentStatus, ObjectId

OBJECT = ObjectId(800001)
WHOLE: dict[str, Any] = {
    "comment_id": 1,
    "object_id": 800001,
    "comment_type": "chat",
    "promoted_p": False,
    "name": "Ada",
    "email": "ada@example.org",
    "content_text": "Hello",
}
HINT = Decoded(is_hint=True)


def whole(number: int = 1, **values: Any) -> dict[str, Any]:
    return WHOLE | {"comment_id": number} | values


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name != key}


def numbers(decoded: Decoded) -> list[int]:
    return [comment.comment_id for comment in decoded.comments]


@pytest.mark.parametrize(
    "data",
    [
        whole(),
        [whole()],
        [[whole()]],
        {"comment": whole()},
        {"comments": [whole()]},
        {"data": {"comments": [whole()]}},
        {"event": "comment.created", "data": whole()},
        json.dumps(whole()),
        json.dumps({"data": json.dumps([whole()])}),
        [json.dumps(whole())],
    ],
    ids=json.dumps,
)
def test_a_whole_comment_is_used_at_once_however_it_is_wrapped(data: object) -> None:
    decoded = decode_comments(data, OBJECT)

    assert not decoded.is_hint
    (comment,) = decoded.comments
    assert (comment.comment_id, comment.kind, comment.text) == (1, CommentKind.CHAT, "Hello")


@pytest.mark.parametrize(
    "key", ["comment_id", "comment_type", "promoted_p", "content_text", "object_id", "name"]
)
def test_what_lacks_anything_it_needs_is_a_hint(key: str) -> None:
    is_needed = key not in {"object_id", "name"}

    assert decode_comments(without(key), OBJECT).is_hint is is_needed
    assert bool(decode_comments(without(key), OBJECT).comments) is not is_needed


@pytest.mark.parametrize(
    "values",
    [
        {"comment_type": None},
        {"comment_type": ""},
        {"comment_type": "whisper"},
        {"promoted_p": None},
        {"promoted_p": "perhaps"},
        {"comment_id": True},
        {"comment_id": float("nan")},
        {"comment_id": 10**30},
        {"object_id": 5},
        {"object_id": "x"},
        {"content_text": "  "},
        {"content_text": {"a": 1}},
        {"deleted_p": True},
        {"deleted": "2030-01-02"},
        {"spam_p": 1},
        {"hidden_p": "t"},
        {"approved_p": False},
        {"event": "deleted"},
        {"action": "comment_deleted"},
        {"type": "unpublish"},
        {"status": {"code": 1}},
        {"event": ["created"]},
        {"verb": 1},
    ],
    ids=repr,
)
def test_what_is_in_doubt_is_a_hint(values: dict[str, Any]) -> None:
    assert replace(decode_comments(whole(**values), OBJECT), named=frozenset()) == HINT


@pytest.mark.parametrize(
    "values",
    [
        {"object_id": "800001"},
        {"object_id": None},
        {"object_id": ""},
        {"comment_id": "1"},
        {"promoted_p": "f"},
        {"deleted_p": False},
        {"spam_p": "0"},
        {"hidden_p": None},
        {"approved_p": True},
        {"event": "comment_added"},
        {"event": None},
        {"status": "ok"},
        {"type": "chat"},
        {"content_text": "", "content": "<p>Hello</p>"},
    ],
    ids=repr,
)
def test_what_only_spells_it_another_way_is_whole(values: dict[str, Any]) -> None:
    decoded = decode_comments(whole(**values), OBJECT)

    assert [comment.text for comment in decoded.comments] == ["Hello"]
    assert not decoded.is_hint


@pytest.mark.parametrize(
    "data",
    [
        None,
        True,
        7,
        1.5,
        "",
        "hello",
        "{broken",
        "[" * 100_000,
        [],
        {},
        {"comment_id": 1},
        {"comment": "hello"},
        {"other": WHOLE},
        {"event": "deleted", "comment": WHOLE},
        {"comment": {"deleted_p": 1, "comment": WHOLE}},
        ...,
        b"{}",
        {1: 2, None: 3},
    ],
    ids=lambda data: str(data)[:40],
)
def test_anything_else_is_a_hint(data: object) -> None:
    assert replace(decode_comments(data, OBJECT), named=frozenset()) == HINT


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"comment_id": "5"}, {5}),
        ({"event": "deleted", "comment_id": 5}, {5}),
        ({"event": "deleted", "comment": WHOLE | {"comment_id": 6}}, {6}),
        ({"event": "deleted", "comments": [{"comment_id": 7}, {"comment_id": "8"}, 9]}, {7, 8}),
        ([{"comment_id": 5}, WHOLE | {"comment_id": 6, "deleted_p": "1"}], {5, 6}),
        (json.dumps({"event": "deleted", "comment_id": 5}), {5}),
        ({"event": "deleted", "comment_id": "no number", "comment": None}, set()),
        ({"event": "deleted"}, set()),
        ("deleted", set()),
    ],
)
def test_a_hint_names_the_comments_that_it_speaks_of(data: object, named: set[int]) -> None:
    decoded = decode_comments(data, OBJECT)

    assert decoded.is_hint
    assert decoded.named == named


def test_of_many_comments_named_some_are_taken() -> None:
    rows = [{"comment_id": number} for number in range(1, 5_000)]

    assert len(decode_comments(rows, OBJECT).named) == 100


@pytest.mark.parametrize("key", ["status", "comment_status"])
@pytest.mark.parametrize("status", [CommentStatus.ANSWERED, CommentStatus.DISMISSED])
def test_a_question_that_was_answered_or_dismissed_is_whole(
    key: str, status: CommentStatus
) -> None:
    (comment,) = decode_comments(WHOLE | {"comment_type": "question", key: status}, OBJECT).comments

    assert comment.status is status


@pytest.mark.parametrize("event", ["dismissed", "unpromoted", "answered", "delete"])
def test_an_event_that_may_say_more_than_its_row_is_a_hint(event: str) -> None:
    assert decode_comments(whole(event=event), OBJECT).is_hint


def test_of_a_mixed_list_the_whole_ones_are_used_and_the_rest_is_a_hint() -> None:
    decoded = decode_comments([whole(3), {"comment_id": 2}, whole(1)], OBJECT)

    assert numbers(decoded) == [3, 1]
    assert decoded.is_hint


def test_comments_keep_their_order_and_doubles() -> None:
    data = {"comments": [whole(2, promoted_p=True), whole(2)], "data": [whole(1)]}

    assert numbers(decode_comments(data, OBJECT)) == [2, 2, 1]


def test_a_partial_comment_may_wrap_a_whole_one() -> None:
    data = {"event": "promoted", "comment_id": 9, "comment": whole(9, promoted_p=True)}

    decoded = decode_comments(data, OBJECT)

    assert numbers(decoded) == [9]
    assert not decoded.is_hint


@pytest.mark.parametrize(("levels", "is_found"), [(8, True), (9, False)])
def test_a_comment_is_found_eight_levels_deep(levels: int, *, is_found: bool) -> None:
    data: object = whole()
    for _ in range(levels):
        data = {"data": data}

    assert bool(decode_comments(data, OBJECT).comments) is is_found


def test_what_is_nested_too_deep_is_a_hint() -> None:
    data: object = whole()
    for _ in range(50_000):
        data = [data]

    assert decode_comments(data, OBJECT) == HINT


@pytest.mark.parametrize("count", [5_000, 100_000])
def test_of_a_gigantic_message_the_beginning_is_used(count: int) -> None:
    decoded = decode_comments([whole(number) for number in range(1, count)], OBJECT)

    assert 0 < len(decoded.comments) < 5_000
    assert decoded.is_hint


def test_a_private_question_is_decoded_as_what_it_is() -> None:
    (comment,) = decode_comments(whole(comment_type="question"), OBJECT).comments

    assert comment.kind is CommentKind.QUESTION
    assert not comment.is_promoted


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEY = st.sampled_from([*WHOLE, "comment", "comments", "data", "event", "deleted_p"])
VALUES = st.dictionaries(KEY, LEAF)
MESSAGE = st.recursive(
    LEAF | st.builds(whole, st.integers(1, 99)) | VALUES.map(lambda values: WHOLE | values),
    lambda inner: st.lists(inner) | st.dictionaries(KEY, inner) | inner.map(json.dumps),
)


@given(MESSAGE)
def test_no_message_raises_and_what_comes_out_is_whole(data: object) -> None:
    decoded = decode_comments(data, OBJECT)

    assert decoded.comments or decoded.is_hint
    for comment in decoded.comments:
        assert isinstance(comment, Comment)
        assert comment.object_id == OBJECT
        assert comment.text
        assert "ada@example.org" not in repr(comment)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "null"),
        (True, "bool"),
        (1, "int"),
        (1.5, "float"),
        ("Ada", "str"),
        (object(), "?"),
        ({"name": "Ada", "comment_id": 1}, "{comment_id:int,name:str}"),
        ([1, "a", 2], "[int|str]"),
        ([], "[]"),
        ('{"a": [1]}', "json({a:[int]})"),
        ("{broken", "str"),
        ({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "{a:{b:{c:{d:{e:…}}}}}"),
    ],
)
def test_a_shape_is_keys_and_types(data: object, expected: str) -> None:
    assert shape(data) == expected


@pytest.mark.parametrize(
    "key", ["ada@example.org", "0" * 40, "a" * 40, "deadbeefdeadbeef", "k" * 40, "", 7, "naïve"]
)
def test_a_key_that_may_be_data_is_not_shown(key: object) -> None:
    assert shape({key: 1}) == "{?:int}"


def test_a_shape_is_bounded() -> None:
    many = {f"key_{number}": number for number in range(1000)}

    assert shape(many).endswith(",…}") or shape(many).endswith("…")
    assert len(shape([many] * 3 + [{"a" * 30: many}])) <= MAX_SHAPE


def test_more_keys_than_are_listed_are_told() -> None:
    assert shape(dict.fromkeys(map(chr, range(1000)))).endswith(",…}")


@given(JSON)
def test_any_json_has_a_bounded_shape(data: object) -> None:
    assert len(shape(data)) <= MAX_SHAPE
    assert len(shape(json.dumps(data))) <= MAX_SHAPE


@given(st.dictionaries(st.sampled_from(["name", "text"]), st.from_regex(r"secret[0-9]+")))
def test_a_shape_shows_no_value(data: dict[str, str]) -> None:
    assert "secret" not in shape(data)
    assert "secret" not in shape([data])


@pytest.mark.parametrize("value", ["[" * 100_000, "{", "7", "", "[1" + "0" * 5000 + "]"])
def test_what_is_no_json_structure_is_none(value: str) -> None:
    assert json_in(value) is None


def test_json_past_the_bound_is_not_parsed() -> None:
    assert json_in("[" + " " * MAX_JSON + "]") is None
    assert json_in(" [1]") == [1]
