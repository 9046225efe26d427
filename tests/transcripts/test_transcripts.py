"""What people see is what was reviewed: ``python -m tests.transcripts`` writes it anew."""

from pathlib import Path

import pytest

from tests.transcripts.scenes import PAGES

_FOLDER = Path(__file__).parents[2] / "docs" / "transcripts"


@pytest.mark.parametrize("name", PAGES)
async def test_people_see_what_the_transcript_shows(name: str, tmp_path: Path) -> None:
    assert await PAGES[name](tmp_path) == (_FOLDER / f"{name}.md").read_text("utf-8")
