"""Rate limits: windows for each bucket, one for all together, and the ban for misbehaving.

https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from .calls import Answer, Call, Route
from .options import ChatOptions, Limit, Rules

# A 429 of Discord's own, and not of what stands before it, has this header.
VIA: Final = {"Via": "1.1 google"}
_MAJOR: Final = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_BAN_WINDOW_S: Final = 600.0
_INVALID: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(slots=True)
class _Window:
    ends_at: float = 0.0
    used: int = 0

    def take(self, limit: Limit, now: float) -> bool:
        if now >= self.ends_at:
            self.ends_at, self.used = now + limit.window_s, 0
        self.used += 1
        return self.used <= limit.requests


class RateLimits:
    """Counts requests; ``refused`` is how many it has refused."""

    def __init__(self, options: ChatOptions, rules: Rules) -> None:
        self._options = options
        self._rules = rules
        self._windows: dict[str, _Window] = {}
        self._global = _Window()
        self._invalid: deque[float] = deque()
        self._closed_until = 0.0
        self.refused = 0

    @property
    def invalid_requests(self) -> int:
        """How many answers in the last 10 minutes count towards a ban."""
        self._forget()
        return len(self._invalid)

    def close(self, for_s: float) -> None:
        """Refuse all requests for so long by the global limit."""
        self._closed_until = self._options.now() + for_s

    def take(self, route: Route, call: Call) -> tuple[dict[str, str], Answer | None]:
        """Count a request; return the headers for its answer, and the refusal if it is one."""
        if self.invalid_requests >= self._options.invalid_limit:
            return {}, banned()
        now = self._options.now()
        is_global = route.is_limited and route.needs_token
        if is_global and now < self._closed_until:
            return {}, self._refused({}, self._closed_until - now, is_global=True)
        if not route.is_limited or not self._rules.is_rate_limited:
            return {}, None
        if is_global and not self._global.take(self._options.global_limit, now):
            return {}, self._refused({}, self._global.ends_at - now, is_global=True)
        limit = self._limit(route)
        window = self._windows.setdefault(_key(route, call), _Window())
        is_free = window.take(limit, now)
        headers = _headers(route, limit, window, now)
        if is_free:
            return headers, None
        headers["X-RateLimit-Scope"] = "user"
        return headers, self._refused(headers, window.ends_at - now)

    def count(self, answer: Answer) -> None:
        """Count an answer that may lead to a ban."""
        if answer.status in _INVALID and answer.headers.get("X-RateLimit-Scope") != "shared":
            self._invalid.append(self._options.now())

    def _limit(self, route: Route) -> Limit:
        default = self._options.limits.get(route.name, self._options.default_limit)
        return self._rules.limits.get(route.name, default)

    def _refused(
        self, headers: dict[str, str], wait_s: float, *, is_global: bool = False
    ) -> Answer:
        self.refused += 1
        return limited(wait_s, is_global=is_global, headers=headers)

    def _forget(self) -> None:
        oldest = self._options.now() - _BAN_WINDOW_S
        while self._invalid and self._invalid[0] < oldest:
            self._invalid.popleft()


def limited(
    wait_s: float, *, is_global: bool = False, headers: dict[str, str] | None = None, code: int = 0
) -> Answer:
    """Return a 429 as Discord itself gives it."""
    wait_s = max(0.001, round(wait_s, 3))
    of_all = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"} if is_global else {}
    return Answer(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        body={
            "message": "You are being rate limited.",
            "code": code,
            "retry_after": wait_s,
            "global": is_global,
        },
        headers={**VIA, "Retry-After": str(max(1, round(wait_s))), **of_all, **(headers or {})},
    )


def banned(wait_s: int = 600) -> Answer:
    """Return a 429 as Cloudflare gives it: no ``Via``, and no JSON."""
    return Answer(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        body="<html><title>Access denied | Error 1015</title></html>",
        headers={"Retry-After": str(wait_s), "Content-Type": "text/html"},
    )


def _bucket(route: Route) -> str:
    return hashlib.sha256(route.name.encode()).hexdigest()[:32]


def _key(route: Route, call: Call) -> str:
    major = [call.parts[name] for name in _MAJOR if name in call.parts]
    return ":".join([_bucket(route), *major])


def _headers(route: Route, limit: Limit, window: _Window, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": _bucket(route),
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(max(0, limit.requests - window.used)),
        "X-RateLimit-Reset": f"{window.ends_at:.3f}",
        "X-RateLimit-Reset-After": f"{window.ends_at - now:.3f}",
    }
