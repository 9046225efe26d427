"""Which servers may use the workspace, and what is said of what may not be posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ..languages import kept

# For so long a server that removed the bot may come back to all that it had.
KEEP_GONE = timedelta(days=7)


class Bar(StrEnum):
    """Why nothing may be posted, whatever the room would take."""

    NOT_ALLOWED = "not allowed"
    GONE = "gone"
    NOT_PUBLIC = "not public"
    EXPOSED = "exposed"

    @property
    def is_of_server(self) -> bool:
        """Whether it is the whole server that is barred."""
        return self in (Bar.NOT_ALLOWED, Bar.GONE)

    @property
    def hides_object(self) -> bool:
        """Whether the object may not be known of, nor acted on, from the room."""
        return self is not Bar.EXPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why and since when nothing is posted for an attachment."""

    reason: str
    since: datetime


_SENTENCES = {
    Bar.NOT_ALLOWED: (
        kept(
            "This server is not among those that may use the workspace; whoever runs the "
            "bot must add its ID to TWENTYTHREE_SERVERS."
        )
    ),
    Bar.GONE: kept("The bot is no longer in the server; invite it again."),
    Bar.NOT_PUBLIC: (
        kept(
            "It is private or unpublished now, and nobody has agreed to show it here; make "
            "it public again, or attach it again and agree."
        )
    ),
    Bar.EXPOSED: (
        kept(
            "Questions that viewers ask the hosts in private would be shown, and everybody in this "
            "server sees the room now; close it to them, attach again with `comments: promoted`, "
            "or attach again and agree."
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that may use the workspace; ``None``: any."""

    allowed: frozenset[int] | None = None

    def allows(self, guild_id: int | None) -> bool:
        """Tell whether a server may use the workspace."""
        return self.allowed is None or guild_id in self.allowed


def shard_of(guild_id: int, shards: int) -> int:
    """Return which of so many shards Discord tells of a server.

    https://discord.com/developers/docs/events/gateway#sharding-sharding-formula
    """
    return (guild_id >> 22) % shards


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Which servers the bot is in, as far as Discord has told.

    Attributes:
        present: those that it is in.
        told: the shards that have listed their servers; of those of others nothing is known.
        shards: how many there are, those of other processes included.
        joined: since when, of those of which that is told by now.
    """

    present: frozenset[int]
    told: frozenset[int] = frozenset({0})
    shards: int = 1
    joined: Mapping[int, datetime] = field(default_factory=dict)

    def is_told_of(self, guild_id: int) -> bool:
        """Tell whether it is known if the bot is in the server."""
        return guild_id in self.present or shard_of(guild_id, self.shards) in self.told


def sentence(bar: Bar) -> str:
    """Return why nothing is posted, and what to do."""
    return _SENTENCES[bar]


def refusal(guild_id: int) -> str:
    """Return what a server is told that may not use the workspace."""
    return kept(
        "This server may not use the workspace: whoever runs the bot must add its ID, "
        "{guild_id}, to TWENTYTHREE_SERVERS."
    ).format(guild_id=guild_id)
