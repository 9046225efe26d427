"""Addresses that may be put into a message: http and https, well formed, of bounded length."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

# Discord takes 2048; some room is left for what is added below.
_MAX_LENGTH = 1900
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Everything else is percent-encoded, brackets too, so that an address cannot end a masked link.
_SAFE = "/%:@!$&'*+,;=~-._?"


def safe_url(url: str, *, fragment: str = "", query: str = "") -> str | None:
    """Return the address in a form Discord takes, with the additions, or ``None``.

    An address with a user name in it is refused: it is a way to show one host and open another.
    """
    if len(url) > _MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:  # UnicodeError, which encoding a host may raise, is one as well
        return None
    if parts.scheme not in ("http", "https") or host is None or "@" in parts.netloc:
        return None
    address = SplitResult(
        parts.scheme,
        host if port is None else f"{host}:{port}",
        _encoded(parts.path) or "/",
        "&".join(filter(None, (_encoded(parts.query), query))),
        "&".join(filter(None, (_encoded(parts.fragment), fragment))),
    )
    safe = urlunsplit(address)
    return safe if len(safe) <= _MAX_LENGTH else None


def _host(host: str) -> str | None:
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not _HOST.fullmatch(host):
        return None
    return f"[{host}]" if ":" in host else host


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE, errors="replace")
