from __future__ import annotations

import pytest

from cogs.twentythree.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_name_and_by_address(host: str, *, is_here: bool) -> None:
    assert is_loopback(host) is is_here
