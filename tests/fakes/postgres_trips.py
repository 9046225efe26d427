"""Stands between the store and PostgreSQL, and counts how often the store waits for an answer."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Self

from sqlalchemy import make_url

# Messages after which a client waits: Query, Sync, Flush.
# https://www.postgresql.org/docs/current/protocol-message-formats.html
_ASKS = b"QSH"


class TripCounter:
    """``async with TripCounter(address) as trips``: connect to ``trips.address`` instead.

    ``count`` is the number of round trips so far.
    """

    def __init__(self, address: str) -> None:
        self._url = make_url(address)
        # The path of a socket must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="trips-"))
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self.count = 0

    async def __aenter__(self) -> Self:
        path = self._folder / ".s.PGSQL.5432"
        self._server = await asyncio.start_unix_server(self._accept, path)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        shutil.rmtree(self._folder)

    @property
    def address(self) -> str:
        near = self._url.update_query_dict({"host": str(self._folder)})
        return near.render_as_string(hide_password=False)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio reports its own one as failed when it is cancelled.
        link = asyncio.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._url.host:
            far = await asyncio.open_connection(self._url.host, self._url.port or 5432)
        else:
            far = await asyncio.open_unix_connection(
                Path(str(self._url.query["host"])) / ".s.PGSQL.5432"
            )
        try:
            await asyncio.gather(self._ask(reader, far[1]), self._answer(far[0], writer))
        finally:
            writer.close()
            far[1].close()

    async def _ask(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        is_begun = False
        try:
            while True:
                # The first message has no type.
                kind = await reader.readexactly(1) if is_begun else b""
                size = await reader.readexactly(4)
                rest = await reader.readexactly(int.from_bytes(size) - 4)
                is_begun = True
                self.count += bool(kind) and kind in _ASKS
                far.write(kind + size + rest)
                await far.drain()
        except asyncio.IncompleteReadError:
            far.write_eof()

    async def _answer(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await far.read(65536):
            writer.write(data)
            await writer.drain()
        # The server ends a connection, on which the client waits for that.
        writer.close()
