"""What goes along with a message as files: charts, drawn here, and tables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..embeds import Chart, Sheet, can_draw

_log = logging.getLogger("twentythree.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """A file of a message."""

    filename: str
    data: bytes = field(repr=False)
    content_type: str = "image/png"


async def drawn(charts: Sequence[Chart]) -> list[MessageFile]:
    """Draw the charts in a thread; nothing where that cannot be done here."""
    if not charts or not can_draw():
        return []
    try:
        return await asyncio.to_thread(_draw, charts)
    except (ImportError, OSError, ValueError, ArithmeticError) as error:
        _log.warning("a chart could not be drawn: %s", type(error).__name__)
        return []


def _draw(charts: Sequence[Chart]) -> list[MessageFile]:
    # Here and not above: without the extra there is no Pillow.
    from ..embeds.drawing import png  # noqa: PLC0415

    return [
        MessageFile(filename=one.filename, data=png(one.series, one.language)) for one in charts
    ]


def written(sheets: Sequence[Sheet]) -> list[MessageFile]:
    """Return the tables as files."""
    return [
        MessageFile(filename=one.filename, data=one.text.encode(), content_type="text/csv")
        for one in sheets
    ]
