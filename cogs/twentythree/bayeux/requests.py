"""The requests on their way: makes them, remembers them, and knows their replies.

A connect is alone in its frame, because Faye answers a frame only when everything in it is
answered, and a connect may be held for a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from . import messages
from .messages import Kind, Message, Reply
from .options import SessionOptions
from .publishing import Publication
from .subscriptions import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request without its reply yet."""

    kind: Kind
    asked_at: float
    deadline: float
    channel: str
    ask: Ask = ()
    key: int = 0


class Requests:
    """What is to be sent, and what is to be answered until when."""

    def __init__(self, options: SessionOptions) -> None:
        self._options = options
        self._ids = count(1)
        self._pending: dict[str, Request] = {}
        self._frames: list[list[Message]] = []

    def handshake(self, now: float) -> None:
        """Ask for a session."""
        message_id = self._expect(Kind.HANDSHAKE, now, self._options.request_timeout_s)
        self._frames.append([messages.handshake(message_id, self._options.connection_types)])

    def connect(self, client_id: str, connection_type: str, now: float) -> None:
        """Ask for a sign of life: the server answers at once, and empties its queue."""
        message_id = self._expect(Kind.CONNECT, now, self._options.request_timeout_s)
        message = messages.connect(message_id, client_id, connection_type, is_held=False)
        self._frames.append([message])

    def held_connect(self, client_id: str, connection_type: str, now: float, held_s: float) -> None:
        """Ask for events; the server holds the answer for up to ``held_s``."""
        patience = max(held_s * 1.2, held_s + self._options.connect_grace_s)
        message_id = self._expect(Kind.CONNECT, now, patience)
        message = messages.connect(message_id, client_id, connection_type, is_held=True)
        self._frames.append([message])

    def subscription(self, kind: Kind, asks: Sequence[Ask], client_id: str, now: float) -> None:
        """Ask to subscribe or to unsubscribe, all of ``asks`` in one frame."""
        timeout_s = self._options.request_timeout_s
        ids = [self._expect(kind, now, timeout_s, ask=ask) for ask in asks]
        self._frames.append(
            [
                messages.subscription(kind, message_id, client_id, ask)
                for message_id, ask in zip(ids, asks, strict=True)
            ]
        )

    def publication(self, what: Publication, client_id: str, now: float) -> None:
        """Publish an event, in a frame of its own."""
        message_id = self._expect(
            Kind.PUBLISH,
            now,
            self._options.request_timeout_s,
            channel=what.channel,
            key=what.key,
        )
        message = messages.publication(message_id, client_id, what.channel, what.data)
        self._frames.append([message])

    def disconnect(self, client_id: str, now: float) -> None:
        """Say good-bye."""
        message_id = self._expect(Kind.DISCONNECT, now, self._options.disconnect_timeout_s)
        self._frames.append([messages.disconnect(message_id, client_id)])

    def answered_by(self, reply: Reply) -> Request | None:
        """Return the request that ``reply`` answers, if any, and expect it no longer.

        Faye leaves the channel out of some error replies.
        """
        request = self._pending.get(reply.id)
        if request is None or reply.channel not in (None, request.channel):
            return None
        return self._pending.pop(reply.id)

    def expect_nothing(self) -> list[Request]:
        """Forget all requests, also those not sent yet; return those without an answer."""
        unanswered = list(self._pending.values())
        self._pending.clear()
        self._frames.clear()
        return unanswered

    def take_frames(self) -> list[list[Message]]:
        """Return the frames to send now."""
        frames, self._frames = self._frames, []
        return frames

    def next_deadline(self) -> float | None:
        """Return when the next reply is overdue."""
        return min((request.deadline for request in self._pending.values()), default=None)

    def _expect(
        self,
        kind: Kind,
        now: float,
        timeout_s: float,
        *,
        channel: str = "",
        ask: Ask = (),
        key: int = 0,
    ) -> str:
        message_id = str(next(self._ids))
        self._pending[message_id] = Request(
            kind=kind,
            asked_at=now,
            deadline=now + timeout_s,
            channel=channel or kind.value,
            ask=ask,
            key=key,
        )
        return message_id
