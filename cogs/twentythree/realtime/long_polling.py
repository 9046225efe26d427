"""The long-polling transport, on aiohttp: one held request and one lane for all others."""

from __future__ import annotations

import asyncio
import codecs
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from ..bayeux import UNREADABLE, Arriving, Message, Unanswered, read_frame
from ..web import MAX_HEADER_BYTES, redirect_within
from .transport import (
    RealtimeOptions,
    Take,
    TransportError,
    encode,
    is_busy,
    is_passing,
    wait_s,
)

_CHUNK = 2**16
_MOST_REDIRECTS = 3
_CONNECT = "/meta/connect"
_HANDSHAKE = "/meta/handshake"
_HEADERS = {"Content-Type": "application/json"}
# A connection that has rested for longer may be closed at the moment of the next request.
_RESTED_S = 1.0
# What ends a connection on which an answer is waited for.
_BROKEN = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError)
# So many held polls in a row may end without an answer to anything between them.
_MOST_CUTS = 3
# Before what a gateway answered instead of the server is asked again.
_AGAIN_S = (0.2, 0.4, 0.8)
# How often a slow answer is told to be on its way.
_MARK_S = 1.0
# Charsets that no body is in, and that take the square of its length to decode.
_NO_CHARSETS = ("idna", "punycode")
# What ``take`` takes.
_Answer = tuple[object, int]


