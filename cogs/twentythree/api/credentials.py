"""Which workspace is called, and by which of three ways in.

The ways in are nothing, a bearer token, and OAuth 1.0a signatures. Source for the token: the
vendor's own command line client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, assert_never

HttpMethod = Literal["GET", "POST"]
Version = Literal["1", "2"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """How to call one workspace.

    ``site_url`` has no path and no slash at its end. ``timeout_s`` bounds one request,
    ``attempts`` how often one is made, ``retry_wait_s`` the first wait between two, ``max_body``
    the bytes of an answer.
    """

    site_url: str
    credentials: Credentials = field(default_factory=Anonymous)
    version: Literal["auto", "1", "2"] = "auto"
    timeout_s: float = 10
    attempts: int = 3
    retry_wait_s: float = 0.3
    max_body: int = 8 * 2**20


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
            # It takes long to be imported: only where there is something to sign.
            from .oauth import authorization  # noqa: PLC0415

            return authorization(http_method, url, body, parameters, secrets)
        case _:  # pragma: no cover
            assert_never(credentials)
