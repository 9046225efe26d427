"""One WebSocket of a client: what comes is answered, what is pushed goes out in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from aiohttp import WSMsgType, web

from .engine import Engine, Message
from .messages import as_text, messages_of_frame, session_of
from .protocol import Held, Protocol


class ClientSocket:
    """A WebSocket. It belongs to the session whose connect was the last to come on it.

    Args:
        is_silent: tells whether frames are swallowed rather than sent.
    """

    def __init__(self, engine: Engine, protocol: Protocol, is_silent: Callable[[], bool]) -> None:
        self._engine = engine
        self._protocol = protocol
        self._is_silent = is_silent
        # Faye offers no compression.
        self._socket = web.WebSocketResponse(max_msg_size=2**26, compress=False)
        self._outgoing: asyncio.Queue[list[Message] | None] = asyncio.Queue()
        self._client_id: str | None = None
        self._running: set[asyncio.Task[None]] = set()

    def push(self, messages: list[Message]) -> None:
        """Send messages in one frame."""
        self._outgoing.put_nowait(messages)

    def end(self) -> None:
        """Close with 1000, after what was pushed before."""
        self._outgoing.put_nowait(None)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run until the socket closes."""
        await self._socket.prepare(request)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._run(tasks, self._write())
                async for frame in self._socket:
                    if frame.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                        self._take(frame.data, tasks)
                for task in self._running:
                    task.cancel()
        except* ConnectionError:
            pass
        finally:
            if self._client_id is not None:
                self._engine.release(self._client_id)
        return self._socket

    def _run(self, tasks: asyncio.TaskGroup, work: Coroutine[None, None, None]) -> None:
        task = tasks.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _take(self, data: str | bytes, tasks: asyncio.TaskGroup) -> None:
        messages = messages_of_frame(data)
        if messages is None:
            return
        self._bind(session_of(messages))
        replies, held = self._protocol.answer(messages)
        if held:
            self._run(tasks, self._finish(replies, held))
        else:
            # At once, so that the reply to a disconnect is ahead of the end.
            self.push(replies)

    def _bind(self, client_id: str | None) -> None:
        if client_id is None:
            return
        if self._client_id not in {None, client_id}:
            # A socket has one session: a second takes it from the first.
            self._engine.release(str(self._client_id), closes=False)
        self._client_id = client_id
        self._engine.bind(client_id, self)

    async def _finish(self, replies: list[Message], held: list[Held]) -> None:
        # A frame is answered only when every message in it is.
        for one in held:
            replies += await self._protocol.finish(one)
        self.push(replies)

    async def _write(self) -> None:
        while (messages := await self._outgoing.get()) is not None:
            if not self._is_silent():
                await self._socket.send_str(as_text(messages))
        await self._socket.close()
