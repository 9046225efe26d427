from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cogs.twentythree.domain.shown import Series
from cogs.twentythree.embeds.drawing import png
from tests.fakes.examples import examples
from tests.fakes.notices import SERIES

BLUE, ORANGE = (79, 142, 247), (232, 163, 61)


def picture(series: Series) -> Image.Image:
    with Image.open(BytesIO(png(series))) as image:
        image.load()
        return image.convert("RGB")


def count(image: Image.Image, colour: tuple[int, int, int]) -> int:
    colours = image.getcolors(maxcolors=image.width * image.height) or []
    return {found: number for number, found in colours}.get(colour, 0)


def test_viewers_and_comments_are_both_drawn() -> None:
    image = picture(SERIES)

    assert image.size == (720, 480)
    assert count(image, BLUE) > 300
    assert count(image, ORANGE) > 1000


def test_what_is_not_known_is_not_drawn() -> None:
    unknown = replace(SERIES, viewers=(None,) * 4, comments=(None,) * 4)

    assert count(picture(unknown), BLUE) == count(picture(unknown), ORANGE) == 0


def test_a_value_with_gaps_on_both_sides_is_a_dot() -> None:
    alone = replace(SERIES, viewers=(None, 5, None, None), comments=(None,) * 4)

    assert 10 < count(picture(alone), BLUE) < 100


def test_a_gap_divides_the_line() -> None:
    whole = replace(SERIES, viewers=(5, 5, 5, 5, 5), comments=(None,) * 5)
    divided = replace(SERIES, viewers=(5, 5, None, 5, 5), comments=(None,) * 5)

    assert count(picture(divided), BLUE) < count(picture(whole), BLUE)


def test_the_same_series_gives_the_same_picture() -> None:
    assert png(SERIES) == png(SERIES)


@pytest.mark.parametrize("steps", [1, 2, 120])
def test_a_picture_is_small_enough_for_any_room(steps: int) -> None:
    series = Series(
        started_at=SERIES.started_at,
        step_min=3,
        viewers=tuple(number * number for number in range(steps)),
        comments=tuple(float(number % 7) for number in range(steps)),
    )

    assert len(png(series)) < 100_000


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 10**9), st.none() | st.floats(0, 10**7)),
        min_size=1,
        max_size=121,
    ),
    st.integers(1, 12),
)
def test_any_series_can_be_drawn(
    values: list[tuple[int | None, float | None]], step_min: int
) -> None:
    series = Series(
        started_at=SERIES.started_at,
        step_min=step_min,
        viewers=tuple(viewers for viewers, _ in values),
        comments=tuple(comments for _, comments in values),
    )

    assert picture(series).size == (720, 480)
