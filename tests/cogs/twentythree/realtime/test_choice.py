"""Which transport is tried when."""

from cogs.twentythree.realtime.choice import LONG_POLLING, WEBSOCKET, Choice

_BOTH = (WEBSOCKET, LONG_POLLING)


def _choice(*kinds: str) -> Choice:
    return Choice(kinds or _BOTH, websocket_retry_s=300.0)


def test_websocket_is_first() -> None:
    assert _choice().pick((), 0.0) == WEBSOCKET


def test_a_refused_upgrade_leads_to_long_polling_for_a_while() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)
    choice.worked(LONG_POLLING)

    assert choice.pick((), 11.0) == LONG_POLLING
    assert choice.pick((), 309.9) == LONG_POLLING
    assert choice.pick((), 310.0) == WEBSOCKET


def test_a_server_that_is_away_is_no_reason_for_long_polling() -> None:
    choice = _choice()
    for _ in range(9):
        choice.failed(WEBSOCKET, 10.0, is_refusal=False)

    assert choice.pick((), 11.0) == WEBSOCKET


def test_where_a_websocket_worked_it_takes_three_refusals() -> None:
    choice = _choice()
    choice.worked(WEBSOCKET)
    picked = []
    for _ in range(3):
        picked.append(choice.pick((), 11.0))
        choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert picked == [WEBSOCKET] * 3
    assert choice.pick((), 11.0) == LONG_POLLING


def test_when_long_polling_fails_as_well_websocket_has_its_turn_again() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)
    choice.failed(LONG_POLLING, 11.0, is_refusal=False)

    assert choice.pick((), 12.0) == WEBSOCKET


def test_while_polling_a_websocket_is_looked_for_where_it_is_wanted_and_offered() -> None:
    choice = _choice()
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert choice.climb_at(()) == choice.climb_at(_BOTH) == 310.0
    assert choice.climb_at({LONG_POLLING}) is None
    assert _choice(LONG_POLLING).climb_at(_BOTH) is None
    assert _choice(LONG_POLLING, WEBSOCKET).climb_at(_BOTH) is None


def test_a_websocket_that_is_refused_again_and_again_is_left_alone_for_longer() -> None:
    choice = _choice()
    pauses = []
    for _ in range(7):
        choice.failed(WEBSOCKET, 0.0, is_refusal=True)
        pauses.append(choice.climb_at(_BOTH))
    assert pauses == [300.0, 600.0, 1200.0, 2400.0, 4800.0, 4800.0, 4800.0]

    choice.worked(WEBSOCKET)
    for _ in range(3):
        choice.failed(WEBSOCKET, 0.0, is_refusal=True)
    assert choice.climb_at(_BOTH) == 300.0


def test_what_the_server_does_not_offer_is_not_tried() -> None:
    assert _choice().pick({LONG_POLLING, "callback-polling"}, 0.0) == LONG_POLLING


def test_a_server_that_offers_nothing_of_ours_gets_what_we_have() -> None:
    assert _choice().pick({"carrier-pigeon"}, 0.0) == WEBSOCKET


def test_the_only_kind_is_always_picked() -> None:
    choice = _choice(WEBSOCKET)
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert choice.pick((), 11.0) == WEBSOCKET
