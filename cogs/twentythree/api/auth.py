"""The three ways in: nothing, a bearer token, or OAuth 1.0a signatures.

Sources: https://www.twentythree.com/api/oauth (OAuth 1.0a, HMAC-SHA1 only; the query of a GET and
the form of a POST are signed), RFC 5849, and the vendor's own command line client (bearer).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never
from urllib.parse import urlsplit

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import parameters as oauth_parameters
from oauthlib.oauth1.rfc5849 import signature as oauth_signature

HttpMethod = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Anonymous:
    """No credentials: public data of public workspaces."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token of the workspace's settings page."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """A consumer and an access token of OAuth 1.0a, each with its secret."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


Credentials = Anonymous | Bearer | OAuth1


def sign(
    credentials: Credentials,
    http_method: HttpMethod,
    url: str,
    body: str | None = None,
    *,
    timestamp: int,
    nonce: str,
) -> dict[str, str]:
    """Return the headers that a request needs.

    Args:
        credentials: the way in.
        http_method: ``GET`` or ``POST``.
        url: the whole address, with its encoded query.
        body: the urlencoded form of a POST.
        timestamp: seconds since the epoch; only OAuth uses it.
        nonce: unique for this timestamp; only OAuth uses it.
    """
    match credentials:
        case Anonymous():
            return {}
        case Bearer(token=token):
            return {"Authorization": f"Bearer {token}"}
        case OAuth1():
            parameters = (
                ("oauth_consumer_key", credentials.consumer_key),
                ("oauth_token", credentials.token),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", str(timestamp)),
                ("oauth_nonce", nonce),
                ("oauth_version", "1.0"),
            )
            secrets = (credentials.consumer_secret, credentials.token_secret)
            return authorization(http_method, url, body, parameters, secrets)
        case _:
            assert_never(credentials)


def authorization(
    http_method: HttpMethod,
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
    http_method: HttpMethod, url: str, body: str | None, parameters: Sequence[tuple[str, str]]
) -> str:
    """Return the signature base string of RFC 5849, section 3.4.1."""
    collected = oauth_signature.collect_parameters(uri_query=urlsplit(url).query, body=body)
    # The stub says dict; pairs are what the function takes, and what may hold a name twice.
    normalized = oauth_signature.normalize_parameters([*collected, *parameters])  # type: ignore[arg-type]
    address = oauth_signature.base_string_uri(url)
    return oauth_signature.signature_base_string(http_method, address, normalized)
