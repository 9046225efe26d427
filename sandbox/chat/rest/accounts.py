"""Users, the application, and the gateway's address."""

from __future__ import annotations

from typing import Any, Final

from .. import payloads, permissions
from ..calls import Answer, Call, Route, Routes
from ..core import Core
from ..errors import refusal
from ..model import User

_PRIVILEGED_FLAGS: Final = {1 << 8: 1 << 12, 1 << 1: 1 << 14, 1 << 15: 1 << 18}
_STARTS: Final = 1000
_DAY_MS: Final = 86_400_000


def routes(core: Core) -> Routes:
    """Return the routes of this part."""
    accounts = _Accounts(core)
    return [
        Route(method="GET", template="/users/@me", handle=accounts.me),
        Route(method="GET", template="/users/@me/guilds", handle=accounts.guilds),
        Route(method="GET", template="/oauth2/applications/@me", handle=accounts.application),
        Route(method="GET", template="/gateway", handle=accounts.gateway, needs_token=False),
        Route(method="GET", template="/gateway/bot", handle=accounts.gateway_bot),
        Route(method="POST", template="/users/@me/channels", handle=accounts.open_dm),
        Route(method="GET", template="/users/{user_id}", handle=accounts.user),
    ]


class _Accounts:
    def __init__(self, core: Core) -> None:
        self._core = core

    def me(self, _: Call) -> Answer:
        shown = payloads.user(self._core.world.bot)
        return Answer(
            body={**shown, "mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
        )

    def guilds(self, call: Call) -> Answer:
        world, after = self._core.world, call.snowflake("after") or 0
        found = [
            payloads.my_guild(one, permissions.in_guild(one, member))
            for one in sorted(world.guilds.values(), key=lambda guild: guild.id)
            if one.id > after and (member := world.bot_in(one)) is not None
        ]
        return Answer(body=found[: call.number("limit", 200, least=1, most=200)])

    def application(self, _: Call) -> Answer:
        world, options = self._core.world, self._core.options
        return Answer(
            body={
                "id": str(world.bot.id),
                "name": options.application_name,
                "icon": None,
                "description": "",
                "type": None,
                "bot": payloads.user(world.bot),
                "bot_public": True,
                "bot_require_code_grant": False,
                "verify_key": "0" * 64,
                "flags": application_flags(self._core.rules.privileged_intents),
                "flags_new": str(application_flags(self._core.rules.privileged_intents)),
                "redirect_uris": [],
                "interactions_endpoint_url": None,
                "role_connections_verification_url": None,
                "owner": payloads.user(world.owner),
                "approximate_guild_count": len(world.guilds),
                "approximate_user_install_count": 0,
                "approximate_user_authorization_count": 0,
                "explicit_content_filter": 0,
                "team": None,
                "eligible_oauth2_scopes": [],
                "tags": [],
            }
        )

    def gateway(self, _: Call) -> Answer:
        return Answer(body={"url": self._core.address.gateway_url})

    def gateway_bot(self, _: Call) -> Answer:
        options = self._core.options
        starts: dict[str, Any] = {
            "total": _STARTS,
            "remaining": max(0, _STARTS - self._core.sessions.begun),
            "reset_after": _DAY_MS,
            "max_concurrency": options.max_concurrency,
        }
        address = self._core.address.gateway_url
        return Answer(
            body={"url": address, "shards": options.shards, "session_start_limit": starts}
        )

    def user(self, call: Call) -> Answer:
        return Answer(body=payloads.user(self._known(call.id("user_id"))))

    def open_dm(self, call: Call) -> Answer:
        recipient = str(call.object().get("recipient_id", ""))
        user = self._known(int(recipient) if recipient.isdecimal() else 0)
        if user is self._core.world.bot:
            raise refusal(50033)
        channel = self._core.world.dm_with(user)
        return Answer(body=payloads.channel(channel))

    def _known(self, user_id: int) -> User:
        user = self._core.world.users.get(user_id)
        if user is None:
            raise refusal(10013)
        return user


def application_flags(privileged_intents: int) -> int:
    """Return the application's flags that say which privileged intents it may use."""
    return sum(flag for intent, flag in _PRIVILEGED_FLAGS.items() if privileged_intents & intent)
