"""The example of docs/bayeux.md works."""

import asyncio
import re
from pathlib import Path
from typing import Any

from tests.fakes.faye import FayeServer

_PAGE = Path(__file__).parents[4] / "docs" / "bayeux.md"


async def test_the_example_returns_the_first_event(faye: FayeServer) -> None:
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], str(_PAGE), "exec"), names)  # noqa: S102 - our own page

    example = asyncio.create_task(names["first_event"](faye.url, ["/a"]))
    async with asyncio.timeout(60):
        while not await faye.do("subscriptions"):
            pass
        await faye.publish("/a", "first")

        assert await example == "first"


def test_every_piece_of_code_on_the_page_can_be_run() -> None:
    pieces = re.findall(r"```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert pieces
    for piece in pieces:
        exec(compile(piece, str(_PAGE), "exec"), {})  # noqa: S102 - our own page
