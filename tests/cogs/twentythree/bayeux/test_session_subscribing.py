"""Subscriptions, verdicts and events."""

from typing import Any

import pytest

from cogs.twentythree.bayeux import MessageReceived, SubscriptionAccepted, SubscriptionRefused
from tests.fakes.bayeux_peer import Peer, connected


def test_many_channels_are_one_request() -> None:
    peer = connected()
    channels = [f"/c/{number}" for number in range(400)]
    peer.session.subscribe(channels, peer.now)

    [[message]] = peer.take()
    assert message["subscription"] == channels
    assert peer.reply("subscribe") == [SubscriptionAccepted(channels=tuple(channels))]


def test_too_many_channels_are_several_frames() -> None:
    peer = connected(chunk=2)
    peer.session.subscribe(["/a", "/b", "/c"], peer.now)

    assert [frame[0]["subscription"] for frame in peer.take()] == [["/a", "/b"], "/c"]


def test_a_refused_array_is_asked_one_by_one_and_each_channel_has_its_verdict() -> None:
    peer = connected()
    peer.session.subscribe(["/a", "/b"], peer.now)
    assert peer.reply("subscribe", successful=False, error="403:/a,/b:Forbidden channel") == []

    [frame] = [frame for frame in peer.take() if len(frame) == 2]
    assert [message["subscription"] for message in frame] == ["/a", "/b"]
    told = peer.reply("subscribe", to=frame[0])
    told += peer.reply("subscribe", to=frame[1], successful=False, error="403:/b:Forbidden channel")

    assert told == [
        SubscriptionAccepted(channels=("/a",)),
        SubscriptionRefused(channel="/b", error="403 Forbidden channel"),
    ]


@pytest.mark.parametrize("named", ["/a", ["/a"]])
def test_of_an_array_only_what_the_reply_names_is_accepted(named: object) -> None:
    peer = connected()
    peer.session.subscribe(["/a", "/b"], peer.now)

    assert peer.reply("subscribe", subscription=named) == [SubscriptionAccepted(channels=("/a",))]
    assert peer.last("subscribe")["subscription"] == "/b"
    told = peer.reply("subscribe", successful=False, error="403:/b:Forbidden channel")
    assert told == [SubscriptionRefused(channel="/b", error="403 Forbidden channel")]
    assert peer.session.subscriptions.standing(["/a", "/b"]) == {"/a"}


@pytest.mark.parametrize("named", [[], "/A", ["/A", "/B"], ["/b", "/a"], 5])
def test_a_reply_that_names_none_or_all_is_for_the_whole_array(named: object) -> None:
    peer = connected()
    peer.session.subscribe(["/a", "/b"], peer.now)

    assert peer.reply("subscribe", subscription=named) == [
        SubscriptionAccepted(channels=("/a", "/b"))
    ]


def test_a_bad_name_is_refused_without_asking() -> None:
    peer = connected()
    peer.session.subscribe(["/a", "/b.c", "/meta/x"], peer.now)

    assert peer.last("subscribe")["subscription"] == "/a"
    assert peer.session.events_received() == [
        SubscriptionRefused(channel="/b.c", error="405 Invalid channel"),
        SubscriptionRefused(channel="/meta/x", error="403 Forbidden channel"),
    ]


def test_subscribing_before_the_session_is_usable_waits() -> None:
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    assert peer.channels() == [["/meta/handshake"]]

    peer.reply("handshake")

    assert peer.last("subscribe")["subscription"] == "/a"


def test_an_unsubscribed_channel_is_left_and_its_late_events_are_dropped() -> None:
    peer = connected("/a", "/b")
    peer.session.unsubscribe(["/a"], peer.now)

    assert peer.last("unsubscribe")["subscription"] == "/a"
    assert peer.event("/a", "late") == []
    assert peer.reply("unsubscribe") == []
    assert peer.event("/b", 1) == [MessageReceived("/b", 1)]


@pytest.mark.parametrize("data", ["", 0, False, None, [], {}])
def test_falsy_payloads_are_delivered(data: object) -> None:
    peer = connected("/a")

    assert peer.event("/a", data) == [MessageReceived("/a", data)]
    # With a key that a reply would have, it is read in another way.
    assert peer.event("/a", data, successful=True) == [MessageReceived("/a", data)]


def test_an_event_is_delivered_once_however_many_patterns_it_matches() -> None:
    peer = connected("/a/b", "/a/*", "/**")

    assert len(peer.event("/a/b", 1)) == 1
    assert len(peer.event("/x/y/z", 1)) == 1


def test_an_event_with_the_id_of_our_request_is_an_event() -> None:
    peer = connected("/a")
    message_id = peer.last("connect")["id"]

    told = peer.event("/a", {"x": 1}, id=message_id, successful=True, advice={"reconnect": "none"})

    assert told == [MessageReceived("/a", {"x": 1})]
    assert peer.channels() == []


def test_events_in_the_body_of_a_connect_reply_are_taken_too() -> None:
    peer = connected("/a")
    reply = {"id": peer.last("connect")["id"], "channel": "/meta/connect", "successful": True}

    told = peer.hand([reply, {"channel": "/a", "data": 1}, {"channel": "/a", "data": 2}])

    assert told == [MessageReceived("/a", 1), MessageReceived("/a", 2)]
    assert peer.channels() == [["/meta/connect"]]


@pytest.mark.parametrize(
    "payload",
    [
        [],
        [None],
        None,
        3,
        "x",
        {},
        [[]],
        [{"channel": 3}],
        [{"channel": "/a"}],
        [{"channel": "/meta/handshake", "successful": True}],
        [{"channel": "/meta/connect", "successful": True, "id": "no such"}],
        [{"channel": "/meta/unknown", "data": 1}],
        [{"successful": False, "id": "20", "error": "405::Invalid channel"}],
    ],
)
def test_junk_tells_nothing_and_asks_for_nothing(payload: object) -> None:
    peer = connected("/a", "/**")

    assert peer.hand(payload) == []
    assert peer.channels() == []


def test_one_bare_object_is_a_frame_too() -> None:
    peer = connected("/a")

    assert peer.hand({"channel": "/a", "data": 1}) == [MessageReceived("/a", 1)]


def test_only_replies_may_change_what_is_to_be_sent() -> None:
    peer = connected("/a")
    reply: dict[str, Any] = {"id": peer.last("connect")["id"], "successful": True}

    assert not peer.session.receive([{"channel": "/a", "data": 1}], peer.now)
    assert peer.session.receive([reply], peer.now)


def test_of_several_requests_a_reply_without_an_id_answers_the_one_that_it_names() -> None:
    peer = connected(chunk=1)
    peer.session.subscribe(["/a", "/b"], peer.now)
    reply = {"channel": "/meta/subscribe", "successful": True, "clientId": "client1"}

    assert peer.hand([reply | {"subscription": "/b"}]) == [SubscriptionAccepted(channels=("/b",))]
    assert peer.hand([reply | {"subscription": "/a"}]) == [SubscriptionAccepted(channels=("/a",))]
