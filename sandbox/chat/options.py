"""What can be set about the stand-in: at its start, and while it runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many requests in a window of so many seconds, which begins with its first request."""

    requests: int
    window_s: float


# Discord publishes no numbers; these are what communities observe.
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "POST /channels/{channel_id}/messages": Limit(requests=5, window_s=5.0),
        "PATCH /channels/{channel_id}/messages/{message_id}": Limit(requests=5, window_s=5.0),
        "DELETE /channels/{channel_id}/messages/{message_id}": Limit(requests=5, window_s=1.0),
        "POST /webhooks/{webhook_id}/{webhook_token}": Limit(requests=5, window_s=2.0),
        "POST /channels/{channel_id}/messages/{message_id}/crosspost": Limit(
            requests=10, window_s=3600.0
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """Settings for the whole life of the stand-in; the defaults are Discord's.

    Attributes:
        port: 0 takes a free one.
        token: what the bot must present.
        heartbeat_interval_s: told to the client in HELLO.
        limits: by ``"METHOD /template"``; routes that are not in it have ``default_limit``.
        global_limit: of all routes together, but for interactions.
        invalid_limit: answers 401, 403 and 429 in 10 minutes that end in a ban.
        nonce_window_s: for how long an enforced nonce is remembered.
        edits_per_hour: allowed edits of one message that is older than an hour.
        command_creations: allowed in 24 hours for each guild, and globally.
        kept_posts: how many requests the log holds.
        locale: of all guilds and persons, unless it is set otherwise.
        shards: over how many connections the bot is told to spread its guilds.
        max_concurrency: how many of them may identify within ``identify_window_s``; a bot with a
            single one may at any time.
        now: seconds since 1970, for IDs, times and windows.
    """

    port: int = 0
    token: str = "sandbox-token"  # noqa: S105 - good for the sandbox only
    application_name: str = "Sandbox bot"
    locale: str = "en-US"
    heartbeat_interval_s: float = 41.25
    limits: Mapping[str, Limit] = field(default_factory=lambda: LIMITS)
    default_limit: Limit = Limit(requests=50, window_s=1.0)
    global_limit: Limit = Limit(requests=50, window_s=1.0)
    invalid_limit: int = 10_000
    nonce_window_s: float = 300.0
    edits_per_hour: int = 30
    command_creations: int = 200
    kept_posts: int = 20_000
    shards: int = 1
    max_concurrency: int = 1
    identify_window_s: float = 5.0
    now: Callable[[], float] = time.time


@dataclass(slots=True, kw_only=True)
class Rules:
    """What may be switched while the stand-in runs.

    Attributes:
        is_token_refused: REST answers 401, the gateway closes with 4004.
        refuses_connections: the gateway answers 503 to every new connection.
        refused_shards: those whose connections are cut when they identify or resume.
        limits_old_edits: too many edits of an old message are refused with 30046.
        automod: texts that match are refused with 200000, names of threads with 200001.
        reopens_threads: a message reopens an archived thread that is not locked; otherwise it
            is refused with 50083.
        is_rate_limited: whether requests are counted at all.
        limits: instead of those of the options.
        privileged_intents: bits that the application may ask for; others close with 4014.
        interaction_deadline_s: for the first answer to an interaction.
        interaction_token_s: for how long its token is good for further answers.
        date_offset_s: how far the ``Date`` of answers is ahead.
    """

    is_token_refused: bool = False
    refuses_connections: bool = False
    refused_shards: set[int] = field(default_factory=set)
    limits_old_edits: bool = True
    automod: re.Pattern[str] | None = None
    reopens_threads: bool = True
    is_rate_limited: bool = True
    limits: dict[str, Limit] = field(default_factory=dict)
    privileged_intents: int = 0
    interaction_deadline_s: float = 3.0
    interaction_token_s: float = 900.0
    date_offset_s: float = 0.0
