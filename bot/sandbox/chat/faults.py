"""Faults: what may go wrong between the bot and Discord, on purpose."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from .calls import Answer, Call
from .rates import VIA, banned

When: TypeAlias = Literal["before", "after"]
"""Before the request has any effect, or after it, so that only its answer is lost."""


@dataclass(slots=True, kw_only=True, eq=False)
class Fault:
    """One thing that goes wrong, for requests whose method and whole path match.

    Of the actions, ``delay_s`` and ``hangs`` come first; then the connection is dropped, or the
    status is answered, or, with neither, the request goes its usual way.

    Attributes:
        method: ``"*"`` is any.
        path: a regular expression for the path below the API's base, e.g. ``/channels/1/.*``.
        times: for how many requests; ``None`` is for all.
        status: answered with ``body`` (``None``: a suitable one).
        is_cloudflare: a 429 without ``Via``, which discord.py takes for a ban.
        hangs: wait for :meth:`release`.
    """

    method: str = "*"
    path: str = ".*"
    times: int | None = 1
    when: When = "before"
    status: int | None = None
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
        if self.status is None:
            return None
        body = self.body
        if body is None:
            body = _BODIES.get(self.status, {"message": f"{self.status}: a fault", "code": 0})
        return Answer(status=self.status, body=body, headers={**VIA, **self.headers})


_BODIES: Final[dict[int, Any]] = {
    429: {"message": "You are being rate limited.", "code": 0, "retry_after": 0.01, "global": False}
}


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

    def clear(self) -> None:
        """Remove all faults and let go what hangs."""
        for fault in self._faults:
            fault.release()
        self._faults.clear()
