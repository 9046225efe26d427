"""JSON on the wire."""

import pytest

from cogs.twentythree.errors import LocalProtocolError
from cogs.twentythree.realtime import wire


def test_frames_are_compact_arrays() -> None:
    assert wire.encode([{"channel": "/a", "id": "1"}]) == '[{"channel":"/a","id":"1"}]'


def test_json_can_be_sent() -> None:
    wire.check([1, "å", None, {"a": False}])


@pytest.mark.parametrize("data", [{1, 2}, float("nan"), object(), b"x"])
def test_what_is_no_json_cannot_be_sent(data: object) -> None:
    with pytest.raises(LocalProtocolError, match="JSON"):
        wire.check(data)
