from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree import languages
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.languages import (
    Language,
    language_of,
    listed,
    number,
    retold,
    said_in_all,
    speak,
    speaking,
    spoken,
    tr,
    tr_as,
    tr_many,
)
from tests.fakes.watchdog import LONGEST_STEP_S, Watchdog

OTHERS = [one for one in Language if one is not Language.ENGLISH]
LOST = "The bot may not post in this room; grant it View Channel and Embed Links there."


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("da", Language.DANISH),
        ("de", Language.GERMAN),
        ("sv-SE", Language.SWEDISH),
        ("en-GB", Language.ENGLISH),
        ("ja", Language.ENGLISH),
        (None, Language.ENGLISH),
    ],
)
def test_a_locale_has_a_language(locale: str | None, language: Language) -> None:
    assert language_of(locale) is language


def test_a_text_is_said_in_the_language_of_its_block() -> None:
    assert tr("Guest") == "Guest"
    with speaking(Language.DANISH):
        assert tr("Guest") == "Gæst"
        with speaking(Language.GERMAN):
            assert tr("With {names}", names="Ada {x}") == "Mit Ada {x}"
        assert spoken() is Language.DANISH
    assert spoken() is Language.ENGLISH
    assert tr("") == ""


async def test_a_language_is_spoken_for_the_rest_of_a_task_alone() -> None:
    async def answered() -> str:
        speak(Language.SWEDISH)
        return await asyncio.create_task(asyncio.sleep(0, tr("Guest")))

    assert await asyncio.create_task(answered()) == "Gäst"
    assert spoken() is Language.ENGLISH


def test_counts_senses_lists_and_numbers_are_those_of_the_language() -> None:
    with speaking(Language.GERMAN):
        assert tr_many("{count} room", "{count} rooms", 1) == "1 Kanal"
        assert tr_many("{count} room", "{count} rooms", 3) == "3 Kanäle"
        assert tr_as("choice", "promoted") == "hervorgehobene"
        assert tr("promoted") == "hervorgehoben"
        assert listed(["a", "b", "c"]) == "a, b und c"
        assert number(2.5) == "2,5"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert number(1234.5) == "1234.5"


def test_what_was_kept_in_english_is_told_in_another_language() -> None:
    away = WorkspaceUnreachableError("comment/list", "timeout")
    assert retold(LOST) == LOST
    with speaking(Language.DANISH):
        assert retold(LOST) == (
            "Botten må ikke skrive i denne kanal; giv den Se kanal og Integrer links der."
        )
        assert "(intet svar i tide)" in away.told()
        assert retold("3 entries of a file") == "3 poster i en fil"
        assert retold("What Discord said itself.") == "What Discord said itself."
        # Nothing that is kept is so long; to look into it could take long.
        long = LOST.replace("View Channel", "View " * 200)
        assert retold(long) == long
        # For logs.
        assert "(no answer in time)" in str(away)


@pytest.mark.parametrize("title", ["Videos", "Comments and Video", "promoted comments, a comment"])
def test_what_people_called_a_category_is_told_as_they_called_it(title: str) -> None:
    with speaking(Language.DANISH):
        told = retold(f"new videos in the category “{title}”")

    assert told == f"nye videoer i kategorien “{title}”"


async def test_words_that_stand_between_facts_do_not_hold_up_the_loop() -> None:
    said = f"- Refused in a{', ' * 490}"
    with speaking(Language.DANISH):
        retold("What is read once is read.")
        async with Watchdog() as watchdog:
            assert retold(said) == said
    assert watchdog.longest_s < LONGEST_STEP_S


@given(st.sampled_from(OTHERS), st.text(max_size=400))
def test_anything_may_have_been_kept(language: Language, said: str) -> None:
    with speaking(language):
        assert isinstance(retold(said), str)


def test_a_button_is_known_again_by_its_label() -> None:
    assert {"Try again", "Prøv igen"} < said_in_all("Try again")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return catalogues of one's own."""
    folder = tmp_path / "catalogues"
    shutil.copytree(languages.CATALOGUES, folder, ignore=shutil.ignore_patterns("*.mo"))
    monkeypatch.setattr(languages, "CATALOGUES", folder)
    languages._catalogue.cache_clear()
    languages._patterns.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def _forget() -> object:
    yield
    languages._catalogue.cache_clear()
    languages._patterns.cache_clear()


def in_danish(text: str) -> str:
    languages._catalogue.cache_clear()
    with speaking(Language.DANISH):
        return tr(text)


def test_a_compiled_catalogue_is_read_and_one_that_is_older_than_its_text_is_not(
    copied: Path,
) -> None:
    folder = copied / "da" / "LC_MESSAGES"
    compile_ = ["pybabel", "-q", "compile", "-d", str(copied), "-D", languages.DOMAIN]
    CommandLineInterface().run(compile_)  # type: ignore[no-untyped-call]  # Babel's own
    text = (folder / "twentythree.po").read_text("utf-8")

    (folder / "twentythree.po").unlink()
    assert in_danish("Guest") == "Gæst"

    (folder / "twentythree.po").write_text(text.replace('"Gæst"', '"Besøgende"'), "utf-8")
    assert in_danish("Guest") == "Besøgende"


@pytest.mark.parametrize("broken", [None, b"", b"\xde\x12\x04\x95 torn"])
def test_without_a_catalogue_people_read_english(copied: Path, broken: bytes | None) -> None:
    folder = copied / "da" / "LC_MESSAGES"
    (folder / "twentythree.po").unlink()
    if broken is not None:
        (folder / "twentythree.mo").write_bytes(broken)

    assert in_danish("Guest") == "Guest"
    with speaking(Language.DANISH):
        assert retold(LOST) == LOST
