"""A TCP path that can be cut, and that can go silent as a half-open one does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from typing import Self

_CHUNK = 65536
_LINGER_NONE = struct.pack("ii", 1, 0)


@dataclass(slots=True, kw_only=True)
class _Link:
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    is_silent: bool = False


class Path:
    """``async with Path(port) as path``; connect to ``path.url``."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._links: list[_Link] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        self._is_cut = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/faye"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection on both sides, and each new one until ``heal``."""
        self._is_cut = True
        for link in self._links:
            for writer in link.writers:
                _reset(writer)

    def heal(self) -> None:
        self._is_cut = False

    def swallow(self) -> None:
        """From now on nothing passes on the connections there are; new ones work."""
        for link in self._links:
            link.is_silent = True

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio reports its own one as failed when it is cancelled.
        task = asyncio.create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            _reset(writer)
            return
        link = _Link(writers=[writer, far_writer])
        self._links.append(link)
        async with asyncio.TaskGroup() as pipes:
            pipes.create_task(_pipe(link, reader, far_writer))
            pipes.create_task(_pipe(link, far_reader, writer))


async def _pipe(link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            if not link.is_silent:
                writer.write(chunk)
                await writer.drain()
    if not link.is_silent:
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
    writer.transport.abort()
