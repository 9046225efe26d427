"""The scheduled events of guilds: what becomes of them by time, and by the hands of people.

https://discord.com/developers/docs/resources/guild-scheduled-event: what is held elsewhere begins
and ends by itself at its times; of what is over nothing can be changed.
"""

from __future__ import annotations

from typing import Any

from ..journal import Happening, Subject
from . import payloads
from .core import Core
from .errors import refusal
from .model import Guild, Scheduled, ScheduledStatus, User
from .snowflakes import timestamp

_EXTERNAL = 3
_GUILD_ONLY = 2
_CREATED, _UPDATED = "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_UPDATE"
_DELETED = "GUILD_SCHEDULED_EVENT_DELETE"


class Calendar:
    """Changes scheduled events; every change is told to the bot, if it asked for that."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._world = core.world

    def of(self, guild_id: int) -> list[Scheduled]:
        """Return what a guild has that is not over, the next first."""
        guild = self._world.guilds[guild_id]
        self._pass_time(guild)
        found = [one for one in guild.scheduled.values() if not one.is_over]
        return sorted(found, key=lambda one: (one.start, one.id))

    def all(self, guild_id: int) -> list[Scheduled]:
        """Return what a guild has or had, but for what was deleted, the oldest first."""
        guild = self._world.guilds[guild_id]
        self._pass_time(guild)
        return list(guild.scheduled.values())

    def find(self, guild: Guild, scheduled_id: int) -> Scheduled:
        """Return one of a guild.

        Raises:
            ApiError: 10070.
        """
        self._pass_time(guild)
        found = guild.scheduled.get(scheduled_id)
        if found is None:
            raise refusal(10070)
        return found

    def add(
        self,
        guild_id: int,
        name: str,
        *,
        start: float,
        end: float,
        location: str = "Somewhere",
        by: User | None = None,
        **more: Any,
    ) -> Scheduled:
        """Somebody makes one."""
        guild = self._world.guilds[guild_id]
        made = Scheduled(
            id=self._world.ids.next(),
            guild_id=guild_id,
            creator=by or self._world.owner,
            name=name,
            start=start,
            end=end,
            location=location,
            **more,
        )
        guild.scheduled[made.id] = made
        self._tell(_CREATED, made)
        return made

    def edit(self, one: Scheduled, **values: Any) -> None:
        """Somebody changes one: its ``name``, ``start``, ``status`` and so on."""
        for name, value in values.items():
            setattr(one, name, value)
        self._tell(_UPDATED, one)

    def delete(self, one: Scheduled) -> None:
        """Somebody deletes one."""
        del self._world.guilds[one.guild_id].scheduled[one.id]
        self._tell(_DELETED, one)

    def _pass_time(self, guild: Guild) -> None:
        now = self._world.now()
        for one in guild.scheduled.values():
            if one.status is ScheduledStatus.SCHEDULED and one.start <= now:
                self.edit(one, status=ScheduledStatus.ACTIVE)
            if one.status is ScheduledStatus.ACTIVE and one.end <= now:
                self.edit(one, status=ScheduledStatus.COMPLETED)

    def _tell(self, event: str, one: Scheduled) -> None:
        self._core.journal.add(Happening(Subject.SCHEDULED, one.id, one.guild_id))
        self._core.tell(event, shown(one), self._world.guilds[one.guild_id])


def shown(one: Scheduled) -> dict[str, Any]:
    """Return a scheduled event as Discord's JSON."""
    return {
        "id": str(one.id),
        "guild_id": str(one.guild_id),
        "channel_id": None,
        "creator_id": str(one.creator.id),
        "creator": payloads.user(one.creator),
        "name": one.name,
        "description": one.description,
        "image": one.image,
        "scheduled_start_time": timestamp(one.start),
        "scheduled_end_time": timestamp(one.end),
        "privacy_level": _GUILD_ONLY,
        "status": int(one.status),
        "entity_type": _EXTERNAL,
        "entity_id": None,
        "entity_metadata": {"location": one.location},
        "recurrence_rule": None,
        "guild_scheduled_event_exceptions": [],
    }
