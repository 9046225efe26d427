"""What a client is told first: itself, and the guilds that the bot is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import payloads, permissions
from .core import Core
from .model import Guild, Member
from .rest.accounts import application_flags
from .sessions import Session
from .world import World


def introduction(core: Core, guild: Guild, member: Member) -> dict[str, Any]:
    """Return GUILD_CREATE's data: active threads that the bot sees are in it."""
    threads = [
        one
        for one in guild.channels.values()
        if one.thread is not None
        and not one.thread.is_archived
        and core.world.may(member.user.id, one) & permissions.VIEW
    ]
    return payloads.guild_create(guild, member, threads)


def greeting(
    core: Core, gateway_url: str, session: Session
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield READY and the GUILD_CREATEs of a new session."""
    bot = core.world.bot
    mine = [
        (guild, member)
        for guild in core.world.guilds.values()
        if (member := core.world.bot_in(guild)) is not None and session.handles(guild.id)
    ]
    flags = application_flags(core.rules.privileged_intents)
    yield (
        "READY",
        {
            "v": 10,
            "user": {**payloads.user(bot), "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild, _ in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(bot.id), "flags": flags},
            "private_channels": [],
            "relationships": [],
            "_trace": [],
        },
    )
    for guild, member in mine:
        if guild.is_available:
            yield "GUILD_CREATE", introduction(core, guild, member)


def members_chunk(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request for a guild's members."""
    guild = world.guilds[int(asked["guild_id"])]
    return {
        "guild_id": str(guild.id),
        "members": [payloads.member(one) for one in guild.members.values()],
        "chunk_index": 0,
        "chunk_count": 1,
        "nonce": asked.get("nonce"),
    }
