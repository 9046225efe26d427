"""What a real Faye server answered in the recorded sessions A to X, replayed."""

from __future__ import annotations

import pytest

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    Gap,
    HandshakeFailed,
    State,
    SubscriptionAccepted,
    SubscriptionRefused,
)
from tests.fakes.bayeux_replay import CHANNELS, TRANSCRIPTS, Replay, opened, payloads


def test_a_an_unsubscription_is_answered_and_an_empty_frame_is_nothing() -> None:
    replay = opened()
    replay.session.unsubscribe(["/t/2"], replay.now)

    assert replay.sent() == ["/meta/unsubscribe"]
    assert replay.play("A: an unsubscription") == []
    assert replay.sent() == []


def test_a_the_next_connect_follows_one_that_ran_out() -> None:
    replay = opened()
    replay.now = 4.0

    assert replay.play("A: the held connect runs out") == []
    assert replay.sent() == ["/meta/connect"]


def test_b_replies_that_come_together_are_all_taken() -> None:
    replay = Replay("long-polling")
    replay.sent()
    [handshake, *_] = TRANSCRIPTS["open over a websocket"]
    replay.session.receive([handshake[0] | {"id": "1"}], replay.now)
    replay.session.events_received()

    told = replay.play("B: several replies to one request")

    assert told == [SubscriptionAccepted(channels=tuple(CHANNELS))]
    assert replay.sent() == ["/meta/subscribe", "/meta/connect", "/meta/connect"]


def test_b_what_waited_for_the_next_poll_is_delivered() -> None:
    replay = opened("long-polling")

    assert payloads(replay.play("B: events that waited for the next poll")) == [3]


def test_d_an_unknown_client_on_unsubscribe_handshakes_again() -> None:
    replay = opened()
    replay.session.unsubscribe(["/t/2"], replay.now)
    replay.sent()

    assert [type(event) for event in replay.play("D: unknown client on unsubscribe")] == [
        Disconnected
    ]
    assert replay.sent() == ["/meta/handshake"]


def test_d_an_unknown_client_on_disconnect_is_gone_as_was_wanted() -> None:
    replay = opened()
    replay.session.disconnect(replay.now)

    assert replay.play("D: unknown client on disconnect") == []
    assert replay.session.state is State.CLOSED


@pytest.mark.parametrize(
    "name", ["D: a connect that lacks a parameter", "D: a connect of an unsupported type"]
)
def test_d_a_connect_that_is_advised_a_handshake_makes_one(name: str) -> None:
    replay = opened()

    assert [type(event) for event in replay.play(name)] == [Disconnected]
    assert replay.sent() == ["/meta/handshake"]


def test_d_a_refused_handshake_is_told_without_its_arguments() -> None:
    replay = Replay()

    assert replay.play("D: a handshake that lacks a parameter") == [
        HandshakeFailed(error="402 Missing required parameter")
    ]


def test_d_a_refused_name_is_told() -> None:
    replay = opened()
    replay.session.subscribe(["/open/x"], replay.now)
    replay.sent()

    assert replay.play("D: a refused name") == [
        SubscriptionRefused(channel="/open/x", error="405 Invalid channel")
    ]


def test_d_a_reply_without_a_channel_to_nothing_of_ours_is_nothing() -> None:
    replay = opened()

    assert replay.play("D: a reply without a channel") == []
    assert replay.sent() == []


def test_d_events_on_the_part_of_a_refused_array_that_stands_are_delivered() -> None:
    replay = opened()
    replay.session.subscribe(["/ok/1", "/ok/x", "/ok/2"], replay.now)
    replay.sent()

    told = replay.play("D: the first of an array stands although the array is refused")

    assert payloads(told) == ["one"]
    assert replay.sent() == [" ".join(["/meta/subscribe"] * 3), "/meta/connect"]


def test_e_an_event_may_come_before_the_reply_to_its_subscription() -> None:
    replay = Replay()
    replay.sent()
    [handshake, *_] = TRANSCRIPTS["open over a websocket"]
    replay.session.receive([handshake[0] | {"id": "1"}], replay.now)
    replay.session.events_received()

    told = replay.play("E: an event before the replies that a connect held back")

    assert payloads(told) == ["arrives although the subscribe reply is held back"]
    assert told[1:] == [SubscriptionAccepted(channels=tuple(CHANNELS))]


def test_e_overlapping_patterns_deliver_once() -> None:
    replay = opened()

    assert payloads(replay.play("E: one copy for overlapping patterns")) == ["once"]


