"""A Bayeux server that answers when it is told to, for tests of the session."""

from __future__ import annotations

import json
from typing import Any

from cogs.twentythree.bayeux import Session, SessionEvent, SessionOptions, read_frame

RETRY = {"reconnect": "retry", "interval": 0, "timeout": 4000}
HANDSHAKE = {"reconnect": "handshake"}
UNKNOWN_CLIENT = "401:client1:Unknown client"


class Peer:
    """Holds a session and the requests it has sent; ``now`` is the time of both."""

    def __init__(self, session: Session | None = None, **options: Any) -> None:
        self.session = session or Session(options=SessionOptions(**options))
        self.now = 100.0
        self.frames: list[list[dict[str, Any]]] = []
        self._clients = 0

    def take(self) -> list[list[dict[str, Any]]]:
        """Return the frames that the session sent since the last time."""
        frames = self.session.messages_to_send()
        self.frames += frames
        return frames

    def channels(self) -> list[list[str]]:
        """Return only the meta channels of the frames sent since the last time."""
        return [[message["channel"] for message in frame] for frame in self.take()]

    def last(self, kind: str) -> dict[str, Any]:
        """Return the last request of ``kind``, such as ``connect``."""
        self.take()
        sent = [message for frame in self.frames for message in frame]
        return next(m for m in reversed(sent) if m["channel"] == f"/meta/{kind}")

    def reply(
        self, kind: str, *, successful: bool = True, to: dict[str, Any] | None = None, **more: Any
    ) -> list[SessionEvent]:
        """Answer the last request of ``kind``, or ``to``; return what the session tells."""
        request = to or self.last(kind)
        answer = {"id": request["id"], "channel": f"/meta/{kind}", "successful": successful}
        if kind == "handshake" and successful:
            self._clients += 1
            answer |= {"clientId": f"client{self._clients}", "advice": RETRY}
        if kind == "connect" and successful:
            answer |= {"advice": RETRY}
        return self.hand([answer | more])

    def hand(self, payload: object) -> list[SessionEvent]:
        """Hand the session any payload as it comes from the wire; return what it tells."""
        if isinstance(payload, dict | list):
            payload = read_frame(json.dumps(payload, ensure_ascii=False).encode())
        self.session.receive(payload, self.now)
        return self.session.events_received()

    def event(self, channel: str, data: object, **more: Any) -> list[SessionEvent]:
        """Push an event; return what the session tells."""
        return self.hand([{"channel": channel, "data": data, **more}])

    def pass_time(self, seconds: float) -> list[SessionEvent]:
        """Let time pass and the session tick; return what it tells."""
        self.now += seconds
        self.session.tick(self.now)
        return self.session.events_received()

    def pass_to_deadline(self) -> list[SessionEvent]:
        """Let time pass to the session's deadline."""
        deadline = self.session.next_deadline()
        assert deadline is not None
        return self.pass_time(max(0.0, deadline - self.now))

    def open(self, connection_type: str = "websocket") -> None:
        """Open a transport."""
        self.session.transport_opened(connection_type, self.now)

    def lose(self, *, is_clean: bool = False) -> list[SessionEvent]:
        """Lose the transport."""
        self.session.transport_lost("cut", self.now, is_clean=is_clean)
        return self.session.events_received()


def connected(*channels: str, **options: Any) -> Peer:
    """Return a peer whose session is connected, subscribed, and has a held connect out."""
    peer = Peer(**options)
    peer.session.subscribe(channels, peer.now)
    peer.open()
    peer.reply("handshake")
    if channels:
        peer.reply("subscribe")
    peer.reply("connect")
    peer.take()
    return peer
