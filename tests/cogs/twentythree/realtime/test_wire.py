"""JSON on the wire."""

import pytest

from cogs.twentythree.realtime import wire


def test_frames_are_compact_arrays() -> None:
    assert wire.encode([{"channel": "/a", "id": "1"}]) == '[{"channel":"/a","id":"1"}]'


def test_text_and_bytes_are_decoded() -> None:
    assert wire.decode("[]") == wire.decode(b"[]") == []


@pytest.mark.parametrize(
    "text",
    ["", "{nope", "[" * 100_000, b"\xff\xfe\xfd", "9" * 5000],
    ids=["empty", "broken", "deep", "no UTF-8", "a number too long"],
)
def test_what_is_no_json_is_unreadable_and_does_not_raise(text: str | bytes) -> None:
    assert wire.decode(text) is wire.UNREADABLE
