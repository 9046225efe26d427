"""A session against a model of the server, over a network that does its worst.

Every event on a channel that stands reaches the reader once, or lies within a span that the
reader was told; and once all is well again, all that is wanted stands.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cogs.twentythree.bayeux import Session, SessionOptions, read_frame
from cogs.twentythree.bayeux.messages import Kind
from cogs.twentythree.bayeux.states import DETACHED
from tests.fakes.bayeux_ledger import Ledger
from tests.fakes.bayeux_server_model import TIMEOUT_S, ServerModel, Socket

_CHANNELS = ["/a", "/a/b", "/c", "/d"]
_NAMES = st.lists(st.sampled_from([*_CHANNELS, "/a/*", "/**"]), min_size=1, max_size=4, unique=True)
_MANY = 60


class Dealings:
    """A session, its driver and its server; one clock for all."""

    def __init__(self) -> None:
        self.server = ServerModel()
        self.session = Session(
            options=SessionOptions(chunk=3, request_timeout_s=3.0), draw=lambda: 0.5
        )
        self.ledger = Ledger()
        self.socket: Socket | None = None

    @property
    def now(self) -> float:
        return self.server.now

    def pump(self) -> None:
        """Send what is to be sent, hand on what happened, let go of a transport of before."""
        for frame in self.session.messages_to_send():
            assert len(frame) == 1 or all(m["channel"] != Kind.CONNECT for m in frame)
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
        self.pass_time(max(0.0, self._deadline() - self.now))
        self.socket = self.server.open()
        self.session.transport_opened("websocket", self.now)
        self.pump()

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
                due.append(self._deadline())
            now = max(self.now, min(until, *due))
            self.server.pass_time(now)
            self.arrive_all()
            self.session.tick(now)
            self.pump()
            if now >= until:
                return

    def _deadline(self) -> float:
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


class SessionAndServer(RuleBasedStateMachine):
    """Random dealings."""

    def __init__(self) -> None:
        super().__init__()
        self.all = Dealings()

    has_socket = precondition(lambda self: self.all.socket is not None)
    has_no_socket = precondition(lambda self: self.all.session.state in DETACHED)

    # The reader and the publishers

    @rule(channels=_NAMES)
    def subscribe(self, channels: list[str]) -> None:
        self.all.ledger.want(channels)
        self.all.session.subscribe(channels, self.all.now)
        self.all.pump()

    @rule(channels=_NAMES)
    def unsubscribe(self, channels: list[str]) -> None:
        self.all.ledger.drop(channels)
        self.all.session.unsubscribe(channels, self.all.now)
        self.all.pump()

    @rule(channel=st.sampled_from(_CHANNELS))
    def publish(self, channel: str) -> None:
        self.all.server.publish(channel, self.all.ledger.publish(channel, self.all.now))

    # The network

    @has_no_socket
    @rule()
    def open(self) -> None:
        self.all.open()

    @has_no_socket
    @rule()
    def fail_to_open(self) -> None:
        self.all.pass_time(max(0.0, self.all._deadline() - self.all.now))
        self.all.session.transport_failed(self.all.now)

    @has_socket
    @rule()
    def frame_arrives(self) -> None:
        if self.all.socket is not None and self.all.socket.arriving:
            self.all.arrive()

    @has_socket
    @rule()
    def everything_arrives(self) -> None:
        self.all.arrive_all()

    @has_socket
    @rule()
    def cut(self) -> None:
        assert self.all.socket is not None
        self.all.server.lose(self.all.socket)
        self.all.lose(is_clean=False)

    @has_socket
    @rule()
    def path_goes_silent(self) -> None:
        assert self.all.socket is not None
        self.all.socket.is_dead = True

    @has_socket
    @rule()
    def silence_is_noticed(self) -> None:
        if self.all.socket is not None and self.all.socket.is_dead:
            self.all.lose(is_clean=False)

    # The server

    @rule(data=st.data())
    def server_notices_a_dead_socket(self, data: st.DataObject) -> None:
        dead = [socket for socket in self.all.server.sockets if socket.is_dead]
        if dead:
            self.all.server.lose(data.draw(st.sampled_from(dead)))

    @has_socket
    @rule()
    def server_closes_in_good_order(self) -> None:
        assert self.all.socket is not None
        self.all.server.close(self.all.socket)

    @rule()
    def server_forgets(self) -> None:
        self.all.server.forget()

    @rule(refused=st.frozensets(st.sampled_from(_CHANNELS), max_size=2), whole=st.booleans())
    def server_restarts(self, refused: frozenset[str], whole: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        self.all.server.restart()
        self.all.server.refused = refused
        self.all.server.refuses_whole_arrays = whole
        self.all.lose(is_clean=False)

    @rule(takes=st.booleans())
    def server_takes_handshakes_or_not(self, takes: bool) -> None:  # noqa: FBT001 - as above
        self.all.server.takes_handshakes = takes

    @rule(is_slow=st.booleans(), repeats=st.booleans())
    def server_is_slow_or_repeats_itself(self, is_slow: bool, repeats: bool) -> None:  # noqa: FBT001 - as above
        self.all.server.is_slow = is_slow
        self.all.server.repeats_replies = repeats

    @rule(data=st.data())
    def server_answers_at_last(self, data: st.DataObject) -> None:
        owing = [socket for socket in self.all.server.sockets if socket.owed]
        if owing:
            self.all.server.answer(owing[-1], data.draw(st.integers(0, 9)))

    # Time

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 9.0]))
    def pass_time(self, seconds: float) -> None:
        self.all.pass_time(seconds)

    @rule()
    def all_is_well_again(self) -> None:
        self.all.heal()
        self.all.check()

    @invariant()
    def nothing_comes_twice_or_out_of_order(self) -> None:
        delivered = self.all.ledger.delivered
        assert all(one < other for one, other in zip(delivered, delivered[1:], strict=False))

    @invariant()
    def every_wait_has_an_end(self) -> None:
        assert self.all.session.next_deadline() is not None
        pending = self.all.session._requests._pending.values()
        connects = [request for request in pending if request.kind is Kind.CONNECT]
        assert len(connects) <= 1
        if self.all.session.is_usable:
            assert bool(connects) is (self.all.session._due_at is None)

    def teardown(self) -> None:
        self.all.heal()
        self.all.check()


TestSessionAndServer = SessionAndServer.TestCase
TestSessionAndServer.settings = settings(deadline=None, max_examples=100, stateful_step_count=40)
