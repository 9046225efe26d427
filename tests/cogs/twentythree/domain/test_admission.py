"""What a room leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.admission import folded, hides, words_of
from cogs.twentythree.domain.room_settings import RoomSettings


def is_hidden(text: str, author: str = "Ada", *, by: str = "", **values: Any) -> bool:
    settings = RoomSettings(hidden=words_of(by), **values)
    return hides(settings, kind="chat", is_promoted=False, author=author, text=text)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("spam", "This is SPAM!"),
        ("Café", "the cafe, please"),
        ("cafe", "the CAFÉ"),
        ("straße", "STRASSE"),
        ("istanbul", "İSTANBUL"),
        ("buy now", "so buy\n  NOW."),
        ("spam", "s\u200bp\u00ada\u2060m"),
        ("spam", "s\u0336p\u0336a\u0336m\u0336"),
        ("spam", "ｓｐａｍ"),
        ("广告", "请看广告吗"),
        ("広告", "この広告です"),
        ("a, b; c\nspam", "spam"),
    ],
)
def test_words_are_found_whole_whatever_their_case_and_accents(by: str, text: str) -> None:
    assert is_hidden(text, by=by)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("spam", "spammer"),
        ("ass", "class, assess"),
        ("buy now", "buy it now"),
        ("s.*m", "spam"),
        ("[a-z]+", "spam"),
        ("", "spam"),
        (" , ;", "spam , ;"),
    ],
)
def test_parts_of_words_and_patterns_hide_nothing(by: str, text: str) -> None:
    assert not is_hidden(text, by=by)


def test_names_are_hidden_as_well() -> None:
    assert is_hidden("Hello", "Ada Lovelace", by="ada lovelace")
    assert is_hidden("Hello", "Ada", by="ada")
    assert not is_hidden("Hello", "Adamo", by="ada")
    # A name that ends where the text begins is no word of both.
    assert not is_hidden("now", "buy", by="buynow")


def test_kinds_that_are_not_shown_are_hidden() -> None:
    assert is_hidden("Hello", kinds=("question",))
    assert not is_hidden("Hello", kinds=("question", "chat"))


def test_what_is_short_is_hidden_unless_staff_promoted_it() -> None:
    settings = RoomSettings(min_length=3)

    def short(text: str, *, is_promoted: bool = False) -> bool:
        return hides(settings, kind="chat", is_promoted=is_promoted, author="A", text=text)

    assert [short("  ok "), short("yes"), short("ok", is_promoted=True)] == [True, False, False]


def test_each_word_of_a_list_is_kept_once_as_it_was_typed() -> None:
    assert words_of("Spam,  buy   NOW ,spam\ncafé; Cafe,!") == ("spam", "buy NOW", "Cafe")


@given(st.text(max_size=60))
def test_a_word_hides_the_comment_that_is_that_word(typed: str) -> None:
    words = words_of(typed)

    assert all(is_hidden(f"x {word} y", by=word) for word in words)
    assert folded(folded(typed)) == folded(typed)
