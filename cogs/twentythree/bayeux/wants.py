"""What is wanted of a session: subscriptions and publications, sent whenever it is usable."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import LocalProtocolError
from . import events, messages
from .channels import refusal, valid_channel
from .events import Event
from .messages import Kind, Reply
from .publishing import Publications
from .requests import Request, Requests
from .subscriptions import Subscriptions


class Wants:
    """Outlives the transports and sessions that serve it."""

    def __init__(self, chunk: int) -> None:
        self.subscriptions = Subscriptions(chunk)
        self._publications = Publications()

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

    def publish(self, channel: str, data: object) -> int:
        """Have an event published; return its key.

        Raises:
            LocalProtocolError: nobody can publish to such a channel.
        """
        if not valid_channel(channel) or channel.startswith("/meta/"):
            raise LocalProtocolError("an event is published to a channel by its name")
        return self._publications.add(channel, data)

    def withdraw(self, key: int) -> None:
        """Publish the event of this key no more, if it is not sent yet."""
        self._publications.withdraw(key)

    def send(self, requests: Requests, client_id: str, now: float) -> None:
        """Ask the server for all that it was not asked for yet."""
        for ask in self.subscriptions.take_leaving():
            requests.subscription(Kind.UNSUBSCRIBE, [ask], client_id, now)
        for frame in self.subscriptions.take_due():
            requests.subscription(Kind.SUBSCRIBE, frame, client_id, now)
        for publication in self._publications.take():
            requests.publication(publication, client_id, now)

    def answered(self, request: Request, reply: Reply, *, is_accepted: bool) -> list[Event]:
        """Take the server's verdict on one request; return what it means to whoever wanted it."""
        error = messages.describe(reply.error)
        if request.kind is Kind.PUBLISH:
            if is_accepted:
                return [events.PublishAccepted(key=request.key)]
            return [events.PublishFailed(key=request.key, error=error)]
        if request.kind is Kind.UNSUBSCRIBE:
            self.subscriptions.left(request.ask)
            return []
        if is_accepted:
            self.subscriptions.accepted(request.ask)
            return [events.SubscribeAccepted(channels=request.ask)]
        refused = self.subscriptions.failed(request.ask)
        return [events.SubscribeRefused(channel=channel, error=error) for channel in refused]

    def unanswered(self, requests: Iterable[Request]) -> list[Event]:
        """Take it that these requests will have no answer; return what has failed by that."""
        self.subscriptions.forget_unanswered()
        return [
            events.PublishFailed(key=each.key, error="the connection was lost", is_unknown=True)
            for each in requests
            if each.kind is Kind.PUBLISH
        ]

    def over(self) -> list[Event]:
        """Take it that there will be no session any more; return what has failed by that."""
        waiting = self._publications.take()
        return [events.PublishFailed(key=each.key, error="the session is over") for each in waiting]
