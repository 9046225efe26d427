"""Publishing: once, and what became of it."""

import pytest

from cogs.twentythree.bayeux import (
    Lost,
    MessageReceived,
    PublishAccepted,
    PublishFailed,
    Session,
    Stopped,
)
from cogs.twentythree.errors import LocalProtocolError
from tests.fakes.bayeux_peer import UNKNOWN_CLIENT, Peer, connected


def _publish(peer: Peer, channel: str = "/a", data: object = 1) -> int:
    return peer.session.publish(channel, data, peer.now)


def _answer(peer: Peer, *, successful: bool = True, **more: object) -> list[object]:
    (sent,) = peer.take()[-1]
    return list(peer.hand([{"id": sent["id"], "successful": successful} | more]))


def test_an_event_is_published_in_a_frame_of_its_own_and_its_answer_told() -> None:
    peer = connected()
    key = _publish(peer, "/a", {"n": 0})

    ((sent,),) = peer.take()
    assert sent == {
        "channel": "/a",
        "clientId": "client1",
        "data": {"n": 0},
        "id": sent["id"],
    }
    answer = {"id": sent["id"], "channel": "/a", "successful": True}
    assert peer.hand([answer]) == [PublishAccepted(key=key)]
    assert peer.hand([answer]) == []


def test_an_answer_that_names_no_channel_is_understood() -> None:
    peer = connected()
    key = _publish(peer)

    assert _answer(peer, successful=False, error="405:/a:Invalid channel") == [
        PublishFailed(key=key, error="405 Invalid channel")
    ]


def test_an_event_with_the_id_of_our_publication_answers_nothing() -> None:
    peer = connected("/a")
    _publish(peer)
    ((sent,),) = peer.take()
    event = {"id": sent["id"], "channel": "/a", "data": 7, "successful": True}

    assert peer.hand([event]) == [MessageReceived.of("/a", 7)]


def test_what_is_published_waits_for_a_session_in_its_order() -> None:
    peer = Peer()
    keys = [_publish(peer, "/a", number) for number in range(3)]
    peer.session.withdraw(keys[1])
    peer.open()
    assert peer.channels() == [["/meta/handshake"]]

    peer.reply("handshake")

    sent = [message for frame in peer.take() for message in frame]
    assert [message["data"] for message in sent if message["channel"] == "/a"] == [0, 2]


def test_what_may_have_been_published_is_not_published_again() -> None:
    peer = connected()
    key = _publish(peer)
    peer.take()

    lost, failed = peer.lose()[::-1]
    assert isinstance(lost, Lost)
    assert failed == PublishFailed(key=key, error="the connection was lost", is_unknown=True)

    peer.pass_to_deadline()
    peer.open()
    peer.reply("connect")
    assert "/a" not in [channel for frame in peer.channels() for channel in frame]


def test_a_publication_that_finds_the_session_gone_fails_and_the_session_is_made_anew() -> None:
    peer = connected()
    key = _publish(peer)

    failed, lost = _answer(peer, successful=False, error=UNKNOWN_CLIENT)
    assert failed == PublishFailed(key=key, error="401 Unknown client")
    assert isinstance(lost, Lost)


def test_what_waits_when_the_session_ends_has_failed() -> None:
    peer = Peer()
    key = _publish(peer)
    peer.open()
    failed, stopped = peer.reply("handshake", successful=False, advice={"reconnect": "none"})

    assert failed == PublishFailed(key=key, error="the session is over")
    assert isinstance(stopped, Stopped)
    with pytest.raises(LocalProtocolError):
        _publish(peer)


@pytest.mark.parametrize("channel", ["/a/**", "/a.b", "/meta/connect", "", "a"])
def test_nobody_publishes_to_a_pattern_a_bad_name_or_a_meta_channel(channel: str) -> None:
    with pytest.raises(LocalProtocolError, match="by its name"):
        Session().publish(channel, 1, 0.0)


def test_service_channels_can_be_published_to() -> None:
    peer = connected()
    _publish(peer, "/service/chat", "hello")

    assert peer.channels() == [["/service/chat"]]
