"""Slow is not lost; and a server that answers at once, or wants to be left alone, is."""

from typing import Any

import pytest

from cogs.twentythree.bayeux import Arriving, Disconnected, Gap, State, Stopped, Unanswered
from tests.fakes.bayeux_peer import Peer, connected

_LOST = [Disconnected(reason="the server did not answer in time")]


def _connects_in(peer: Peer, seconds: float, took_s: float = 0.0, **reply: Any) -> int:
    """Answer each connect after ``took_s``; return how many there were."""
    until, number = peer.now + seconds, 0
    while peer.now < until:
        peer.session.tick(peer.now)
        if ["/meta/connect"] in peer.channels():
            number += 1
            peer.now += took_s
            peer.reply("connect", **reply)
        else:
            peer.pass_to_deadline()
    return number


# A server that holds no connect


def test_connects_that_are_answered_at_once_and_empty_are_made_ever_more_slowly() -> None:
    peer = connected("/a")
    peer.reply("connect")

    assert _connects_in(peer, 20.0, took_s=0.001) <= 28


@pytest.mark.parametrize("way_s", [0.0, 0.1])
def test_a_server_that_advises_to_hold_none_is_not_hammered_either(way_s: float) -> None:
    peer = connected("/a")
    advice = {"interval": 0, "timeout": 0}
    peer.reply("connect", advice=advice)

    assert _connects_in(peer, 10.0, took_s=way_s, advice=advice) <= 18


def test_a_pause_does_not_let_the_session_expire() -> None:
    peer = connected("/a")
    advice = {"interval": 0, "timeout": 300}
    peer.reply("connect", advice=advice)

    assert _connects_in(peer, 15.0, took_s=0.001, advice=advice) >= 100


def test_connects_that_bring_events_or_are_held_are_followed_at_once() -> None:
    peer = connected("/a")
    for _ in range(20):
        reply = {"id": peer.last("connect")["id"], "channel": "/meta/connect", "successful": True}
        peer.hand([reply, {"channel": "/a", "data": 1}])
        assert peer.channels() == [["/meta/connect"]]
    for _ in range(20):
        peer.now += 4.0
        peer.reply("connect")
        assert peer.channels() == [["/meta/connect"]]


def test_an_event_that_nobody_wants_is_no_reason_to_hurry() -> None:
    peer = connected("/a")
    for _ in range(20):
        peer.pass_to_deadline()
        reply = {"id": peer.last("connect")["id"], "channel": "/meta/connect", "successful": True}
        peer.hand([reply, {"channel": "/else", "data": 1}])

    assert peer.channels() == []


# A poll that ends without its reply


def test_a_poll_that_ends_without_its_reply_is_followed_at_once_with_a_gap() -> None:
    peer = connected("/a")
    message_id = peer.last("connect")["id"]
    peer.now = 130.0
    peer.session.tick(118.0)

    assert peer.hand(Unanswered(message_id)) == [Gap(since=100.0, until=130.0)]
    assert peer.last("connect")["id"] != message_id
    assert peer.hand(Unanswered(message_id)) == []
    assert peer.channels() == []


def _polling() -> Peer:
    """Return a peer whose session is connected by long-polling, with a held connect out."""
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open("long-polling")
    peer.reply("handshake")
    peer.reply("subscribe")
    peer.reply("connect", advice={"interval": 0, "timeout": 45_000})
    peer.take()
    return peer


def _cut_off_after(peer: Peer, seconds: float) -> list[object]:
    """End the held poll without its reply; return what the session tells."""
    message_id = peer.last("connect")["id"]
    peer.now += seconds
    return [*peer.hand(Unanswered(message_id))]


def test_what_falls_into_the_answer_that_is_gone_lies_in_a_second_gap() -> None:
    peer = _polling()
    assert _cut_off_after(peer, 30.0) == [Gap(since=100.0, until=130.0)]
    assert peer.session.is_usable
    peer.now += 2.0

    assert peer.reply("connect") == [Gap(since=130.0, until=132.0)]
    peer.now += 2.0
    assert peer.reply("connect") == []


