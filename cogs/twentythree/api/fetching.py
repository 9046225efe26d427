"""One HTTP exchange with a workspace: bounded in time, in size and in where it may lead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import aiohttp
from yarl import URL

from ..errors import UnreadableAnswerError, WorkspaceUnreachableError
from .auth import sign
from .links import redirect_target
from .model import ApiConfig
from .requests import Prepared

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3
_CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


class Fetcher:
    """Sends requests over the host's session, which it never closes."""

    def __init__(
        self, http: aiohttp.ClientSession, config: ApiConfig, nonce: Callable[[], str]
    ) -> None:
        self._http = http
        self._config = config
        self._nonce = nonce

    async def fetch(self, method: str, prepared: Prepared, timestamp: int) -> Reply:
        """Send a request and return the reply.

        A redirect of a GET is followed within its origin only, signed anew.

        Raises:
            WorkspaceUnreachableError: no reply in time; ``code`` is ``timeout``, ``certificate`` or
                ``connection``.
            UnreadableAnswerError: too big, or a redirect that is not followed.
        """
        try:
            async with asyncio.timeout(self._config.timeout_s):
                return await self._follow(method, prepared, timestamp)
        # The causes are cut off: they may hold the address, and so what was searched for.
        except TimeoutError:
            raise WorkspaceUnreachableError(method, "timeout") from None
        except aiohttp.ClientSSLError as error:
            raise WorkspaceUnreachableError(method, "certificate", type(error).__name__) from None
        except (aiohttp.ClientError, OSError) as error:
            raise WorkspaceUnreachableError(method, "connection", type(error).__name__) from None

    async def _follow(self, method: str, prepared: Prepared, timestamp: int) -> Reply:
        for _ in range(_MAX_REDIRECTS + 1):
            found = await self._exchange(method, prepared, timestamp)
            if isinstance(found, Reply):
                return found
            target = redirect_target(prepared.url, found.location)
            if target is None or prepared.http_method != "GET":
                break
            prepared = replace(prepared, url=target)
        raise UnreadableAnswerError(method, "redirect")

    async def _exchange(self, method: str, prepared: Prepared, timestamp: int) -> Reply | _Redirect:
        async with self._http.request(
            prepared.http_method,
            # As it was signed: aiohttp would spell spaces another way.
            URL(prepared.url, encoded=True),
            data=prepared.body,
            headers=prepared.headers | self._signature(prepared, timestamp),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            if response.status in _REDIRECTS:
                return _Redirect(response.headers.get("Location", ""))
            body = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > self._config.max_body:
                    raise UnreadableAnswerError(method, "too_big")
            return Reply(response.status, bytes(body))

    def _signature(self, prepared: Prepared, timestamp: int) -> dict[str, str]:
        return sign(
            self._config.credentials,
            prepared.http_method,
            prepared.url,
            prepared.body,
            timestamp=timestamp,
            nonce=self._nonce(),
        )
