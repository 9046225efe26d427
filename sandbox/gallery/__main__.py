"""``python -m sandbox.gallery``: make the pictures of what the bot posts, and their page."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Collection
from pathlib import Path

from .book import file_name, made_in, text_of
from .chromium import chromium
from .exhibit import LANGUAGES
from .exhibits import EXHIBITS
from .opening import opened
from .taking import write

_DOCS = Path(__file__).parents[2] / "docs"


async def main(folder: Path, languages: Collection[str], only: Collection[str]) -> None:
    """Make all of it, or ``only`` the exhibits of these names; what is there is replaced."""
    async with chromium() as browser:
        for language in languages:
            async with opened(browser, language) as hall:
                for one in made_in(EXHIBITS, language):
                    if only and one.name not in only:
                        continue
                    for window, taken in await hall.pictures(one):
                        path = folder / file_name(one, language, window)
                        path.parent.mkdir(parents=True, exist_ok=True)
                        write(path, taken)
                    print(f"{language}: {one.title}", flush=True)  # noqa: T201 - a command line prints
    (folder / "gallery.md").write_text(text_of(EXHIBITS), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox.gallery", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help="of an exhibit (all)")
    parser.add_argument("--folder", type=Path, default=_DOCS)
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="(all)")
    given = parser.parse_args()
    asyncio.run(main(given.folder, given.language or LANGUAGES, given.only))
