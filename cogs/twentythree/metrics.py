"""The plugin's Prometheus metrics, under the names of the project's interface.

Labels never hold an ID, a name, a token or a channel: only closed sets of words.
"""

from __future__ import annotations

from typing import Protocol

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

# From "at once" to "ten minutes behind"; a notice is meant to be out within a second.
_DELAY_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)


class KnowsLead(Protocol):
    """Knows whether this process leads."""

    @property
    def is_certain(self) -> bool:
        """Whether it does for certain."""


class KnowsShards(Protocol):
    """Knows over how many connections Discord tells what happens."""

    @property
    def connected(self) -> int:
        """How many of them there are."""


class Metrics:
    """One set of collectors, registered for as long as the plugin is loaded."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        self._events = Counter(
            "twentythree_events", "Events taken in", ["kind", "source"], registry=None
        )
        self._notices = Counter(
            "twentythree_notices", "Notices by what became of them", ["outcome"], registry=None
        )
        self._pending = Gauge(
            "twentythree_outbox_pending", "Notices not yet confirmed by Discord", registry=None
        )
        self._delay = Histogram(
            "twentythree_publish_to_post_seconds",
            "From the first sight of an event to Discord's confirmation",
            buckets=_DELAY_BUCKETS_S,
            registry=None,
        )
        self._connected = Gauge(
            "twentythree_realtime_connected", "1 while realtime works", registry=None
        )
        self._reconnects = Counter(
            "twentythree_realtime_reconnects", "Realtime losses", ["reason"], registry=None
        )
        self._requests = Counter(
            "twentythree_api_requests", "Calls of the API", ["method", "status"], registry=None
        )
        self._paused = Gauge(
            "twentythree_rooms_paused", "Rooms that cannot be posted to", registry=None
        )
        self._actions = Counter(
            "twentythree_actions",
            "Actions on comments by what came of them",
            ["action", "outcome"],
            registry=None,
        )
        self._leader = Gauge("twentythree_leader", "1 while leading", registry=None)
        self._shards = Gauge(
            "twentythree_shards_connected", "Connections of Discord's gateway", registry=None
        )
        self._collectors = (
            self._events,
            self._notices,
            self._pending,
            self._delay,
            self._connected,
            self._reconnects,
            self._requests,
            self._paused,
            self._actions,
            self._leader,
            self._shards,
        )
        for collector in self._collectors:
            registry.register(collector)

    def event(self, kind: str, source: str, count: int = 1) -> None:
        """Count events that were taken in for the first time."""
        self._events.labels(kind, source).inc(count)

    def notice(self, outcome: str, count: int = 1) -> None:
        """Count notices by what became of them: ``delivered``, ``paused``, ..."""
        self._notices.labels(outcome).inc(count)

    def outbox(self, pending: int) -> None:
        """Set the number of notices not yet confirmed."""
        self._pending.set(pending)

    def posted(self, seconds: float) -> None:
        """Record the time from the first sight of an event to Discord's confirmation."""
        self._delay.observe(seconds)

    def realtime(self, *, connected: bool) -> None:
        """Set whether realtime works."""
        self._connected.set(connected)

    def reconnect(self, reason: str) -> None:
        """Count a loss of the realtime connection; ``reason`` is one word of a closed set."""
        self._reconnects.labels(reason).inc()

    def api_request(self, method: str, status: int) -> None:
        """Count a call of the API; ``status`` is the HTTP status, 0 where there was no answer."""
        self._requests.labels(method, str(status)).inc()

    def rooms_paused(self, count: int) -> None:
        """Set the number of paused rooms."""
        self._paused.set(count)

    def action(self, action: str, outcome: str) -> None:
        """Count an action on a comment; both are words of closed sets."""
        self._actions.labels(action, outcome).inc()

    def leader(self, lead: KnowsLead) -> None:
        """Take who tells, each time the metrics are asked for, whether this process leads."""
        self._leader.set_function(lambda: float(lead.is_certain))

    def shards(self, known: KnowsShards) -> None:
        """Take who tells, each time the metrics are asked for, how many shards are connected."""
        self._shards.set_function(lambda: float(known.connected))

    def close(self) -> None:
        """Take the collectors out of the registry, so that the plugin can be loaded again."""
        for collector in self._collectors:
            self._registry.unregister(collector)
