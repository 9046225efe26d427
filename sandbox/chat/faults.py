"""Faults: what may go wrong between the bot and Discord, on purpose."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal, TypeAlias

from .calls import Answer, Call
from .errors import refusal
from .rates import VIA, banned, limited

When: TypeAlias = Literal["before", "after"]
"""Before the request has any effect, or after it, so that only its answer is lost."""

_PAGE: Final = "<html><head><title>Attention Required! | Cloudflare</title></head></html>"
_RETRY_AFTER_S: Final = 0.01


@dataclass(slots=True, kw_only=True, eq=False)
class Fault:
    """One thing that goes wrong, for requests whose method and whole path match.

    Of the actions, ``delay_s`` and ``hangs`` come first; then the connection is dropped, or the
    status is answered, or, with neither, the request goes its usual way.

    Attributes:
        method: ``"*"`` is any.
        path: a regular expression for the path below the API's base, e.g. ``/channels/1/.*``.
        times: for how many requests; ``None`` is for all.
        status: answered with ``body`` (``None``: a suitable one) and ``headers``.
        code: the code in that body, with its usual text and, unless said, its usual status.
        retry_after_s: in the body of a 429; the headers can say less than that.
        is_global: a 429 is for all requests; see also ``Chat.limit_globally``.
        is_html: the body is a page, as what stands before Discord answers.
        is_cloudflare: a 429 without ``Via``, which discord.py takes for a ban.
        hangs: wait for :meth:`release`.
    """

    method: str = "*"
    path: str = ".*"
    times: int | None = 1
    when: When = "before"
    status: int | None = None
    code: int | None = None
    retry_after_s: float | None = None
    is_global: bool = False
    is_html: bool = False
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    is_cloudflare: bool = False
    drops: bool = False
    hangs: bool = False
    delay_s: float = 0.0
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let those requests go on that hang."""
        self._released.set()

    def matches(self, call: Call) -> bool:
        """Say whether the fault is for this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        is_method = self.method in ("*", call.method)
        return is_method and re.fullmatch(self.path, call.path) is not None

    async def rest(self) -> None:
        """Wait as long as the fault wants."""
        self.reached.set()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.hangs:
            await self._released.wait()

    def answer(self) -> Answer | None:
        """Return the answer that is given instead of the right one."""
        if self.is_cloudflare:
            return banned()
        status = self._status()
        if status is None:
            return None
        if self.is_html:
            return Answer(
                status=status, body=_PAGE, headers={"Content-Type": "text/html", **self.headers}
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS and self.body is None:
            return limited(
                _RETRY_AFTER_S if self.retry_after_s is None else self.retry_after_s,
                is_global=self.is_global,
                headers=self.headers,
                code=self.code or 0,
            )
        return Answer(status=status, body=self._body(status), headers={**VIA, **self.headers})

    def _status(self) -> int | None:
        if self.status is None and self.retry_after_s is not None:
            return HTTPStatus.TOO_MANY_REQUESTS
        if self.status is None and self.code is not None:
            return refusal(self.code).status
        return self.status

    def _body(self, status: int) -> Any:
        if self.body is not None:
            return self.body
        if self.code is not None:
            return refusal(self.code).body()
        return {"message": f"{status}: a fault", "code": 0}


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Set a fault; of several that match, the one set first is taken."""
        self._faults.append(fault)
        return fault

    def take(self, call: Call) -> Fault | None:
        """Return the fault for a request and count the hit."""
        for fault in self._faults:
            if fault.matches(call):
                fault.hits += 1
                return fault
        return None

    @property
    def are_left(self) -> bool:
        """Whether a request may still meet a fault."""
        return any(one.times is None or one.hits < one.times for one in self._faults)

    def clear(self) -> None:
        """Remove all faults and let go what hangs."""
        for fault in self._faults:
            fault.release()
        self._faults.clear()
