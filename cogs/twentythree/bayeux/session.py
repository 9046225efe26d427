"""The Bayeux client's session, sans-IO: frames in, frames and events out, time as a parameter.

How to drive it. Tell it what happened (``transport_opened``, ``transport_failed``,
``transport_lost``, ``receive``, ``tick``) or what is wanted (``subscribe``, ``unsubscribe``,
``disconnect``). After each call, send ``messages_to_send()``, hand on ``events_received()``,
and call ``tick`` at ``next_deadline()`` at the latest. Whenever ``is_attached`` is false, the
transport of the time before is to be thrown away; once ``next_deadline()`` has come, open
another one. The session never raises for what a server does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from ..errors import LocalProtocolError
from . import events, messages
from .advice import Advice
from .backoff import Attempts
from .channels import refusal
from .continuity import Continuity
from .events import Event
from .frames import Envelope
from .messages import Kind, Message, Reply
from .options import SessionOptions
from .requests import Request, Requests
from .states import ATTACHED, DETACHED, OVER, State, Trigger, next_state
from .subscriptions import Subscriptions
from .verdict import Verdict, judge

_LOG = logging.getLogger("twentythree.bayeux")
_HAS_SESSION = (State.CONNECTED, State.RESUMING)


class Session:
    """One client's dealings with one server, over any number of transports and ``clientId``s.

    ``draw`` gives a random number in [0, 1) for the jitter of the back-off. To look at, never
    to change: ``server_types``, the connection types that the server offered last (empty while
    unknown), and ``subscriptions``, the wanted channels and their standing.
    """

    def __init__(
        self, *, options: SessionOptions | None = None, draw: Callable[[], float] = lambda: 1.0
    ) -> None:
        options = options or SessionOptions()
        self._state = State.UNCONNECTED
        self._client_id = ""
        self._connection_type = ""
        self.server_types: frozenset[str] = frozenset()
        self._advice = Advice()
        self.subscriptions = Subscriptions(options.chunk)
        self._requests = Requests(options)
        self._attempts = Attempts(options.backoff, options.settled_s, draw)
        # When to open a transport, to handshake or to connect, whichever the state waits for.
        self._due_at: float | None = float("-inf")
        self._continuity = Continuity()
        self._events: list[Event] = []

    # What can be asked at any time

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

    def next_deadline(self) -> float | None:
        """Return when ``tick``, or a new transport, is due; ``None``: when something happens."""
        overdue_at = self._requests.next_deadline()
        return min((at for at in (self._due_at, overdue_at) if at is not None), default=None)

    # What happened

    def transport_opened(self, connection_type: str, now: float) -> None:
        """Take up the old session over this transport, or ask for a new one.

        A session never moves between kinds of transports: Faye would go on pushing to the old
        one. It is left to expire and a new handshake is made.
        """
        if self._state is State.SUSPENDED and connection_type != self._connection_type:
            self._continuity.break_off()
            self._forget(Trigger.SESSION_LOST)
        self._move(Trigger.TRANSPORT_OPENED)
        self._connection_type = connection_type
        self._due_at = now
        self._do_due(now)

    def transport_failed(self, now: float) -> None:
        """Note that no transport could be opened; the next try waits for the back-off.

        Raises:
            LocalProtocolError: the session has a transport, or needs none.
        """
        if self._state not in DETACHED:
            raise LocalProtocolError(f"a session that is {self._state} opens no transport")
        self._due_at = now + self._attempts.failed(now)

    def transport_lost(self, reason: str, now: float, *, is_clean: bool = False) -> None:
        """Note that the transport is gone. ``is_clean``: the server closed it in good order.

        After a clean close the server has kept in its queue whatever we did not get; after
        any other, something may have gone into the dead socket.
        """
        if not self.is_attached:
            return
        was = self._state
        if was in _HAS_SESSION and not is_clean:
            self._continuity.break_off()
        self._move(Trigger.TRANSPORT_LOST)
        self._requests.expect_nothing()
        self.subscriptions.forget_unanswered()
        self._due_at = None if self.is_over else now + self._attempts.failed(now)
        if was is State.CONNECTED:
            self._events.append(events.Lost(reason=reason))

    def receive(self, payload: object, now: float) -> bool:
        """Take in one decoded frame or body, whatever it is, best as ``read_frame`` gave it.

        Returns whether there was a reply in it, so that there may be something to send or a
        new deadline; events alone change neither.
        """
        if isinstance(payload, list) and payload and isinstance(payload[0], Envelope):
            self._receive_envelopes(payload, now)
            return False
        had_reply = False
        for message in payload if isinstance(payload, list) else (payload,):
            if not isinstance(message, dict) or self.is_over:
                continue
            channel = message.get("channel")
            if isinstance(channel, str) and not channel.startswith("/meta/"):
                self._receive_event(channel, message, now)
            elif self._receive_reply(message, now):
                had_reply = True
        if had_reply:
            self._settle(now)
        return had_reply

    def tick(self, now: float) -> None:
        """Do what has become due by ``now``."""
        overdue_at = self._requests.next_deadline()
        if overdue_at is not None and overdue_at <= now:
            self.transport_lost("the server did not answer in time", now)
        self._do_due(now)

    # What is wanted

    def subscribe(self, channels: Iterable[str], now: float) -> None:
        """Want ``channels``, now and in every session to come.

        Names come from outside, so a bad one is refused by an event and never sent: it would
        spoil the whole array.

        Raises:
            LocalProtocolError: the session is over.
        """
        self._check_open()
        good = []
        for channel in channels:
            error = refusal(channel)
            if error is None:
                good.append(channel)
            else:
                self._events.append(events.SubscribeRefused(channel=channel, error=error))
        self.subscriptions.want(good)
        self._send_subscriptions(now)

    def unsubscribe(self, channels: Iterable[str], now: float) -> None:
        """Want ``channels`` no longer; events on them stop at once.

        Raises:
            LocalProtocolError: the session is over.
        """
        self._check_open()
        self.subscriptions.drop(channels)
        self._send_subscriptions(now)

    def disconnect(self, now: float) -> None:
        """End the session, with a word to the server if there is one; twice is once."""
        if self.is_over or self._state is State.DISCONNECTING:
            return
        has_session = self._state in _HAS_SESSION
        self._move(Trigger.DISCONNECT_ASKED)
        self._requests.expect_nothing()
        self._due_at = None
        if has_session:
            self._requests.disconnect(self._client_id, now)

    # What is to be taken away after each call

    def messages_to_send(self) -> list[list[Message]]:
        """Return the frames to send now, in their order. A connect is alone in its frame."""
        return self._requests.take_frames()

    def events_received(self) -> list[Event]:
        """Return what happened since the last call."""
        received, self._events = self._events, []
        return received

    def _receive_envelopes(self, envelopes: list[Envelope], now: float) -> None:
        if not self.is_over:
            self._continuity.prove(now)
            covers = self.subscriptions.covers
            self._events += [each.opened() for each in envelopes if covers(each.channel)]

    def _receive_event(self, channel: str, message: Message, now: float) -> None:
        self._continuity.prove(now)
        if "data" in message and self.subscriptions.covers(channel):
            self._events.append(events.MessageReceived(channel=channel, data=message["data"]))

    def _receive_reply(self, message: Message, now: float) -> bool:
        reply = messages.read_reply(message)
        request = None if reply is None else self._requests.answered_by(reply)
        if reply is None or request is None:
            return False
        self._advice = self._advice.merged(reply.advice)
        if reply.is_successful:
            self._continuity.prove(now)
        verdict = judge(request.kind, reply, client_id=self._client_id, advice=self._advice)
        if request.kind is Kind.DISCONNECT:
            self._forget(Trigger.DISCONNECT_DONE)
        elif verdict is Verdict.STOP:
            self._forget(Trigger.STOP_ADVISED)
            self._events.append(events.Stopped(reason="the server advised against reconnecting"))
        elif verdict is Verdict.SESSION_LOST:
            self._lose_session(now)
        else:
            self._act_on(request, reply, now, is_accepted=verdict is Verdict.ACCEPTED)
        return True

    def _act_on(self, request: Request, reply: Reply, now: float, *, is_accepted: bool) -> None:
        if request.kind is Kind.HANDSHAKE:
            self.server_types = reply.connection_types
            if is_accepted:
                self._begin(reply.client_id or "", now)
            else:
                self._fall_back(Trigger.HANDSHAKE_REFUSED, now)
                self._events.append(events.HandshakeFailed(error=messages.describe(reply.error)))
        elif request.kind is Kind.CONNECT:
            self._plan_connect(now, is_accepted=is_accepted)
        elif request.kind is Kind.UNSUBSCRIBE:
            self.subscriptions.left(request.ask)
        elif is_accepted:
            self.subscriptions.accepted(request.ask)
            self._events.append(events.SubscribeAccepted(channels=request.ask))
        else:
            error = messages.describe(reply.error)
            for channel in self.subscriptions.failed(request.ask):
                self._events.append(events.SubscribeRefused(channel=channel, error=error))

    def _begin(self, client_id: str, now: float) -> None:
        if self.server_types and self._connection_type not in self.server_types:
            self._fall_back(Trigger.TRANSPORT_UNWANTED, now)
            return
        self._client_id = client_id
        self.subscriptions.begin_session()
        self._become_usable(Trigger.HANDSHAKE_ACCEPTED, now, is_resumed=False)
        # Faye holds even the first connect; not held, it tells at once that the session is
        # good. What is published before it waits in the server's queue.
        self._requests.connect(self._client_id, self._connection_type, now)

    def _plan_connect(self, now: float, *, is_accepted: bool) -> None:
        delay = self._advice.interval_s
        if not is_accepted:
            delay = max(delay, self._attempts.failed(now))
        elif self._state is State.RESUMING:
            self._become_usable(Trigger.CONNECT_ACCEPTED, now, is_resumed=True)
        else:
            self._attempts.succeeded(now)
        self._due_at = now + delay

    def _settle(self, now: float) -> None:
        """Send what the replies made possible; tell what was missed once all stands again."""
        self._send_subscriptions(now)
        self._do_due(now)
        if self.is_usable and self._continuity.is_broken and self.subscriptions.is_settled:
            self._events.extend(self._continuity.mend(now))

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
        self._requests.expect_nothing()

    # Sending

    def _do_due(self, now: float) -> None:
        if self._due_at is None or self._due_at > now or not self.is_attached:
            return
        self._due_at = None
        if self._state is State.WAITING:
            self._move(Trigger.HANDSHAKE_SENT)
            self._requests.handshake(now)
        elif self._state is State.RESUMING:
            self._requests.connect(self._client_id, self._connection_type, now)
        else:
            held_s = self._advice.timeout_s
            self._requests.held_connect(self._client_id, self._connection_type, now, held_s)

    def _send_subscriptions(self, now: float) -> None:
        if not self.is_usable:
            return
        for ask in self.subscriptions.take_leaving():
            self._requests.subscription(Kind.UNSUBSCRIBE, [ask], self._client_id, now)
        for frame in self.subscriptions.take_due():
            self._requests.subscription(Kind.SUBSCRIBE, frame, self._client_id, now)

    def _become_usable(self, trigger: Trigger, now: float, *, is_resumed: bool) -> None:
        self._move(trigger)
        self._attempts.succeeded(now)
        self._events.append(events.Opened(is_resumed=is_resumed))
        self._send_subscriptions(now)

    def _move(self, trigger: Trigger) -> None:
        self._state = next_state(self._state, trigger)
        _LOG.debug("= %s (%s)", self._state, trigger)

    def _check_open(self) -> None:
        if self.is_over or self._state is State.DISCONNECTING:
            raise LocalProtocolError(f"a session that is {self._state} has no subscriptions")
