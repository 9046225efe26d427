"""Calls of the API: how many a minute, what is sent, and what is made of failures.

The version is chosen, fresh answers are asked for, short failures ridden out. One exchange is
bounded in time, in size and in where it may lead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp
import stamina
from yarl import URL

from ..domain.levels import is_reader
from ..errors import (
    AccessDeniedError,
    ConfigurationError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceRefusedError,
    WorkspaceUnreachableError,
)
from ..web import NotLeadingError
from .addresses import may_carry_credentials, redirect_target
from .credentials import Anonymous, ApiConfig, Version, sign
from .envelope import NO_SUCH_METHOD, ApiAnswer, decipher
from .methods import Call, PreparedCall, prepare, site_get

_LOG = logging.getLogger("twentythree.api")

# Asking again at once does not help with these.
_LASTING = frozenset({"429", "certificate"})
_NO_STATUS = 0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3
_CHUNK = 2**16

_MINUTE_S = 60.0
# A page of something else in place of one answer must not keep us from version 2 for ever.
_VERSION_1_FOR = timedelta(hours=1)


class RequestBudget:
    """A bucket that each request fills a little, and time empties.

    It is asked before a piece of work begins, and told of each request; work that takes more
    requests than there was room for delays what comes next. What is not urgent stops at a quarter
    of the bucket, so that it never delays what is: asking about a flood of forged comments, which
    rooms show meanwhile, takes a hundred requests within seconds.

    What people press waits for nothing, and half of the budget is the most that it takes: however
    much is pressed, readings have the other half. What is pressed beyond that is not counted.

    Args:
        per_minute: requests in the long run; any minute has at most half more, and what was under
            way, beside what is pressed.
        clock: monotonic seconds.
    """

    def __init__(self, per_minute: float, *, clock: Callable[[], float]) -> None:
        self._per_s = per_minute / _MINUTE_S
        self._size = max(1.0, per_minute / 2)
        self._clock = clock
        # What was pressed is in both.
        self._level = self._pressed = 0.0
        self._at = clock()

    def spend(self, *, is_pressed: bool = False) -> None:
        """Note a request; ``is_pressed``: for somebody who acts on a comment."""
        level = self._now()
        if is_pressed:
            if self._pressed + 1 > self._size / 2:
                return
            self._pressed += 1
        self._level = level + 1

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin; 0 is now."""
        most = self._size if is_urgent else self._size / 4
        return max(0.0, (self._now() - most) / self._per_s)

    def _now(self) -> float:
        now = self._clock()
        emptied = (now - self._at) * self._per_s
        self._level = max(0.0, self._level - emptied)
        self._pressed = max(0.0, self._pressed - emptied / 2)
        self._at = now
        return self._level


@dataclass(slots=True)
class _Known:
    """What the answers of a workspace have told."""

    version: Version | None
    version_at: datetime | None = None
    level: str | None = None
    trouble: WorkspaceError | None = None
    trouble_since: datetime | None = None
    is_away: bool = False
    stamp: int = 0


