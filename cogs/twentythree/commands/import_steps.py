"""What an import does, step by step, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from ..api import FoundObject
from ..domain.model import ObjectId, RoomId
from ..domain.shown import BoardView
from ..intake import WantedFollow
from .room_option import ChosenRoom
from .rules import RulesGiven
from .set_options import SettingsGiven


class Stays(Enum):
    """Why an entry changes nothing now."""

    LEFT = "it is so already"
    LATER = "there is too much to be done at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachStep:
    """An object is attached, or gets other options.

    ``text`` says which, and where; ``changed`` are the options that would be others. ``doubts``
    are to be agreed to.
    """

    text: str
    chosen: ChosenRoom
    given: RulesGiven
    found: FoundObject
    is_new: bool
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowStep:
    """A follow is kept, or gets other options."""

    text: str
    chosen: ChosenRoom
    given: RulesGiven
    wanted: WantedFollow
    is_new: bool
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratorsStep:
    """The role of the moderators is set."""

    text: str
    role_id: int
    is_new: bool = False
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStep:
    """The room of the log is set."""

    text: str
    room_id: RoomId
    is_new: bool = False
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStep:
    """A board is shown where its object is attached by then."""

    text: str
    chosen: ChosenRoom
    object_id: ObjectId
    view: BoardView
    is_new: bool = True
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomStep:
    """A room is set; ``chosen`` ``None``: what the server's rooms have is."""

    text: str
    chosen: ChosenRoom | None
    given: SettingsGiven
    is_new: bool = False
    changed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


Step: TypeAlias = AttachStep | FollowStep | BoardStep | RoomStep | ModeratorsStep | LogStep


@dataclass(slots=True, kw_only=True)
class ImportPlan:
    """What an import does: steps in their order, what stays, what cannot be and why, what waits."""

    steps: list[Step] = field(default_factory=list)
    left: int = 0
    cannot: list[str] = field(default_factory=list)
    later: int = 0
