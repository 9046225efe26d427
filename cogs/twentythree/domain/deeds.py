"""What staff may do from a room, who did, and what is told of it.

The words of the domain are made of these; so nothing of it is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNotice:
    """What a server's log room is told of an entry of its trail.

    ``deed`` is an :class:`Action`, or one of ``trail.Deed``, ``effect`` one of ``acting.Effect``.
    ``object_url`` is empty where it is not known, or not for the server to know. Nothing that a
    viewer wrote is in it: what is said in a room stays there for longer than that is kept.
    """

    entry_id: int
    actor: Actor
    deed: str
    effect: str
    at: datetime
    object_title: str = ""
    object_url: str = ""
    room_id: int | None = None
    detail: str = ""
    type: Literal["log"] = "log"
