"""The long-polling transport, on aiohttp: one held request and one lane for all others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp
from yarl import URL

from ..bayeux import Message
from ..web import redirect_within
from . import wire
from .options import RealtimeOptions
from .transport import Decode, Take, TransportError

_CHUNK = 2**16
_MOST_REDIRECTS = 3
_HEADERS = {"Content-Type": "application/json"}
# What ``take`` takes.
_Answer = tuple[object, int]


class LongPollingTransport:
    """A spell of polling. Any request that fails ends it.

    A connect goes out at once, on its own connection; everything else goes one after the
    other, because two requests on two connections may overtake each other. How long a connect
    may be held is for the session to watch.
    """

    def __init__(
        self, http: aiohttp.ClientSession, url: str, options: RealtimeOptions, decode: Decode
    ) -> None:
        self._http = http
        self._url = URL(url)
        self._redirects = 0
        self._options = options
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=options.open_timeout_s)
        self._lane = asyncio.Lock()
        self._decode = decode
        self._answers: asyncio.Queue[_Answer | BaseException] = asyncio.Queue()
        self._requests: set[asyncio.Task[_Answer]] = set()

    async def send(self, frame: Sequence[Message]) -> None:
        """Have ``frame`` posted."""
        is_poll = frame[0]["channel"] == "/meta/connect"
        request = asyncio.create_task(self._request(wire.encode(frame), is_poll=is_poll))
        self._requests.add(request)
        request.add_done_callback(self._take_answer)

    async def pump(self, take: Take) -> None:
        """Give each answer to ``take``."""
        while True:
            answer = await self._answers.get()
            if isinstance(answer, BaseException):
                raise answer
            take(*answer)

    async def close(self) -> None:
        """Give up what is under way. Faye does not notice, so this may cost an event."""
        requests = list(self._requests)
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)

    async def _request(self, body: str, *, is_poll: bool) -> _Answer:
        try:
            if is_poll:
                return await self._post(body)
            async with self._lane:
                return await self._post(body)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransportError(f"a request failed ({type(error).__name__})") from error

    def _take_answer(self, request: asyncio.Task[_Answer]) -> None:
        self._requests.discard(request)
        if not request.cancelled():
            error = request.exception()
            self._answers.put_nowait(request.result() if error is None else error)

    async def _post(self, body: str) -> _Answer:
        async with self._http.post(
            self._url,
            data=body.encode(),
            headers=_HEADERS,
            timeout=self._timeout,
            allow_redirects=False,
        ) as response:
            target = redirect_within(response)
            if target is not None and self._redirects < _MOST_REDIRECTS:
                self._redirects += 1
                self._url = target
                return await self._post(body)
            if response.status != HTTPStatus.OK:
                raise TransportError(f"a request was answered with HTTP {response.status}")
            text = await self._read(response)
        answer = self._decode(text)
        if answer is wire.UNREADABLE:
            raise TransportError("an answer was no JSON")
        return answer, len(text)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        # Not iter_any(), which goes on for as long as there is something to unpack.
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._options.max_message_bytes:
                raise TransportError("an answer was too large")
        return bytes(body)
