"""What is asked of Discord for scheduled events: one method per request, every end of it a value.

https://discord.com/developers/docs/resources/guild-scheduled-event
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import discord

from ..domain.calendar import (
    CalendarFields,
    CalendarObstacle,
    ScheduledEvent,
    ScheduledStatus,
    payload,
)
from ..domain.calendar_steps import EditScheduled
from ..domain.model import GuildId
from .gate import Gate
from .outcomes import NOTHING, REQUEST_ERRORS, GiveUp, RetryLater, outcome_of
from .permissions import calendar_needs

_log = logging.getLogger("twentythree.delivery")

_T = TypeVar("_T")

_EXTERNAL = 3
_GUILD_ONLY = 2
_ODD = (LookupError, TypeError, ValueError, AttributeError)
_ALL_FIELDS = ("name", "description", "location", "start", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """Discord has no such scheduled event any more, or it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """Nothing of this kind is taken until people change something."""

    obstacle: CalendarObstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """Discord will never take it so; ``reason`` is a word for the record."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """Discord refuses this one, nobody knows why; ``reason`` is a word for the record."""

    reason: str


SchedulingFailure: TypeAlias = NotThere | InTheWay | NotTaken | NotNow | RetryLater

_FORBIDDEN = InTheWay(obstacle=CalendarObstacle.FORBIDDEN)
_BY_CODE: Mapping[int, SchedulingFailure] = {
    10070: NotThere(),
    30038: InTheWay(obstacle=CalendarObstacle.FULL),
    50001: _FORBIDDEN,
    50013: _FORBIDDEN,
    180000: NotThere(),
}


class Scheduling:
    """Asks with the host's client, through the gate of all rooms."""

    def __init__(self, client: discord.Client, gate: Gate, *, request_timeout_s: float) -> None:
        self._client = client
        self._gate = gate
        self._timeout_s = request_timeout_s

    def may_keep(self, guild_id: GuildId) -> bool | None:
        """Say whether the bot may keep scheduled events, as far as the cache knows."""
        guild = self._client.get_guild(guild_id)
        return None if guild is None else not calendar_needs(guild.me.guild_permissions)

    async def listed(
        self, guild_id: GuildId, known: Collection[int] = (), *, is_again: bool = False
    ) -> dict[int, ScheduledEvent] | SchedulingFailure:
        """Return what the calendar of a server has that is not over, by ID.

        ``known``: those of ours. One that cannot be read is passed over, but where it may be of
        ours as well: another would be made. ``is_again``: asked in other words, so that no answer
        is told twice.
        """

        async def asked() -> dict[int, ScheduledEvent]:
            rows: Any = await self._client.http.get_scheduled_events(
                guild_id, with_user_count=is_again
            )
            # Discord's document allows it to be nothing.
            if not isinstance(rows, list) and rows not in NOTHING:
                raise ValueError("no list")
            found = [self._read(row, known) for row in rows or ()]
            return {one.scheduled_id: one for one in found if one and not one.status.is_final}

        return await self._ask(asked)

    def _read(self, row: Mapping[str, Any], known: Collection[int]) -> ScheduledEvent | None:
        try:
            return _event_of(row, self._own_id)
        except _ODD:
            # Without an ID it is nothing of Discord's, and nor is the list.
            is_known = int(row["id"]) in known
            is_ours = row.get("creator_id") == str(self._own_id) and row["entity_type"] == _EXTERNAL
            if is_ours and not is_known:
                raise
            return None

    async def one(self, guild_id: GuildId, scheduled_id: int) -> ScheduledEvent | SchedulingFailure:
        """Return one, which may be over; ``NotNow``: it is there, and cannot be read."""

        async def asked() -> ScheduledEvent | NotNow:
            row: Any = await self._client.http.get_scheduled_event(
                guild_id, scheduled_id, with_user_count=False
            )
            try:
                return _event_of(row, self._own_id)
            except _ODD:
                if row["id"] != str(scheduled_id):
                    raise
                return NotNow(reason="not readable")

        return await self._ask(asked)

    async def made(
        self, guild_id: GuildId, said: CalendarFields, image: str | None
    ) -> ScheduledEvent | SchedulingFailure:
        """Make one; it is asked for once, for nothing keeps Discord from making two."""
        body = payload(said, _ALL_FIELDS) | ({} if image is None else {"image": image})

        async def asked() -> ScheduledEvent:
            row = await self._client.http.create_guild_scheduled_event(
                guild_id, entity_type=_EXTERNAL, privacy_level=_GUILD_ONLY, **body
            )
            return _event_of(row, self._own_id)

        return await self._ask(asked, is_once=True)

    async def edited(
        self, guild_id: GuildId, step: EditScheduled, image: str | None
    ) -> ScheduledEvent | SchedulingFailure:
        """Have one say what changed, and have another status."""
        body = payload(step.said, step.changed) | ({} if image is None else {"image": image})
        if step.status is not None:
            body["status"] = int(step.status)

        async def asked() -> ScheduledEvent:
            row = await self._client.http.edit_scheduled_event(guild_id, step.scheduled_id, **body)
            return _event_of(row, self._own_id)

        return await self._ask(asked)

    async def deleted(self, guild_id: GuildId, scheduled_id: int) -> NotThere | SchedulingFailure:
        """Delete one."""

        async def asked() -> NotThere:
            request: Any = self._client.http.delete_scheduled_event(guild_id, scheduled_id)
            if await request not in NOTHING:
                raise ValueError("an answer to a deletion")
            return NotThere()

        return await self._ask(asked)

    @property
    def _own_id(self) -> int | None:
        return None if self._client.user is None else self._client.user.id

    async def _ask(
        self, request: Callable[[], Awaitable[_T]], *, is_once: bool = False
    ) -> _T | SchedulingFailure:
        try:
            async with self._gate.passing(is_once=is_once), asyncio.timeout(self._timeout_s):
                return await request()
        except REQUEST_ERRORS as error:
            _log.debug("a request about scheduled events failed: %s", type(error).__name__)
            return _failure_of(error)


def _failure_of(error: BaseException) -> SchedulingFailure:
    """Return what an error means: the codes that only calendars know, else as for messages."""
    if isinstance(error, discord.HTTPException):
        said: object = error.code
        code = said if isinstance(said, int) else 0
        if code in _BY_CODE:
            return _BY_CODE[code]
    match outcome_of(error):
        case GiveUp(reason=reason):
            return NotTaken(reason=reason)
        case RetryLater(code=int() as code, reason=reason) if code:
            return NotNow(reason=reason)
        case RetryLater() as later:
            # A page of who stands before Discord too: it is no verdict.
            return later
        case _:
            return RetryLater(reason="refused", after_s=600.0)


def _event_of(row: Mapping[str, Any], own_id: int | None) -> ScheduledEvent:
    """Read a scheduled event of any kind as Discord shows it.

    Raises:
        KeyError, TypeError, ValueError: it is not as Discord's API has it.
    """
    start = _time(row["scheduled_start_time"])
    end = row.get("scheduled_end_time")
    return ScheduledEvent(
        scheduled_id=int(row["id"]),
        status=ScheduledStatus(row["status"]),
        is_ours=own_id is not None and row.get("creator_id") == str(own_id),
        said=CalendarFields(
            name=row["name"],
            description=row.get("description") or "",
            location=(row.get("entity_metadata") or {}).get("location") or "",
            start=start,
            end=start if end is None else _time(end),
        ),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
