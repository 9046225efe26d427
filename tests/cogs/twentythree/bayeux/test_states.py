"""The transition table as a graph."""

import pytest

from cogs.twentythree.bayeux import TRANSITIONS, State, Trigger
from cogs.twentythree.bayeux.states import ATTACHED, DETACHED, OVER, next_state
from cogs.twentythree.errors import LocalProtocolError


def test_a_row_of_the_table_is_followed() -> None:
    assert next_state(State.SUSPENDED, Trigger.TRANSPORT_OPENED) is State.RESUMING


def test_what_is_not_in_the_table_is_our_own_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="closed"):
        next_state(State.CLOSED, Trigger.TRANSPORT_OPENED)


def test_every_state_is_attached_detached_or_over() -> None:
    assert set(State) == ATTACHED | DETACHED | OVER
    assert len(ATTACHED) + len(DETACHED) + len(OVER) == len(State)


def test_nothing_leads_out_of_the_end() -> None:
    assert not [row for row in TRANSITIONS if row[0] in OVER]


def test_every_state_can_be_reached_and_every_trigger_is_used() -> None:
    reached = {State.UNCONNECTED}
    for _ in State:
        reached |= {new for (old, _), new in TRANSITIONS.items() if old in reached}

    assert reached == set(State)
    assert {trigger for _, trigger in TRANSITIONS} == set(Trigger)


@pytest.mark.parametrize("state", sorted(ATTACHED))
def test_every_attached_state_survives_the_loss_of_its_transport(state: State) -> None:
    assert next_state(state, Trigger.TRANSPORT_LOST) not in ATTACHED


@pytest.mark.parametrize("state", sorted(set(State) - OVER - {State.DISCONNECTING}))
def test_every_state_can_be_left_for_good(state: State) -> None:
    assert next_state(state, Trigger.DISCONNECT_ASKED) in {State.CLOSED, State.DISCONNECTING}
