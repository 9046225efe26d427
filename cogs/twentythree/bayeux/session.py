"""The Bayeux client's session, sans-IO: frames in, frames and events out, time as a parameter.

How to drive it. Tell it what happened (``transport_opened``, ``transport_failed``,
``transport_lost``, ``receive``, ``tick``) or what is wanted (``subscribe``, ``unsubscribe``,
``disconnect``). After each call, send ``messages_to_send()``, hand on ``events_received()``, and
call ``tick`` at ``next_deadline()`` at the latest. Whenever ``is_attached`` is false, the
transport of the time before is to be thrown away; once ``next_deadline()`` has come, open another
one. The session never raises for what a server does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from ..errors import LocalProtocolError
from . import messages
from . import session_events as events
from .continuity import Continuity
from .messages import Advice, Meaning, Message, MetaChannel, Reply, meaning_of
from .requests import PendingRequest, Requests, SessionOptions
from .retrying import Attempts, Pace
from .session_events import UNREADABLE, Arriving, MessageReceived, SessionEvent, Unanswered
from .states import ATTACHED, DETACHED, OVER, State, Trigger, next_state
from .subscriptions import Subscriptions

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
        self.server_types: frozenset[str] = frozenset()
        self.subscriptions = Subscriptions(options.chunk)
        self._wanted = self.subscriptions.wanted
        self._refused = self.subscriptions.refused
        self._requests = Requests(options)
        self._attempts = Attempts(options.backoff, options.settled_s, draw)
        self._pace = Pace()
        self._continuity = Continuity()
        self._events: list[SessionEvent] = []
        self._state = State.UNCONNECTED
        self._is_listening = True
        self._client_id = ""
        self._advice = Advice()
        # When to open a transport, to handshake or to connect, whichever the state waits for.
        self._due_at: float | None = float("-inf")
        self._connection_type = ""
        # Whether what is being received holds wanted events, beside a reply.
        self._has_events = False

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

    @property
    def proven_at(self) -> float | None:
        """All that was published before this time, and was to come, has come."""
        return self._continuity.proven_at

    def next_deadline(self) -> float | None:
        """Return when ``tick``, or a new transport, is due; ``None``: when something happens."""
        overdue_at = self._requests.next_deadline()
        return min((at for at in (self._due_at, overdue_at) if at is not None), default=None)

    # What happened

    def transport_opened(self, connection_type: str, now: float) -> None:
        """Take up the old session over this transport, or ask for a new one.

        A session never moves between kinds of transports: Faye would go on pushing to the old
        one. It is left to expire and a new handshake is made. So is one in which nothing stands:
        there is nothing in it to be had, and nothing to tell quickly by whether it is still there;
        and one that no server has any more, since not all of them say so.
        """
        if self._state is State.SUSPENDED:
            if connection_type != self._connection_type or self._continuity.is_too_late(now):
                self._continuity.break_off()
                self._forget(Trigger.SESSION_LOST)
            elif self.subscriptions.probe() is None:
                self._forget(Trigger.SESSION_LOST)
        self._move(Trigger.TRANSPORT_OPENED)
        self._connection_type = connection_type
        self._continuity.is_one_stream = connection_type == "websocket"
        self._due_at = now
        self._do_due(now)

    def transport_failed(self, now: float, *, wait_s: float = 0.0) -> None:
        """Note that no transport could be opened; the next try waits for the back-off.

        ``wait_s`` is how long the server wants to be left alone at least.

        Raises:
            LocalProtocolError: the session has a transport, or needs none.
        """
        if self._state not in DETACHED:
            raise LocalProtocolError(f"a session that is {self._state} opens no transport")
        self._due_at = now + max(wait_s, self._attempts.failed(now))

    def transport_lost(
        self,
        reason: str,
        now: float,
        *,
        is_clean: bool = False,
        is_too_large: bool = False,
        is_refusal: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        """Note that the transport is gone. ``is_clean``: the server closed it in good order.

        After a clean close the server has kept in its queue whatever we did not get; after
        any other, something may have gone into the dead socket. ``is_too_large``: it closed over
        a frame of ours; ``is_refusal``: it took none. ``wait_s``: how long to leave it alone.
        """
        if not self.is_attached:
            return
        was = self._state
        if was in _HAS_SESSION and not is_clean:
            self._continuity.break_off()
        self._move(Trigger.TRANSPORT_LOST)
        if is_too_large:
            self.subscriptions.halve(self._requests.largest_ask())
        self._requests.expect_nothing(self.subscriptions)
        if is_refusal and was is State.RESUMING:
            # Some say by HTTP alone that they know of no such session.
            self._forget(Trigger.SESSION_LOST)
        self._due_at = None if self.is_over else now + max(wait_s, self._attempts.failed(now))
        if was is State.CONNECTED:
            self._events.append(events.Disconnected(reason=reason))

    def receive(self, payload: object, now: float) -> bool:
        """Take in one decoded frame or body, whatever it is, best as ``read_frame`` gave it.

        Returns whether there was anything but events in it, so that there may be something to
        send or a new deadline; events alone change neither, and give only ``MessageReceived``.
        """
        if isinstance(payload, list) and payload and isinstance(payload[0], MessageReceived):
            self._events += self.receive_events(payload)
            return False
        self._requests.has_heard = self._continuity.is_one_stream
        if payload is UNREADABLE:
            return self._miss(now)
        if isinstance(payload, Arriving | Unanswered):
            return self._note(payload, now)
        return self._receive_each(payload if isinstance(payload, list) else [payload], now)

    def _receive_each(self, payload: list[object], now: float) -> bool:
        received = [each for each in payload if isinstance(each, dict)]
        self._has_events = any(messages.is_event(m) and self._is_wanted(m) for m in received)
        had_reply = False
        for message in received:
            if self.is_over:
                break
            if messages.is_event(message):
                if self._is_wanted(message):
                    self._events.append(MessageReceived(message["channel"], message["data"]))
            elif self._receive_reply(message, now):
                had_reply = True
        if had_reply:
            self._settle(now)
        return had_reply

    def receive_events(self, received: list[MessageReceived]) -> Sequence[MessageReceived]:
        """Take in a frame of nothing but events; return those that are wanted.

        It is what ``receive`` does with them, for who hands them on at once: most frames are such.
        """
        if not self._is_listening:
            return ()
        self._requests.has_heard = self._continuity.is_one_stream
        if len(received) == 1 and received[0].channel in self._wanted and not self._refused:
            return received
        return [each for each in received if self.subscriptions.covers(each.channel)]

    def tick(self, now: float) -> None:
        """Do what has become due by ``now``."""
        if self._requests.is_overdue(now):
            self.transport_lost("the server did not answer in time", now)
        self._do_due(now)
        self._requests.check(self.subscriptions, self._client_id, now, self._advice.timeout_s)

    # What is wanted

    def subscribe(self, channels: Iterable[str], now: float) -> None:
        """Want ``channels``, now and in every session to come.

        Names come from outside, so a bad one is refused by an event and never sent: it would
        spoil the whole array.

        Raises:
            LocalProtocolError: the session is over.
        """
        self._check_open()
        refused = self.subscriptions.want(channels)
        self._events += [events.SubscriptionRefused(channel=c, error=error) for c, error in refused]
        self._send_wants(now)

    def unsubscribe(self, channels: Iterable[str], now: float) -> None:
        """Want ``channels`` no longer; events on them stop at once.

        Raises:
            LocalProtocolError: the session is over.
        """
        self._check_open()
        self.subscriptions.drop(channels)
        self._send_wants(now)

    def disconnect(self, now: float) -> None:
        """End the session, with a word to the server if there is one; twice is once."""
        if self.is_over or self._state is State.DISCONNECTING:
            return
        has_session = self._state in _HAS_SESSION
        self._move(Trigger.DISCONNECT_ASKED)
        self._requests.expect_nothing(self.subscriptions)
        self._due_at = None
        if has_session:
            self._requests.disconnect(self._client_id, now)

    # What is to be taken away after each call

    def messages_to_send(self) -> list[list[Message]]:
        """Return the frames to send now, in their order. A connect is alone in its frame."""
        return self._requests.take_frames()

    def events_received(self) -> list[SessionEvent]:
        """Return what happened since the last call."""
        received, self._events = self._events, []
        return received

    # What comes in

    def _miss(self, now: float) -> bool:
        """Note a frame that nobody can read: there may have been events in it."""
        if self._state in _HAS_SESSION:
            self._continuity.break_off()
        self._settle(now)
        return True

    def _note(self, mark: Arriving | Unanswered, now: float) -> bool:
        """Take it that an answer is slow, or will not come."""
        if isinstance(mark, Arriving):
            self._requests.begins(mark.id)
            return False
        request = self._requests.without_answer(mark.id)
        if request is None or self._state not in _HAS_SESSION:
            return False
        self._continuity.lose_answer()
        self._has_events = False
        if request.is_held:
            self._pace.cut(now - request.asked_at)
        delay = self._pause_after(request, now) if request.is_held else self._attempts.failed(now)
        self._due_at = now + max(self._advice.interval_s, delay)
        self._settle(now)
        return True

    def _is_wanted(self, event: Message) -> bool:
        return "data" in event and self.subscriptions.covers(event["channel"])

    def _receive_reply(self, message: Message, now: float) -> bool:
        reply = messages.read_reply(message)
        request = None if reply is None else self._requests.answered_by(reply)
        if reply is None or request is None:
            return False
        self._advice = self._advice.merged(reply.advice)
        if reply.is_successful:
            self._continuity.prove(request, now, self._advice.timeout_s)
        meaning = meaning_of(request.kind, reply, client_id=self._client_id, advice=self._advice)
        if request.kind is MetaChannel.DISCONNECT:
            self._forget(Trigger.DISCONNECT_DONE)
        elif meaning is Meaning.STOP:
            self._forget(Trigger.STOP_ADVISED)
            self._events.append(events.Stopped(reason=messages.stop_reason(reply)))
        elif meaning is Meaning.SESSION_LOST:
            self._lose_session(now)
        else:
            self._act_on(request, reply, now, is_accepted=meaning is Meaning.ACCEPTED)
        return True

    def _act_on(
        self, request: PendingRequest, reply: Reply, now: float, *, is_accepted: bool
    ) -> None:
        if request.kind is MetaChannel.HANDSHAKE:
            self.server_types = reply.connection_types
            if is_accepted:
                self._begin(reply.client_id or "", now)
            else:
                self._fall_back(Trigger.HANDSHAKE_REFUSED, now)
                self._events.append(events.HandshakeFailed(error=messages.describe(reply.error)))
        elif request.kind is MetaChannel.CONNECT:
            self._plan_connect(request, now, is_accepted=is_accepted)
        elif request.is_probe:
            # A refusal says nothing about the session: extensions refuse without looking.
            if is_accepted and self._state is State.RESUMING:
                self._become_usable(Trigger.SESSION_FOUND, now, is_resumed=True)
        else:
            self._take_verdict(request, reply, is_accepted=is_accepted)

    def _take_verdict(self, request: PendingRequest, reply: Reply, *, is_accepted: bool) -> None:
        if request.kind is MetaChannel.UNSUBSCRIBE:
            self.subscriptions.left(request.ask)
        elif is_accepted:
            taken = self.subscriptions.accepted(request.ask, reply.subscription)
            self._events.append(events.SubscriptionAccepted(channels=taken))
        else:
            error = messages.describe(reply.error)
            refused = self.subscriptions.failed(request.ask)
            self._events += [events.SubscriptionRefused(channel=c, error=error) for c in refused]

    def _check_open(self) -> None:
        if self.is_over or self._state is State.DISCONNECTING:
            raise LocalProtocolError(f"a session that is {self._state} has no subscriptions")

    # Beginning and going on

    def _begin(self, client_id: str, now: float) -> None:
        if self.server_types and self._connection_type not in self.server_types:
            self._fall_back(Trigger.TRANSPORT_UNWANTED, now)
            return
        self._client_id = client_id
        self._continuity.is_resuming = False
        self.subscriptions.begin_session()
        self._become_usable(Trigger.HANDSHAKE_ACCEPTED, now, is_resumed=False)
        # Faye holds even the first connect; not held, it tells at once that the session is
        # good. What is published before it waits in the server's queue.
        self._connect(now)

    def _resume(self, now: float) -> None:
        """Take the session up: the connect moves it to this transport, the probe is answered.

        Faye withholds the answer to the connect for as long as it holds the one of before.
        """
        self._continuity.is_resuming = True
        self._connect(now)
        if (channel := self.subscriptions.probe()) is not None:
            self._requests.probe(channel, self._client_id, now)

    def _connect(self, now: float, *, hold_s: float | None = 0.0) -> None:
        self._requests.connect(
            self._client_id, self._connection_type, now, self._advice.timeout_s, hold_s=hold_s
        )

    def _plan_connect(self, request: PendingRequest, now: float, *, is_accepted: bool) -> None:
        delay = self._advice.interval_s
        if not is_accepted:
            if self._continuity.is_too_late(now):
                self._lose_session(now)
                return
            delay = max(delay, self._attempts.failed(now))
        else:
            self._continuity.is_resuming = False
            if self._state is State.RESUMING:
                self._become_usable(Trigger.SESSION_FOUND, now, is_resumed=True)
            else:
                self._attempts.succeeded(now)
            delay = max(delay, self._pause_after(request, now))
        self._due_at = now + delay

    def _pause_after(self, request: PendingRequest, now: float) -> float:
        """Return how long to wait after a connect that may have ended sooner than it should."""
        if not request.is_held:
            return 0.0
        took_s = now - request.asked_at
        return self._pace.delay(took_s, self._advice.timeout_s, is_empty=not self._has_events)

    def _settle(self, now: float) -> None:
        """Send what the replies made possible; tell what was missed once all stands again."""
        self._send_wants(now)
        self._do_due(now)
        if self.is_usable and self.subscriptions.is_settled:
            self._events += self._continuity.mend(now)

    # Losing and ending

    def _lose_session(self, now: float) -> None:
        if self._state is State.CONNECTED:
            self._events.append(events.Disconnected(reason="the server has forgotten the session"))
        self._continuity.break_off()
        self._fall_back(Trigger.SESSION_LOST, now)

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
        self._requests.expect_nothing(self.subscriptions)

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
            self._connect(now, hold_s=self._pace.hold_s)

    def _send_wants(self, now: float) -> None:
        if self.is_usable:
            self._requests.wants(self.subscriptions, self._client_id, now)

    def _become_usable(self, trigger: Trigger, now: float, *, is_resumed: bool) -> None:
        self._move(trigger)
        self._attempts.succeeded(now)
        self._requests.check_from(now)
        self._events.append(events.Connected(resumed=is_resumed))
        self._send_wants(now)

    def _move(self, trigger: Trigger) -> None:
        self._state = next_state(self._state, trigger)
        self._is_listening = self._state not in OVER
        _LOG.debug("= %s (%s)", self._state, trigger)
