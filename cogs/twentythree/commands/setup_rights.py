"""The table of permissions in ``/video setup``: what the bot lacks, and what grants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import discord

from ..delivery import WANTED, NeededPermission, Room, needed
from ..languages import kept, listed, noted, retold, tr
from . import words

# On the button that leads to Discord's page.
GRANT = noted("Grant what is missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsIn:
    """What the bot may do in a room: the lines that tell it, and what its role does not grant."""

    lines: tuple[str, ...]
    lacking: discord.Permissions


def rights_in(room: Room, mention: discord.Role | None) -> RightsIn:
    """Return what the bot may do in a room. ``mention``: the role that is mentioned there."""
    found = [*needed(room, room.guild.me), *_beside(room, mention)]
    hiding = [one for one in found if one.flag == "view_channel" and not one.is_granted]
    # A room that is hidden hides all the others.
    shown = hiding or found
    marks = [f"{'✅' if one.is_granted else '❌'} {retold(one.name)}" for one in shown]
    lines = [f"- {words.room(room.id)}: {' · '.join(marks)}"]
    denied = [retold(one.name) for one in shown if one.is_denied]
    if denied:
        told = tr(
            "The room itself takes away {names}: allow that for the bot in the settings of {room}, "
            "under Permissions.",
            names=listed(denied),
            room=words.room(room.id),
        )
        lines.append(f"  - {told}")
    asked = [one for one in shown if not (one.is_granted or one.is_denied)]
    if asked:
        told = tr(
            "The bot's role lacks {names}: *{button}* gives it that.",
            names=listed([retold(one.name) for one in asked]),
            button=tr(GRANT),
        )
        lines.append(f"  - {told}")
    lacking = discord.Permissions(**{one.flag: True for one in asked})
    return RightsIn(lines=tuple(lines), lacking=lacking)


def _beside(room: Room, mention: discord.Role | None) -> Iterable[NeededPermission]:
    """Yield what nothing is posted worse without, but for what it is for."""
    yield _permission(room, "read_message_history", kept("Read Message History"))
    if mention is not None and not mention.mentionable:
        name = tr("Mention Everyone, for {role}", role=words.role(mention.id))
        yield _permission(room, "mention_everyone", name)


def _permission(room: Room, flag: str, name: str) -> NeededPermission:
    me = room.guild.me
    is_granted = getattr(room.permissions_for(me), flag)
    is_denied = getattr(me.guild_permissions, flag) and not is_granted
    return NeededPermission(flag=flag, name=name, is_granted=is_granted, is_denied=is_denied)


def _held(guild: discord.Guild) -> discord.Permissions:
    """Return what the bot's own role grants: what is not asked for again is taken from it."""
    role = guild.self_role
    return discord.Permissions.none() if role is None else role.permissions


def granting(application_id: int, guild: discord.Guild, rights: Iterable[RightsIn]) -> str | None:
    """Return the address that grants the bot in its server what it lacks; ``None``: nothing."""
    lacking = discord.Permissions.none()
    for one in rights:
        lacking |= one.lacking
    if not lacking.value:
        return None
    return discord.utils.oauth_url(
        application_id,
        permissions=WANTED | lacking | _held(guild),
        guild=guild,
        disable_guild_select=True,
        scopes=("bot", "applications.commands"),
    )
