"""``python -m sandbox.gallery``: make the pictures of what the bot posts, and their page."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Collection
from itertools import product
from pathlib import Path

from ..chat import NoReplyError, NotOfferedError
from .book import file_name, made_in, text_of, windows_of
from .chromium import chromium
from .exhibit import LANGUAGES, Exhibit
from .exhibits import EXHIBITS
from .opening import OpenHall, opened
from .taking import write

_DOCS = Path(__file__).parents[2] / "docs"


async def main(folder: Path, languages: Collection[str], only: Collection[str]) -> int:
    """Make all of it, or ``only`` the exhibits of these names; what is there is replaced.

    Returns 1 if something could not be made.
    """
    is_whole = True
    async with chromium() as browser:
        for language, is_timely in product(languages, (False, True)):
            wanted = [
                one
                for one in made_in(EXHIBITS, language)
                if one.is_timely is is_timely and (not only or one.name in only)
            ]
            if not wanted:
                continue
            async with opened(browser, language, is_timely=is_timely) as hall:
                for one in wanted:
                    is_whole &= await _made(hall, one, language, folder)
    (folder / "gallery.md").write_text(text_of(EXHIBITS), encoding="utf-8")
    return 0 if is_whole else 1


async def _made(hall: OpenHall, exhibit: Exhibit, language: str, folder: Path) -> bool:
    try:
        pictures = await hall.pictures(exhibit, windows_of(language))
    except (TimeoutError, NoReplyError, NotOfferedError) as error:
        print(f"{language}: {exhibit.name}: {str(error) or 'too late'}", file=sys.stderr)
        return False
    for window, taken in pictures:
        write(folder / file_name(exhibit, language, window), taken)
    print(f"{language}: {exhibit.name}", flush=True)
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox.gallery", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help="of an exhibit (all)")
    parser.add_argument("--folder", type=Path, default=_DOCS)
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="(all)")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.folder, given.language or LANGUAGES, given.only)))
