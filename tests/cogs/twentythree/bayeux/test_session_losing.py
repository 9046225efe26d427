"""Losing the transport, the session, or both, and what may have been missed."""

import pytest

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    Session,
    SessionEvent,
    State,
)
from tests.fakes.bayeux_peer import HANDSHAKE, UNKNOWN_CLIENT, Peer, connected


def test_after_a_cut_the_session_is_resumed_with_its_client_id() -> None:
    peer = connected("/a")
    assert peer.lose() == [Disconnected(reason="cut")]
    assert peer.session.state is State.SUSPENDED
    assert peer.session.next_deadline() == peer.now

    peer.open()

    [[message], [probe]] = peer.take()
    assert message["channel"] == "/meta/connect"
    assert message["clientId"] == "client1"
    assert (probe["channel"], probe["subscription"]) == ("/meta/subscribe", "/a")
    assert message["advice"] == {"timeout": 0}
    assert not peer.session.is_usable


def test_a_resumed_session_has_its_subscriptions() -> None:
    peer = connected("/a")
    peer.lose(is_clean=True)
    peer.open()

    assert peer.event("/a", "queued") == [MessageReceived("/a", "queued")]
    assert peer.reply("connect") == [Connected(resumed=True)]
    assert peer.channels() == [["/meta/connect"]]


def test_after_an_unclean_loss_even_a_resumed_session_may_have_missed_something() -> None:
    peer = connected("/a")
    peer.now = 110.0
    peer.reply("connect")
    peer.now = 115.0
    peer.reply("connect")
    peer.event("/a", 1)
    peer.now = 120.0
    peer.lose()
    peer.open()
    peer.now = 121.0

    # The last reply was to what had been asked at 110; what came later proves nothing.
    assert peer.reply("connect") == [Connected(resumed=True), Gap(since=110.0, until=121.0)]


def test_a_session_that_was_lost_with_the_transport_is_made_anew_at_once() -> None:
    peer = connected("/a", "/b")
    peer.lose()
    peer.open()

    told = peer.reply("connect", successful=False, error=UNKNOWN_CLIENT, advice=HANDSHAKE)

    assert told == []
    assert peer.channels() == [["/meta/handshake"]]
    assert peer.reply("handshake") == [Connected(resumed=False)]
    assert peer.last("subscribe")["subscription"] == ["/a", "/b"]
    assert peer.last("subscribe")["clientId"] == "client2"


def test_what_was_missed_is_told_once_every_channel_has_its_verdict() -> None:
    peer = connected("/a", "/b", chunk=1, settled_s=0.0)
    peer.now = 110.0
    peer.reply("connect", successful=False, error=UNKNOWN_CLIENT)
    peer.reply("handshake")
    peer.take()
    first, second = (frame[0] for frame in peer.frames[-3:-1])

    peer.reply("subscribe", to=first)
    assert Gap not in map(type, peer.reply("connect"))
    peer.now = 112.0
    told = peer.reply("subscribe", to=second)

    assert told[-1] == Gap(since=100.0, until=112.0)


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
def test_a_401_without_advice_means_that_the_session_is_gone(kind: str) -> None:
    peer = connected("/a")
    if kind == "subscribe":
        peer.session.subscribe(["/b"], peer.now)
    else:
        peer.session.unsubscribe(["/a"], peer.now)
        peer.session.subscribe(["/b"], peer.now)

    told = peer.reply(kind, successful=False, error=UNKNOWN_CLIENT)

    assert told == [Disconnected(reason="the server has forgotten the session")]
    assert peer.reply("handshake") == [Connected(resumed=False)]
    wanted = {"subscribe": ["/a", "/b"], "unsubscribe": "/b"}
    assert peer.last("subscribe")["subscription"] == wanted[kind]


def test_a_connect_may_succeed_and_still_ask_for_a_handshake() -> None:
    peer = connected("/a")

    told = peer.reply("connect", advice=HANDSHAKE)

    assert told == [Disconnected(reason="the server has forgotten the session")]
    assert peer.session.state is State.HANDSHAKING


def test_the_loss_is_told_once_however_many_attempts_follow() -> None:
    peer = connected("/a")
    told = peer.lose()
    for _ in range(3):
        peer.open()
        told += peer.lose()
        peer.session.transport_failed(peer.now)

    assert told == [Disconnected(reason="cut")]


def test_a_connect_without_a_reply_gives_the_transport_up() -> None:
    peer = connected()
    assert peer.session.next_deadline() == 105.0

    assert peer.pass_time(18.9) == []
    [told] = peer.pass_time(0.1)

    assert told == Disconnected(reason="the server did not answer in time")
    assert not peer.session.is_attached
    assert peer.session.next_deadline() == peer.now


@pytest.mark.parametrize("channels", [["/a"], ["/catchup/12h/b", "/a"]])
def test_a_session_that_the_server_forgot_under_a_held_connect_is_noticed(
    channels: list[str],
) -> None:
    peer = connected(*channels)
    assert peer.pass_time(4.9) == []
    assert peer.take() == []
    assert peer.pass_time(0.1) == []
    assert peer.last("subscribe")["subscription"] == "/a"

    told = peer.reply("subscribe", successful=False, error=UNKNOWN_CLIENT)

    assert told == [Disconnected(reason="the server has forgotten the session")]
    assert peer.channels() == [["/meta/handshake"]]


def test_a_session_that_is_there_is_looked_for_again_once_that_was_answered() -> None:
    peer = connected("/a")
    peer.pass_time(5.0)
    assert peer.channels() == [["/meta/subscribe"]]
    peer.pass_time(5.0)
    assert peer.channels() == []

    assert peer.reply("subscribe") == []
    peer.pass_time(4.9)
    assert peer.channels() == []
    peer.pass_time(0.1)
    assert peer.channels() == [["/meta/subscribe"]]


