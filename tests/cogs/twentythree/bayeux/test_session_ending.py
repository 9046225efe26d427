"""Ending the session ourselves."""

from collections.abc import Callable

import pytest

from cogs.twentythree.bayeux import State
from cogs.twentythree.errors import LocalProtocolError
from tests.fakes.bayeux_peer import Peer, connected


def _unconnected() -> Peer:
    return Peer()


def _handshaking() -> Peer:
    peer = Peer()
    peer.open()
    peer.take()
    return peer


def _waiting() -> Peer:
    peer = _handshaking()
    for _ in range(2):
        peer.reply("handshake", successful=False)
    peer.take()
    return peer


def _suspended() -> Peer:
    peer = connected("/a")
    peer.lose()
    return peer


def _resuming() -> Peer:
    peer = _suspended()
    peer.open()
    peer.take()
    return peer


@pytest.mark.parametrize("build", [_unconnected, _handshaking, _waiting, _suspended])
def test_without_a_session_at_hand_it_is_over_at_once(build: Callable[[], Peer]) -> None:
    peer = build()
    peer.session.disconnect(peer.now)

    assert peer.session.state is State.CLOSED
    assert peer.take() == []
    assert peer.session.next_deadline() is None


@pytest.mark.parametrize("build", [connected, _resuming])
def test_a_known_session_is_told_good_bye(build: Callable[[], Peer]) -> None:
    peer = build()
    peer.session.disconnect(peer.now)
    peer.session.disconnect(peer.now)
    assert peer.channels() == [["/meta/disconnect"]]
    assert peer.session.is_attached

    assert peer.reply("disconnect") == []
    assert peer.session.state is State.CLOSED
    peer.session.disconnect(peer.now)


def test_a_good_bye_to_a_session_that_is_gone_is_good_enough() -> None:
    peer = connected()
    peer.session.disconnect(peer.now)
    peer.reply("disconnect", successful=False, error="401:client1:Unknown client")

    assert peer.session.state is State.CLOSED


def test_the_server_may_close_the_socket_instead_of_answering() -> None:
    peer = connected("/a")
    peer.session.disconnect(peer.now)

    assert peer.lose(is_clean=True) == []
    assert peer.session.state is State.CLOSED
    assert peer.session.next_deadline() is None


def test_the_answer_is_not_waited_for_for_ever() -> None:
    peer = connected(disconnect_timeout_s=2.0)
    peer.session.disconnect(peer.now)
    assert peer.session.next_deadline() == peer.now + 2.0

    peer.pass_time(2.0)

    assert peer.session.state is State.CLOSED


def test_nothing_can_be_subscribed_to_any_more() -> None:
    peer = connected()
    peer.session.disconnect(peer.now)

    with pytest.raises(LocalProtocolError, match="disconnecting"):
        peer.session.subscribe(["/a"], peer.now)
    with pytest.raises(LocalProtocolError):
        peer.session.unsubscribe(["/a"], peer.now)
