"""Single dealings of a session with the model of the server, told from beginning to end."""

from __future__ import annotations

import pytest

from tests.fakes.bayeux_dealings import Dealings
from tests.fakes.bayeux_server_model import TIMEOUT_S


def _settled(*channels: str) -> Dealings:
    dealings = Dealings()
    dealings.subscribe(*channels)
    dealings.open()
    dealings.pass_time(0.5)
    assert dealings.is_quiet()
    return dealings


def _check(dealings: Dealings) -> None:
    dealings.heal()
    dealings.check()


def test_what_is_published_while_cut_off_comes_from_the_servers_queue() -> None:
    dealings = _settled("/a")
    dealings.cut()
    dealings.publish("/a")
    _check(dealings)

    assert dealings.ledger.delivered == [1]


def test_what_went_into_a_silent_path_lies_in_the_gap() -> None:
    dealings = _settled("/a")
    assert dealings.socket is not None
    dealings.socket.is_dead = True
    dealings.pass_time(1.0)
    dealings.publish("/a")
    dealings.pass_time(60.0)
    _check(dealings)

    assert dealings.ledger.delivered == []


def test_a_silent_path_that_is_noticed_in_time_leaves_a_gap_in_the_resumed_session() -> None:
    dealings = _settled("/a")
    assert dealings.socket is not None
    dealings.socket.is_dead = True
    dealings.pass_time(1.0)
    dealings.publish("/a")
    dealings.lose(is_clean=False)
    _check(dealings)

    assert dealings.ledger.delivered == []
    assert len(dealings.server.clients) == 1


def test_the_old_sockets_late_death_costs_nothing() -> None:
    dealings = _settled("/a")
    old = dealings.socket
    assert old is not None
    old.is_dead = True
    dealings.lose(is_clean=False)
    dealings.open()
    dealings.arrive_all()
    dealings.server.lose(old)
    dealings.publish("/a")
    _check(dealings)

    assert dealings.ledger.delivered == [1]


def test_a_session_that_expired_while_cut_off_is_made_anew_with_a_gap() -> None:
    dealings = _settled("/a", "/c")
    dealings.cut()
    dealings.publish("/a")
    dealings.pass_time(2 * TIMEOUT_S + 1.0)
    _check(dealings)

    assert dealings.ledger.delivered == []
    assert len(dealings.ledger.gaps) == 1


def test_a_session_forgotten_under_a_held_connect_has_its_gap_from_the_forgetting_on() -> None:
    dealings = _settled("/a")
    dealings.server.forget()
    dealings.pass_time(1.0)
    dealings.publish("/a")
    _check(dealings)


def test_a_frame_that_was_late_proves_nothing_about_those_behind_it() -> None:
    dealings = _settled("/a")
    dealings.publish("/a")
    dealings.server.pass_time(dealings.now + 1.0)
    dealings.publish("/a")
    dealings.server.pass_time(dealings.now + 1.0)
    dealings.arrive()
    dealings.cut()
    _check(dealings)

    assert dealings.ledger.delivered == [1]


def test_a_channel_left_and_wanted_again_before_the_first_answer_stands_after_a_cut() -> None:
    dealings = _settled("/c")
    dealings.server.is_slow = True
    dealings.subscribe("/a")
    dealings.unsubscribe("/a")
    dealings.subscribe("/a")
    assert dealings.socket is not None
    dealings.server.answer(dealings.socket, 0)
    dealings.arrive_all()
    dealings.cut()
    _check(dealings)


def test_a_channel_that_was_left_and_wanted_again_stands_whichever_answer_was_lost() -> None:
    dealings = _settled("/a", "/c")
    dealings.server.is_slow = True
    dealings.unsubscribe("/a")
    dealings.subscribe("/a")
    assert dealings.socket is not None
    dealings.server.answer(dealings.socket, 1)
    dealings.arrive_all()
    dealings.cut()
    _check(dealings)


def test_the_refusal_of_an_older_request_does_not_outlive_the_newer_ones_acceptance() -> None:
    dealings = _settled("/c")
    dealings.server.refused = frozenset({"/a"})
    dealings.server.is_slow = True
    dealings.subscribe("/a")
    dealings.unsubscribe("/a")
    dealings.server.refused = frozenset()
    dealings.subscribe("/a")
    _check(dealings)


def test_the_server_is_told_of_a_channel_left_twice_although_no_answer_came() -> None:
    dealings = _settled()
    dealings.subscribe("/a")
    dealings.cut()
    dealings.unsubscribe("/a")
    dealings.subscribe("/a")
    dealings.unsubscribe("/a")
    _check(dealings)


@pytest.mark.parametrize("whole", [True, False])
def test_one_refused_channel_of_an_array_costs_the_others_nothing(whole: bool) -> None:  # noqa: FBT001 - pytest passes by name
    dealings = Dealings()
    dealings.server.refused = frozenset({"/c"})
    dealings.server.refuses_whole_arrays = whole
    dealings.subscribe("/a", "/c", "/d")
    _check(dealings)

    assert dealings.ledger.refused == {"/c"}
