from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.calendar import LASTS, CoveredEvent
from cogs.twentythree.domain.model import LivePhase, LiveState
from cogs.twentythree.embeds.calendar_fields import calendar_fields
from cogs.twentythree.embeds.text import units
from tests.fakes.calendars import SOON, START, covered

_URL = "https://video.example.com"
_LONG = f"{_URL}/{'a-very-long-title-' * 9}"


def test_a_scheduled_event_says_what_a_card_says() -> None:
    event = covered(title="The *launch*", url=f"{_URL}/launch", description="Come.\n\nAll of you.")
    said = calendar_fields(event)

    assert said is not None
    assert said.name == "The *launch*"
    assert said.description == "Come.\n\nAll of you."
    assert said.location == f"{_URL}/launch#event-8-1"
    assert (said.start, said.end) == (START, START + LASTS)
    assert said.picture_url == "https://video.example.com/bridge.jpg"


def test_an_address_that_is_too_long_is_the_short_one_of_the_event() -> None:
    said = calendar_fields(covered(replace(SOON, broadcast=2), url=_LONG))

    assert said is not None
    assert said.location == f"{_URL}/live/8#event-8-3"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(covered(url=""), id="no address"),
        pytest.param(covered(url="javascript:alert(1)"), id="no address of a page"),
        pytest.param(covered(url=f"https://{'x' * 90}.example/talk"), id="a host too long"),
        pytest.param(covered(LiveState(phase=LivePhase.SOON)), id="no time"),
    ],
)
def test_what_cannot_be_said_is_not_said(event: CoveredEvent) -> None:
    assert calendar_fields(event) is None


_TEXTS = st.text(max_size=3_000)
_PATHS = st.text(max_size=400)


@given(_TEXTS, _TEXTS, _PATHS, st.integers(1, 2**62))
def test_all_of_it_is_within_discords_limits(
    title: str, description: str, path: str, object_id: int
) -> None:
    said = calendar_fields(
        covered(title=title, description=description, url=f"{_URL}/{path}", object_id=object_id)
    )

    assert said is not None
    assert 1 <= units(said.name) <= 100
    assert units(said.description) <= 1_000
    assert 1 <= units(said.location) <= 100
    assert said.location.startswith(_URL)
