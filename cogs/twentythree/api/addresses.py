"""Addresses: made absolute, and judged."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ..loopback import is_loopback

# No browser takes a longer one.
_MAX_LENGTH = 4_000
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# What an address may hold as it is; everything else (spaces, controls, quotes) gets encoded.
_SAFE = "%/:=&?~#+!$,;@()*[]-._'"


def absolute(link: str, site_url: str) -> str | None:
    """Return a link of the API as a whole web address, or ``None`` where it is none.

    Links come relative to the site, without a scheme (``//host/path``), or whole.
    """
    joined = _join(link, site_url)
    if joined is None or joined[1].scheme not in {"http", "https"}:
        return None
    return joined[0]


def service_address(link: str, site_url: str) -> str | None:
    """Return the address of a realtime service, or ``None`` where it is not one to use.

    Encrypted only, but for loopback: the names of the channels are secrets. An address without
    a scheme (``//host/faye``) is meant to be encrypted, whatever the site's own scheme is.
    """
    joined = _join(link, site_url)
    if joined is None:
        return None
    if link.strip().startswith("//") and not is_loopback(joined[1].hostname or ""):
        joined = f"https:{joined[0].partition(':')[2]}", joined[1]._replace(scheme="https")
    address, parts = joined
    is_secure = parts.scheme in {"https", "wss"}
    is_local = parts.scheme in {"http", "ws"} and is_loopback(parts.hostname or "")
    return address if is_secure or is_local else None


def may_carry_credentials(url: str) -> bool:
    """Whether credentials may be sent there: encrypted, or to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def redirect_target(url: str, location: str) -> str | None:
    """Return where a redirect leads if it stays at its origin (scheme, host, port), else ``None``.

    Nothing else is followed: the credentials are for one workspace only.
    """
    joined = _join(location, url)
    if joined is None or _origin(joined[1]) != _origin(urlsplit(url)):
        return None
    return joined[0].partition("#")[0]


def _join(link: str, base: str) -> tuple[str, SplitResult] | None:
    try:
        # Headers hold bytes that are no UTF-8 in this way.
        text = quote(link.strip()[: _MAX_LENGTH + 1], safe=_SAFE, errors="surrogateescape")
        if not text or len(text) > _MAX_LENGTH:
            return None
        address = urljoin(base, text)
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return address, parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
