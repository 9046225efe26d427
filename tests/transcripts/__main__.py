"""Write ``docs/transcripts`` anew: ``python -m tests.transcripts``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.transcripts.scenes import PAGES

FOLDER = Path(__file__).parents[2] / "docs" / "transcripts"


async def main() -> None:
    """Play every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, play in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            (FOLDER / f"{name}.md").write_text(await play(Path(folder)), "utf-8")


asyncio.run(main())
