"""What the gallery shows: one room of the sandbox's Discord for each exhibit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..chat import Channel
from .hall import Hall

LANGUAGES = ("en", "da", "de", "sv")
"""Those in which exhibits are made, as Discord spells them; the first has all of them."""


@dataclass(frozen=True, slots=True)
class Pose:
    """What is pressed in the browser before a picture is taken, and what the picture is then of.

    Both are selectors of CSS.
    """

    press: str
    frame: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """Something to see.

    Attributes:
        name: of its pictures.
        sentence: says what is to be seen.
        shows: what of the bot's words it has, such as ``notice live`` or ``layout compact``; a
            test tells what nobody shows.
        make: brings it about in a hall of any language, and returns the room once all is there.
        viewer: whose eyes are looked through.
        is_translated: whether it is made in each language; the others would show little more.
        is_timely: whether it is made by this machine's clock, in a hall of its own: the bot tells
            of one that differs.
    """

    name: str
    title: str
    sentence: str
    shows: tuple[str, ...]
    make: Callable[[Hall], Awaitable[Channel]]
    viewer: str = "Ann"
    pose: Pose | None = None
    is_translated: bool = False
    is_timely: bool = False
