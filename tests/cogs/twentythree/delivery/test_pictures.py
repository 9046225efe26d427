from __future__ import annotations

import sys

import pytest

from cogs.twentythree.delivery.posting import drawn
from cogs.twentythree.embeds import charts_of
from tests.fakes.notices import charted_notice


async def test_a_chart_becomes_a_png_under_its_name() -> None:
    (chart,) = charts_of([charted_notice()])

    (picture,) = await drawn([chart])

    assert picture.filename == chart.filename
    assert picture.data.startswith(b"\x89PNG\r\n")


async def test_no_charts_are_no_pictures() -> None:
    assert await drawn([]) == []


async def test_without_the_extra_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)

    assert await drawn(charts_of([charted_notice()])) == []
