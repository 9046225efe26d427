"""The requests on their way: makes them, remembers them, and knows their replies.

A connect is alone in its frame, because Faye answers a frame only when everything in it is
answered, and a connect may be held for a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..backoff import backoff_s
from . import messages
from .messages import Message, MetaChannel, Reply
from .retrying import RetryDelays
from .subscriptions import Ask, Subscriptions

# So many times as long as the first may an answer take to whether a server is there.
_MOST_TIMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """The limits of a session; times in seconds.

    A connect is answered within ``advice.timeout`` x 1.2, and at least ``connect_grace_s`` more
    than it; what asks whether a server is there within ``opening_timeout_s``, and twice, then
    four times as long where none answered; any other request within ``request_timeout_s``. Where
    something is coming all the same, each has ``connect_grace_s`` more, again and again, up to
    ``patience_s``. A session that was up for ``settled_s`` counts as a success for the back-off.
    Every ``check_s`` it is looked whether the server still has the session: Faye tells of one that
    it has forgotten only in an answer, that to a held connect at its end.
    ``chunk`` bounds the names in one array.
    """

    connection_types: tuple[str, ...] = ("websocket", "long-polling")
    opening_timeout_s: float = 10.0
    request_timeout_s: float = 30.0
    connect_grace_s: float = 15.0
    patience_s: float = 120.0
    disconnect_timeout_s: float = 2.0
    settled_s: float = 2.0
    check_s: float = 5.0
    chunk: int = 2_000
    backoff: RetryDelays = field(default_factory=RetryDelays)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRequest:
    """A request without its reply yet.

    ``is_held``: the server holds the answer until it has something to tell. ``is_probe``: it asks
    for nothing but whether the session is still there.
    """

    kind: MetaChannel
    asked_at: float
    deadline: float
    limit: float
    ask: Ask = ()
    is_held: bool = False
    is_probe: bool = False


class Requests:
    """What is to be sent, and what is to be answered until when."""

    def __init__(self, options: SessionOptions) -> None:
        self._options = options
        self._pending: dict[str, PendingRequest] = {}
        self._frames: list[list[Message]] = []
        self._overdue_in_a_row = 0
        # Whether anything has come since the last request or the last look at the deadlines, and
        # over long-polling the requests whose answers have begun to come since then.
        self.has_heard = False
        self._begun: set[str] = set()
        # When to look whether the server still has the session; ``None``: there is none.
        self._check_at: float | None = None
        # Over long-polling all but connects go one after the other: what came for one of them
        # speaks for all up to the number here.
        self._last = self._moved_to = 0

    def handshake(self, now: float) -> None:
        """Ask for a session."""
        message_id = self._expect(MetaChannel.HANDSHAKE, now, self._opening_s())
        self._frames.append([messages.handshake(message_id, self._options.connection_types)])

    def connect(
        self,
        client_id: str,
        connection_type: str,
        now: float,
        timeout_s: float,
        *,
        hold_s: float | None = 0.0,
    ) -> None:
        """Ask for events. The server holds the answer for ``hold_s``; ``None``: ``timeout_s``.

        With 0 it empties its queue and answers at once; but as long as it holds another connect
        of this session (Faye: also of one that has gone down with its transport), not before the
        end of that one.
        """
        patience_s = self._patience_s(timeout_s)
        message_id = self._expect(MetaChannel.CONNECT, now, patience_s, is_held=hold_s != 0)
        message = messages.connect(message_id, client_id, connection_type, hold_s=hold_s)
        self._frames.append([message])

    def probe(self, channel: str, client_id: str, now: float) -> None:
        """Ask for a channel that stands: the answer tells that the session does."""
        self._probe(channel, client_id, now, self._opening_s())

    def check_from(self, now: float) -> None:
        """Have it looked from now on, every so often, whether the server still has the session."""
        self._check_at = now + self._options.check_s

    def check(
        self, subscriptions: Subscriptions, client_id: str, now: float, timeout_s: float
    ) -> None:
        """Look for the session where that is due: probe, while a connect is on its way.

        It is no less patient than that one: silence tells nothing. ``timeout_s``: for how long the
        server holds connects.
        """
        if self._check_at is None or self._check_at > now:
            return
        self.check_from(now)
        channel = subscriptions.quiet_probe()
        is_looking = any(request.is_probe for request in self._pending.values())
        if channel is not None and not is_looking:
            self._probe(channel, client_id, now, self._patience_s(timeout_s))

    def _probe(self, channel: str, client_id: str, now: float, patience_s: float) -> None:
        message_id = self._expect(
            MetaChannel.SUBSCRIBE, now, patience_s, ask=(channel,), is_probe=True
        )
        message = messages.subscription(MetaChannel.SUBSCRIBE, message_id, client_id, (channel,))
        self._frames.append([message])

    def wants(self, subscriptions: Subscriptions, client_id: str, now: float) -> None:
        """Ask for all of the wanted channels that the server was not asked for yet."""
        for ask in subscriptions.take_leaving():
            self.subscription(MetaChannel.UNSUBSCRIBE, [ask], client_id, now)
        for asks in subscriptions.take_due():
            self.subscription(MetaChannel.SUBSCRIBE, asks, client_id, now)

    def subscription(
        self, kind: MetaChannel, asks: Sequence[Ask], client_id: str, now: float
    ) -> None:
        """Ask to subscribe or to unsubscribe, all of ``asks`` in one frame."""
        timeout_s = self._options.request_timeout_s
        ids = [self._expect(kind, now, timeout_s, ask=ask) for ask in asks]
        self._frames.append(
            [
                messages.subscription(kind, message_id, client_id, ask)
                for message_id, ask in zip(ids, asks, strict=True)
            ]
        )

    def disconnect(self, client_id: str, now: float) -> None:
        """Say good-bye."""
        message_id = self._expect(MetaChannel.DISCONNECT, now, self._options.disconnect_timeout_s)
        self._frames.append([messages.disconnect(message_id, client_id)])

    def answered_by(self, reply: Reply) -> PendingRequest | None:
        """Return the request that ``reply`` answers, if any, and expect it no longer.

        Faye leaves the channel out of some error replies, other servers the id out of any.
        """
        message_id = reply.id or self._id_of(reply)
        request = self._pending.get(message_id)
        if request is None or reply.channel not in (None, request.kind):
            return None
        self._overdue_in_a_row = 0
        if request.kind is not MetaChannel.CONNECT:
            self._moved_to = self._last
        return self._pending.pop(message_id)

    def without_answer(self, message_id: str) -> PendingRequest | None:
        """Return the request of this id, which will have no answer, and expect it no longer."""
        return self._pending.pop(message_id, None)

    def expect_nothing(self, subscriptions: Subscriptions) -> None:
        """Forget all requests, also those not sent yet; what they asked for is due again."""
        subscriptions.forget_unanswered()
        self._pending.clear()
        self._frames.clear()
        self._begun.clear()
        self._check_at = None

    def largest_ask(self) -> int:
        """Return how many channels the largest of the requests on their way asks for."""
        asking = (request for request in self._pending.values() if not request.is_probe)
        return max((len(request.ask) for request in asking), default=0)

    def take_frames(self) -> list[list[Message]]:
        """Return the frames to send now."""
        frames, self._frames = self._frames, []
        return frames

    # Deadlines

    def next_deadline(self) -> float | None:
        """Return when the next reply is overdue, or the session is to be looked for."""
        times = [request.deadline for request in self._pending.values()]
        return min(times if self._check_at is None else [*times, self._check_at], default=None)

    def begins(self, message_id: str) -> None:
        """Note that the answer to this request has begun to come, or goes on coming."""
        request = self._pending.get(message_id)
        if request is not None and request.kind is not MetaChannel.CONNECT:
            self._moved_to = self._last
        self._begun.add(message_id)

    def is_overdue(self, now: float) -> bool:
        """Whether a reply is overdue; where something is coming, it has more time instead."""
        late = [each for each in self._pending.items() if each[1].deadline <= now]
        if not late:
            return False
        for message_id, request in late:
            is_next = request.kind is not MetaChannel.CONNECT and int(message_id) <= self._moved_to
            if not (self.has_heard or is_next or message_id in self._begun) or now >= request.limit:
                self._overdue_in_a_row += 1
                return True
            deadline = min(request.limit, now + self._options.connect_grace_s)
            self._pending[message_id] = replace(request, deadline=deadline)
        self.has_heard = False
        self._begun.clear()
        self._moved_to = 0
        return False

    def _patience_s(self, timeout_s: float) -> float:
        return max(timeout_s * 1.2, timeout_s + self._options.connect_grace_s)

    def _opening_s(self) -> float:
        first_s = min(self._options.opening_timeout_s, self._options.request_timeout_s)
        return backoff_s(
            self._overdue_in_a_row + 1, first_s=first_s, longest_s=_MOST_TIMES * first_s
        )

    def _id_of(self, reply: Reply) -> str:
        """Return the id of the one request that a reply without an id can be meant for."""
        of_its_kind = {i: r for i, r in self._pending.items() if r.kind == reply.channel}
        if len(of_its_kind) > 1 and reply.subscription:
            of_its_kind = {i: r for i, r in of_its_kind.items() if r.ask == reply.subscription}
        return next(iter(of_its_kind), "")

    def _expect(
        self,
        kind: MetaChannel,
        now: float,
        timeout_s: float,
        *,
        ask: Ask = (),
        is_held: bool = False,
        is_probe: bool = False,
    ) -> str:
        self._last += 1
        message_id = str(self._last)
        self.has_heard = False
        self._pending[message_id] = PendingRequest(
            kind=kind,
            asked_at=now,
            deadline=now + timeout_s,
            limit=now + timeout_s + self._options.patience_s,
            ask=ask,
            is_held=is_held,
            is_probe=is_probe,
        )
        return message_id