def test_f_after_a_reset_the_queue_comes_before_the_session_is_usable_again() -> None:
    replay = opened()
    assert [type(event) for event in replay.lose()] == [Disconnected]
    replay.now = 0.6
    replay.open()
    assert replay.sent() == ["/meta/connect", "/meta/subscribe"]

    told = replay.play("F: the queue after a reset, then the reply")

    assert payloads(told) == [0, 1, 2]
    assert told[3:] == [Connected(resumed=True), Gap(since=0.0, until=0.6)]


def test_f_an_expired_session_is_replaced_at_once() -> None:
    replay = opened()
    replay.lose()
    replay.now = 9.9
    replay.open()
    replay.sent()

    assert replay.play("F: the session has expired") == []
    assert replay.sent() == ["/meta/handshake"]


def test_g_and_i_a_close_in_good_order_is_followed_by_a_resumption_without_a_gap() -> None:
    replay = opened()

    assert [type(event) for event in replay.lose(is_clean=True)] == [Disconnected]
    replay.open()

    assert replay.sent() == ["/meta/connect", "/meta/subscribe"]
    assert Gap not in map(type, replay.play("F: the queue after a reset, then the reply"))


def test_h_what_came_before_the_first_connect_is_flushed_by_it() -> None:
    replay = Replay()
    replay.sent()
    [handshake, *_] = TRANSCRIPTS["open over a websocket"]
    replay.session.receive([handshake[0] | {"id": "1"}], replay.now)

    assert payloads(replay.play("H: an event from before the first connect")) == ["early"]
    assert replay.session.is_usable


@pytest.mark.parametrize(
    "name",
    [
        "J: the session is forgotten, which a subscription shows",
        "J: the session is forgotten, which the second connect shows",
    ],
)
def test_j_a_forgotten_session_is_noticed_by_whatever_is_answered_first(name: str) -> None:
    replay = opened()
    if "subscription" in name:
        replay.session.subscribe(["/t/new"], replay.now)

    assert [type(event) for event in replay.play(name)] == [Disconnected]
    assert replay.sent()[-1] == "/meta/handshake"


def test_k_after_a_restart_a_new_session_takes_over_with_a_gap() -> None:
    replay = opened()
    replay.lose()
    replay.now = 0.2
    replay.open()

    assert replay.sent() == ["/meta/connect", "/meta/subscribe"]

    told = replay.play("K: a new session after a restart")

    assert told == [
        Connected(resumed=False),
        SubscriptionAccepted(channels=tuple(CHANNELS)),
        Gap(since=0.0, until=0.2),
    ]
    assert replay.sent() == [
        "/meta/handshake",
        "/meta/subscribe",
        "/meta/connect",
        "/meta/connect",
    ]


def test_m_an_interval_is_waited_for_in_milliseconds() -> None:
    replay = opened()
    replay.play("M: an interval of a second and a half")

    assert replay.sent() == []
    assert replay.session.next_deadline() == 1.5


def test_q_events_come_while_no_connect_is_out() -> None:
    replay = opened()
    replay.play("M: an interval of a second and a half")

    told = replay.play("Q: an event while no connect is out")

    assert payloads(told) == ["pushed although no connect is outstanding"]


def test_r_a_late_resumption_brings_what_was_queued() -> None:
    replay = opened()
    replay.lose()
    replay.now = 7.0
    replay.open()

    told = replay.play("R: what was queued for seven seconds")

    assert payloads(told) == ["queued"]
    assert Connected(resumed=True) in told


def test_r_a_second_resumption_brings_what_was_queued_between_the_two() -> None:
    replay = opened()
    replay.lose()
    replay.open()
    replay.lose(is_clean=True)
    replay.open()

    told = replay.play("R: what was queued while the server closed a socket of before")

    assert payloads(told) == ["in the gap"]
    assert [type(event) for event in told[1:]] == [Connected, Gap]


def test_v_leaving_the_unknown_and_subscribing_twice_succeed() -> None:
    replay = opened()

    assert replay.play("V: an unsubscription of the unknown") == []
    replay.session.subscribe(["/x"], replay.now)
    assert replay.play("V: a second subscription") == [SubscriptionAccepted(channels=("/x",))]


def test_w_and_o_a_connect_that_ends_early_and_empty_is_followed_by_the_next() -> None:
    replay = opened()

    assert replay.play("W: a poll that brings nothing") == []
    assert replay.play("O: a second session on the socket ends the connect of the first") == []
    assert replay.sent() == ["/meta/connect"]


def test_x_what_an_aborted_poll_lost_lies_in_the_gap() -> None:
    replay = opened("long-polling")
    replay.lose()
    replay.now = 0.6
    replay.open()

    told = replay.play("X: the poll after an aborted one lacks an event")

    assert payloads(told) == ["B"]
    assert Gap(since=0.0, until=0.6) in told
