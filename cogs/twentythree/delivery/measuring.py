"""How full the outbox is, counted now and then, since that takes long where much waits."""

from __future__ import annotations

import asyncio
import logging

from ..errors import StorageError
from ..metrics import Metrics
from ..storage import Store

_log = logging.getLogger("twentythree.delivery")


class OutboxGauges:
    """Sets the gauges of the outbox after changes, once in ``every_s`` at most."""

    def __init__(self, store: Store, metrics: Metrics, every_s: float) -> None:
        self._store = store
        self._metrics = metrics
        self._every_s = every_s
        self._is_changed = asyncio.Event()

    def changed(self) -> None:
        """Tell that the outbox is otherwise now."""
        self._is_changed.set()

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            await self._is_changed.wait()
            self._is_changed.clear()
            await self._count()
            await asyncio.sleep(self._every_s)

    async def _count(self) -> None:
        try:
            counts = await self._store.upkeep.counts()
        except StorageError as error:
            _log.debug("the store could not be counted: %s", error)
            return
        self._metrics.outbox(counts.pending)
        self._metrics.rooms_paused(counts.paused_rooms)
