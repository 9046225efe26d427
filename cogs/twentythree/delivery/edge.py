"""The edge to Discord: what the rooms ask of it, and tell people, goes through one gate."""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

from ..storage import Lead
from .gate import Gate, InvalidBudget
from .pace import RequestPace, RoomOptions
from .posting import Poster
from .telling import Teller


class DiscordEdge:
    """Reaches Discord with the host's client.

    Attributes:
        client: the host's.
        options: how patient whoever uses it is.
        gate: what each request passes.
        poster: posts, edits and finds messages.
        teller: tells people.
    """

    def __init__(
        self,
        client: discord.Client,
        options: RoomOptions = RoomOptions(),  # noqa: B008 - frozen
        *,
        clock: Callable[[], float] = time.monotonic,
        lead: Lead | None = None,
    ) -> None:
        self.client = client
        self.options = options
        pace, budget = RequestPace(options.requests_per_s), InvalidBudget(clock=clock)
        self.gate = gate = Gate(client, pace, budget, lead)
        timeout_s = options.request_timeout_s
        self.poster = Poster(
            client, gate, request_timeout_s=timeout_s, history_limit=options.history_limit
        )
        self.teller = Teller(
            client, gate, request_timeout_s=timeout_s, again_s=options.tell_again_s, clock=clock
        )

    def locale_of(self, channel_id: int) -> str | None:
        """Return what Discord says of the language of a channel's server, if it is known."""
        channel = self.client.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        return str(guild.preferred_locale) if isinstance(guild, discord.Guild) else None
