"""The work of one room, for as long as there is any: posts in their order, and edits beside them.

Discord's limits of the two are apart, and so are the workers: neither waits for the other's.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from ..domain.model import RoomId
from ..errors import log_failure
from ..storage import Store
from .delivery import Delivery
from .options import RoomOptions, backoff_s
from .outcomes import Delivered, GiveUp, PauseRoom, Removed, RetryLater

_log = logging.getLogger("twentythree.delivery")


class Why(Enum):
    """Why a worker rests; it says what may end the rest early."""

    EDIT = "what there is is not due yet"  # new work ends it
    RETRY = "Discord did not take the message"  # nothing ends it: that would be hammering
    PAUSE = "the room takes no messages"  # news about the room's permissions end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long to wait before the next step."""

    seconds: float
    why: Why


NO_REST = Rest(seconds=0.0, why=Why.EDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a worker works with, and whom it tells.

    ``on_other``: there is work for the other worker of the room.
    """

    room_id: RoomId
    delivery: Delivery
    store: Store
    on_pause: Callable[[RoomWorker, str], Awaitable[None]]
    on_resume: Callable[[RoomWorker], Awaitable[None]]
    on_other: Callable[[RoomId], None]
    options: RoomOptions
    chance: Callable[[], float]


class RoomWorker(ABC):
    """Does one thing after another in a room, and rests in between.

    ``not_taken`` is why Discord has not taken what goes to the room, more than once in a row.
    """

    def __init__(self, around: Surroundings) -> None:
        self.room_id = around.room_id
        self._around = around
        self._options = around.options
        self._failures = 0
        self.not_taken: str | None = None
        self._is_stopping = False
        self._may_end: set[Why] = set()
        self._rest: Rest | None = None
        self._alarm = asyncio.Event()

    def wake(self) -> None:
        """Tell that there is new work."""
        self._end_rest(Why.EDIT)

    def recheck(self) -> None:
        """Tell that the room may take messages again."""
        self._end_rest(Why.PAUSE)

    def stop(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._is_stopping = True
        self._alarm.set()

    async def run(self) -> None:
        """Work until nothing is left to do, or until told to stop."""
        while not self._is_stopping:
            self._may_end.clear()
            rest = await self._supervised_step()
            if rest is not None:
                await self._take(rest)
            elif Why.EDIT not in self._may_end:
                return

    async def _supervised_step(self) -> Rest | None:
        try:
            return await self._step()
        except Exception as error:  # noqa: BLE001 - supervision: one room's trouble stays its own
            log_failure(_log, f"the work for room {self.room_id} failed and is begun again", error)
            return self._failed(Why.RETRY)

    @abstractmethod
    async def _step(self) -> Rest | None:
        """Do one thing; return the rest to take after it, or ``None`` where nothing is left."""

    async def _after(self, outcome: Delivered | Removed | GiveUp | PauseRoom) -> Rest:
        match outcome:
            case Delivered() | Removed() | GiveUp():
                if self._failures:
                    _log.info("room %d takes messages again", self.room_id)
                self._failures, self.not_taken = 0, None
                await self._around.on_resume(self)
                return NO_REST
            case PauseRoom(reason=reason):
                self.not_taken = None
                rest = self._failed(Why.PAUSE)
                await self._around.on_pause(self, reason)
                return rest
            case _:
                assert_never(outcome)

    def _retried(self, outcome: RetryLater) -> Rest:
        level = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level, "room %d is tried again: %s", self.room_id, outcome.reason)
        self.not_taken = outcome.reason if self._failures else None
        # A code that says nothing known may be about something that stays for long.
        longest_s = self._options.pause_longest_s if outcome.code else None
        return self._failed(Why.RETRY, at_least_s=outcome.after_s, longest_s=longest_s)

    def _failed(self, why: Why, *, at_least_s: float = 0.0, longest_s: float | None = None) -> Rest:
        self._failures += 1
        options = self._options
        first_s = options.pause_first_s if why is Why.PAUSE else options.retry_first_s
        if longest_s is None:
            is_pause = why is Why.PAUSE
            longest_s = options.pause_longest_s if is_pause else options.retry_longest_s
        wait_s = backoff_s(
            self._failures, first_s=first_s, longest_s=longest_s, chance=self._around.chance()
        )
        return Rest(seconds=max(at_least_s, wait_s), why=why)

    async def _take(self, rest: Rest) -> None:
        if rest.seconds <= 0 or rest.why in self._may_end or self._is_stopping:
            return
        self._alarm.clear()
        self._rest = rest
        try:
            async with asyncio.timeout(rest.seconds):
                await self._alarm.wait()
        except TimeoutError:
            pass
        finally:
            self._rest = None

    def _end_rest(self, why: Why) -> None:
        self._may_end.add(why)
        if self._rest is not None and self._rest.why is why:
            self._alarm.set()
