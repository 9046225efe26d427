"""The routes of scheduled events, of those that are held elsewhere; others are refused."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from .. import permissions
from ..calendar import Calendar, shown
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import Problem, invalid_form, refusal, required, too_long
from ..model import Guild, Scheduled, ScheduledStatus

_MOST: Final = 100
_MAX_NAME, _MAX_DESCRIPTION, _MAX_LOCATION = 100, 1000, 100
_NEEDED: Final = (
    "name",
    "privacy_level",
    "scheduled_start_time",
    "scheduled_end_time",
    "entity_type",
    "entity_metadata",
)
_WAYS: Final = {
    (ScheduledStatus.SCHEDULED, ScheduledStatus.ACTIVE),
    (ScheduledStatus.SCHEDULED, ScheduledStatus.CANCELED),
    (ScheduledStatus.ACTIVE, ScheduledStatus.COMPLETED),
}


def routes(core: Core, calendar: Calendar) -> Routes:
    """Return the routes of this part."""
    events = _ScheduledEvents(core, calendar)
    every = "/guilds/{guild_id}/scheduled-events"
    one = every + "/{guild_scheduled_event_id}"
    return [
        Route(method="GET", template=every, handle=events.listed),
        Route(method="POST", template=every, handle=events.make),
        Route(method="GET", template=one, handle=events.one),
        Route(method="PATCH", template=one, handle=events.edit),
        Route(method="DELETE", template=one, handle=events.delete),
    ]


class _ScheduledEvents:
    def __init__(self, core: Core, calendar: Calendar) -> None:
        self._core = core
        self._calendar = calendar

    def listed(self, call: Call) -> Answer:
        guild = self._core.world.seen_guild(call.id("guild_id"))
        return Answer(body=[shown(one) for one in self._calendar.of(guild.id)])

    def one(self, call: Call) -> Answer:
        return Answer(body=shown(self._found(call)))

    def make(self, call: Call) -> Answer:
        guild = self._core.world.seen_guild(call.id("guild_id"))
        self._check_granted(guild, permissions.CREATE_EVENTS)
        sent = call.object()
        problems = [required(name) for name in _NEEDED if sent.get(name) is None]
        values = _values(sent, problems)
        problems += _wrong_times(values.get("start"), values.get("end"), self._core.world.now())
        if problems:
            raise invalid_form(problems)
        if len(self._calendar.of(guild.id)) >= _MOST:
            raise refusal(30038)
        made = self._calendar.add(guild.id, by=self._core.world.bot, **values)
        return Answer(body=shown(made))

    def edit(self, call: Call) -> Answer:
        one = self._found(call)
        self._check_may_change(one)
        if one.is_over:
            raise refusal(180000)
        sent = call.object()
        problems: list[Problem] = []
        values = _values(sent, problems)
        start, end = values.get("start"), values.get("end", one.end)
        if start is not None or "end" in values:
            is_begun = one.status is ScheduledStatus.ACTIVE
            if is_begun and start is not None:
                problems.append(_wrong("scheduled_start_time", "It has begun."))
            problems += _wrong_times(
                one.start if start is None else start,
                end,
                self._core.world.now() if start is not None else None,
            )
        problems += _wrong_way(one, sent.get("status"))
        if problems:
            raise invalid_form(problems)
        if sent.get("status") is not None:
            values["status"] = ScheduledStatus(sent["status"])
        self._calendar.edit(one, **values)
        return Answer(body=shown(one))

    def delete(self, call: Call) -> Answer:
        one = self._found(call)
        self._check_may_change(one)
        self._calendar.delete(one)
        return Answer(status=NO_CONTENT)

    def _found(self, call: Call) -> Scheduled:
        guild = self._core.world.seen_guild(call.id("guild_id"))
        return self._calendar.find(guild, call.id("guild_scheduled_event_id"))

    def _check_may_change(self, one: Scheduled) -> None:
        guild = self._core.world.guilds[one.guild_id]
        is_own = one.creator is self._core.world.bot
        own = permissions.CREATE_EVENTS if is_own else 0
        self._check_granted(guild, permissions.MANAGE_EVENTS | own)

    def _check_granted(self, guild: Guild, any_of: int) -> None:
        member = self._core.world.bot_in(guild)
        if member is None or not permissions.in_guild(guild, member) & any_of:
            raise refusal(50013)


def _values(sent: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return what a body sets, and note what is wrong with it."""
    values: dict[str, Any] = {}
    _take_texts(sent, values, problems)
    for name, into in (("scheduled_start_time", "start"), ("scheduled_end_time", "end")):
        if sent.get(name) is not None:
            try:
                values[into] = datetime.fromisoformat(sent[name]).timestamp()
            except (TypeError, ValueError):
                problems.append(_wrong(name, "Could not parse it. Should be ISO8601."))
    if sent.get("image") is not None:
        values["image"] = _hash_of(sent["image"], problems)
    for name, only in (("entity_type", 3), ("privacy_level", 2)):
        if sent.get(name) not in (None, only):
            problems.append((name, "BASE_TYPE_CHOICES", f"Value must be one of {{{only}}}."))
    return values


def _take_texts(sent: Mapping[str, Any], values: dict[str, Any], problems: list[Problem]) -> None:
    if sent.get("name") is not None:
        values["name"] = sent["name"]
        problems += _wrong_length("name", sent["name"], _MAX_NAME)
    if "description" in sent:
        values["description"] = sent["description"] or None
        if sent["description"]:
            problems += _wrong_length("description", sent["description"], _MAX_DESCRIPTION)
    if sent.get("entity_metadata") is not None:
        location = sent["entity_metadata"].get("location") or ""
        values["location"] = location
        problems += _wrong_length("entity_metadata.location", location, _MAX_LOCATION)


def _wrong_length(path: str, text: str, most: int) -> list[Problem]:
    if not text:
        return [required(path)]
    return [too_long(path, most)] if len(text) > most else []


def _wrong_times(start: float | None, end: float | None, now: float | None) -> list[Problem]:
    problems = []
    if start is not None and now is not None and start <= now:
        problems.append(_wrong("scheduled_start_time", "Cannot schedule event in the past."))
    if start is not None and end is not None and end <= start:
        problems.append(_wrong("scheduled_end_time", "It must be after the start."))
    return problems


def _wrong_way(one: Scheduled, status: int | None) -> list[Problem]:
    known = {int(each): each for each in ScheduledStatus}
    if status is None or (one.status, known.get(status)) in _WAYS:
        return []
    return [_wrong("status", "It has no way to this status.")]


def _wrong(path: str, message: str) -> Problem:
    # Discord's document names no codes for these.
    return path, "GUILD_SCHEDULED_EVENT_INVALID", message


def _hash_of(image: object, problems: list[Problem]) -> str | None:
    """Return the hash by which a picture is known."""
    head, _, data = str(image).partition(";base64,")
    is_picture = head in ("data:image/png", "data:image/jpeg", "data:image/gif")
    try:
        read = b64decode(data, validate=True) if is_picture else b""
    except ValueError:
        read = b""
    if not read:
        problems.append(("image", "IMAGE_INVALID", "Invalid image."))
        return None
    return hashlib.sha256(read).hexdigest()[:32]
