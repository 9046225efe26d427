"""From nothing to a connected session, and how the connects follow one another."""

import pytest

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    HandshakeFailed,
    RetryDelays,
    Session,
    State,
    Stopped,
)
from cogs.twentythree.errors import LocalProtocolError
from tests.fakes.bayeux_peer import HANDSHAKE, RETRY, Peer, connected


def _pass_to_handshake(peer: Peer) -> None:
    if peer.session.state is State.WAITING:
        peer.pass_to_deadline()
    assert peer.session.state is State.HANDSHAKING


def test_a_new_session_wants_a_transport_at_once() -> None:
    session = Session()

    deadline = session.next_deadline()
    assert deadline is not None
    assert deadline < 0
    assert not session.is_attached


def test_an_open_transport_is_used_for_a_handshake() -> None:
    peer = Peer()
    peer.open()

    [[message]] = peer.take()
    assert message["channel"] == "/meta/handshake"
    assert message["supportedConnectionTypes"] == ["websocket", "long-polling"]


def test_the_session_is_usable_before_the_first_connect_is_answered() -> None:
    peer = Peer()
    peer.session.subscribe(["/a", "/b"], peer.now)
    peer.open()

    assert peer.reply("handshake") == [Connected(resumed=False)]
    assert peer.session.is_usable
    frames = peer.take()
    assert [[message["channel"] for message in frame] for frame in frames] == [
        ["/meta/subscribe"],
        ["/meta/connect"],
    ]
    assert frames[0][0]["subscription"] == ["/a", "/b"]
    assert frames[1][0] == {
        "channel": "/meta/connect",
        "clientId": "client1",
        "connectionType": "websocket",
        "id": frames[1][0]["id"],
        "advice": {"timeout": 0},
    }


def test_connects_follow_one_another_and_are_held() -> None:
    peer = connected()
    first = peer.last("connect")
    assert "advice" not in first

    peer.reply("connect")

    assert peer.channels() == [["/meta/connect"]]
    assert peer.last("connect")["id"] != first["id"]


def test_the_interval_in_milliseconds_is_waited_for_before_the_next_connect() -> None:
    peer = connected()
    peer.reply("connect", advice={"interval": 1500, "timeout": 4000})
    assert peer.channels() == []
    assert peer.session.next_deadline() == peer.now + 1.5

    peer.pass_time(1.4)
    assert peer.channels() == []
    peer.pass_time(0.1)

    assert peer.channels() == [["/meta/connect"]]


def test_there_is_never_a_second_connect_outstanding() -> None:
    peer = connected("/a")
    for _ in range(5):
        peer.event("/a", 1)
        peer.session.subscribe(["/b"], peer.now)
        peer.pass_time(0.1)

    assert ["/meta/connect"] not in peer.channels()


def test_a_refused_handshake_is_tried_again_after_the_back_off() -> None:
    peer = Peer(backoff=RetryDelays(quick=2))
    peer.open()
    times = []
    for _ in range(5):
        told = peer.reply("handshake", successful=False, error="500::Not now", advice=HANDSHAKE)
        assert told == [HandshakeFailed(error="500 Not now")]
        _pass_to_handshake(peer)
        times.append(peer.now - 100.0)

    assert times == [0.0, 0.25, 0.5, 1.0, 2.0]


def test_a_handshake_without_a_client_id_is_no_success() -> None:
    peer = Peer()
    peer.open()

    [told] = peer.reply("handshake", clientId=None)

    assert told == HandshakeFailed(error="no reason given")


def test_a_server_that_does_not_know_our_connection_type_gets_another_transport() -> None:
    peer = Peer()
    peer.open("websocket")
    told = peer.reply("handshake", supportedConnectionTypes=["long-polling"])

    assert told == []
    assert peer.session.state is State.UNCONNECTED
    assert peer.session.server_types == {"long-polling"}
    assert peer.session.next_deadline() == peer.now


def test_a_server_that_advises_none_is_left_for_good() -> None:
    peer = connected("/a")

    [told] = peer.reply("connect", advice={"reconnect": "none"})

    assert isinstance(told, Stopped)
    assert peer.session.is_over
    assert peer.session.next_deadline() is None
    with pytest.raises(LocalProtocolError, match="stopped"):
        peer.session.subscribe(["/b"], peer.now)


def test_nothing_after_the_end_is_taken_in() -> None:
    peer = connected("/a")

    told = peer.hand(
        [
            {
                "id": peer.last("connect")["id"],
                "channel": "/meta/connect",
                "successful": False,
                "advice": {"reconnect": "none"},
            },
            {"channel": "/a", "data": 1},
        ]
    )

    assert len(told) == 1


def test_a_refused_connect_is_repeated_in_the_same_session_after_the_back_off() -> None:
    peer = connected()
    peer.reply("connect", successful=False, error="500::Server error")
    peer.reply("connect", successful=False, error="500::Server error", advice=RETRY)
    assert peer.channels() == []
    assert peer.session.next_deadline() == peer.now + 0.25

    peer.pass_to_deadline()

    assert peer.last("connect")["clientId"] == "client1"


def test_a_server_that_takes_handshakes_and_refuses_connects_is_asked_ever_more_slowly() -> None:
    peer = Peer(backoff=RetryDelays(quick=2))
    peer.open()
    times = []
    for _ in range(5):
        peer.reply("handshake")
        told = peer.reply("connect", successful=False, error="401::Unknown client")
        assert told == [Disconnected(reason="the server has forgotten the session")]
        _pass_to_handshake(peer)
        times.append(peer.now - 100.0)

    assert times == [0.0, 0.25, 0.5, 1.0, 2.0]


def test_a_transport_that_cannot_be_opened_is_tried_again_after_the_back_off() -> None:
    session = Session()
    session.transport_failed(100.0)
    assert session.next_deadline() == 100.0
    session.transport_failed(100.0)

    assert session.next_deadline() == 100.25


def test_a_transport_is_opened_only_where_there_is_none() -> None:
    peer = connected()

    with pytest.raises(LocalProtocolError):
        peer.open()
    with pytest.raises(LocalProtocolError):
        peer.session.transport_failed(peer.now)
