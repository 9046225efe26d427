"""Every text that people are shown is in every catalogue, complete and of the same shape.

A text is *marked* where it is given to ``tr`` or its kin (``languages.py``). What looks like a
text in the rooms that speak to people, and is not marked, is noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from cogs.twentythree.languages import CATALOGUES, DOMAIN, Language, retold, speaking, tr

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "cogs" / "twentythree"
OTHERS = [one for one in Language if one is not Language.ENGLISH]

_MARKS = {"tr", "noted", "kept"}
_PAIRS = {"tr_many", "_pair"}
_SENSES = {"noted_as", "tr_as"}
_ALL_MARKS = _MARKS | _PAIRS | _SENSES
# Rooms of which nearly every text is for people.
_SPEAKING = (
    *("commands", "embeds", "actions", "domain/troubles.py", "domain/barring.py"),
    *("delivery/telling.py", "delivery/threads.py", "delivery/outage_teller.py"),
    *("delivery/outcomes.py", "delivery/pauses.py", "errors.py"),
)
# What only looks like a text: names of Discord's and Pillow's, headers, patterns, stored words.
_NO_TEXT = re.compile(
    r"tt:|attachment://|Me$|Mn$|Mc$|PIL$|RGB$|PNG$|X-RateLimit|Retry-After|Any$|not a button"
    r"|\s*\(.*\n|twentythree|English|Dansk|Deutsch|Svenska|As Discord says it|Attached TwentyThree"
    r"|it is so already$|there is too much to be|Discord says that it|Discord does not show it"
    r"|word or name$|harmful link$|explicit content$|not allowed$|not public$"
)

Key = tuple[str | tuple[str, ...], str | None]


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def marked(source: str) -> Iterator[Key]:
    """Yield the texts that are marked: a text, or the two forms of one, and its sense."""
    for node in ast.walk(ast.parse(source)):
        name = _called(node)
        if name not in _ALL_MARKS:
            continue
        assert isinstance(node, ast.Call)
        given = [one.value for one in node.args if isinstance(one, ast.Constant)]
        texts = [one for one in given if isinstance(one, str)]
        if name in _MARKS and texts:
            yield texts[0], None
        elif name in _PAIRS and len(texts) > 1:
            yield (texts[0], texts[1]), None
        elif name in _SENSES and len(texts) > 1:
            yield texts[1], texts[0]


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Yield what looks like a text for people and is not marked, with its line."""
    tree = ast.parse(source)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def over(node: ast.AST) -> Iterator[ast.AST]:
        while node in above:
            node = above[node]
            yield node

    for node in ast.walk(tree):
        text = _text(node)
        around = list(over(node))
        if text is None or not _looks_like_one(text) or any(map(_is_no_place, around)):
            continue
        if not around or isinstance(around[0], ast.Expr | ast.JoinedStr | ast.FormattedValue):
            continue
        yield getattr(node, "lineno", 0), text


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            parts = [one.value for one in values if isinstance(one, ast.Constant)]
            return "…".join(map(str, parts))
        case _:
            return None


def _looks_like_one(text: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}", text)
    is_sentence = len(words) > 1 and " " in text.strip()
    return bool(words) and (is_sentence or text[0].isupper()) and not _NO_TEXT.match(text)


def _is_no_place(node: ast.AST) -> bool:
    """Tell whether what is inside is marked, for a log, or a type."""
    if isinstance(node, ast.Call):
        function = node.func
        is_log = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "_log"
        return is_log or _called(node) in _ALL_MARKS | {
            "log_failure",
            "apart",
            "cast",
            "compile",
            "TypeVar",
        }
    if isinstance(node, ast.Subscript):
        return getattr(node.value, "id", "") in {"Literal", "Callable"}
    if isinstance(node, ast.Assign):
        return getattr(node.targets[0], "id", "") == "__all__"
    # What creating a task is named, and what is asked of a class by name.
    return isinstance(node, ast.keyword) and node.arg in {"name", "template"}


def sources(*where: str) -> Iterator[Path]:
    for one in where:
        path = PLUGIN / one
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def catalogue(language: Language) -> dict[Key, Message]:
    path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        found = read_po(file, locale=language.value)
    return {(_id(one), one.context): one for one in found if one.id}


def _id(one: Message) -> str | tuple[str, ...]:
    return one.id if isinstance(one.id, str) else tuple(one.id)


def forms(one: Message) -> list[tuple[str, str]]:
    """Return each text with what is said for it."""
    texts = [one.id] if isinstance(one.id, str) else list(one.id)
    said = [one.string] if isinstance(one.string, str) else list(one.string or ())
    assert len(texts) == len(said)
    return list(zip(texts, said, strict=True))


