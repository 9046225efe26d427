"""What every command has at hand."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TypeVar

import discord

from ..bridge import Bridge
from .titles import Titles

_View = TypeVar("_View", bound=discord.ui.View)


class Desk:
    """The bridge, and what the commands remember between two keystrokes.

    Args:
        bridge: the relay at work.
        clock: monotonic seconds.
    """

    def __init__(self, bridge: Bridge, *, clock: Callable[[], float]) -> None:
        self.bridge = bridge
        self.titles = Titles(bridge.search, clock=clock)
        self._views: weakref.WeakSet[discord.ui.View] = weakref.WeakSet()

    def open(self, view: _View) -> _View:
        """Remember buttons that are waiting for clicks, and return them."""
        self._views.add(view)
        return view

    def close(self) -> None:
        """Stop waiting for clicks; buttons that are still shown do nothing from now on."""
        for view in tuple(self._views):
            view.stop()
        self._views.clear()
