from __future__ import annotations

import pytest

from cogs.twentythree.domain.cards import filled, wrong_in


@pytest.mark.parametrize(
    "text",
    ["Now!", "{title}", "{title} at {start}: {url} with {speakers}", "x" * 500, "**a** <@&5>"],
)
def test_a_text_may_hold_each_place_once(text: str) -> None:
    assert wrong_in(text) == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("  ", "There is no text in it."),
        ("x" * 501, "It has at most 500 characters, and these are 501."),
        ("{name}", "Braces stand around a place only: {title}, {start}, {url}, {speakers}."),
        ("{title.__class__}", "Braces stand around a place only"),
        ("{{title}}", "Braces stand around a place only"),
        ("{title", "Braces stand around a place only"),
        ("{}", "Braces stand around a place only"),
        ("{url} {url}", "Each of {title}, {start}, {url}, {speakers} may stand in it once."),
    ],
)
def test_anything_else_in_braces_is_said_to_be_wrong(text: str, wrong: str) -> None:
    assert wrong_in(text).startswith(wrong)


def test_places_are_filled_once_and_what_is_missing_is_left_out() -> None:
    assert filled("{title}: {url} {speakers}", {"title": "{url}", "url": "U"}) == "{url}: U"