def test_a_look_for_the_session_that_nobody_answers_does_not_end_it_before_the_connect() -> None:
    peer = connected("/a")
    peer.pass_time(5.0)

    assert peer.pass_time(13.9) == []
    assert peer.pass_time(0.1) == [Disconnected(reason="the server did not answer in time")]


def test_what_would_be_told_again_is_not_asked_for_to_look_for_the_session() -> None:
    peer = connected("/catchup/12h/a")
    peer.pass_time(5.0)
    peer.pass_time(5.0)

    assert peer.channels() == []


def test_a_handshake_without_a_reply_gives_the_transport_up() -> None:
    peer = Peer()
    peer.open()

    assert peer.pass_time(10.0) == []
    assert peer.session.state is State.UNCONNECTED


def test_subscriptions_without_a_reply_are_asked_for_again_after_the_resumption() -> None:
    peer = connected("/a")
    peer.session.subscribe(["/b"], peer.now)
    peer.take()
    peer.lose()
    peer.session.subscribe(["/c"], peer.now)
    assert peer.take() == []
    peer.open()
    assert peer.channels() == [["/meta/connect"], ["/meta/subscribe"]]

    peer.reply("connect")

    assert peer.last("subscribe")["subscription"] == ["/b", "/c"]


def test_a_resumption_that_is_refused_for_now_is_repeated_with_the_same_session() -> None:
    peer = connected("/a")
    peer.lose()
    peer.open()
    peer.reply("connect", successful=False, error="500::Server error")
    peer.pass_to_deadline()

    message = peer.last("connect")
    assert (message["clientId"], message["advice"]) == ("client1", {"timeout": 0})
    assert peer.session.state is State.RESUMING


def test_a_session_does_not_move_to_another_kind_of_transport() -> None:
    peer = connected("/a")
    peer.lose(is_clean=True)

    peer.open("long-polling")

    assert peer.channels() == [["/meta/handshake"]]
    peer.reply("handshake")
    assert peer.last("connect")["connectionType"] == "long-polling"
    assert Gap(since=100.0, until=100.0) in peer.reply("subscribe")


def test_losing_what_is_not_there_is_nothing() -> None:
    peer = connected("/a")
    peer.lose()

    assert peer.lose() == []


def test_a_lasting_session_makes_the_next_retry_immediate_again() -> None:
    peer = connected("/a", settled_s=2.0)
    for _ in range(3):
        peer.lose()
        peer.open()
        peer.reply("connect")
    peer.now += 2.0

    peer.lose()

    assert peer.session.next_deadline() == peer.now


def test_an_answered_unsubscription_is_not_repeated_after_a_resumption() -> None:
    peer = connected("/a", "/b")
    peer.session.unsubscribe(["/a"], peer.now)
    peer.reply("unsubscribe")
    peer.lose()
    peer.open()
    peer.take()

    peer.reply("connect")

    assert peer.channels() == [["/meta/connect"]]


def test_a_session_that_recovered_from_a_refused_connect_may_prove_itself_again() -> None:
    peer = connected(settled_s=2.0)
    peer.reply("connect", successful=False, error="500::Server error")
    peer.reply("connect")
    peer.now += 2.0

    peer.lose()

    assert peer.session.next_deadline() == peer.now


def test_what_is_proven_is_the_time_of_the_last_request_that_was_answered_with_success() -> None:
    assert Session().proven_at is None
    peer = connected("/a")
    peer.now = 110.0
    peer.reply("connect")
    assert peer.session.proven_at == 100.0

    peer.reply("connect", successful=False, error="500::Server error")
    assert peer.session.proven_at == 100.0
    peer.now = 120.0
    peer.session.subscribe(["/b"], peer.now)
    peer.now = 121.0
    peer.reply("subscribe")
    assert peer.session.proven_at == 120.0


def test_a_resumption_that_is_refused_by_http_alone_is_followed_by_a_handshake() -> None:
    peer = connected("/a")
    peer.lose()
    peer.open()
    peer.take()
    peer.session.transport_lost("HTTP 400", peer.now, is_refusal=True)
    peer.pass_to_deadline()
    peer.open()

    assert peer.channels() == [["/meta/handshake"]]
    assert peer.reply("handshake") == [Connected(resumed=False)]
    assert Gap(since=100.0, until=peer.now) in peer.reply("subscribe")


def test_a_request_that_is_refused_by_http_alone_does_not_cost_the_session_yet() -> None:
    peer = connected("/a")
    peer.session.transport_lost("HTTP 400", peer.now, is_refusal=True)
    peer.open()

    assert peer.channels() == [["/meta/connect"], ["/meta/subscribe"]]


@pytest.mark.parametrize(("away_s", "sent"), [(29.0, "connect"), (31.0, "handshake")])
def test_a_session_that_no_server_can_have_any_more_is_not_taken_up(
    away_s: float, sent: str
) -> None:
    peer = connected("/a")
    peer.lose(is_clean=True)
    peer.now += away_s
    peer.open()

    assert peer.channels()[0] == [f"/meta/{sent}"]


def test_connects_that_are_refused_in_any_words_end_in_a_handshake() -> None:
    peer = connected("/a")
    told: list[SessionEvent] = []
    peer.reply("connect")
    while not told:
        assert peer.now < 200.0
        for message in [each for frame in peer.take() for each in frame]:
            kind = message["channel"].removeprefix("/meta/")
            told += peer.reply(kind, to=message, successful=False, error="400::expired")
        peer.pass_to_deadline()

    assert told == [Disconnected(reason="the server has forgotten the session")]
    assert peer.now > 130.0
    assert peer.channels() == [["/meta/handshake"]]
