"""What a person chooses in a menu of rooms, roles or people, and what Discord tells of it.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from __future__ import annotations

from typing import Any, Final

from . import payloads
from .core import Core
from .errors import NotOfferedError
from .model import Channel, Guild, User

_USERS, _ROLES, _MENTIONABLES, _ROOMS = 5, 6, 7, 8
_OF_SERVERS: Final = (_USERS, _ROLES, _MENTIONABLES, _ROOMS)


def shown_room(core: Core, channel: Channel, user: User) -> dict[str, Any]:
    """Return a room as an interaction tells of it: with what the person and the bot may there."""
    world = core.world
    return {
        **payloads.channel(channel),
        "permissions": str(world.may(user.id, channel)),
        "app_permissions": str(world.may(world.bot.id, channel)),
    }


def chosen(
    core: Core, place: Channel, user: User, component: dict[str, Any], values: list[str]
) -> dict[str, Any]:
    """Return what an interaction has for the values that were chosen in a menu.

    Raises:
        NotOfferedError: the menu does not offer one of them, or not so many.
    """
    if component["type"] not in _OF_SERVERS:
        return {"values": values}
    name = component["custom_id"]
    if not component["min_values"] <= len(values) <= component["max_values"]:
        raise NotOfferedError(f"{name} does not take {len(values)} values")
    guild = core.world.guild_of(place)
    if guild is None:
        raise NotOfferedError(f"{name} has nothing to choose from here")
    resolved: dict[str, dict[str, Any]] = {}
    for value in values:
        kind, shown = _resolved(core, guild, user, component, int(value))
        resolved.setdefault(kind, {})[value] = shown
    return {"values": values, "resolved": resolved} if resolved else {"values": values}


def _resolved(
    core: Core, guild: Guild, user: User, component: dict[str, Any], wanted: int
) -> tuple[str, dict[str, Any]]:
    kind, types = component["type"], component.get("channel_types")
    room = guild.channels.get(wanted)
    if kind == _ROOMS and room is not None and (not types or room.type in types):
        return "channels", shown_room(core, room, user)
    if kind in (_ROLES, _MENTIONABLES) and wanted in guild.roles:
        return "roles", payloads.role(guild.roles[wanted])
    if kind in (_USERS, _MENTIONABLES) and wanted in guild.members:
        return "users", payloads.user(core.world.users[wanted])
    raise NotOfferedError(f"{component['custom_id']} does not offer {wanted}")
