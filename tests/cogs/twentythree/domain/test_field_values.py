from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cogs.twentythree.domain.fields import (
    MAX_ID,
    MAX_TEXT,
    Epoch,
    Flag,
    Identity,
    Number,
    Text,
    Whole,
    flag,
    identity,
    moment,
    number,
    storable,
    text,
    whole,
)

NAN, INF = float("nan"), float("inf")
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.sampled_from(["1e999", "9" * 30, "1_0", "٣", "t", "-0", "2030-01-02 03:04:05+00"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Row(BaseModel):
    flag: Flag = None
    number: Number = None
    whole: Whole = None
    identity: Identity = None
    epoch: Epoch = None
    text: Text = ""


@pytest.mark.parametrize(
    "value", [True, 1, 1.0, "1", "t", "T", "true", " True ", "TRUE", "yes", "y", "on"], ids=repr
)
def test_a_flag_is_set_in_many_spellings(value: object) -> None:
    assert flag(value) is True


@pytest.mark.parametrize(
    "value", [False, 0, 0.0, "0", "f", "F", "false", "no", "n", "off"], ids=repr
)
def test_a_flag_is_clear_in_many_spellings(value: object) -> None:
    assert flag(value) is False


@pytest.mark.parametrize(
    "value", [None, "", "2", 2, -1, NAN, "maybe", [], {}, [True], b"1"], ids=repr
)
def test_a_flag_that_says_neither_is_none(value: object) -> None:
    assert flag(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5.0),
        (50.4, 50.4),
        ("50.4", 50.4),
        (" 12 ", 12.0),
        ("-3", -3.0),
        ("2.0000000000000000", 2.0),
        ("1e3", 1000.0),
    ],
    ids=repr,
)
def test_a_number_is_read_from_its_spelling(value: object, expected: float) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    "value",
    [None, "", True, NAN, INF, "nan", "inf", "1_000", "٣", "0x10", 10**400, "1e999", []],
    ids=repr,
)
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert number(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        ("-7", -7),
        (7.0, 7),
        ("7.000", 7),
        (MAX_ID, MAX_ID),
        ("9007199254740993", 9007199254740993),
    ],
    ids=repr,
)
def test_a_whole_number_is_read_exactly(value: object, expected: int) -> None:
    assert whole(value) == expected


@pytest.mark.parametrize(
    "value",
    [None, True, 7.5, NAN, INF, 1e17, "7.5", "1e3", MAX_ID + 1, "9" * 19, "9" * 5000, {}],
    ids=repr,
)
def test_what_is_no_whole_number_of_64_bits_is_none(value: object) -> None:
    assert whole(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1), ("900001", 900001), (0, None), (-1, None), (True, None)],
    ids=repr,
)
def test_an_id_is_positive_and_no_boolean(value: object, expected: int | None) -> None:
    assert identity(value) == expected


@pytest.mark.parametrize(
    "value", [1900000000, "1900000000", 1900000000.0, "2030-03-17 17:46:40+00"], ids=repr
)
def test_a_moment_is_an_epoch_or_names_its_zone(value: object) -> None:
    assert moment(value) == datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC)


def test_a_moment_is_told_in_utc() -> None:
    found = moment("2013-08-01 16:19:58.49+02")

    assert found == datetime(2013, 8, 1, 14, 19, 58, 490000, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", 0, -5, 1e300, "2030-01-02 03:04:05", "soon", "0001-01-01 00:00+14", "9" * 70),
        # Nothing could be added to the first, and to Discord the second is no time.
        *([], 253_402_300_799, "9999-12-31 23:59:59+00", "0001-01-02 00:00+00", "1969-12-31 23Z"),
    ],
    ids=repr,
)
def test_a_time_that_cannot_be_told_for_sure_is_none(value: object) -> None:
    assert moment(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x07\u202eb\u200b", "a\x07\u202eb\u200b"),
        (12, "12"),
        (1.5, "1.5"),
        (True, ""),
        (None, ""),
        (NAN, ""),
        (10**4000, ""),
        ({"a": 1}, ""),
    ],
    ids=repr,
)
def test_a_text_keeps_hostile_characters_and_is_never_a_structure(
    value: object, expected: str
) -> None:
    assert text(value) == expected


def test_a_text_is_bounded() -> None:
    assert len(text("x" * (MAX_TEXT + 1))) == MAX_TEXT


def test_what_no_store_takes_is_replaced() -> None:
    assert storable("a\0b\ud800c\ud83d\ude00") == "a\ufffdb\ufffdc\U0001f600"


@given(value=ANYTHING)
def test_no_scalar_ever_raises(value: object) -> None:
    for read in (flag, number, whole, identity, moment, text):
        read(value)


# Plainer tests reach the same lines; to count them here takes longer than to run this.
@given(value=ANYTHING)
def test_a_model_of_lenient_scalars_takes_anything(value: Any) -> None:
    row = Row.model_validate(dict.fromkeys(Row.model_fields, value))

    row.model_dump_json().encode()