@cache
def all_marked() -> frozenset[Key]:
    return frozenset(key for path in sources(".") for key in marked(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f(): return "Nothing is planned."', ["Nothing is planned."]),
        ('def f(x): return f"Posted in {x}."', ["Posted in …."]),
        ('LABEL = "Promote"', ["Promote"]),
        ('def f(): return tr("Nothing is planned.")', []),
        ('LABEL = noted("Promote")', []),
        ('_log.warning("nothing is planned")', []),
        ('def f():\n    """Return nothing at all."""', []),
    ],
)
def test_a_text_without_a_mark_is_noticed(source: str, found: list[str]) -> None:
    assert [text for _, text in unmarked(source)] == found


def test_nothing_is_shown_without_translation() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sources(*_SPEAKING)
        if path.name not in {"__init__.py", "text.py"}
        for line, text in unmarked(path.read_text("utf-8"))
    ]

    assert not offenders


def test_babel_finds_every_mark() -> None:
    """What is in an f-string, its reader for Python does not see."""
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(".")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        for inside in ast.walk(node)
        if _called(inside) in _ALL_MARKS
        and isinstance(inside, ast.Call)
        and any(isinstance(one, ast.Constant) for one in inside.args[:1])
    ]

    assert not offenders


@pytest.mark.parametrize("language", OTHERS)
def test_each_catalogue_has_each_text_and_no_other(language: Language) -> None:
    held = {key for key, one in catalogue(language).items() if all(said for _, said in forms(one))}

    assert all_marked() - held == set(), "run `make texts` and translate what is new"
    assert held - all_marked() == set(), "run `make texts`"
    assert not any(one.fuzzy for one in catalogue(language).values())


_PLACE = re.compile(r"\{(\w*)\}")
_CODE = re.compile(r"`([^`:]*)`")


@pytest.mark.parametrize("language", OTHERS)
def test_places_and_marks_are_the_same_in_all_languages(language: Language) -> None:
    for message in catalogue(language).values():
        for text, said in forms(message):
            assert set(_PLACE.findall(said)) == set(_PLACE.findall(text)), said
            assert sorted(_CODE.findall(said)) == sorted(_CODE.findall(text)), said
            for mark in ("**", "`", "~~", "](<"):
                assert said.count(mark) == text.count(mark), said
            assert re.match(r"(-# |- )?", said).group() == re.match(r"(-# |- )?", text).group()  # type: ignore[union-attr]
            assert said.strip() == said or text.strip() != text, said


@pytest.mark.parametrize("language", OTHERS)
def test_the_typography_is_that_of_the_language(language: Language) -> None:
    quotes = {Language.DANISH: "“”", Language.GERMAN: "„“", Language.SWEDISH: "”"}[language]
    wrong = set("\"'“”„‘«»") - set(quotes)
    said = [said for one in catalogue(language).values() for _, said in forms(one)]

    assert [one for one in said if wrong & set(one)] == []
    assert [one for one in said if "..." in one or "  " in one] == []


_OTHER_WORDS = {
    Language.DANISH: r"\brum(met|mene)?\b|\bstemme-",
    Language.GERMAN: r"\bR(aum|aums|äume|äumen)\b|\bBühne",
    Language.SWEDISH: r"\brum(met|men)?\b",
}


@pytest.mark.parametrize("language", OTHERS)
def test_a_room_has_one_name_in_each_language(language: Language) -> None:
    """That of docs/languages.md, and of Discord's client; any other could be another thing."""
    other = re.compile(_OTHER_WORDS[language])
    said = [said for one in catalogue(language).values() for _, said in forms(one)]

    assert [one for one in said if other.search(one)] == []


@cache
def kept_texts() -> tuple[str, ...]:
    """Return the texts that are stored or raised in English, and told by what they look like."""
    return tuple(
        str(one.value)
        for path in sources(".")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if _called(node) == "kept" and isinstance(node, ast.Call)
        for one in node.args
        if isinstance(one, ast.Constant)
    )


@pytest.mark.parametrize("language", OTHERS)
def test_what_was_kept_is_told_by_its_own_translation(language: Language) -> None:
    """No other text looks like it, as long as its facts do not."""
    offenders = []
    for text in kept_texts():
        facts = {place: f"Fact {place}" for place in _PLACE.findall(text)}
        with speaking(language):
            told, wanted = retold(text.format(**facts)), tr(text).format(**facts)
        if told != wanted:
            offenders.append((text, told))

    assert not offenders
