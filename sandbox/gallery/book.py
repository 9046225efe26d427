"""``docs/gallery.md``: what there is to see, with a sentence each; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .exhibit import LANGUAGES, Exhibit
from .taking import WINDOWS, WINDOWS_AGAIN, Window

FOLDER: Final = "gallery"
_HEAD: Final = """\
# Gallery

What a room shows, as pictures: 390 pixels wide, as on a phone, and as wide as on a desk, in light
and in the dark; what is translated once on each. `make pictures` makes them and this page
(`python -m sandbox.gallery`): the real bot posts into the sandbox, and a browser draws its Discord
as the [demo](demo.md) does. Discord's own client has other colours and sizes. What takes an hour
does so by the sandbox's clock alone.
"""
_NAMES: Final = {"en": "English", "da": "Danish", "de": "German", "sv": "Swedish"}
_WIDTHS: Final = {"phone": 300, "desktop": 620}


def text_of(exhibits: Sequence[Exhibit]) -> str:
    """Return the page."""
    return "\n".join((_HEAD, *_parts(exhibits)))


def file_name(exhibit: Exhibit, language: str, window: Window) -> str:
    """Return where a picture is, from the gallery's page."""
    return f"{FOLDER}/{language}/{exhibit.name}-{window.name}.png"


def made_in(exhibits: Sequence[Exhibit], language: str) -> list[Exhibit]:
    """Return what is made in a language; in the first it is all."""
    return [one for one in exhibits if one.is_translated or language == LANGUAGES[0]]


def windows_of(language: str) -> Sequence[Window]:
    """Return in which windows the pictures of a language are taken."""
    return WINDOWS if language == LANGUAGES[0] else WINDOWS_AGAIN


def _parts(exhibits: Sequence[Exhibit]) -> Iterator[str]:
    for language in LANGUAGES:
        if language != LANGUAGES[0]:
            yield f"# {_NAMES[language]}\n"
        for one in made_in(exhibits, language):
            yield f"## {one.title}\n"
            if language == LANGUAGES[0]:
                yield f"{one.sentence}\n"
            yield _shown(one, language)


def _shown(exhibit: Exhibit, language: str) -> str:
    pictures = [
        f'<img src="{file_name(exhibit, language, window)}" width="{_WIDTHS[window.device]}"'
        f' alt="{exhibit.title}, {window.device}, {window.theme}">'
        for window in windows_of(language)
    ]
    return "\n".join(("<p>", *pictures, "</p>\n"))
