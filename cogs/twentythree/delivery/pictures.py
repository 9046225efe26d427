"""Charts drawn beside the event loop, where they can be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ..embeds import Chart, can_draw

_log = logging.getLogger("twentythree.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of a message."""

    filename: str
    data: bytes


async def drawn(charts: Sequence[Chart]) -> list[Picture]:
    """Draw the charts in a thread; nothing where that cannot be done here."""
    if not charts or not can_draw():
        return []
    try:
        return await asyncio.to_thread(_draw, charts)
    except (ImportError, OSError, ValueError, ArithmeticError) as error:
        _log.warning("a chart could not be drawn: %s", type(error).__name__)
        return []


def _draw(charts: Sequence[Chart]) -> list[Picture]:
    # Here and not above: without the extra there is no Pillow.
    from ..embeds.drawing import png  # noqa: PLC0415

    return [Picture(filename=one.filename, data=png(one.series)) for one in charts]