class LongPollingTransport:
    """A spell of polling. Any request that fails ends it.

    A connect goes out at once, on its own connection; everything else goes one after the
    other, because two requests on two connections may overtake each other. How long a connect
    may be held is for the session to watch.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        options: RealtimeOptions,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._url = URL(url)
        self._options = options
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=options.open_timeout_s)
        self._lane = asyncio.Lock()
        self._answers: asyncio.Queue[_Answer | BaseException] = asyncio.Queue()
        self._requests: set[asyncio.Task[None]] = set()
        self._clock = clock
        self._answered_at = clock()
        self._cuts = 0

    async def send(self, frame: Sequence[Message]) -> None:
        """Have ``frame`` posted."""
        request = asyncio.create_task(self._request(frame))
        self._requests.add(request)
        request.add_done_callback(self._end_request)

    async def pump(self, take: Take) -> None:
        """Give each answer to ``take``, and marks for those that are slow or do not come."""
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

    async def _request(self, frame: Sequence[Message]) -> None:
        try:
            if frame[0]["channel"] == _CONNECT:
                await self._poll(frame)
            else:
                async with self._lane:
                    self._tell(await self._command(frame))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransportError(f"a request failed ({type(error).__name__})") from error

    def _end_request(self, request: asyncio.Task[None]) -> None:
        self._requests.discard(request)
        if not request.cancelled() and (error := request.exception()) is not None:
            self._answers.put_nowait(error)

    def _tell(self, *answers: _Answer) -> None:
        for answer in answers:
            self._answers.put_nowait(answer)

    async def _poll(self, frame: Sequence[Message]) -> None:
        """Ask for events; if the answer comes without a reply to that, say so.

        What a server wrote into an answer that never came is lost, so that a poll is repeated
        only where it was surely never answered, and even so a gap is told: once now, and once
        more when the server has turned to the repetition.
        """
        asked_at = self._clock()
        has_rested = asked_at - self._answered_at > _RESTED_S
        try:
            answers = [await self._post(frame)]
        except (TransportError, *_BROKEN) as error:
            took_s = self._clock() - asked_at
            if took_s > _RESTED_S and self._is_cut_off(error):
                answers = []
            elif has_rested and took_s < _RESTED_S and _is_unheard(error):
                gap: _Answer = (UNREADABLE, 0)
                self._tell(gap)
                answers = [gap, await self._post(frame)]
            else:
                raise
        if not (answers and _has_reply(answers[-1][0], _CONNECT)):
            answers.append((Unanswered(_id_of(frame)), 0))
        self._tell(*answers)

    def _is_cut_off(self, error: Exception) -> bool:
        """Tell whether something on the way ended a held poll, as if it had waited long enough.

        Many a proxy does; the session and the rest of the path are as they were. Where nothing
        else is answered either, it is not that.
        """
        is_likely = isinstance(error, _BROKEN) or getattr(error, "is_passing", False)
        if isinstance(error, aiohttp.ClientConnectorError) or not is_likely:
            return False
        self._cuts += 1
        return self._cuts <= _MOST_CUTS

    async def _command(self, frame: Sequence[Message]) -> _Answer:
        """Ask for anything else, and again soon where what came is not the server's answer.

        Whatever is on a meta channel may be asked twice. A handshake is asked again by the
        session, which has a pace for it.

        Raises:
            TransportError: no answer to a handshake came.
        """
        channel = frame[0]["channel"]
        for pause_s in () if channel == _HANDSHAKE else _AGAIN_S:
            try:
                answer = await self._post_twice(frame)
                if _has_reply(answer[0], channel):
                    return answer
                # There may be events in it.
                self._tell(answer)
            except TransportError as error:
                if not error.is_passing:
                    raise
            await asyncio.sleep(pause_s)
        answer = await self._post_twice(frame)
        if channel == _HANDSHAKE and not _has_reply(answer[0], channel):
            raise TransportError("a handshake was answered by nothing")
        return answer

    async def _post_twice(self, frame: Sequence[Message]) -> _Answer:
        """Post ``frame``; once more if not a byte came back.

        A server may close a connection at the very moment of its next use.
        """
        try:
            return await self._post(frame)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if not _is_unheard(error):
                raise
        return await self._post(frame)

    async def _post(self, frame: Sequence[Message]) -> _Answer:
        for _ in range(1 + _MOST_REDIRECTS):
            answer = await self._exchange(frame)
            if answer is not None:
                return answer
        raise TransportError("a request was led on and on")

    async def _exchange(self, frame: Sequence[Message]) -> _Answer | None:
        """Post ``frame`` once; ``None`` if it, and what follows, is to go elsewhere."""
        marked_at = self._clock()
        async with self._http.post(
            self._url,
            data=encode(frame).encode(),
            headers=_HEADERS,
            timeout=self._timeout,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            allow_redirects=False,
        ) as response:
            target = redirect_within(response)
            if target is not None:
                self._url = target
                return None
            if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                raise _refused(response)
            text = await self._read(response, _id_of(frame), marked_at)
        self._answered_at = self._clock()
        answer = read_frame(text) if text.strip() else []
        if answer is UNREADABLE:
            answer = self._decode_as_named(text, response)
        if answer is UNREADABLE:
            # Mostly a page for people, of something on the way.
            raise TransportError("an answer was no JSON", is_passing=True)
        if _has_reply(answer):
            self._cuts = 0
        return answer, len(text)

    def _decode_as_named(self, text: bytes, response: aiohttp.ClientResponse) -> object:
        """Return the JSON in ``text`` if it is in the charset that the answer names.

        Only where it is no UTF-8: that is what JSON is in, whatever a server calls it.
        """
        charset = response.charset or "utf-8"
        try:
            if codecs.lookup(charset).name in _NO_CHARSETS:
                return UNREADABLE
            return read_frame(text.decode(charset))
        except (LookupError, ValueError):
            return UNREADABLE

    async def _read(
        self, response: aiohttp.ClientResponse, message_id: str, marked_at: float
    ) -> bytes:
        body = bytearray()
        # Not iter_any(), which goes on for as long as there is something to unpack.
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._options.max_message_bytes:
                raise TransportError("an answer was too large")
            if self._clock() - marked_at > _MARK_S:
                marked_at = self._clock()
                self._tell((Arriving(message_id), 0))
        return bytes(body)


def _id_of(frame: Sequence[Message]) -> str:
    return str(frame[0].get("id"))


def _is_unheard(error: Exception) -> bool:
    """Whether a connection that stood ended without a byte of an answer."""
    is_over = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    return is_over and not isinstance(error, aiohttp.ClientConnectorError)


def _has_reply(answer: object, channel: str | None = None) -> bool:
    """Whether there is a reply in ``answer``, on ``channel`` if given; some leave theirs out."""
    replies = answer if isinstance(answer, list) else [answer]
    return any(
        isinstance(each, dict)
        and "successful" in each
        and (channel is None or each.get("channel") in (None, channel))
        for each in replies
    )


def _refused(response: aiohttp.ClientResponse) -> TransportError:
    left_alone_s = wait_s(response.headers, datetime.now(UTC))
    is_too_large = response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return TransportError(
        f"a request was answered with HTTP {response.status}",
        is_refusal=not (is_busy(response.status) or is_too_large),
        is_busy=is_busy(response.status),
        is_passing=is_passing(response.status) and not left_alone_s,
        is_too_large=is_too_large,
        wait_s=left_alone_s,
    )
