"""A session, its driver, a model of the server and a ledger of what the reader is owed."""

from __future__ import annotations

from cogs.twentythree.bayeux import Session, SessionOptions, read_frame
from cogs.twentythree.bayeux.messages import MetaChannel
from cogs.twentythree.bayeux.states import DETACHED
from tests.fakes.bayeux_ledger import Ledger
from tests.fakes.bayeux_server_model import TIMEOUT_S, ServerModel, Socket

_MANY = 60


class Dealings:
    """A session, its driver and its server; one clock for all."""

    def __init__(self) -> None:
        self.server = ServerModel()
        self.session = Session(
            options=SessionOptions(chunk=3, request_timeout_s=3.0, connect_grace_s=5.0),
            draw=lambda: 0.5,
        )
        self.ledger = Ledger()
        self.socket: Socket | None = None

    # What the reader and the publishers do

    def subscribe(self, *channels: str) -> None:
        self.ledger.want(channels)
        self.session.subscribe(channels, self.now)
        self.pump()

    def unsubscribe(self, *channels: str) -> None:
        self.ledger.drop(channels)
        self.session.unsubscribe(channels, self.now)
        self.pump()

    def publish(self, channel: str) -> None:
        self.server.publish(channel, self.ledger.publish(channel, self.now))

    # What happens on the way

    @property
    def now(self) -> float:
        return self.server.now

    def pump(self) -> None:
        """Send what is to be sent, hand on what happened, let go of a transport of before."""
        for frame in self.session.messages_to_send():
            assert len(frame) == 1 or all(m["channel"] != MetaChannel.CONNECT for m in frame)
            if self.socket is not None:
                self.server.take(self.socket, frame)
        for event in self.session.events_received():
            self.ledger.take(event)
        if self.socket is not None and not self.session.is_attached:
            self._let_go()

    def _let_go(self) -> None:
        socket, self.socket = self.socket, None
        assert socket is not None
        socket.arriving.clear()
        if not socket.is_dead and socket.is_open:
            self.server.lose(socket)

    def open(self) -> None:
        self.pass_time(max(0.0, self.deadline() - self.now))
        self.socket = self.server.open()
        self.session.transport_opened("websocket", self.now)
        self.pump()

    def cut(self) -> None:
        """Break the connection, to the knowledge of both sides."""
        assert self.socket is not None
        self.server.lose(self.socket)
        self.lose(is_clean=False)

    def lose(self, *, is_clean: bool) -> None:
        self.session.transport_lost("cut", self.now, is_clean=is_clean)
        self.pump()

    def arrive(self) -> None:
        """Let the next frame arrive."""
        assert self.socket is not None
        frame = self.socket.arriving.popleft()
        if frame is None:
            self.lose(is_clean=True)
            return
        self.session.receive(read_frame(frame), self.now)
        self.pump()

    def arrive_all(self) -> None:
        while self.socket is not None and self.socket.arriving:
            self.arrive()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with nothing that is on its way left behind."""
        until = self.now + seconds
        while True:
            self.arrive_all()
            due = [self.server.next_deadline()]
            if self.socket is not None:
                due.append(self.deadline())
            now = max(self.now, min(until, *due))
            self.server.pass_time(now)
            self.arrive_all()
            self.session.tick(now)
            self.pump()
            if now >= until:
                return

    def deadline(self) -> float:
        deadline = self.session.next_deadline()
        assert deadline is not None
        return deadline

    def heal(self) -> None:
        """Make all well, and let the session find out what is left of its server."""
        self.server.is_slow = self.server.repeats_replies = False
        self.server.takes_handshakes = True
        for socket in list(self.server.sockets):
            while socket.owed:
                self.server.answer(socket, 0)
        until = self.now + 4 * TIMEOUT_S
        for _ in range(_MANY):
            if self.session.state in DETACHED:
                self.open()
            self.pass_time(1.0)
            if self.now >= until and self.is_quiet():
                return
        raise AssertionError("the session does not come to rest")

    def is_quiet(self) -> bool:
        return self.session.is_usable and self.session.subscriptions.is_settled

    def check(self) -> None:
        """All is accounted for, and what is wanted stands."""
        assert self.socket is not None
        assert list(self.socket.held) == [self.socket.client_id], "one connect is outstanding"
        client = self.server.clients[self.socket.client_id]
        ledger = self.ledger
        assert client.channels == ledger.wanted - ledger.refused
        assert self.session.subscriptions.standing(ledger.wanted) == client.channels
        assert not client.queue
        assert not ledger.missing()
