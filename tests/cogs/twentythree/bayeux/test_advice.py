"""Advice is in milliseconds, merged, and may be nonsense."""

import math

import pytest

from cogs.twentythree.bayeux import Advice
from cogs.twentythree.bayeux.advice import Reconnect, reconnect_in


def test_interval_and_timeout_are_milliseconds() -> None:
    advice = Advice().merged({"reconnect": "retry", "interval": 1500, "timeout": 4000})

    assert advice == Advice(interval_s=1.5, timeout_s=4.0)


def test_what_a_later_advice_leaves_out_stays_in_force() -> None:
    advice = Advice(interval_s=1.5, timeout_s=4.0)

    assert advice.merged({"reconnect": "handshake"}) == advice
    assert advice.merged({"interval": 0}) == Advice(interval_s=0.0, timeout_s=4.0)


@pytest.mark.parametrize("value", [None, "5", True, math.nan, [], {}])
def test_nonsense_changes_nothing(value: object) -> None:
    advice = Advice(interval_s=1.5, timeout_s=4.0)

    assert advice.merged({"interval": value, "timeout": value}) == advice


@pytest.mark.parametrize("value", [1e300, math.inf, 10**400])
def test_times_are_capped_at_an_hour(value: float) -> None:
    assert Advice().merged({"timeout": value}).timeout_s == 3600.0


@pytest.mark.parametrize("value", [-1, -math.inf, -(10**400)])
def test_a_negative_interval_stays_negative_and_a_negative_timeout_is_none(value: float) -> None:
    advice = Advice().merged({"interval": value, "timeout": value})

    assert advice.interval_s < 0
    assert advice.timeout_s == 0.0


def test_only_known_words_are_advice_to_reconnect() -> None:
    assert reconnect_in({"reconnect": "none"}) is Reconnect.NONE
    assert reconnect_in({"reconnect": "sideways"}) is None
    assert reconnect_in({"reconnect": ["none"]}) is None
    assert reconnect_in({}) is None
