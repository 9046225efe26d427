"""What keeps news from coming in or going out, or people from acting: a closed set, worst first.

Everybody who is told of it, by ``/video status``, by ``/readyz`` or in private, is told from here,
so that no two of them disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final, NamedTuple, TypeAlias


class Kind(StrEnum):
    """What is wrong; the worst comes first."""

    NOT_LOADED = auto()
    DATABASE_GONE = auto()
    DATABASE_FULL = auto()
    DATABASE_AWAY = auto()
    DATABASE_READ_ONLY = auto()
    DATABASE_LOCKED = auto()
    DATABASE_UNUSABLE = auto()
    WORK_FAILED = auto()
    CREDENTIALS_REFUSED = auto()
    NOTHING_COMES = auto()
    UNREADABLE = auto()
    CREDENTIALS_LOWERED = auto()
    WORKSPACE_AWAY = auto()
    MANY_REFUSALS = auto()
    DISCORD_LIMIT = auto()
    NOT_TAKEN = auto()
    REALTIME_AWAY = auto()
    CHANNELS_REFUSED = auto()
    NO_CHANNELS = auto()
    NOT_UNDERSTOOD = auto()
    READING_FAILS = auto()
    FEWER = auto()
    ROOMS_PAUSED = auto()
    CANNOT_ACT = auto()
    SHARD_AWAY = auto()
    CONNECTING = auto()
    BACKLOG = auto()


class Outage(StrEnum):
    """What people are told of in private; the words are stored."""

    DATABASE = "database"
    CREDENTIALS = "credentials"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fact behind a trouble.

    Attributes:
        since: since when it is so, where that is known.
        count: of how many objects, rooms, messages or notices it is so; of channels that are
            connected.
        total: how many of them there are.
        said: what there is to say of it to everybody, without a name of a place or a token.
        detail: a sentence for whoever runs the bot, which may name a place on the machine.
    """

    since: datetime | None = None
    count: int = 0
    total: int = 0
    said: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong, since when, and what to do.

    ``stops``: nothing comes in, or nothing goes out, because of it. ``detail``: see ``Fault``.
    """

    kind: Kind
    what: str
    todo: str
    since: datetime | None = None
    stops: bool = False
    detail: str = ""

    def sentence(self, when: Callable[[datetime], str] | None = None, *, mark: str = "") -> str:
        """Return all of it; ``when`` puts a time into words, ``mark`` sets off what is wrong."""
        since = "" if self.since is None or when is None else f" (began {when(self.since)})"
        return f"{mark}{self.what}{mark}{since}. {self.todo}"

    @property
    def for_host(self) -> str:
        """A sentence for whoever runs the bot."""
        return self.detail or self.sentence()


Faults: TypeAlias = Mapping[Kind, Fault]


class _Words(NamedTuple):
    what: str
    todo: str


OF_DATABASE: Final = frozenset(
    {
        Kind.DATABASE_GONE,
        Kind.DATABASE_FULL,
        Kind.DATABASE_AWAY,
        Kind.DATABASE_READ_ONLY,
        Kind.DATABASE_LOCKED,
        Kind.DATABASE_UNUSABLE,
    }
)
_STOPPING: Final = OF_DATABASE | {
    Kind.NOT_LOADED,
    Kind.WORK_FAILED,
    Kind.CREDENTIALS_REFUSED,
    Kind.NOTHING_COMES,
    Kind.MANY_REFUSALS,
    Kind.DISCORD_LIMIT,
}
# What only follows from something else that is there.
_FOLLOWS: Final = (
    (
        frozenset({Kind.WORKSPACE_AWAY, Kind.CREDENTIALS_REFUSED}),
        {Kind.READING_FAILS, Kind.UNREADABLE, Kind.CHANNELS_REFUSED, Kind.NO_CHANNELS},
    ),
    (frozenset({Kind.CREDENTIALS_REFUSED}), {Kind.CANNOT_ACT}),
    (
        frozenset({Kind.NOTHING_COMES}),
        {Kind.WORKSPACE_AWAY, Kind.REALTIME_AWAY, Kind.CONNECTING},
    ),
    (frozenset({Kind.REALTIME_AWAY, Kind.CHANNELS_REFUSED}), {Kind.CONNECTING}),
    (frozenset({Kind.MANY_REFUSALS, Kind.DISCORD_LIMIT}), {Kind.NOT_TAKEN, Kind.BACKLOG}),
    (frozenset({Kind.NOT_TAKEN}), {Kind.BACKLOG}),
    (OF_DATABASE, {Kind.WORK_FAILED, Kind.BACKLOG}),
)
# While one of these lasts, nobody can say that nothing is lost.
_LOSING: Final = OF_DATABASE | {
    Kind.WORK_FAILED,
    Kind.CREDENTIALS_REFUSED,
    Kind.CREDENTIALS_LOWERED,
    Kind.UNREADABLE,
    Kind.READING_FAILS,
    Kind.FEWER,
}
# So long it may last before people are told; a backup may hold the database for a while, and a
# server of it begins anew, or hands over to another.
_PATIENCE: Final = {
    Kind.DATABASE_AWAY: timedelta(minutes=1),
    Kind.DATABASE_READ_ONLY: timedelta(minutes=1),
    Kind.DATABASE_LOCKED: timedelta(minutes=1),
    Kind.NOTHING_COMES: timedelta(minutes=10),
    Kind.WORKSPACE_AWAY: timedelta(minutes=10),
}
_OUTAGES: Final = {
    **dict.fromkeys(OF_DATABASE, Outage.DATABASE),
    Kind.CREDENTIALS_REFUSED: Outage.CREDENTIALS,
    Kind.NOTHING_COMES: Outage.WORKSPACE,
    Kind.WORKSPACE_AWAY: Outage.WORKSPACE,
}

_AFTERWARDS: Final = "what comes meanwhile is read from the workspace afterwards."
_WORDS: Final = {
    Kind.NOT_LOADED: _Words(
        what="The plugin is not loaded",
        todo="Whoever runs the bot finds the reason in its log.",
    ),
    Kind.DATABASE_GONE: _Words(
        what=(
            "The bot's database was deleted or replaced while it was running, and "
            "nothing more is posted"
        ),
        todo="Whoever runs the bot puts it back as it should be and starts the bot again.",
    ),
    Kind.DATABASE_FULL: _Words(
        what="The bot's database is full, so nothing new can be kept or posted",
        todo="Whoever runs the bot makes room on its disk; {afterwards}",
    ),
    Kind.DATABASE_AWAY: _Words(
        what="The bot's database cannot be reached, so nothing new can be kept or posted",
        todo=(
            "It is tried again all the time; if this stays, whoever runs the bot sees whether its "
            "server runs and takes connections; {afterwards}"
        ),
    ),
    Kind.DATABASE_READ_ONLY: _Words(
        what="The bot's database takes no writes now, so nothing new can be kept or posted",
        todo=(
            "It is tried again all the time; if this stays, whoever runs the bot sees which server "
            "takes writes; {afterwards}"
        ),
    ),
    Kind.DATABASE_LOCKED: _Words(
        what="The bot's database does not answer, so nothing new can be kept or posted",
        todo=(
            "Whoever runs the bot sees whether another program, such as a backup, holds"
            " it; {afterwards}"
        ),
    ),
    Kind.DATABASE_UNUSABLE: _Words(
        what="The bot's database cannot be used, so nothing new can be kept or posted",
        todo=(
            "Whoever runs the bot finds the reason in its log, and looks first whether "
            "the disk is full; {afterwards}"
        ),
    ),
    Kind.WORK_FAILED: _Words(
        what="The bot's work failed, and begins again within a minute",
        todo="If this stays, whoever runs the bot finds the reason in its log.",
    ),
    Kind.CREDENTIALS_REFUSED: _Words(
        what="The workspace does not accept the bot's credentials, so nothing can be read there",
        todo="Whoever runs the bot checks the TWENTYTHREE_ variables and starts it again.",
    ),
    Kind.NOTHING_COMES: _Words(
        what="Realtime is away, and the workspace does not answer, so nothing comes in",
        todo=(
            "Both are tried again all the time, and what was missed is read then; if "
            "this stays, see whether the workspace opens in a browser."
        ),
    ),
    Kind.UNREADABLE: _Words(
        what=(
            "The workspace's answers about {objects} cannot be read, so what is said "
            "there does not come"
        ),
        todo="Whoever runs the bot updates it, or reports this with the lines of its log.",
    ),
    Kind.CREDENTIALS_LOWERED: _Words(
        what=(
            "The bot's credentials have only level {said} now, and see less of the "
            "workspace than before"
        ),
        todo=(
            "Whoever runs the bot gives it credentials of the level that it had; until "
            "then rooms may lack what is new."
        ),
    ),
    Kind.WORKSPACE_AWAY: _Words(
        what="The workspace does not answer, so only what realtime brings comes in",
        todo=(
            "It is tried again all the time, and what was missed is read then; if this "
            "stays, see whether the workspace opens in a browser."
        ),
    ),
    Kind.MANY_REFUSALS: _Words(
        what="Discord refused so many requests that the bot holds its messages back",
        todo=(
            "They wait and go out within ten minutes; rooms where the bot lacks permissions cause "
            "this, and `/video status` names them."
        ),
    ),
    Kind.DISCORD_LIMIT: _Words(
        what="Discord limits all that the bot sends",
        todo="Messages wait for {said} and go out then; nothing needs to be done.",
    ),
    Kind.NOT_TAKEN: _Words(
        what="Discord takes no message in {rooms} now: {said}",
        todo=(
            "The messages wait and are tried again; if this stays, see https://discordstatus.com."
        ),
    ),
    Kind.REALTIME_AWAY: _Words(
        what=(
            "Realtime is not connected, so news comes only as the workspace is read, every few "
            "seconds{said}"
        ),
        todo=(
            "The bot connects again as soon as it can; if this stays, whoever runs it finds the "
            "reason in its log."
        ),
    ),
    Kind.CHANNELS_REFUSED: _Words(
        what=(
            "The realtime service refuses to tell of {objects}, so they are read from "
            "the workspace every few seconds"
        ),
        todo="If this stays, whoever runs the bot asks TwentyThree why.",
    ),
    Kind.NO_CHANNELS: _Words(
        what=(
            "The workspace names no realtime channel for {objects}, so they are read "
            "from it every few seconds"
        ),
        todo="Credentials with the level read or above may change that; see `check` of the bot.",
    ),
    Kind.NOT_UNDERSTOOD: _Words(
        what=(
            "{messages} of realtime could not be read, so the workspace is read "
            "instead: news comes later"
        ),
        todo="`/video diagnose` shows what they look like; whoever runs the bot reports it.",
    ),
    Kind.READING_FAILS: _Words(
        what="Reading {objects} fails: {said}",
        todo="It is tried again; what was missed is read then.",
    ),
    Kind.FEWER: _Words(
        what=(
            "The workspace returns fewer comments than before of {objects}, so rooms "
            "stay as they are"
        ),
        todo="The bot looks again until that is certain; nothing needs to be done.",
    ),
    Kind.ROOMS_PAUSED: _Words(
        what="Nothing can be posted in {rooms}",
        todo=(
            "The reasons are below; what is for these rooms waits, and goes out once "
            "that is set right."
        ),
    ),
    Kind.CANNOT_ACT: _Words(
        what=(
            "Actions are on in {rooms}, but the bot's credentials have only level {said}, so "
            "nobody can act on comments there"
        ),
        todo=(
            "Whoever runs the bot gives it credentials of the level write; until then there are "
            "no buttons."
        ),
    ),
    Kind.SHARD_AWAY: _Words(
        what="Discord does not tell the bot what happens in this server, so no command gets there",
        todo=(
            "The bot connects again, and posts meanwhile; if this stays, see "
            "https://discordstatus.com."
        ),
    ),
    Kind.CONNECTING: _Words(
        what="Connecting to realtime{progress}",
        todo="Until then the workspace is read every few seconds.",
    ),
    Kind.BACKLOG: _Words(
        what="{notices} for this server have waited for long",
        todo="A room takes about one message a second; wait while they grow fewer.",
    ),
}


def troubles(faults: Faults) -> list[Trouble]:
    """Return what is wrong, worst first; what only follows from something worse is left out."""
    merged = _merged(faults)
    return [_trouble(kind, merged[kind]) for kind in Kind if kind in merged]


def _merged(faults: Faults) -> dict[Kind, Fault]:
    found = dict(faults)
    if Kind.WORKSPACE_AWAY in found and _is_silent(found):
        found[Kind.NOTHING_COMES] = found[Kind.WORKSPACE_AWAY]
    for causes, effects in _FOLLOWS:
        if not causes.isdisjoint(found):
            found = {kind: fault for kind, fault in found.items() if kind not in effects}
    if Kind.REALTIME_AWAY in found and _LOSING.isdisjoint(found):
        found[Kind.REALTIME_AWAY] = replace(found[Kind.REALTIME_AWAY], said="; nothing is lost")
    return found


def _is_silent(found: Faults) -> bool:
    connecting = found.get(Kind.CONNECTING)
    is_none_there = connecting is not None and not connecting.count
    return Kind.REALTIME_AWAY in found or is_none_there


def _trouble(kind: Kind, fault: Fault) -> Trouble:
    words = {
        "objects": _many(fault.count, "object"),
        "rooms": _many(fault.count, "room"),
        "messages": _many(fault.count, "message"),
        "notices": _many(fault.count, "notice"),
        "progress": f": {fault.count} of {fault.total} channels" if fault.total else "",
        "afterwards": _AFTERWARDS,
        "said": fault.said.rstrip(". "),
    }
    # An answer that cannot be read for one object in a hundred stops nothing.
    is_whole = kind is Kind.UNREADABLE and fault.count == fault.total > 0
    return Trouble(
        kind=kind,
        what=_WORDS[kind].what.format_map(words),
        todo=_WORDS[kind].todo.format_map(words),
        since=fault.since,
        stops=kind in _STOPPING or is_whole,
        detail=fault.detail,
    )


def outages(found: list[Trouble], now: datetime) -> dict[Outage, Trouble | None]:
    """Return which outages there are; ``None``: it is too young yet to tell people of it."""
    there: dict[Outage, Trouble | None] = {}
    for trouble in found:
        outage = _OUTAGES.get(trouble.kind)
        if outage is None or there.get(outage) is not None:
            continue
        patience = _PATIENCE.get(trouble.kind, timedelta())
        lasted = timedelta() if trouble.since is None else now - trouble.since
        there[outage] = trouble if lasted >= patience else None
    return there


def _many(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"
