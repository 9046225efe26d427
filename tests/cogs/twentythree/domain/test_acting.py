"""The words of actions on comments."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.acting import (
    Done,
    Effect,
    Intent,
    WantedAction,
    is_made_by,
    signed_as,
    told,
)
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.fields import as_author
from cogs.twentythree.domain.model import CommentId, GuildId, ObjectId, RoomId
from tests.fakes.notices import SEEN_AT, comment_notice


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


def an_intent(action: Action, made: int | None = None) -> Intent:
    wanted = WantedAction(
        action=action,
        guild_id=GuildId(1),
        room_id=RoomId(2),
        object_id=ObjectId(3),
        comment_id=CommentId(4),
        actor=Actor(user_id=5, name="Mia"),
    )
    made_id = None if made is None else CommentId(made)
    return Intent(intent_id=6, wanted=wanted, asked_at=SEEN_AT, made_id=made_id)


@pytest.mark.parametrize(("number", "is_so"), [(7, True), (8, False)])
def test_what_an_intent_is_known_to_have_made_is_known_by_its_id(
    number: int,
    is_so: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    assert is_made_by(comment_notice(number).comment, an_intent(Action.COPY, made=7)) is is_so


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect.GONE, "was not done: the workspace has the comment no more."),
        (Effect.ALREADY, "had been done already."),
        (Effect.REFUSED, "was not done. Chat is off."),
    ],
)
def test_what_came_of_it_is_told_after_a_restart(effect: Effect, words: str) -> None:
    said = told(an_intent(Action.REPLY), Done(effect=effect, reason="Chat is off."))

    assert said == f"What you wanted done to comment 4 (reply) {words}"
