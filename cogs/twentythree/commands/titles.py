"""Titles for autocomplete: from memory where possible, within Discord's 3 s, without raising."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from ..api import FoundObject
from ..domain.model import ObjectInfo
from ..errors import TwentyThreeError

_log = logging.getLogger("twentythree.commands")

_FRESH_S = 60.0
_PATIENCE_S = 2.0
_MAX_ANSWERS = 200
_MAX_SEARCHES = 2


class Titles:
    """Remembers what the workspace answered to the last searches.

    Args:
        search: asks the workspace.
        clock: monotonic seconds.
        patience_s: how long one autocompletion may wait for the workspace.
    """

    def __init__(
        self,
        search: Callable[[str], Awaitable[Sequence[FoundObject]]],
        *,
        clock: Callable[[], float],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._search = search
        self._clock = clock
        self._patience_s = patience_s
        self._answers: OrderedDict[str, tuple[float, tuple[ObjectInfo, ...]]] = OrderedDict()
        self._searches = 0

    async def suggest(self, text: str) -> tuple[ObjectInfo, ...]:
        """Return objects whose title fits; never raises.

        A slow or failing workspace, and more than a few searches at once, are answered from
        what earlier searches found.
        """
        wanted = " ".join(text.split()).casefold()
        if not wanted.isdecimal():
            return await self._fitting(wanted)
        # The workspace searches in titles only: IDs are looked for in what it has listed.
        _, fitting = await asyncio.gather(self._fitting(""), self._fitting(wanted))
        found = [*self._numbered(wanted), *fitting]
        return tuple({info.object_id: info for info in found}.values())

    async def _fitting(self, wanted: str) -> tuple[ObjectInfo, ...]:
        known = self._answers.get(wanted)
        if known is not None and self._clock() - known[0] < _FRESH_S:
            return known[1]
        if self._searches >= _MAX_SEARCHES:
            return self._recall(wanted)
        return await self._ask(wanted)

    async def _ask(self, wanted: str) -> tuple[ObjectInfo, ...]:
        self._searches += 1
        try:
            async with asyncio.timeout(self._patience_s):
                found = tuple(one.info for one in await self._search(wanted))
        except (TimeoutError, TwentyThreeError) as error:
            _log.debug("a search for autocomplete gave nothing: %s", type(error).__name__)
            return self._recall(wanted)
        finally:
            self._searches -= 1
        self._answers[wanted] = (self._clock(), found)
        self._answers.move_to_end(wanted)
        while len(self._answers) > _MAX_ANSWERS:
            self._answers.popitem(last=False)
        return found

    def _numbered(self, digits: str) -> list[ObjectInfo]:
        """Return what earlier searches found whose ID begins so."""
        found = (info for _, answer in self._answers.values() for info in answer)
        return [info for info in found if str(info.object_id).startswith(digits)]

    def _recall(self, wanted: str) -> tuple[ObjectInfo, ...]:
        """Return what earlier searches found that holds the text in its title."""
        found = {
            info.object_id: info
            for _, answer in self._answers.values()
            for info in answer
            if wanted in info.title.casefold()
        }
        return tuple(found.values())
