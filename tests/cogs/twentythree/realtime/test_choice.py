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


def test_what_the_server_does_not_offer_is_not_tried() -> None:
    assert _choice().pick({LONG_POLLING, "callback-polling"}, 0.0) == LONG_POLLING


def test_a_server_that_offers_nothing_of_ours_gets_what_we_have() -> None:
    assert _choice().pick({"carrier-pigeon"}, 0.0) == WEBSOCKET


def test_the_only_kind_is_always_picked() -> None:
    choice = _choice(WEBSOCKET)
    choice.failed(WEBSOCKET, 10.0, is_refusal=True)

    assert choice.pick((), 11.0) == WEBSOCKET