def test_where_polls_are_cut_off_at_one_age_the_server_is_to_answer_before() -> None:
    peer = _polling()
    _cut_off_after(peer, 30.0)
    assert "advice" not in peer.last("connect")
    peer.now += 15.0
    peer.reply("connect", advice={"interval": 0, "timeout": 45_000})
    _cut_off_after(peer, 31.0)

    assert peer.last("connect")["advice"] == {"timeout": 24_000}


@pytest.mark.parametrize("ages", [(30.0, 12.0, 20.0), (0.9, 0.9, 0.9)])
def test_polls_that_end_at_any_age_tell_no_limit(ages: tuple[float, ...]) -> None:
    peer = _polling()
    for age in ages:
        _cut_off_after(peer, age)

    assert "advice" not in peer.last("connect")


def test_polls_that_end_so_at_once_are_made_ever_more_slowly() -> None:
    peer = connected("/a")
    number = 0
    until = peer.now + 20.0
    while peer.now < until:
        if ["/meta/connect"] in peer.channels() or not number:
            number += 1
            peer.hand(Unanswered(peer.last("connect")["id"]))
        else:
            peer.pass_to_deadline()

    assert number <= 28


# Deadlines that move


def _asking(kind: str = "websocket") -> tuple[Peer, str]:
    """Return a peer that waits for the verdict on a channel until 130.0, and its request."""
    peer = Peer()
    peer.session.subscribe(["/a"], peer.now)
    peer.open(kind)
    peer.reply("handshake")
    peer.reply("subscribe")
    peer.reply("connect", advice={"interval": 0, "timeout": 600_000})
    peer.session.subscribe(["/b"], peer.now)
    return peer, peer.last("subscribe")["id"]


def test_over_a_websocket_whatever_comes_gives_the_answer_more_time() -> None:
    peer, _ = _asking()
    peer.pass_time(29.0)
    peer.event("/a", 1)

    assert peer.pass_time(1.0) == []
    assert peer.pass_time(14.9) == []
    assert peer.pass_time(0.1) == _LOST


def test_over_long_polling_only_the_answers_own_bytes_do() -> None:
    peer, message_id = _asking("long-polling")
    peer.event("/a", 1)
    peer.hand(Arriving("77"))
    assert peer.pass_time(30.0) == _LOST

    peer, message_id = _asking("long-polling")
    assert peer.hand(Arriving(message_id)) == []
    assert peer.pass_time(30.0) == []
    assert peer.pass_time(15.0) == _LOST


def test_over_long_polling_requests_wait_for_one_another_as_long_as_they_are_answered() -> None:
    peer, _ = _asking("long-polling")
    first = peer.last("subscribe")
    peer.session.subscribe(["/c"], peer.now)
    peer.take()
    peer.pass_time(29.0)
    peer.reply("subscribe", to=first)

    assert peer.pass_time(1.0) == []
    assert peer.pass_time(15.0) == _LOST

    peer, first_id = _asking("long-polling")
    peer.session.subscribe(["/c"], peer.now)
    peer.hand(Arriving(first_id))
    peer.pass_time(1.0)
    peer.session.subscribe(["/d"], peer.now)
    assert peer.pass_time(29.0) == []
    # What was asked for after the sign of life has none of its own.
    assert peer.pass_time(1.0) == _LOST


def test_no_answer_is_waited_for_for_ever() -> None:
    peer, message_id = _asking("long-polling")
    waited = 0
    while peer.session.is_attached:
        peer.hand(Arriving(message_id))
        peer.pass_time(5.0)
        waited += 5

    assert waited == 150


