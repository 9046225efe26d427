"""A TCP proxy that can cut, stall, and eat WebSocket upgrades."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from typing import Self

_CHUNK = 65536
_LINGER_NONE = struct.pack("ii", 1, 0)


class TcpProxy:
    """``async with TcpProxy(port) as proxy``; connect to ``proxy.port`` instead.

    ``target``: a port of this machine, or the path of a Unix socket.
    ``eats_upgrades``: a request to become a WebSocket is swallowed and never answered.
    ``stall()``: nothing passes in either direction, and no side is told, until ``flow()``.
    ``swallow()``: the same for the connections of now and for good; new ones are not concerned.
    ``has_swallowed``: whether anything went that way since.
    ``answers_to_upgrades``: such requests get these bytes instead, one each, and what comes after
    them on their connections is swallowed. ``eats_frames``: behind an upgrade nothing passes.
    ``requests_each``: a connection is closed at the request after so many.
    ``is_refusing``: new connections are cut at once. ``tls``: what it speaks on the near side.
    """

    def __init__(self, target: int | str, *, tls: ssl.SSLContext | None = None) -> None:
        self._target = target
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self.port = 0
        self.accepted = 0
        self.upgraded = 0
        self.has_swallowed = False
        self.eats_upgrades = False
        self.answers_to_upgrades: list[bytes] = []
        self.eats_frames = False
        self.requests_each = 0
        self.is_refusing = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    @property
    def url(self) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/faye"

    def stall(self) -> None:
        self._may_pass.clear()

    def flow(self) -> None:
        self._may_pass.set()

    def swallow(self) -> None:
        self.has_swallowed = False
        self._swallowed |= self._writers

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        self._reset(set(self._writers))

    def cut_swallowed(self) -> None:
        """Reset those that were swallowed: their far sides learn of it at last."""
        self._reset(set(self._swallowed))

    def _reset(self, writers: set[asyncio.StreamWriter]) -> None:
        for writer in writers:
            # A TLS connection that has ended has no socket any more.
            with contextlib.suppress(OSError, AttributeError):
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
            # Python 3.11.2 cannot end one of TLS once more.
            with contextlib.suppress(AttributeError):
                writer.transport.abort()
        self._writers -= writers
        self._swallowed -= writers

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio reports its own one as failed when it is cancelled.
        link = asyncio.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._writers.add(writer)
        if self.is_refusing:
            self.cut()
            return
        try:
            far_reader, far_writer = await self._connected()
        except OSError:
            self._reset({writer})
            return
        self._writers.add(far_writer)
        async with asyncio.TaskGroup() as pipes:
            pipes.create_task(self._pipe(reader, far_writer, near=writer))
            pipes.create_task(self._pipe(far_reader, writer))

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, str):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pipe(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        near: asyncio.StreamWriter | None = None,
    ) -> None:
        requests = 0
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._may_pass.wait()
                requests += chunk.startswith(b"POST")
                if near is not None and 0 < self.requests_each < requests:
                    near.close()
                    break
                if near is not None and b"upgrade: websocket" in chunk.lower():
                    self.upgraded += 1
                    if self.answers_to_upgrades:
                        near.write(self.answers_to_upgrades.pop(0))
                        self._swallowed |= {near, writer}
                    if self.eats_upgrades:
                        continue
                elif near is not None and self.eats_frames and requests == 0:
                    continue
                if writer in self._swallowed:
                    self.has_swallowed = True
                else:
                    writer.write(chunk)
                    await writer.drain()
        if writer not in self._swallowed:
            writer.close()
