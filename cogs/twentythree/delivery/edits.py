"""What a room shows already, set right."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.ingest import takes_away
from ..domain.model import Batch
from .outcomes import Delivered, Removed, RetryLater
from .pace import EditPace
from .worker import NO_REST, Rest, RoomWorker, Surroundings, Why


class EditWorker(RoomWorker):
    """Makes the edits that are due; what takes something away first."""

    def __init__(self, around: Surroundings, pace: EditPace) -> None:
        super().__init__(around)
        self._pace = pace

    async def _step(self) -> Rest | None:
        stale = await self._around.store.outbox.stale(self.room_id)
        if not stale:
            return None
        waits = {batch.batch_id: self._pace.wait_s(batch) for batch in stale}
        due = [batch for batch in stale if waits[batch.batch_id] <= 0]
        if not due:
            return Rest(seconds=min(waits.values()), why=Why.EDIT)
        due.sort(key=lambda batch: not _is_promise(batch))
        return await self._edit(due[0], due[1:])

    async def _edit(self, batch: Batch, others: Sequence[Batch]) -> Rest:
        outcome = await self._around.delivery.edit(batch)
        if isinstance(outcome, RetryLater):
            rest_s = self._retried(outcome).seconds
            # Other edits wait only for a limit that is theirs, too; promises ask for themselves.
            limited = [one for one in others if outcome.is_local and not _is_promise(one)]
            for one in (batch, *limited):
                least_s = 0.0 if _is_promise(one) else self._options.edit_interval_s
                self._pace.postpone(one, max(rest_s, least_s))
            return NO_REST
        if isinstance(outcome, Delivered):
            self._pace.edited(batch)
        if isinstance(outcome, Delivered | Removed) and _is_promise(batch):
            # Something of a message that was deleted may be left.
            self._around.on_other(self.room_id)
        return await self._after(outcome)


def _is_promise(batch: Batch) -> bool:
    return any(map(takes_away, batch.notices))