def test_a_server_that_is_slow_to_open_is_given_more_time_at_each_attempt() -> None:
    peer = Peer()
    waits = []
    for _ in range(4):
        peer.now = max(peer.now, peer.session.next_deadline() or 0.0)
        peer.open()
        asked_at = peer.now
        peer.pass_to_deadline()
        waits.append(peer.now - asked_at)
    assert waits == [10.0, 20.0, 40.0, 40.0]

    peer.open()
    peer.reply("handshake")
    peer.lose()
    peer.open()
    peer.take()
    assert peer.session.next_deadline() == peer.now + 10.0


# A server that wants to be left alone, or asked for less


@pytest.mark.parametrize("wait_s", [0.0, 7.0])
def test_a_server_is_left_alone_for_as_long_as_it_asks(wait_s: float) -> None:
    peer = connected("/a", settled_s=0.0)
    peer.session.transport_lost("busy", peer.now, wait_s=wait_s)
    assert peer.session.next_deadline() == peer.now + wait_s
    peer.pass_time(wait_s)
    peer.session.transport_failed(peer.now, wait_s=wait_s)

    assert (peer.session.next_deadline() or 0.0) >= peer.now + wait_s


def test_a_frame_that_was_too_large_is_followed_by_smaller_ones() -> None:
    peer = connected("/a")
    channels = [f"/c/{number}" for number in range(8)]
    peer.session.subscribe(channels, peer.now)
    asked = []
    while len(peer.last("subscribe")["subscription"]) > 2:
        asked.append(len(peer.last("subscribe")["subscription"]))
        peer.session.transport_lost("too large", peer.now, is_too_large=True)
        peer.pass_to_deadline()
        peer.open()
        peer.reply("connect")
        peer.take()

    assert asked == [8, 4]
    assert peer.session.state is State.CONNECTED


def test_what_was_too_large_without_asking_for_channels_makes_them_no_fewer() -> None:
    peer = connected("/a", chunk=2)
    for _ in range(3):
        peer.session.transport_lost("too large", peer.now, is_too_large=True)
        peer.pass_to_deadline()
        peer.open()
        peer.reply("connect")
        peer.take()
    peer.session.subscribe(["/b", "/c"], peer.now)

    assert peer.last("subscribe")["subscription"] == ["/b", "/c"]


def test_the_reason_beside_the_end_is_told() -> None:
    peer = connected("/a")

    [told] = peer.reply(
        "connect", successful=False, error="403:/a:Contract ended", advice={"reconnect": "none"}
    )

    assert told == Stopped(reason="the server advised against reconnecting (403 Contract ended)")


def test_events_on_a_refused_channel_are_dropped_until_it_is_wanted_again() -> None:
    peer = connected("/a")
    for channel in ("/b", "/c/*"):
        peer.session.subscribe([channel], peer.now)
        peer.reply("subscribe", successful=False, error="403::Forbidden channel")

    assert peer.event("/b", 1) == peer.event("/c/d", 1) == []
    assert len(peer.event("/a", 1)) == 1
    peer.session.subscribe(["/b", "/c/*"], peer.now)
    assert len(peer.event("/b", 1)) == len(peer.event("/c/d", 1)) == 1


def test_in_a_new_session_events_on_what_was_refused_may_come() -> None:
    peer = connected("/a")
    peer.session.subscribe(["/c/*"], peer.now)
    peer.reply("subscribe", successful=False, error="403::Forbidden channel")
    peer.reply("connect", successful=False, error="401::Unknown client")
    peer.reply("handshake")

    assert len(peer.event("/c/d", 1)) == 1


def test_a_resumption_whose_polls_end_at_once_without_a_reply_backs_off() -> None:
    peer = connected("/a")
    peer.lose()
    peer.open("websocket")
    number = 0
    until = peer.now + 9.0
    while peer.now < until and peer.session.is_attached:
        if ["/meta/connect"] in peer.channels():
            number += 1
            peer.hand(Unanswered(peer.last("connect")["id"]))
        else:
            peer.pass_to_deadline()

    assert number <= 20
