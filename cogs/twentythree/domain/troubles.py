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

from ..languages import kept, many, noted, retold, tr


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
    NOT_MADE = auto()
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

    ``fault``: the fact behind it. ``stops``: nothing comes in, or nothing goes out, because of it.
    """

    kind: Kind
    fault: Fault
    stops: bool = False

    @property
    def what(self) -> str:
        """What is wrong, in the language that is spoken."""
        return tr(_WORDS[self.kind].what, **_facts(self.fault))

    @property
    def todo(self) -> str:
        """What to do, or what is done by itself: a sentence."""
        return tr(_WORDS[self.kind].todo, **_facts(self.fault))

    @property
    def since(self) -> datetime | None:
        """Since when it is so, where that is known."""
        return self.fault.since

    def sentence(self, when: Callable[[datetime], str] | None = None, *, mark: str = "") -> str:
        """Return all of it; ``when`` puts a time into words, ``mark`` sets off what is wrong."""
        since = ""
        if self.since is not None and when is not None:
            began = tr("began {when}", when=when(self.since))
            since = f" ({began})"
        return f"{mark}{self.what}{mark}{since}. {self.todo}"

    @property
    def for_host(self) -> str:
        """A sentence for whoever runs the bot."""
        return self.fault.detail or self.sentence()


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
    (frozenset({Kind.NOT_TAKEN, Kind.NOT_MADE}), {Kind.BACKLOG}),
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

_AFTERWARDS: Final = noted("what comes meanwhile is read from the workspace afterwards.")
_NOT_LOST: Final = kept("; nothing is lost")
_WORDS: Final = {
    Kind.NOT_LOADED: _Words(
        what=noted("The plugin is not loaded"),
        todo=noted("Whoever runs the bot finds the reason in its log."),
    ),
    Kind.DATABASE_GONE: _Words(
        what=noted(
            "The bot's database was deleted or replaced while it was running, and "
            "nothing more is posted"
        ),
        todo=noted("Whoever runs the bot puts it back as it should be and starts the bot again."),
    ),
    Kind.DATABASE_FULL: _Words(
        what=noted("The bot's database is full, so nothing new can be kept or posted"),
        todo=noted("Whoever runs the bot makes room on its disk; {afterwards}"),
    ),
    Kind.DATABASE_AWAY: _Words(
        what=noted("The bot's database cannot be reached, so nothing new can be kept or posted"),
        todo=noted(
            "It is tried again all the time; if this stays, whoever runs the bot sees whether its "
            "server runs and takes connections; {afterwards}"
        ),
    ),
    Kind.DATABASE_READ_ONLY: _Words(
        what=noted("The bot's database takes no writes now, so nothing new can be kept or posted"),
        todo=noted(
            "It is tried again all the time; if this stays, whoever runs the bot sees which server "
            "takes writes; {afterwards}"
        ),
    ),
    Kind.DATABASE_LOCKED: _Words(
        what=noted("The bot's database does not answer, so nothing new can be kept or posted"),
        todo=noted(
            "Whoever runs the bot sees whether another program, such as a backup, holds"
            " it; {afterwards}"
        ),
    ),
    Kind.DATABASE_UNUSABLE: _Words(
        what=noted("The bot's database cannot be used, so nothing new can be kept or posted"),
        todo=noted(
            "Whoever runs the bot finds the reason in its log, and looks first whether "
            "the disk is full; {afterwards}"
        ),
    ),
    Kind.WORK_FAILED: _Words(
        what=noted("The bot's work failed, and begins again within a minute"),
        todo=noted("If this stays, whoever runs the bot finds the reason in its log."),
    ),
    Kind.CREDENTIALS_REFUSED: _Words(
        what=noted(
            "The workspace does not accept the bot's credentials, so nothing can be read there"
        ),
        todo=noted("Whoever runs the bot checks the TWENTYTHREE_ variables and starts it again."),
    ),
    Kind.NOTHING_COMES: _Words(
        what=noted("Realtime is away, and the workspace does not answer, so nothing comes in"),
        todo=noted(
            "Both are tried again all the time, and what was missed is read then; if "
            "this stays, see whether the workspace opens in a browser."
        ),
    ),
    Kind.UNREADABLE: _Words(
        what=noted(
            "The workspace's answers about {objects} cannot be read, so what is said "
            "there does not come"
        ),
        todo=noted("Whoever runs the bot updates it, or reports this with the lines of its log."),
    ),
    Kind.CREDENTIALS_LOWERED: _Words(
        what=noted(
            "The bot's credentials have only level {said} now, and see less of the "
            "workspace than before"
        ),
        todo=noted(
            "Whoever runs the bot gives it credentials of the level that it had; until "
            "then rooms may lack what is new."
        ),
    ),
    Kind.WORKSPACE_AWAY: _Words(
        what=noted("The workspace does not answer, so only what realtime brings comes in"),
        todo=noted(
            "It is tried again all the time, and what was missed is read then; if this "
            "stays, see whether the workspace opens in a browser."
        ),
    ),
    Kind.MANY_REFUSALS: _Words(
        what=noted("Discord refused so many requests that the bot holds its messages back"),
        todo=noted(
            "They wait and go out within ten minutes; rooms where the bot lacks permissions cause "
            "this, and `/video status` names them."
        ),
    ),
    Kind.DISCORD_LIMIT: _Words(
        what=noted("Discord limits all that the bot sends"),
        todo=noted("Messages wait for {said} and go out then; nothing needs to be done."),
    ),
    Kind.NOT_TAKEN: _Words(
        what=noted("Discord takes no message in {rooms} now: {said}"),
        todo=noted(
            "The messages wait and are tried again; if this stays, see https://discordstatus.com."
        ),
    ),
    Kind.NOT_MADE: _Words(
        what=noted("Messages in {rooms} cannot be posted or edited, by a mistake of the bot's"),
        todo=noted(
            "They wait and are tried again; whoever runs the bot finds the reason in its log."
        ),
    ),
    Kind.REALTIME_AWAY: _Words(
        what=noted(
            "Realtime is not connected, so news comes only as the workspace is read, every few "
            "seconds{said}"
        ),
        todo=noted(
            "The bot connects again as soon as it can; if this stays, whoever runs it finds the "
            "reason in its log."
        ),
    ),
    Kind.CHANNELS_REFUSED: _Words(
        what=noted(
            "The realtime service refuses to tell of {objects}, so they are read from "
            "the workspace every few seconds"
        ),
        todo=noted("If this stays, whoever runs the bot asks TwentyThree why."),
    ),
    Kind.NO_CHANNELS: _Words(
        what=noted(
            "The workspace names no realtime channel for {objects}, so they are read "
            "from it every few seconds"
        ),
        todo=noted(
            "Credentials with the level read or above may change that; see `check` of the bot."
        ),
    ),
    Kind.NOT_UNDERSTOOD: _Words(
        what=noted(
            "{messages} of realtime could not be read, so the workspace is read "
            "instead: news comes later"
        ),
        todo=noted("`/video diagnose` shows what they look like; whoever runs the bot reports it."),
    ),
    Kind.READING_FAILS: _Words(
        what=noted("Reading {objects} fails: {said}"),
        todo=noted("It is tried again; what was missed is read then."),
    ),
    Kind.FEWER: _Words(
        what=noted(
            "The workspace returns fewer comments than before of {objects}, so rooms "
            "stay as they are"
        ),
        todo=noted("The bot looks again until that is certain; nothing needs to be done."),
    ),
    Kind.ROOMS_PAUSED: _Words(
        what=noted("Nothing can be posted in {rooms}"),
        todo=noted(
            "The reasons are below; what is for these rooms waits, and goes out once "
            "that is set right."
        ),
    ),
    Kind.CANNOT_ACT: _Words(
        what=noted(
            "Actions are on in {rooms}, but the bot's credentials have only level {said}, so "
            "nobody can act on comments there"
        ),
        todo=noted(
            "Whoever runs the bot gives it credentials of the level write; until then there are "
            "no buttons."
        ),
    ),
    Kind.SHARD_AWAY: _Words(
        what=noted(
            "Discord does not tell the bot what happens in this server, so no command gets there"
        ),
        todo=noted(
            "The bot connects again, and posts meanwhile; if this stays, see "
            "https://discordstatus.com."
        ),
    ),
    Kind.CONNECTING: _Words(
        what=noted("Connecting to realtime{progress}"),
        todo=noted("Until then the workspace is read every few seconds."),
    ),
    Kind.BACKLOG: _Words(
        what=noted("{notices} for this server have waited for long"),
        todo=noted("A room takes about one message a second; wait while they grow fewer."),
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
        found[Kind.REALTIME_AWAY] = replace(found[Kind.REALTIME_AWAY], said=_NOT_LOST)
    return found


def _is_silent(found: Faults) -> bool:
    connecting = found.get(Kind.CONNECTING)
    is_none_there = connecting is not None and not connecting.count
    return Kind.REALTIME_AWAY in found or is_none_there


def _trouble(kind: Kind, fault: Fault) -> Trouble:
    # An answer that cannot be read for one object in a hundred stops nothing.
    is_whole = kind is Kind.UNREADABLE and fault.count == fault.total > 0
    return Trouble(
        kind=kind,
        fault=fault,
        stops=kind in _STOPPING or is_whole,
    )


def _facts(fault: Fault) -> dict[str, str]:
    """Return what stands in the places of the words, in the language that is spoken."""
    progress = tr(": {count} of {total} channels", count=fault.count, total=fault.total)
    return {
        "objects": many(fault.count, "object"),
        "rooms": many(fault.count, "room"),
        "messages": many(fault.count, "message"),
        "notices": many(fault.count, "notice"),
        "progress": progress if fault.total else "",
        "afterwards": tr(_AFTERWARDS),
        "said": retold(fault.said).rstrip(". "),
    }


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
