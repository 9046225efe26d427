from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.decoding import MAX_JSON, MAX_SHAPE, json_in, shape

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
