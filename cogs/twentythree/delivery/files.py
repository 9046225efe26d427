"""What is fetched or drawn to go along: charts, tables, pictures of scheduled events.

Discord takes no address of such a picture; it is fetched from the workspace.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from ..embeds import Chart, Sheet, can_draw

_log = logging.getLogger("twentythree.delivery")
_TIMEOUT_S = 20.0
# Far more than a picture of a card has; Discord takes no larger one for all that is known.
_MAX_BYTES = 4 * 1024 * 1024
# What Discord shows as a cover, known by how the file begins.
_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


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


class Covers:
    """Fetches pictures of one workspace, and nothing of other places.

    Args:
        http: follows no redirect to another origin.
        site_url: the workspace.
    """

    def __init__(self, http: aiohttp.ClientSession, site_url: str) -> None:
        self._http = http
        self._origin = URL(site_url).origin()

    async def cover(self, url: str | None) -> str | None:
        """Return a picture as Discord takes it; ``None``: there is none that can be had now."""
        try:
            if url is None or URL(url).origin() != self._origin:
                return None
            async with asyncio.timeout(_TIMEOUT_S), self._http.get(URL(url)) as response:
                response.raise_for_status()
                data = await response.content.read(_MAX_BYTES + 1)
                while len(data) <= _MAX_BYTES and not response.content.at_eof():
                    data += await response.content.read(_MAX_BYTES + 1)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.debug("a picture could not be fetched: %s", type(error).__name__)
            return None
        return _as_data(data)


def _as_data(data: bytes) -> str | None:
    kinds = [kind for begins, kind in _BEGINNINGS.items() if data.startswith(begins)]
    if not kinds or len(data) > _MAX_BYTES:
        return None
    return f"data:{kinds[0]};base64,{b64encode(data).decode()}"
