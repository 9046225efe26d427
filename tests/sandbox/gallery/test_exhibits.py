"""The gallery shows all that the bot can post; its page and its pictures are there."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from cogs.twentythree.domain import model
from cogs.twentythree.domain.room_settings import Layout
from cogs.twentythree.domain.shown import BoardView
from sandbox.gallery.book import FOLDER, made_in, text_of, windows_of
from sandbox.gallery.exhibit import LANGUAGES
from sandbox.gallery.exhibits import EXHIBITS

_DOCS = Path(__file__).parents[3] / "docs"
_MOST_BYTES = 3_000_000
_KINDS = {
    "layout": Layout,
    "phase": model.LivePhase,
    "view": BoardView,
    "kind": model.CommentKind,
    "status": model.CommentStatus,
    "standing": model.Standing,
}
# Said only where somebody takes a cancellation back.
_NOT_SHOWN = {"phase idle"}
_REPLIES = {
    *("attach", "consent", "list", "status", "history", "room", "setup"),
    *("modal", "preview", "delete", "menu"),
}


def wanted() -> Iterator[str]:
    """Yield all that a room may show."""
    for notice in get_args(model.Notice):
        (kind,) = [one.default for one in fields(notice) if one.name == "type"]
        yield f"notice {kind}"
    for word, kinds in _KINDS.items():
        for kind in kinds:
            yield f"{word} {kind.value}".strip()
    for reply in _REPLIES:
        yield f"reply {reply}"
    yield from ("place thread", "calendar")


def test_each_kind_of_notice_layout_and_state_is_shown() -> None:
    shown = {what for one in EXHIBITS for what in one.shows}

    assert set(wanted()) - _NOT_SHOWN - shown == set()


def test_no_two_exhibits_have_one_name() -> None:
    assert len({one.name for one in EXHIBITS}) == len(EXHIBITS)


def test_the_page_is_what_it_is_made_of() -> None:
    assert (_DOCS / "gallery.md").read_text(encoding="utf-8") == text_of(EXHIBITS)


def test_all_pictures_are_there_and_no_others_and_they_are_small() -> None:
    named = set(re.findall(r'src="([^"]+)"', text_of(EXHIBITS)))
    there = list((_DOCS / FOLDER).rglob("*.png"))

    assert {str(one.relative_to(_DOCS)) for one in there} == named
    count = sum(
        len(made_in(EXHIBITS, language)) * len(windows_of(language)) for language in LANGUAGES
    )
    assert len(named) == count
    assert sum(one.stat().st_size for one in there) < _MOST_BYTES
