"""Taking a session up again: the connect may be withheld, the probe is answered."""

import pytest

from cogs.twentythree.bayeux import (
    Connected,
    Disconnected,
    Gap,
    State,
    SubscriptionAccepted,
)
from tests.fakes.bayeux_dealings import Dealings
from tests.fakes.bayeux_peer import UNKNOWN_CLIENT, Peer

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


def _suspended(*channels: str, kind: str = "websocket") -> Peer:
    """Return a peer that was lost at 110.0, and last proved at 100.0."""
    peer = Peer()
    peer.session.subscribe(channels, peer.now)
    peer.open(kind)
    peer.reply("handshake")
    peer.reply("subscribe")
    peer.reply("connect")
    peer.take()
    peer.now = 110.0
    peer.lose()
    return peer


def _resuming(*channels: str, kind: str = "websocket") -> Peer:
    peer = _suspended(*channels, kind=kind)
    peer.open(kind)
    peer.take()
    return peer


def test_the_answer_to_the_probe_makes_the_session_usable_though_the_connect_is_withheld() -> None:
    peer = _resuming("/a", "/b")
    assert peer.last("subscribe")["subscription"] == "/a"
    peer.now = 110.5

    assert peer.reply("subscribe") == [
        Connected(resumed=True),
        Gap(since=100.0, until=110.5),
    ]
    peer.session.subscribe(["/c"], peer.now)
    assert peer.last("subscribe")["subscription"] == "/c"
    # The server holds the connect of before for as long as it said.
    assert peer.pass_time(4.0) == []
    assert peer.session.is_usable
    assert peer.reply("connect") == []
    assert peer.last("connect")["id"] not in (None, "")


def test_over_long_polling_the_connect_closes_the_gap_that_the_probe_told() -> None:
    peer = _resuming("/a", kind="long-polling")
    peer.now = 110.5
    assert Gap(since=100.0, until=110.5) in peer.reply("subscribe")
    peer.now = 111.0
    peer.session.subscribe(["/b"], peer.now)
    assert peer.reply("subscribe") == [SubscriptionAccepted(channels=("/b",))]
    peer.now = 114.0

    assert peer.reply("connect") == [Gap(since=110.5, until=114.0)]


def test_a_second_loss_before_the_connect_is_answered_is_a_gap_from_there_on() -> None:
    peer = _resuming("/a", kind="long-polling")
    peer.now = 110.5
    peer.reply("subscribe")
    peer.now = 112.0
    assert peer.lose() == [Disconnected(reason="cut")]
    peer.open("long-polling")
    peer.now = 113.0

    assert peer.reply("subscribe") == [Connected(resumed=True), Gap(since=110.5, until=113.0)]


@over_both
def test_whichever_is_answered_first_makes_it_usable_and_the_other_nothing(kind: str) -> None:
    peer = _resuming("/a", kind=kind)
    probe = peer.last("subscribe")

    assert peer.reply("connect") == [Connected(resumed=True), Gap(since=100.0, until=110.0)]
    assert peer.reply("subscribe", to=probe) == []


@over_both
def test_a_probe_that_is_answered_by_401_means_a_new_session(kind: str) -> None:
    peer = _resuming("/a", kind=kind)

    assert peer.reply("subscribe", successful=False, error=UNKNOWN_CLIENT) == []
    assert peer.session.state is State.HANDSHAKING
    assert peer.reply("handshake") == [Connected(resumed=False)]


def test_a_probe_that_is_refused_says_nothing_and_the_connect_decides() -> None:
    peer = _resuming("/a")

    assert peer.reply("subscribe", successful=False, error="403:/a:Forbidden channel") == []
    assert peer.session.state is State.RESUMING
    assert Connected(resumed=True) in peer.reply("connect")
    assert peer.session.subscriptions.standing(["/a"]) == {"/a"}


def test_a_probe_without_an_answer_gives_the_transport_up_long_before_the_connect() -> None:
    peer = _resuming("/a")

    assert peer.pass_time(9.9) == []
    assert peer.session.is_attached
    peer.pass_time(0.1)

    assert peer.session.state is State.SUSPENDED


def test_what_answers_a_probe_may_overtake_the_queue_and_proves_nothing() -> None:
    peer = _resuming("/a")
    peer.now = 111.0
    peer.reply("subscribe")
    assert peer.session.proven_at == 100.0

    peer.reply("connect")
    assert peer.session.proven_at == 110.0


def test_a_session_in_which_nothing_stands_is_made_anew() -> None:
    peer = Peer()
    peer.open()
    peer.reply("handshake")
    peer.session.subscribe(["/a"], peer.now)
    peer.lose()
    peer.open()

    assert peer.channels()[-1] == ["/meta/handshake"]
    peer.reply("handshake")
    assert peer.reply("subscribe") == [
        SubscriptionAccepted(channels=("/a",)),
        Gap(since=100.0, until=100.0),
    ]


def test_rather_no_channel_is_asked_for_that_would_be_told_again() -> None:
    peer = _resuming("/a/catchup/12h", "/b", "/c")
    assert peer.last("subscribe")["subscription"] == "/b"

    only = _resuming("/a/catchup/12h")
    assert only.last("subscribe")["subscription"] == "/a/catchup/12h"


def test_a_session_is_usable_at_once_while_the_server_holds_its_old_connect() -> None:
    dealings = Dealings()
    dealings.subscribe("/a", "/c")
    dealings.open()
    dealings.pass_time(0.5)
    assert dealings.socket is not None
    dealings.socket.is_dead = True
    dealings.publish("/a")
    dealings.lose(is_clean=False)
    dealings.open()
    dealings.arrive_all()

    assert dealings.session.is_usable
    assert len(dealings.ledger.gaps) == 1
    dealings.publish("/a")
    dealings.heal()
    dealings.check()
    assert dealings.ledger.delivered == [2]


def test_where_nothing_is_wanted_any_more_the_connect_alone_is_repeated() -> None:
    peer = _resuming("/a")
    peer.session.unsubscribe(["/a"], peer.now)
    peer.reply("connect", successful=False, error="500::Server error")
    peer.pass_to_deadline()

    assert peer.channels() == [["/meta/connect"]]
    assert Connected(resumed=True) in peer.reply("connect")
    assert peer.last("unsubscribe")["subscription"] == "/a"
