"""Requests and the replies to them."""

from cogs.twentythree.bayeux import SessionOptions
from cogs.twentythree.bayeux.messages import MetaChannel, Reply, read_reply
from cogs.twentythree.bayeux.requests import Requests
from cogs.twentythree.bayeux.subscriptions import Subscriptions


def _reply(message_id: str, channel: str | None) -> Reply:
    reply = read_reply({"id": message_id, "channel": channel, "successful": False})
    assert reply is not None
    return reply


def test_a_held_connect_has_more_time_than_the_server_may_take() -> None:
    requests = Requests(SessionOptions(connect_grace_s=5.0))
    requests.connect("c", "websocket", 100.0, 60.0, hold_s=None)
    assert requests.next_deadline() == 172.0

    requests.expect_nothing(Subscriptions(10))
    requests.connect("c", "websocket", 100.0, 4.0, hold_s=None)

    assert requests.next_deadline() == 109.0


def test_the_next_deadline_is_the_earliest() -> None:
    requests = Requests(SessionOptions(request_timeout_s=10.0, disconnect_timeout_s=2.0))
    assert requests.next_deadline() is None

    requests.handshake(100.0)
    requests.disconnect("c", 100.0)

    assert requests.next_deadline() == 102.0


def test_a_request_is_answered_once() -> None:
    requests = Requests(SessionOptions())
    requests.handshake(100.0)
    [[message]] = requests.take_frames()

    request = requests.answered_by(_reply(message["id"], "/meta/handshake"))

    assert request is not None
    assert request.kind is MetaChannel.HANDSHAKE
    assert requests.answered_by(_reply(message["id"], "/meta/handshake")) is None


def test_a_reply_on_another_channel_is_not_for_this_request_but_one_without_channel_is() -> None:
    requests = Requests(SessionOptions())
    requests.subscription(MetaChannel.SUBSCRIBE, [("/a",), ("/b",)], "c", 100.0)
    [[first, second]] = requests.take_frames()

    assert requests.answered_by(_reply(first["id"], "/meta/connect")) is None
    request = requests.answered_by(_reply(second["id"], None))
    assert request is not None
    assert request.ask == ("/b",)


def test_what_is_not_expected_any_more_is_not_sent_either() -> None:
    requests = Requests(SessionOptions())
    requests.connect("c", "websocket", 100.0, 4.0)
    requests.expect_nothing(Subscriptions(10))

    assert requests.take_frames() == []
    assert requests.next_deadline() is None


def test_replies_that_name_neither_request_nor_channels_answer_in_their_order() -> None:
    requests = Requests(SessionOptions())
    for channel in ("/a", "/b"):
        requests.subscription(MetaChannel.SUBSCRIBE, [(channel,)], "c", 100.0)
    reply = read_reply({"channel": "/meta/subscribe", "successful": True})
    assert reply is not None

    answered = [requests.answered_by(reply) for _ in range(3)]

    assert [one and one.ask for one in answered] == [("/a",), ("/b",), None]
