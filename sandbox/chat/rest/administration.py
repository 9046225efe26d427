"""What administrators have set and done in a guild: who may use commands, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .. import payloads, permissions
from ..calls import Answer, Call, Route, Routes
from ..core import Core
from ..errors import refusal
from ..model import Guild, Member
from .commands import may_use

_ROLE, _USER = 1, 2
_BOT_ADD: Final = 28


def routes(core: Core) -> Routes:
    """Return the routes of this part; they go before those of commands, which they look like."""
    made = _Administration(core)
    let_in = "/applications/{application_id}/guilds/{guild_id}/commands/permissions"
    return [
        Route(method="GET", template=let_in, handle=made.let_in),
        Route(method="GET", template="/guilds/{guild_id}/audit-logs", handle=made.audit_log),
    ]


class _Administration:
    def __init__(self, core: Core) -> None:
        self._core = core

    def let_in(self, call: Call) -> Answer:
        """Answer with all that was set for commands."""
        guild = self._core.world.seen_guild(call.id("guild_id"))
        application_id = call.id("application_id")
        rows = [
            {
                "id": str(of),
                "application_id": str(application_id),
                "guild_id": str(guild.id),
                "permissions": [_permission(guild, *one) for one in said.items()],
            }
            for of, said in guild.let_in.items()
        ]
        return Answer(body=rows)

    def audit_log(self, call: Call) -> Answer:
        """Answer with who added the bot; nothing else is logged."""
        world = self._core.world
        guild = world.seen_guild(call.id("guild_id"))
        member = guild.members[world.bot.id]
        if not permissions.in_guild(guild, member) & permissions.bits(["view_audit_log"]):
            raise refusal(50013)
        entries, users = list[dict[str, Any]](), list[dict[str, Any]]()
        if guild.bot_added_by is not None and call.query.get("action_type") == str(_BOT_ADD):
            users.append(payloads.user(world.users[guild.bot_added_by]))
            entries.append(
                {
                    "id": str(world.ids.next()),
                    "action_type": _BOT_ADD,
                    "target_id": str(world.bot.id),
                    "user_id": str(guild.bot_added_by),
                }
            )
        others = (
            "application_commands",
            "auto_moderation_rules",
            "guild_scheduled_events",
            "integrations",
            "threads",
            "webhooks",
        )
        body = {"audit_log_entries": entries, "users": users, **{one: [] for one in others}}
        return Answer(body=body)


def _permission(guild: Guild, subject_id: int, is_let_in: bool) -> dict[str, Any]:  # noqa: FBT001
    kind = _ROLE if subject_id in guild.roles else _USER
    return {"id": str(subject_id), "type": kind, "permission": is_let_in}


def is_offered(command: Mapping[str, Any], guild: Guild, member: Member) -> bool:
    """Say whether Discord offers a command to a member: as set in the guild, else by default.

    What is said of a person goes before their roles, and those before what all have.
    """
    said = guild.let_in.get(int(command["id"]))
    if said is None:
        said = guild.let_in.get(int(command["application_id"]), {})
    granted = permissions.in_guild(guild, member)
    if granted & permissions.ADMINISTRATOR:
        return True
    if member.user.id in said:
        return said[member.user.id]
    of_roles = [said[one] for one in member.role_ids if one in said]
    if of_roles:
        return any(of_roles)
    return said[guild.id] if guild.id in said else may_use(dict(command), granted)
