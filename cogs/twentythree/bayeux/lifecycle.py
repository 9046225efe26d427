"""How a session begins, goes on, is lost and ends: the half that nobody calls from outside."""

from __future__ import annotations

import logging
from collections.abc import Callable

from . import events
from .advice import Advice
from .backoff import Attempts, Pace
from .continuity import Continuity
from .events import Event
from .options import SessionOptions
from .requests import Request, Requests
from .states import ATTACHED, OVER, State, Trigger, next_state
from .wants import Wants

_LOG = logging.getLogger("twentythree.bayeux")


class Lifecycle:
    """The state, and what each of its changes brings with it."""

    def __init__(self, options: SessionOptions, draw: Callable[[], float]) -> None:
        self._state = State.UNCONNECTED
        self._is_listening = True
        self._client_id = ""
        self._connection_type = ""
        self.server_types: frozenset[str] = frozenset()
        self._advice = Advice()
        self._wants = Wants(options.chunk)
        self.subscriptions = self._wants.subscriptions
        self._requests = Requests(options)
        self._attempts = Attempts(options.backoff, options.settled_s, draw)
        self._pace = Pace()
        # From the taking up of a session until the server has answered a connect: until then
        # nobody knows what it wrote whereto.
        self._is_resuming = False
        # When to open a transport, to handshake or to connect, whichever the state waits for.
        self._due_at: float | None = float("-inf")
        self._continuity = Continuity()
        self._events: list[Event] = []
        # Whether what is being received holds wanted events, beside a reply.
        self._has_events = False

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    @property
    def is_attached(self) -> bool:
        """Whether the session uses a transport."""
        return self._state in ATTACHED

    @property
    def is_usable(self) -> bool:
        """Whether subscriptions are in force or on their way."""
        return self._state is State.CONNECTED

    @property
    def is_over(self) -> bool:
        """Whether the session has ended for good."""
        return self._state in OVER

    # Beginning and going on

    def _begin(self, client_id: str, now: float) -> None:
        if self.server_types and self._connection_type not in self.server_types:
            self._fall_back(Trigger.TRANSPORT_UNWANTED, now)
            return
        self._client_id = client_id
        self._is_resuming = False
        self.subscriptions.begin_session()
        self._become_usable(Trigger.HANDSHAKE_ACCEPTED, now, is_resumed=False)
        # Faye holds even the first connect; not held, it tells at once that the session is
        # good. What is published before it waits in the server's queue.
        self._connect(now)

    def _resume(self, now: float) -> None:
        """Take the session up: the connect moves it to this transport, the probe is answered.

        Faye withholds the answer to the connect for as long as it holds the one of before.
        """
        self._is_resuming = True
        self._connect(now)
        if (channel := self.subscriptions.probe()) is not None:
            self._requests.probe(channel, self._client_id, now)

    def _connect(self, now: float, *, is_held: bool = False) -> None:
        timeout_s = self._advice.timeout_s
        self._requests.connect(
            self._client_id, self._connection_type, now, timeout_s, is_held=is_held
        )

    def _plan_connect(self, request: Request, now: float, *, is_accepted: bool) -> None:
        delay = self._advice.interval_s
        if not is_accepted:
            delay = max(delay, self._attempts.failed(now))
        else:
            self._is_resuming = False
            self._prove_resumed(now)
            delay = max(delay, self._pause_after(request, now))
        self._due_at = now + delay

    def _prove_resumed(self, now: float) -> None:
        if self._state is State.RESUMING:
            self._become_usable(Trigger.SESSION_FOUND, now, is_resumed=True)
        else:
            self._attempts.succeeded(now)

    def _pause_after(self, request: Request, now: float) -> float:
        """Return how long to wait after a connect that may have ended sooner than it should."""
        if not request.is_held:
            return 0.0
        took_s = now - request.asked_at
        return self._pace.delay(took_s, self._advice.timeout_s, is_empty=not self._has_events)

    def _settle(self, now: float) -> None:
        """Send what the replies made possible; tell what was missed once all stands again."""
        self._send_wants(now)
        self._do_due(now)
        if not (self.is_usable and self._continuity.is_broken and self.subscriptions.is_settled):
            return
        if self._is_resuming and self._connection_type == "long-polling":
            # The connect goes by another way than the probe: until it has come, the server
            # writes into the answer that was lost.
            self._events += self._continuity.tell_so_far(now)
        else:
            self._events += self._continuity.mend(now)

    # Losing and ending

    def _lose_session(self, now: float) -> None:
        was = self._state
        self._continuity.break_off()
        self._fall_back(Trigger.SESSION_LOST, now)
        if was is State.CONNECTED:
            self._events.append(events.Lost(reason="the server has forgotten the session"))

    def _fall_back(self, trigger: Trigger, now: float) -> None:
        # That a resumed session is gone belongs to the loss before, which is counted already.
        is_counted = self._state is not State.RESUMING
        self._forget(trigger)
        delay = self._attempts.failed(now) if is_counted else 0.0
        self._due_at = now + max(self._advice.interval_s, delay)

    def _forget(self, trigger: Trigger) -> None:
        self._move(trigger)
        self._client_id = ""
        self._due_at = None
        self._forget_requests()

    def _forget_requests(self) -> None:
        self._requests.expect_nothing()
        self.subscriptions.forget_unanswered()

    # Sending

    def _do_due(self, now: float) -> None:
        if self._due_at is None or self._due_at > now or not self.is_attached:
            return
        self._due_at = None
        if self._state is State.WAITING:
            self._move(Trigger.HANDSHAKE_SENT)
            self._requests.handshake(now)
        elif self._state is State.RESUMING:
            self._resume(now)
        else:
            self._connect(now, is_held=True)

    def _send_wants(self, now: float) -> None:
        if self.is_usable:
            self._wants.send(self._requests, self._client_id, now)

    def _become_usable(self, trigger: Trigger, now: float, *, is_resumed: bool) -> None:
        self._move(trigger)
        self._attempts.succeeded(now)
        self._events.append(events.Opened(is_resumed=is_resumed))
        self._send_wants(now)

    def _move(self, trigger: Trigger) -> None:
        self._state = next_state(self._state, trigger)
        self._is_listening = self._state not in OVER
        _LOG.debug("= %s (%s)", self._state, trigger)
