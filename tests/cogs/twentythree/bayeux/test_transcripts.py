"""What a real Faye server answered, replayed."""

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    HandshakeFailed,
    MessageReceived,
    State,
    SubscriptionAccepted,
    SubscriptionRefused,
)
from tests.fakes.bayeux_replay import CHANNELS, Replay, opened


def test_opening_takes_two_round_trips_and_delivers() -> None:
    replay = Replay()

    assert replay.play("open over a websocket") == [
        Connected(resumed=False),
        SubscriptionAccepted(channels=tuple(CHANNELS)),
        MessageReceived("/t/1", {"n": 1}),
    ]
    assert replay.sent() == [
        "/meta/handshake",
        "/meta/subscribe",
        "/meta/connect",
        "/meta/connect",
    ]


def test_a_poll_brings_its_events_behind_its_reply() -> None:
    replay = opened()

    assert replay.play("poll that brings events") == [
        MessageReceived("/t/a", 1),
        MessageReceived("/t/b", 2),
    ]
    assert replay.sent() == ["/meta/connect"]


def test_an_event_with_the_id_of_our_connect_answers_nothing() -> None:
    replay = opened()

    assert replay.play("event with the id of our connect") == [MessageReceived("/t/1", {"x": 1})]
    assert replay.sent() == []


def test_an_unknown_client_handshakes_again() -> None:
    replay = opened()

    assert [type(event) for event in replay.play("unknown client on connect")] == [Disconnected]
    assert replay.sent() == ["/meta/handshake"]


def test_an_unknown_client_on_subscribe_handshakes_again() -> None:
    replay = opened()
    replay.session.subscribe(["/t/new"], 0.0)

    assert [type(event) for event in replay.play("unknown client on subscribe")] == [Disconnected]
    assert replay.sent() == ["/meta/handshake"]


def test_a_refused_array_comes_down_to_the_channel_that_is_refused() -> None:
    replay = opened()
    replay.session.subscribe(["/ok/1", "/secret/x"], 0.0)

    assert replay.play("array with a bad name") == []
    assert replay.sent() == ["/meta/subscribe", "/meta/subscribe /meta/subscribe"]
    assert replay.play("each with its verdict") == [
        SubscriptionAccepted(channels=("/ok/1",)),
        SubscriptionRefused(channel="/secret/x", error="403 Forbidden channel"),
    ]


def test_a_refused_handshake_tells_what_the_server_offers() -> None:
    replay = Replay()

    assert replay.play("connection types not supported") == [
        HandshakeFailed(error="301 Connection types not supported")
    ]
    assert replay.session.server_types == {"long-polling"}


def test_a_disconnect_is_answered() -> None:
    replay = opened()
    replay.session.disconnect(0.0)
    replay.play("disconnect")

    assert replay.session.state is State.CLOSED
