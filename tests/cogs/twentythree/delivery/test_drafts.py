from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.delivery.batches import MAX_NONCE, nonce
from cogs.twentythree.domain.model import RoomId

ROOM = RoomId(5)
NOW = datetime(2030, 1, 2, tzinfo=UTC)


def test_a_nonce_is_the_same_for_the_same_batch_only() -> None:
    one = nonce(ROOM, ["comment:1", "comment:2"], NOW)

    assert one == nonce(ROOM, ["comment:1", "comment:2"], NOW)
    assert one == nonce(
        ROOM, ["comment:1", "comment:2"], NOW.astimezone(timezone(timedelta(hours=2)))
    )
    others = {
        nonce(RoomId(6), ["comment:1", "comment:2"], NOW),
        nonce(ROOM, ["comment:2", "comment:1"], NOW),
        nonce(ROOM, ["comment:1"], NOW),
        nonce(ROOM, ["comment:1", "comment:2"], NOW + timedelta(microseconds=1)),
    }
    assert len(others | {one}) == 5


@given(st.integers(1, 2**63 - 1), st.lists(st.text(max_size=30)))
def test_a_nonce_fits(room: int, keys: list[str]) -> None:
    found = nonce(RoomId(room), keys, NOW)

    assert found.isalnum()
    assert len(found) == MAX_NONCE
