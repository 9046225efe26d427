"""Whatever a server sends, in whatever order things happen, the session holds its promises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cogs.twentythree.bayeux import Connected, Session, SessionOptions, Stopped
from cogs.twentythree.bayeux.messages import MetaChannel
from cogs.twentythree.bayeux.states import DETACHED
from tests.fakes.examples import examples

# Plainer tests reach the same lines; to count them here takes longer than to run this.
_IDS = st.integers(0, 9).map(str)
_META = ["handshake", "connect", "subscribe", "unsubscribe", "disconnect", "unknown"]
_NAMES = st.sampled_from([f"/meta/{name}" for name in _META] + ["/a", "/a/b", "/**", "", "x"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
_ADVICE = st.fixed_dictionaries(
    {},
    optional={
        "reconnect": st.sampled_from(["retry", "handshake", "none"]) | _JSON,
        "interval": st.integers(-1, 10_000) | _JSON,
        "timeout": st.integers(-1, 10_000) | _JSON,
    },
)
_MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "channel": _NAMES | _JSON,
        "id": _IDS | _JSON,
        "successful": st.booleans() | _JSON,
        "clientId": st.just("c") | _JSON,
        "error": st.sampled_from(["401:c:Unknown client", "405:/a:Invalid channel", ""]) | _JSON,
        "advice": _ADVICE | _JSON,
        "subscription": _NAMES | _JSON,
        "supportedConnectionTypes": st.just(["websocket"]) | _JSON,
        "data": _JSON,
    },
)
_PAYLOADS = st.lists(_MESSAGES | _JSON, max_size=4) | _MESSAGES | _JSON
_CHANNELS = st.lists(st.sampled_from(["/a", "/a/*", "/a/b", "/b", "/bad.name", "/meta/x"]))


@settings(deadline=None)
@given(st.lists(_PAYLOADS, max_size=8))
def test_no_payload_makes_a_connected_session_raise(payloads: list[object]) -> None:
    session = Session()
    session.subscribe(["/a"], 0.0)
    session.transport_opened("websocket", 0.0)
    handshake = {"id": "1", "channel": "/meta/handshake", "successful": True, "clientId": "c"}
    session.receive([handshake], 0.0)
    for payload in payloads:
        session.receive(payload, 0.0)
        session.tick(0.0)


class SessionMachine(RuleBasedStateMachine):
    """Drives a session at random, answering its requests and sending it nonsense."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(options=SessionOptions(chunk=2))
        self.now = 0.0
        self.unanswered: list[dict[str, Any]] = []
        self.wanted: set[str] = set()

    @precondition(lambda self: self.session.state in DETACHED)
    @rule(kind=st.sampled_from(["websocket", "long-polling"]))
    def open_transport(self, kind: str) -> None:
        self.session.transport_opened(kind, self.now)

    @precondition(lambda self: self.session.state in DETACHED)
    @rule()
    def fail_to_open(self) -> None:
        self.session.transport_failed(self.now)

    @rule(is_clean=st.booleans())
    def lose_transport(self, is_clean: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        self.session.transport_lost("cut", self.now, is_clean=is_clean)

    @rule(seconds=st.floats(0, 100))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.session.tick(self.now)

    @precondition(lambda self: self.unanswered)
    @rule(data=st.data(), successful=st.booleans(), advice=_ADVICE)
    def answer(self, data: st.DataObject, successful: bool, advice: object) -> None:  # noqa: FBT001 - as above
        request = data.draw(st.sampled_from(self.unanswered))
        reply = {"id": request["id"], "channel": request["channel"], "successful": successful}
        self.session.receive([reply | {"clientId": "c", "advice": advice}], self.now)

    @rule(payload=_PAYLOADS)
    def receive_nonsense(self, payload: object) -> None:
        self.session.receive(payload, self.now)

    @precondition(lambda self: not self.session.is_over and self.session.state != "disconnecting")
    @rule(channels=_CHANNELS)
    def subscribe(self, channels: list[str]) -> None:
        self.session.subscribe(channels, self.now)
        self.wanted.update(set(channels) - {"/bad.name", "/meta/x"})

    @precondition(lambda self: not self.session.is_over and self.session.state != "disconnecting")
    @rule(channels=_CHANNELS)
    def unsubscribe(self, channels: list[str]) -> None:
        self.session.unsubscribe(channels, self.now)
        self.wanted.difference_update(channels)

    @precondition(lambda self: self.now > 200)
    @rule()
    def disconnect(self) -> None:
        self.session.disconnect(self.now)

    @invariant()
    def connects_are_alone_and_every_wait_has_an_end(self) -> None:
        for frame in self.session.messages_to_send():
            channels = [message["channel"] for message in frame]
            assert "/meta/connect" not in channels or len(frame) == 1
            self.unanswered += frame
        if not self.session.is_over:
            assert self.session.next_deadline() is not None
        waiting = [request.kind for request in self.session._requests._pending.values()]
        assert waiting.count(MetaChannel.CONNECT) <= 1

    @invariant()
    def nothing_wanted_is_forgotten(self) -> None:
        assert all(channel in self.session.subscriptions.wanted for channel in self.wanted)
        assert len(self.session.subscriptions.wanted) == len(self.wanted)

    @invariant()
    def the_end_is_told_last(self) -> None:
        events = self.session.events_received()
        assert not any(isinstance(event, Stopped) for event in events[:-1])
        assert not (self.session.is_over and events and isinstance(events[-1], Connected))


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(
    deadline=None, max_examples=examples(60), stateful_step_count=40
)
