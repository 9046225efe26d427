from __future__ import annotations

import pytest

from cogs.twentythree.languages import Language, many, speaking


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        (Language.ENGLISH, "1 notice", "2 notices"),
        (Language.DANISH, "1 opslag", "2 opslag"),
        (Language.GERMAN, "1 Meldung", "2 Meldungen"),
        (Language.SWEDISH, "1 notis", "2 notiser"),
    ],
)
def test_counts_read_as_people_say_them(language: Language, one: str, two: str) -> None:
    with speaking(language):
        assert (many(1, "notice"), many(2, "notice")) == (one, two)
        assert many(0, "notice") == two.replace("2", "0")
