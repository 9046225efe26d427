"""The words of actions on comments."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.acting import signed_as
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.fields import as_author


@pytest.mark.parametrize(
    ("name", "moderator", "carried"),
    [
        ("The team", "Mia", "The team"),
        ("The team ({moderator})", "Mia", "The team (Mia)"),
        ("{moderator}", "Mia", "Mia"),
        ("The team ({moderator})", "mia@example.com", "The team"),
        ("{moderator}", "mia@example.com", "Guest"),
        ("video@example.com", "Mia", "Guest"),
        ("", "Mia", "Guest"),
    ],
)
def test_a_reply_carries_a_name_that_is_read_back_as_it_is(
    name: str, moderator: str, carried: str
) -> None:
    found = signed_as(name, Actor(user_id=1, name=moderator))

    assert found == carried
    assert as_author(found) == found
