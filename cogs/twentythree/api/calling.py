"""Calls of the API: the version chosen, fresh answers asked for, short failures ridden out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import aiohttp
import stamina

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
from .auth import Anonymous
from .envelope import Answer, decipher
from .fetching import Fetcher, Reply
from .links import may_carry_credentials
from .model import ApiConfig, Version, is_reader
from .requests import Request, prepare, site_get

_LOG = logging.getLogger("twentythree.api")

# Asking again at once does not help with these.
_LASTING = frozenset({"429", "certificate"})
_NO_STATUS = 0


class Caller:
    """Makes calls of one workspace, and remembers what its answers told.

    ``trouble`` is why it is of no use now: it did not answer, or refused the credentials.
    ``trouble_since`` is when that began.

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
        self._version: Version | None = None if config.version == "auto" else config.version
        self._stamp = 0
        self._is_away = False
        self.level: str | None = None
        self.trouble: WorkspaceError | None = None
        self.trouble_since: datetime | None = None

    @property
    def version(self) -> Version:
        """The version in use; the newer one while that is not known."""
        return self._version or "2"

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

    async def call(self, request: Request, version: Version | None = None) -> Answer:
        """Make a call and return its answer.

        With ``version`` left open and configured as ``auto``, version 2 is tried first; where
        its answer is no answer of the API, version 1 is, and what worked is kept.

        Raises:
            WorkspaceError: as the answer was; see errors.py.
        """
        if version is not None or self._version is not None:
            return await self._patiently(request, version or self.version)
        try:
            return await self._settle(request, "2")
        except UnreadableAnswerError:
            return await self._settle(request, "1")

    async def _settle(self, request: Request, version: Version) -> Answer:
        """Make a call, and keep to its version from now on if an API answers."""
        try:
            answer = await self._patiently(request, version)
        except (UnreadableAnswerError, WorkspaceUnreachableError):
            raise
        except WorkspaceError:
            self._version = version
            raise
        self._version = version
        return answer

    async def _patiently(self, request: Request, version: Version) -> Answer:
        """Make a call, a few times where it may help; a workspace known to be away gets one."""

        async def once() -> Answer:
            return await self._once(request, version)

        retrying = stamina.AsyncRetryingCaller(
            attempts=1 if self._is_away else self._config.attempts,
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
            level = logging.DEBUG if self._is_away else logging.WARNING
            _LOG.log(level, "%s: no answer (%s)", error.method, error.code)
            self._is_away = True
            raise
        except WorkspaceError:
            # It answered, if not as one would like.
            self._note(None)
            raise
        self._note(None)
        if self._is_away:
            self._is_away = False
            _LOG.info("the workspace answers again")
        return answer

    def _note(self, error: WorkspaceError | None) -> None:
        if type(error) is not type(self.trouble):
            self.trouble_since = None if error is None else self._now()
        self.trouble = error

    async def _once(self, request: Request, version: Version) -> Answer:
        try:
            reply = await self._exchange(request, version)
            answer = decipher(request.method, version, reply.status, reply.body)
        except CredentialsRefusedError as error:
            if isinstance(self._config.credentials, Anonymous):
                # There is nothing wrong with credentials that nobody has set.
                raise AccessDeniedError(error.method, error.code, error.message) from None
            raise
        self.level = answer.permission_level or self.level or ""
        if answer.is_cached:
            _LOG.debug("%s: answered from a cache", request.method)
        return answer

    async def _exchange(self, request: Request, version: Version) -> Reply:
        seconds = int(self._now().timestamp())
        # Two calls within a second must not share an answer of the cache.
        self._stamp = max(seconds, self._stamp + 1)
        prepared = prepare(request, self._config.site_url, version, stamp=self._stamp)
        status = _NO_STATUS
        try:
            reply = await self._fetcher.fetch(request.method, prepared, seconds)
            status = reply.status
        finally:
            self._on_request(request.method, status)
        return reply


def _may_pass(error: Exception) -> bool:
    return isinstance(error, WorkspaceUnreachableError) and error.code not in _LASTING
