"""One word for one thing: names of classes and modules against ``docs/glossary.md``.

The glossary's last column says which classes, in modules of any name, and which modules are what
the word means. Whatever else has the word for its name is another thing, to be called otherwise.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "cogs" / "twentythree"
GLOSSARY = ROOT / "docs" / "glossary.md"

# Modules of one name in several rooms of the plugin, and why a fuller name would say no more.
SAME_MODULE = {
    "acting": "decided in the domain, pressed in the commands",
    "channels": "Bayeux's own, and those of the objects that are attached",
    "client": "what its package is there for",
    "following": "decided in the domain, done by the intake",
    "intake": "what its package is there for",
    "questions": "kept by the store, shown in a room by a command",
    "status": "gathered by the intake, shown by the commands",
}

# Classes that share a name and are to be called otherwise; nothing may be added.
SAME_CLASS: set[str] = set()

# What has the name of another thing and is to be called otherwise; nothing may be added.
OTHERS_NAME: set[str] = set()


def glossary() -> dict[str, list[str]]:
    """Return for each word what it is in the code, by dotted names below the plugin."""
    lines = GLOSSARY.read_text("utf-8").splitlines()
    rows = [line.strip("| ").split("|") for line in lines if line.startswith("| ")]
    return {row[0].strip(): re.findall(r"`([\w.]+)`", row[-1]) for row in rows[1:]}


@cache
def names() -> tuple[str, ...]:
    """Return the dotted names of all modules and classes."""
    return (*modules(), *classes())


def modules() -> Iterator[str]:
    """Yield the dotted names of all packages and modules."""
    for path in PLUGIN.rglob("*.py"):
        parts = path.relative_to(PLUGIN).with_suffix("").parts
        if "versions" not in parts and parts != ("__init__",):
            yield ".".join(parts).removesuffix(".__init__")


@cache
def classes() -> tuple[str, ...]:
    """Return the dotted names of all classes, and of aliases that stand for a type."""
    return tuple(_classes())


def _classes() -> Iterator[str]:
    for module in modules():
        path = PLUGIN.joinpath(*module.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.parse(source.read_text("utf-8")).body:
            match node:
                case ast.ClassDef(name=name):
                    yield f"{module}.{name}"
                case ast.AnnAssign(target=ast.Name(id=name)) if is_type(name):
                    yield f"{module}.{name}"
                case ast.Assign(targets=[ast.Name(id=name)]) if is_type(name):
                    yield f"{module}.{name}"
                case _:
                    pass


def is_type(name: str) -> bool:
    """Tell whether a name is written as those of types are."""
    return re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", name) is not None


def last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def is_named(name: str, word: str) -> bool:
    """Tell whether a class or module has a word, or the plural of it, for its name."""
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return _joined(name) in {_joined(word), _joined(plural)}


def _joined(name: str) -> str:
    return re.sub(r"[ _-]", "", name).casefold()


@pytest.mark.parametrize(
    ("name", "word", "expected"),
    [
        ("Room", "room", True),
        ("_Look", "look", True),
        ("rooms", "room", True),
        ("LiveEvent", "live event", True),
        ("sub_channels", "sub-channel", True),
        ("lookups", "look-up", True),
        ("Category", "category", True),
        ("Categories", "category", True),
        ("Series", "series", True),
        ("RoomId", "room", False),
        ("Roomy", "room", False),
    ],
)
def test_a_word_is_seen_in_a_name(name: str, word: str, expected: bool) -> None:  # noqa: FBT001 - pytest passes by name
    assert is_named(name, word) is expected


def test_what_the_glossary_says_is_in_the_code_is_there() -> None:
    told = {name for is_it in glossary().values() for name in is_it}

    assert told
    assert told - set(names()) == set()


def others_names() -> set[str]:
    """Return what has a word for its name and is not what it means."""
    return {
        name
        for word, is_it in glossary().items()
        for name in names()
        if is_named(last(name), word) and not any(f"{one}.".startswith(f"{name}.") for one in is_it)
    }


def test_a_word_of_the_glossary_is_no_other_things_name() -> None:
    assert others_names() - OTHERS_NAME == set()


def same(dotted: Iterable[str]) -> dict[str, list[str]]:
    """Return what has one name, by that name."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in dotted:
        found[last(name)].append(name)
    return {name: each for name, each in found.items() if len(each) > 1}


def same_classes() -> dict[str, list[str]]:
    return same(name for name in classes() if not last(name).startswith("_"))


def test_no_two_classes_have_one_name() -> None:
    assert {name: each for name, each in same_classes().items() if name not in SAME_CLASS} == {}


def test_modules_of_one_name_have_a_reason() -> None:
    assert {name: each for name, each in same(modules()).items() if name not in SAME_MODULE} == {}


def test_what_was_mended_is_off_the_lists() -> None:
    assert OTHERS_NAME - others_names() == set()
    assert SAME_CLASS - same_classes().keys() == set()
    assert SAME_MODULE.keys() - same(modules()).keys() == set()
