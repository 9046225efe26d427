"""Who is calling: bearer tokens and OAuth 1.0a signatures, checked as the platform would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web
from oauthlib import common
from oauthlib.oauth1.rfc5849 import signature

from .model import Account, Level
from .problems import Problem

_REFUSALS = {
    "bearer": ("missing_authentication", "The credentials are not accepted."),
    "oauth": ("invalid_signature", "The signature is not valid."),
}


def level_of(
    request: web.Request, body: list[tuple[str, str]], accounts: Iterable[Account], *, closed: bool
) -> tuple[Level, bool]:
    """Return the caller's level, and whether the call was signed.

    A bearer token stands in the header; the parameters of OAuth in it, in the query or in a form.

    Raises:
        Problem: credentials were given that are not accepted.
    """
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if not header and _is_signed(request, body):
        scheme = "oauth"
    if not scheme:
        return (Level.NONE if closed else Level.ANONYMOUS), False
    known: dict[str, Callable[[Account], bool]] = {
        "bearer": lambda one: value.strip() == one.bearer,
        "oauth": lambda one: _is_signed_by(request, header, body, one),
    }
    accepts = known.get(scheme.lower(), lambda _: False)
    account = next(filter(accepts, accounts), None)
    if account is None:
        raise Problem(401, *_REFUSALS.get(scheme.lower(), _REFUSALS["bearer"]))
    return account.level, True


def _is_signed(request: web.Request, body: list[tuple[str, str]]) -> bool:
    return "oauth_signature" in request.query or "oauth_signature" in dict(body)


def _is_signed_by(
    request: web.Request, header: str, body: list[tuple[str, str]], account: Account
) -> bool:
    keys = account.oauth
    found = signature.collect_parameters(
        uri_query=request.rel_url.raw_query_string,
        body=body,
        headers={"Authorization": header} if header else {},
        exclude_oauth_signature=False,
    )
    given = dict(found)
    if (given.get("oauth_consumer_key"), given.get("oauth_token")) != (
        keys.consumer_key,
        keys.token,
    ):
        return False
    call: Any = common.Request(f"http://{request.host}{request.rel_url.raw_path}")
    call.http_method = request.method
    call.params = [(name, value) for name, value in found if name != "oauth_signature"]
    call.signature = given.get("oauth_signature", "")
    return bool(signature.verify_hmac_sha1(call, keys.consumer_secret, keys.token_secret))
