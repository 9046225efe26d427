"""What all requests have in common: which proxy they go through, and where they may be led."""

from __future__ import annotations

from base64 import b64encode
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.request import getproxies_environment, proxy_bypass

import aiohttp
from yarl import URL

# Balancers write cookies of up to 32 KB; a name belongs to it, and there may be more in a line.
MAX_HEADER_BYTES = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class RedirectedAway(aiohttp.ClientError):
    """A server wanted to lead a request to another origin; it was not followed."""


class NotLeadingError(aiohttp.ClientError):
    """Another process may lead by now, and have done what was asked for; it was not sent."""


class MayChange(Protocol):
    """Says whether this process may change anything anywhere now."""

    @property
    def is_certain(self) -> bool:
        """Whether nobody else can be at work for the same database."""


def only_leading(lead: MayChange) -> aiohttp.TraceConfig:
    """Return what has a session change nothing in a workspace for a process that may not.

    It may have slept since it began what it sends.
    """

    async def check(_: object, __: object, start: aiohttp.TraceRequestStartParams) -> None:
        is_change = start.method == "POST" and start.url.path.startswith("/api/")
        if is_change and not lead.is_certain:
            raise NotLeadingError

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(check)
    return trace


def session(*traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """Return a session that takes its proxies from the environment, and nothing else.

    ``trust_env`` would take passwords from ``~/.netrc`` as well. No redirect is followed to
    another origin: there a request ends with RedirectedAway. Headers may be as large as balancers
    make them; to an upgrade, aiohttp grants that by its session alone. Cookies go back without
    quotes: a balancer knows no others. ``traces`` are told of the requests.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_stay)
    return aiohttp.ClientSession(
        request_class=_Proxied,
        cookie_jar=aiohttp.CookieJar(quote_cookie=False),
        trace_configs=[trace, *traces],
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    )


def redirect_within(response: aiohttp.ClientResponse) -> URL | None:
    """Return where an answer leads if that is its own origin (scheme, host, port), else ``None``.

    As addresses are encrypted or of this machine, so is this one.
    """
    location = response.headers.get("Location")
    if response.status not in REDIRECTS or not location:
        return None
    try:
        target = response.url.join(URL(location))
        is_ours = target.origin() == response.url.origin() and target.user is None
    except ValueError:
        return None
    return target if is_ours else None


async def _stay(_: object, __: SimpleNamespace, told: aiohttp.TraceRequestRedirectParams) -> None:
    if redirect_within(told.response) is None:
        raise RedirectedAway("a redirect to another address was not followed")


class _Proxied(aiohttp.ClientRequest):
    """A request through the proxy that the environment names for it, if any."""

    def update_proxy(
        self, proxy: URL | None, proxy_auth: aiohttp.BasicAuth | None, proxy_headers: Any
    ) -> None:
        if proxy is None:
            proxy, proxy_headers = _proxy_for(self.url)
        super().update_proxy(proxy, proxy_auth, proxy_headers)


def _proxy_for(url: URL) -> tuple[URL | None, dict[str, str] | None]:
    """Return a proxy and the headers for it; aiohttp renames the one that is there."""
    host = url.host or ""
    named = getproxies_environment().get(url.scheme, "")
    if not named.startswith("http://") or proxy_bypass(f"{host}:{url.port}"):
        # aiohttp knows no other kind of proxy.
        return None, None
    proxy = URL(named)
    if proxy.user is None:
        return proxy, None
    words = b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
    return proxy.with_user(None), {"Authorization": f"Basic {words}"}
