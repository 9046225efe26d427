"""What the suites of Faye, CometD and aiocometd ask of a client, where nothing else shows it."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    MessageReceived,
    SessionEvent,
    State,
    Stopped,
    SubscriptionAccepted,
)
from tests.fakes.bayeux_peer import HANDSHAKE, RETRY, UNKNOWN_CLIENT, Peer, connected

_SESSION_GONE = [Disconnected(reason="the server has forgotten the session")]


def _payloads(told: list[SessionEvent]) -> list[tuple[str, object]]:
    return [(each.channel, each.data) for each in told if isinstance(each, MessageReceived)]


def _answer(peer: Peer, kind: str, **more: Any) -> dict[str, Any]:
    answer = {"id": peer.last(kind)["id"], "channel": f"/meta/{kind}", "successful": True}
    return answer | more


# Opening


def test_a_new_session_is_unconnected_and_has_nothing_to_send() -> None:
    peer = Peer()

    assert peer.session.state is State.UNCONNECTED
    assert peer.take() == []


def test_a_connected_session_makes_no_other_handshake() -> None:
    peer = connected("/a")
    peer.session.subscribe(["/b"], peer.now)
    for _ in range(5):
        peer.reply("connect")

    peer.take()
    assert [message["channel"] for frame in peer.frames for message in frame].count(
        "/meta/handshake"
    ) == 1


def test_what_is_subscribed_to_after_a_refused_handshake_waits_for_the_next() -> None:
    peer = Peer()
    peer.open()
    peer.reply("handshake", successful=False, error="500::Not now", advice=HANDSHAKE)
    peer.session.subscribe(["/a"], peer.now)
    assert ["/meta/subscribe"] not in peer.channels()

    peer.reply("handshake")

    assert peer.last("subscribe")["subscription"] == "/a"


def test_a_handshake_refused_without_advice_is_tried_again() -> None:
    peer = Peer()
    peer.open()
    peer.reply("handshake", successful=False, error="500::Not now")

    assert peer.channels() == [["/meta/handshake"]]


def test_a_handshake_refused_for_good_ends_the_session() -> None:
    peer = Peer()
    peer.open()

    [told] = peer.reply("handshake", successful=False, advice={"reconnect": "none"})

    assert isinstance(told, Stopped)
    assert peer.session.state is State.STOPPED


# Connects


def test_a_repeated_reply_to_a_connect_makes_no_second_connect() -> None:
    peer = connected("/a")
    answer = _answer(peer, "connect", advice=RETRY)
    peer.hand([answer, answer])
    assert peer.channels() == [["/meta/connect"]]

    peer.hand([answer])

    assert peer.channels() == []


def test_replies_in_another_order_than_their_requests_are_all_taken() -> None:
    peer = connected(chunk=1)
    peer.session.subscribe(["/c"], peer.now)
    peer.reply("subscribe")
    peer.session.subscribe(["/a", "/b"], peer.now)
    peer.session.unsubscribe(["/c"], peer.now)
    first, second, leave = (frame[0] for frame in peer.take())
    peer.reply("unsubscribe", to=leave)
    peer.reply("subscribe", to=second)
    peer.reply("connect")
    peer.reply("subscribe", to=first)

    assert peer.session.subscriptions.is_settled
    assert peer.session.subscriptions.standing(["/a", "/b", "/c"]) == {"/a", "/b"}
    assert peer.channels() == [["/meta/connect"]]


def test_no_two_requests_for_one_channel_are_out_at_once() -> None:
    peer = connected()
    peer.session.subscribe(["/a"], peer.now)
    peer.session.unsubscribe(["/a"], peer.now)
    assert peer.channels() == [["/meta/subscribe"]]

    assert peer.reply("subscribe") == [SubscriptionAccepted(channels=("/a",))]
    assert peer.channels() == [["/meta/unsubscribe"]]

    peer.session.subscribe(["/a"], peer.now)
    assert peer.channels() == []
    peer.reply("unsubscribe")
    assert peer.channels() == [["/meta/subscribe"]]


def test_a_message_with_the_id_of_a_request_but_without_successful_answers_nothing() -> None:
    peer = connected("/a")
    deadline = peer.session.next_deadline()
    answer = _answer(peer, "connect")
    del answer["successful"]

    assert peer.hand([answer]) == []
    assert peer.channels() == []
    assert peer.session.next_deadline() == deadline


@pytest.mark.parametrize("successful", [True, False])
def test_successful_or_not_a_reply_ends_the_wait(successful: bool) -> None:  # noqa: FBT001 - pytest passes by name
    peer = connected("/a", request_timeout_s=3.0, connect_grace_s=1.0)
    peer.reply("connect", advice=RETRY | {"timeout": 60_000})
    peer.session.subscribe(["/b"], peer.now)
    peer.reply("subscribe", successful=successful, error="403:/b:Forbidden channel")

    assert peer.pass_time(4.0) == peer.pass_time(4.0) == []
    assert peer.session.is_usable


def test_an_id_that_comes_back_as_a_number_is_the_same_id() -> None:
    peer = connected("/a")

    peer.hand([_answer(peer, "connect") | {"id": int(peer.last("connect")["id"])}])

    assert peer.channels() == [["/meta/connect"]]


def test_unknown_fields_and_other_advice_change_nothing() -> None:
    peer = connected("/a")
    advice = RETRY | {"multiple-clients": True, "hosts": ["h"], "websocket": {"interval": 9}}

    assert peer.reply("connect", advice=advice, timestamp="12:00", ext={"ack": 1}, x=[]) == []
    assert peer.channels() == [["/meta/connect"]]


def test_the_interval_that_goes_with_multiple_clients_is_kept() -> None:
    peer = connected("/a")
    peer.reply("connect", advice={"multiple-clients": True, "interval": 2000})

    assert peer.channels() == []
    assert peer.session.next_deadline() == peer.now + 2.0


# Subscriptions and events


def test_what_stands_is_not_asked_for_again_and_what_is_not_wanted_is_not_left() -> None:
    peer = connected("/a")
    peer.session.subscribe(["/a"], peer.now)
    peer.session.unsubscribe(["/never"], peer.now)

    assert peer.take() == []


def test_a_channel_is_left_once() -> None:
    peer = connected("/a")
    peer.session.unsubscribe(["/a"], peer.now)
    peer.session.unsubscribe(["/a"], peer.now)

    assert peer.channels() == [["/meta/unsubscribe"]]


def test_several_channels_are_left_in_one_request() -> None:
    peer = connected("/a", "/b", "/c")
    peer.session.unsubscribe(["/a", "/c"], peer.now)

    assert peer.last("unsubscribe")["subscription"] == ["/a", "/c"]


def test_an_event_that_nobody_wants_is_told_to_nobody() -> None:
    peer = connected("/a", "/b/*")

    assert peer.event("/c", 1) == []
    assert peer.event("/b", 1) == []
    assert peer.event("/b/c/d", 1) == []


def test_events_come_as_often_as_they_are_published_and_in_order() -> None:
    peer = connected("/a", "/b")
    frame = [{"channel": "/a", "data": 1}, {"channel": "/b", "data": 2}]

    told = peer.hand([*frame, *frame, {"channel": "/a", "data": 1}])

    assert _payloads(told) == [("/a", 1), ("/b", 2), ("/a", 1), ("/b", 2), ("/a", 1)]


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe", "connect"])
def test_events_may_come_with_any_reply_and_on_either_side_of_it(kind: str) -> None:
    peer = connected("/a", "/c")
    peer.session.subscribe(["/b"], peer.now)
    peer.session.unsubscribe(["/c"], peer.now)
    event = {"channel": "/a", "data": 1}

    told = peer.hand([event, _answer(peer, kind), event])

    assert _payloads(told) == [("/a", 1), ("/a", 1)]


def test_a_meta_message_is_no_event_however_wide_the_pattern() -> None:
    peer = connected("/**", "/*")

    assert peer.hand([{"channel": "/meta/subscribe", "data": 1, "subscription": "/x"}]) == []


def test_characters_of_several_bytes_come_through() -> None:
    peer = connected("/a")

    assert _payloads(peer.event("/a", "å🙂\u2028")) == [("/a", "å🙂\u2028")]


def test_a_spurious_401_right_after_the_handshake_costs_one_more_handshake() -> None:
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    peer.reply("handshake")
    assert peer.reply("subscribe", successful=False, error=UNKNOWN_CLIENT) == _SESSION_GONE

    peer.reply("handshake")

    assert peer.last("subscribe")["subscription"] == "/a"
    assert peer.last("subscribe")["clientId"] == "client2"


# Losses


def test_usable_is_told_once_per_recovery() -> None:
    peer = connected("/a")
    peer.lose(is_clean=True)
    told = []
    for _ in range(3):
        peer.open()
        told += peer.lose(is_clean=True)
    peer.open()
    told += peer.reply("connect")
    told += peer.reply("connect")

    assert told == [Connected(resumed=True)]


def test_nothing_is_sent_while_there_is_no_transport_and_no_request_is_sent_twice() -> None:
    peer = connected("/a")
    peer.session.subscribe(["/b"], peer.now)
    peer.lose()
    peer.session.unsubscribe(["/a"], peer.now)
    assert peer.take() == []

    peer.open()
    peer.reply("connect")
    peer.take()

    ids = [message["id"] for frame in peer.frames for message in frame]
    assert len(ids) == len(set(ids))


def test_a_disconnect_that_the_server_was_not_asked_for_waits_for_the_answer_to_the_connect() -> (
    None
):
    peer = connected("/a")

    assert peer.hand([{"channel": "/meta/disconnect", "successful": True}]) == []
    assert peer.reply("connect", successful=False, error="402::Unknown client") == _SESSION_GONE


def test_a_last_event_before_the_server_ends_it_is_delivered() -> None:
    peer = connected("/a")
    end = _answer(peer, "connect", successful=False, advice={"reconnect": "none"})

    told = peer.hand([{"channel": "/a", "data": "last"}, end])

    assert _payloads(told) == [("/a", "last")]
    assert isinstance(told[-1], Stopped)


# Disconnecting


@pytest.mark.parametrize("kind", ["handshake", "connect", "subscribe"])
def test_a_failure_that_comes_while_we_disconnect_starts_nothing_anew(kind: str) -> None:
    peer = connected("/a")
    peer.session.subscribe(["/b"], peer.now)
    failure = _answer(peer, kind, successful=False, error=UNKNOWN_CLIENT, advice=HANDSHAKE)
    peer.take()
    peer.session.disconnect(peer.now)

    assert peer.hand([failure]) == []
    assert peer.channels() == [["/meta/disconnect"]]
    peer.reply("disconnect")
    assert peer.session.state is State.CLOSED


def test_disconnecting_on_the_news_of_the_session_sends_nothing_but_the_good_bye() -> None:
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    peer.reply("handshake")
    peer.session.disconnect(peer.now)

    assert peer.channels() == [["/meta/disconnect"]]


def test_a_connect_is_alone_in_its_frame_whatever_else_is_to_be_sent() -> None:
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    peer.take()
    request = peer.last("handshake")
    peer.reply("handshake", to=request)

    assert peer.channels() == [["/meta/subscribe"], ["/meta/connect"]]