class Caller:
    """Makes calls of one workspace, and remembers what its answers told.

    Args:
        http: the host's session; never closed here.
        config: which workspace, with which credentials.
        on_request: told the method and status (0: no answer) of every request.
        now: the time, aware.
        nonce: returns a string that was never returned before.

    Raises:
        ConfigurationError: credentials would cross the network unencrypted.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        config: ApiConfig,
        *,
        on_request: Callable[[str, int], None],
        now: Callable[[], datetime],
        nonce: Callable[[], str],
    ) -> None:
        is_open = isinstance(config.credentials, Anonymous)
        if not is_open and not may_carry_credentials(config.site_url):
            problem = "TWENTYTHREE_SITE_URL: credentials go over https only, or to this machine."
            raise ConfigurationError((problem,))
        self._config = config
        self._fetcher = Fetcher(http, config, nonce)
        self._on_request = on_request
        self._now = now
        self._known = _Known(version=None if config.version == "auto" else config.version)

    def counted(self, on_request: Callable[[str, int], None]) -> Caller:
        """Return one whose requests are told to somebody else; both know what either learns."""
        other = copy(self)
        other._on_request = on_request  # noqa: SLF001 - it is one of these
        return other

    @property
    def level(self) -> str | None:
        """The level of our credentials, as the last answer told it; ``None``: none has yet."""
        return self._known.level

    @property
    def trouble(self) -> WorkspaceError | None:
        """Why it is of no use now: it did not answer, or refused the credentials."""
        return self._known.trouble

    @property
    def trouble_since(self) -> datetime | None:
        """Since when."""
        return self._known.trouble_since

    @property
    def version(self) -> Version:
        """The version in use; the newer one while that is not known."""
        return self._known.version or "2"

    async def is_reader(self) -> bool:
        """Whether our level shows what is unpublished or private.

        Raises:
            WorkspaceError: the level was not known yet, and asking for it failed. That the
                question is not allowed is an answer.
        """
        if self.level is None:
            try:
                await self.call(site_get())
            except (AccessDeniedError, UnknownObjectError, WorkspaceRefusedError):
                return False
        return is_reader(self.level)

    async def call(self, call: Call, version: Version | None = None) -> ApiAnswer:
        """Make a call and return its answer.

        With ``version`` left open and configured as ``auto``, version 2 is tried first; where
        its answer is no answer of the API, version 1 is, and what worked is kept: version 1 for
        an hour.

        Raises:
            WorkspaceError: as the answer was; see errors.py.
        """
        if version is not None or not self._is_version_open():
            return await self._patiently(call, version or self.version, self._config.attempts)
        try:
            return await self._settle(call, "2")
        except UnreadableAnswerError:
            return await self._settle(call, "1")

    def _is_version_open(self) -> bool:
        known, now = self._known, self._now()
        if known.version_at is not None and now - known.version_at > _VERSION_1_FOR:
            # Other calls go on as before meanwhile.
            known.version_at = now
            return True
        return known.version is None

    async def call_once(self, call: Call) -> ApiAnswer:
        """Make a call that must not be made twice: one request, whatever comes of it.

        While the version is open, it is found out by another call before.

        Raises:
            WorkspaceUnreachableError: no answer that can be read; ``was_sent`` tells whether the
                call may have had its effect.
            WorkspaceError: as the answer was; it had none.
        """
        if self._known.version is None:
            await self._find_version()
        try:
            return await self._patiently(call, self.version, attempts=1)
        except UnreadableAnswerError as error:
            if error.code in NO_SUCH_METHOD:
                raise WorkspaceRefusedError(error.method, error.code, error.message) from None
            raise WorkspaceUnreachableError(error.method, "unreadable", error.code) from None

    async def _find_version(self) -> None:
        try:
            await self.call(site_get())
        except WorkspaceUnreachableError as error:
            raise WorkspaceUnreachableError(error.method, error.code, was_sent=False) from None
        except (AccessDeniedError, UnknownObjectError, WorkspaceRefusedError):
            # That the question is not allowed is an answer.
            pass

    async def _settle(self, call: Call, version: Version) -> ApiAnswer:
        """Make a call, and keep to its version from now on if an API answers."""
        try:
            answer = await self._patiently(call, version, self._config.attempts)
        except (UnreadableAnswerError, WorkspaceUnreachableError):
            raise
        except WorkspaceError:
            self._keep_to(version)
            raise
        self._keep_to(version)
        return answer

    def _keep_to(self, version: Version) -> None:
        self._known.version = version
        self._known.version_at = self._now() if version == "1" else None

    async def _patiently(self, call: Call, version: Version, attempts: int) -> ApiAnswer:
        """Make a call, a few times where it may help; a workspace known to be away gets one."""

        async def once() -> ApiAnswer:
            return await self._once(call, version)

        retrying = stamina.AsyncRetryingCaller(
            attempts=1 if self._known.is_away else attempts,
            timeout=self._config.timeout_s,
            wait_initial=self._config.retry_wait_s,
            wait_max=self._config.retry_wait_s * 4,
            wait_jitter=self._config.retry_wait_s,
        )
        try:
            answer = await retrying(_may_pass, once)
        except CredentialsRefusedError as error:
            self._note(error)
            raise
        except WorkspaceUnreachableError as error:
            self._note(error)
            level = logging.DEBUG if self._known.is_away else logging.WARNING
            _LOG.log(level, "%s: no answer (%s)", error.method, error.code)
            self._known.is_away = True
            raise
        except WorkspaceError:
            # It answered, if not as one would like.
            self._note(None)
            raise
        self._note(None)
        if self._known.is_away:
            self._known.is_away = False
            _LOG.info("the workspace answers again")
        return answer

    def _note(self, error: WorkspaceError | None) -> None:
        if type(error) is not type(self.trouble):
            self._known.trouble_since = None if error is None else self._now()
        self._known.trouble = error

    async def _once(self, call: Call, version: Version) -> ApiAnswer:
        try:
            reply = await self._exchange(call, version)
            answer = decipher(call.method, version, reply.status, reply.body)
        except CredentialsRefusedError as error:
            if isinstance(self._config.credentials, Anonymous):
                # There is nothing wrong with credentials that nobody has set.
                raise AccessDeniedError(error.method, error.code, error.message) from None
            raise
        self._known.level = answer.permission_level or self.level or ""
        if answer.is_cached:
            _LOG.debug("%s: answered from a cache", call.method)
        return answer

    async def _exchange(self, call: Call, version: Version) -> HttpReply:
        seconds = int(self._now().timestamp())
        # Two calls within a second must not share an answer of the cache.
        self._known.stamp = max(seconds, self._known.stamp + 1)
        prepared = prepare(call, self._config.site_url, version, stamp=self._known.stamp)
        status = _NO_STATUS
        try:
            reply = await self._fetcher.fetch(call.method, prepared, seconds)
            status = reply.status
        finally:
            self._on_request(call.method, status)
        return reply


def _may_pass(error: Exception) -> bool:
    return isinstance(error, WorkspaceUnreachableError) and error.code not in _LASTING


# One exchange.


@dataclass(frozen=True, slots=True)
class HttpReply:
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

    async def fetch(self, method: str, prepared: PreparedCall, timestamp: int) -> HttpReply:
        """Send a request and return the reply.

        A redirect of a GET is followed within its origin only, signed anew.

        Raises:
            WorkspaceUnreachableError: no reply in time; ``code`` is ``timeout``, ``certificate`` or
                ``connection``. It is not sent where there was no connection to send it over.
            UnreadableAnswerError: too big, or a redirect that is not followed.
        """
        try:
            async with asyncio.timeout(self._config.timeout_s):
                return await self._follow(method, prepared, timestamp)
        # The causes are cut off: they may hold the address, and so what was searched for.
        except TimeoutError:
            raise WorkspaceUnreachableError(method, "timeout") from None
        except aiohttp.ClientSSLError as error:
            why = type(error).__name__
            raise WorkspaceUnreachableError(method, "certificate", why, was_sent=False) from None
        except (aiohttp.ClientError, OSError) as error:
            # A refused connection, a name that nobody knows, or nothing that is ours to send.
            was_sent = not isinstance(error, aiohttp.ClientConnectorError | NotLeadingError)
            why = type(error).__name__
            raise WorkspaceUnreachableError(method, "connection", why, was_sent=was_sent) from None
        except RuntimeError:
            # The host ends, and has closed its session: aiohttp says so with nothing better.
            if not self._http.closed:
                raise
            raise WorkspaceUnreachableError(method, "connection", was_sent=False) from None

    async def _follow(self, method: str, prepared: PreparedCall, timestamp: int) -> HttpReply:
        for _ in range(_MAX_REDIRECTS + 1):
            found = await self._exchange(method, prepared, timestamp)
            if isinstance(found, HttpReply):
                return found
            target = redirect_target(prepared.url, found.location)
            if target is None or prepared.http_method != "GET":
                break
            prepared = replace(prepared, url=target)
        raise UnreadableAnswerError(method, "redirect")

    async def _exchange(
        self, method: str, prepared: PreparedCall, timestamp: int
    ) -> HttpReply | _Redirect:
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
            return HttpReply(response.status, bytes(body))

    def _signature(self, prepared: PreparedCall, timestamp: int) -> dict[str, str]:
        return sign(
            self._config.credentials,
            prepared.http_method,
            prepared.url,
            prepared.body,
            timestamp=timestamp,
            nonce=self._nonce(),
        )
