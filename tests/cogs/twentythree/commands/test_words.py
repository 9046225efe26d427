from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cogs.twentythree.commands import words
from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.model import (
    ObjectId,
    ObjectInfo,
    ObjectKind,
)
from cogs.twentythree.languages import Language, speaking
from tests.fakes.bridge import an_object

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Plain", "Plain"),
        ("**bold** _it_", r"\*\*bold\*\* \_it\_"),
        ("[a](https://evil.example)", r"\[a\]\(https\://evil.example\)"),
        ("@everyone <@&1> <#2>", r"\@everyone \<\@&1\> \<\#2\>"),
        ("two\nlines", "two lines"),
        ("`code` ||spoiler||", r"\`code\` \|\|spoiler\|\|"),
        ("hid\u202eden\u200b", "hidden"),
    ],
)
def test_a_title_is_shown_as_it_was_typed(title: str, shown: str) -> None:
    assert words.disarmed(title) == shown


def test_a_long_title_is_cut_before_it_is_escaped() -> None:
    shown = words.disarmed("*" * 500)

    assert shown == r"\*" * 99 + "…"


def test_a_title_is_a_link_that_shows_no_preview() -> None:
    found = an_object(title="A [talk]", url="https://video.example.com/talk")

    assert words.link(found) == r"[A \[talk\]](<https://video.example.com/talk>)"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://user@video.example.com/",
        "https://video.example.com/" + "x" * 500,
        "",
    ],
)
def test_an_address_that_cannot_be_shown_leaves_the_bare_title(url: str) -> None:
    assert words.link(an_object(title="Talk", url=url)) == "Talk"


def test_an_address_cannot_end_its_link_early() -> None:
    found = an_object(title="Talk", url="https://video.example.com/a>)(b")

    inside = words.link(found).removeprefix("[Talk](<").removesuffix(">)")
    assert not set(inside) & set("<>() ")


def test_an_object_without_a_title_is_called_by_its_id() -> None:
    assert words.link(an_object(7, title=" ", url="")) == "7"


def test_a_label_names_the_kind_and_fits_a_menu() -> None:
    info = ObjectInfo(object_id=ObjectId(1), kind=ObjectKind.LIVE, title="x" * 200, url="")

    assert words.label(info).startswith("Live: x")
    assert len(words.label(info)) == 100
    assert words.label(an_object(title="Talk")) == "Video: Talk · 1"
    secret = ObjectInfo(
        object_id=ObjectId(2), kind=ObjectKind.LIVE, title="Talk", url="", at=NOON, is_public=False
    )
    assert words.label(secret) == "Live: Talk · 2 · 2 Jan 2030 · private"
    with speaking(Language.GERMAN):
        assert words.label(secret) == "Live: Talk · 2 · 02.01.2030 · privat"


def test_what_is_quoted_is_disarmed_between_the_marks_of_the_language() -> None:
    assert words.quoted("a *b*", 10) == r"“a \*b\*”"
    with speaking(Language.GERMAN):
        assert words.quoted("a", 10) == "„a“"


def test_a_moment_is_shown_in_the_readers_own_zone() -> None:
    assert words.when(None) == "never"
    assert words.when(NOON) == f"<t:{int(NOON.timestamp())}:R>"


@pytest.mark.parametrize(
    ("cards", "line"),
    [
        (AtDetach.DELETE, "- 2 cards of what is planned or live are deleted."),
        (AtDetach.KEEP, "- 2 cards of what is planned or live will say “No longer followed here”."),
    ],
)
def test_more_cards_than_one_are_counted(cards: AtDetach, line: str) -> None:
    assert words.cards_left(2, cards) == [line]
