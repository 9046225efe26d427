from __future__ import annotations

import pytest

from cogs.twentythree.domain.levels import is_lower, is_reader, is_writer, replaces

UNKNOWN = (None, "", "owner")


@pytest.mark.parametrize(
    ("level", "reads", "writes"),
    [
        *((level, False, False) for level in (*UNKNOWN, "none", "anonymous")),
        ("read", True, False),
        *((level, True, True) for level in ("write", "admin", "super")),
    ],
)
def test_who_may_read_and_who_may_write(level: str | None, *, reads: bool, writes: bool) -> None:
    assert (is_reader(level), is_writer(level)) == (reads, writes)


def test_from_reading_on_nobody_sees_more() -> None:
    assert is_lower("anonymous", "read")
    assert not is_lower("read", "super")
    assert not is_lower("read", "anonymous")
    assert is_lower(None, "anonymous")


@pytest.mark.parametrize(
    ("level", "before", "is_so"),
    [
        ("read", None, True),
        ("read", "anonymous", True),
        ("write", "read", True),
        ("read", "write", True),
        ("admin", "write", False),
        ("read", "read", False),
        ("anonymous", "write", False),
        (None, "read", False),
    ],
)
def test_a_level_is_remembered_unless_it_shows_less(
    level: str | None, before: str | None, *, is_so: bool
) -> None:
    assert replaces(level, before) is is_so
