"""What is wanted of a session: subscriptions, sent whenever it is usable."""

from __future__ import annotations

from collections.abc import Iterable

from . import events, messages
from .channels import refusal
from .events import Event
from .messages import Kind, Reply
from .requests import Request, Requests
from .subscriptions import Subscriptions


class Wants:
    """Outlives the transports and sessions that serve it."""

    def __init__(self, chunk: int) -> None:
        self.subscriptions = Subscriptions(chunk)

    def subscribe(self, channels: Iterable[str]) -> list[Event]:
        """Want ``channels``; return the refusals of those that no server would accept."""
        good: list[str] = []
        refused: list[Event] = []
        for channel in channels:
            error = refusal(channel)
            if error is None:
                good.append(channel)
            else:
                refused.append(events.SubscribeRefused(channel=channel, error=error))
        self.subscriptions.want(good)
        return refused

    def send(self, requests: Requests, client_id: str, now: float) -> None:
        """Ask the server for all that it was not asked for yet."""
        for ask in self.subscriptions.take_leaving():
            requests.subscription(Kind.UNSUBSCRIBE, [ask], client_id, now)
        for frame in self.subscriptions.take_due():
            requests.subscription(Kind.SUBSCRIBE, frame, client_id, now)

    def answered(self, request: Request, reply: Reply, *, is_accepted: bool) -> list[Event]:
        """Take the server's verdict on one request; return what it means to whoever wanted it."""
        if request.kind is Kind.UNSUBSCRIBE:
            self.subscriptions.left(request.ask)
            return []
        if is_accepted:
            self.subscriptions.accepted(request.ask)
            return [events.SubscribeAccepted(channels=request.ask)]
        error = messages.describe(reply.error)
        refused = self.subscriptions.failed(request.ask)
        return [events.SubscribeRefused(channel=channel, error=error) for channel in refused]
