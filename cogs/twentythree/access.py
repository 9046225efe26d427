"""The way into the workspace that is configured."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp

from .api import Anonymous, ApiConfig, Bearer, Credentials, OAuth1, WorkspaceClient
from .settings import Settings


def workspace(
    settings: Settings,
    http: aiohttp.ClientSession,
    on_request: Callable[[str, int], None] | None = None,
) -> WorkspaceClient:
    """Return a client of the configured workspace.

    ``on_request`` is told the method and status (0: no answer) of every request.
    """
    config = ApiConfig(
        site_url=settings.site_url,
        credentials=credentials(settings),
        version=settings.api_version,
    )
    if on_request is None:
        return WorkspaceClient(http, config)
    return WorkspaceClient(http, config, on_request=on_request)


def credentials(settings: Settings) -> Credentials:
    """Return the way in that is configured."""
    if settings.bearer_token is not None:
        return Bearer(token=settings.bearer_token.get_secret_value())
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    four = [getattr(settings, name) for name in names]
    if None in four:
        return Anonymous()
    key, secret, token, token_secret = (one.get_secret_value() for one in four)
    return OAuth1(consumer_key=key, consumer_secret=secret, token=token, token_secret=token_secret)
