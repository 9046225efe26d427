"""What staff may do from a room, and who did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What staff may do to a comment from a room.

    ``copy``: a chat line becomes a question as well; the API's ``comment/clone``.
    """

    PROMOTE = "promote"
    UNPROMOTE = "unpromote"
    ANSWER = "answer"
    REOPEN = "reopen"
    DISMISS = "dismiss"
    REPLY = "reply"
    DELETE = "delete"
    COPY = "copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody in a server who acts: the ID of the account there, and its name as text."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """Who did something to a comment from a room, and when."""

    action: Action
    actor: Actor
    at: datetime
