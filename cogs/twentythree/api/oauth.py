"""Signatures of OAuth 1.0a, made by oauthlib.

Sources: https://www.twentythree.com/api/oauth (HMAC-SHA1 only; the query of a GET and the form of
a POST are signed), RFC 5849.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import parameters as oauth_parameters
from oauthlib.oauth1.rfc5849 import signature as oauth_signature

_Method = Literal["GET", "POST"]


def authorization(
    http_method: _Method,
    url: str,
    body: str | None,
    parameters: Sequence[tuple[str, str]],
    secrets: tuple[str, str],
) -> dict[str, str]:
    """Return the Authorization header of RFC 5849 for these protocol parameters.

    ``secrets`` are those of the consumer and of the token. The signature is oauthlib's; its
    ``Client`` only carries the keys: its own ``sign`` logs signatures and tokens at DEBUG.
    """
    base = base_string(http_method, url, body, parameters)
    keys = Client("", client_secret=secrets[0], resource_owner_secret=secrets[1])
    signature = oauth_signature.sign_hmac_sha1_with_client(base, keys)
    signed = [*parameters, ("oauth_signature", signature)]
    headers: dict[str, str] = oauth_parameters.prepare_headers(signed)  # type: ignore[no-untyped-call]
    return headers


def base_string(
    http_method: _Method, url: str, body: str | None, parameters: Sequence[tuple[str, str]]
) -> str:
    """Return the signature base string of RFC 5849, section 3.4.1."""
    collected = oauth_signature.collect_parameters(uri_query=urlsplit(url).query, body=body)
    # The stub says dict; pairs are what the function takes, and what may hold a name twice.
    normalized = oauth_signature.normalize_parameters([*collected, *parameters])  # type: ignore[arg-type]
    address = oauth_signature.base_string_uri(url)
    return oauth_signature.signature_base_string(http_method, address, normalized)
