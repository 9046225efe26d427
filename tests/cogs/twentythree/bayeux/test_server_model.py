"""A session against a model of the server, over a network that does its worst.

Every event on a channel that stands reaches the reader once, or lies within a span that the
reader was told; and once all is well again, all that is wanted stands.
"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from cogs.twentythree.bayeux.messages import MetaChannel
from cogs.twentythree.bayeux.states import DETACHED
from tests.fakes.bayeux_dealings import Dealings
from tests.fakes.examples import examples

# Plainer tests reach the same lines; to count them here takes longer than to run this.
_CHANNELS = ["/a", "/a/b", "/c", "/d"]
_NAMES = st.lists(st.sampled_from([*_CHANNELS, "/a/*", "/**"]), min_size=1, max_size=4, unique=True)


class SessionAndServer(RuleBasedStateMachine):
    """Random dealings."""

    def __init__(self) -> None:
        super().__init__()
        self.all = Dealings()

    has_socket = precondition(lambda self: self.all.socket is not None)
    has_no_socket = precondition(lambda self: self.all.session.state in DETACHED)

    @initialize(channels=_NAMES, is_settled=st.booleans())
    def begin(self, channels: list[str], is_settled: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        # Deep down there is more to lose than on the way.
        if is_settled:
            self.all.subscribe(*channels)
            self.all.open()
            self.all.pass_time(0.5)

    # The reader and the publishers

    @rule(channels=_NAMES)
    def subscribe(self, channels: list[str]) -> None:
        self.all.subscribe(*channels)

    @rule(channels=_NAMES)
    def unsubscribe(self, channels: list[str]) -> None:
        self.all.unsubscribe(*channels)

    @rule(channel=st.sampled_from(_CHANNELS))
    def publish(self, channel: str) -> None:
        self.all.publish(channel)

    # The network

    @has_no_socket
    @rule()
    def open(self) -> None:
        self.all.open()

    @has_no_socket
    @rule()
    def fail_to_open(self) -> None:
        self.all.pass_time(max(0.0, self.all.deadline() - self.all.now))
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
        self.all.cut()

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
        assert all(one < other for one, other in pairwise(delivered))

    @invariant()
    def every_wait_has_an_end(self) -> None:
        assert self.all.session.next_deadline() is not None
        pending = self.all.session._requests._pending.values()
        connects = [request for request in pending if request.kind is MetaChannel.CONNECT]
        assert len(connects) <= 1
        if self.all.session.is_usable:
            assert bool(connects) is (self.all.session._due_at is None)

    def teardown(self) -> None:
        self.all.heal()
        self.all.check()


TestSessionAndServer = SessionAndServer.TestCase
TestSessionAndServer.settings = settings(
    deadline=None, max_examples=examples(100), stateful_step_count=40
)
