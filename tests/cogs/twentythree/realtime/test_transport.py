"""JSON on the wire, and how long a server wants to be left alone."""

from datetime import UTC, datetime

import pytest

from cogs.twentythree.realtime import transport


def test_frames_are_compact_arrays() -> None:
    assert transport.encode([{"channel": "/a", "id": "1"}]) == '[{"channel":"/a","id":"1"}]'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0.0),
        ("", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        ("1.", 0.0),
        ("86400", 300.0),
        ("9" * 5000, 300.0),
        ("-3", 0.0),
        ("soon", 0.0),
        ("٣", 0.0),
        ("Wed, 02 Jan 2030 12:00:30 GMT", 30.0),
        ("Wed, 02 Jan 2030 11:00:00 GMT", 0.0),
        ("Wednesday, 02-Jan-30 12:00:30 GMT", 30.0),
        ("Wed Jan  2 12:00:30 2030", 30.0),
        ("Wed, 02 Jan 2030 13:00:30 +0100", 30.0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone_is_read(text: str | None, seconds: float) -> None:
    headers = {} if text is None else {"Retry-After": text}

    assert transport.wait_s(headers, datetime(2030, 1, 2, 12, tzinfo=UTC)) == seconds
