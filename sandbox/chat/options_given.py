"""The options that a person fills in for a slash command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from . import payloads
from .core import Core
from .errors import NotOfferedError
from .model import Channel, User

Given: TypeAlias = Mapping[str, str | int | float | bool]
"""Options by name; users, channels and roles by ID."""

_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER = range(3, 11)
_KINDS: Final[dict[int, type | tuple[type, ...]]] = {
    _STRING: str,
    _INTEGER: int,
    _BOOLEAN: bool,
    _NUMBER: (int, float),
}


@dataclass(slots=True)
class Filled:
    """Options as an interaction has them, and what they name."""

    options: list[dict[str, Any]] = field(default_factory=list)
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)


class Options:
    """Checks options as Discord's client does, and looks up what they name."""

    def __init__(self, core: Core, channel: Channel, user: User) -> None:
        self._core = core
        self._channel = channel
        self._user = user

    def given(self, command: dict[str, Any], given: Given, *, focused: str | None) -> Filled:
        """Return the options; while one is being typed (``focused``) nothing need be complete.

        Raises:
            NotOfferedError: an option is unknown, missing, or not of the values it may have.
        """
        known = {option["name"]: option for option in command.get("options") or []}
        if unknown := set(given) - set(known):
            raise NotOfferedError(f"there is no option {', '.join(sorted(unknown))}")
        filled = Filled()
        for name, option in known.items():
            if name in given:
                self._take(filled, option, given[name], is_focused=name == focused)
            elif option.get("required") and focused is None:
                raise NotOfferedError(f"the option {name} is required")
        if focused is not None and not known.get(focused, {}).get("autocomplete"):
            raise NotOfferedError(f"the option {focused} does not complete")
        if focused is not None:
            filled.resolved.clear()
        return filled

    def _take(
        self, filled: Filled, option: dict[str, Any], value: Any, *, is_focused: bool
    ) -> None:
        kind = option["type"]
        made = {"name": option["name"], "type": kind, "value": value}
        if is_focused:
            filled.options.append({**made, "value": str(value), "focused": True})
            return
        if kind in _KINDS:
            _check_plain(option, value, _KINDS[kind])
        else:
            made["value"] = str(value)
            self._resolve(filled.resolved, option, int(value))
        filled.options.append(made)

    def _resolve(
        self, resolved: dict[str, dict[str, Any]], option: dict[str, Any], wanted: int
    ) -> None:
        world = self._core.world
        guild = world.guild_of(self._channel)
        kind = option["type"]
        if kind == _CHANNEL and guild is not None and wanted in guild.channels:
            resolved.setdefault("channels", {})[str(wanted)] = self._resolved(option, wanted)
        elif kind in (_USER, _MENTIONABLE) and wanted in world.users:
            resolved.setdefault("users", {})[str(wanted)] = payloads.user(world.users[wanted])
            if guild is not None and wanted in guild.members:
                member = payloads.member(guild.members[wanted], with_user=False)
                member["permissions"] = str(world.may(wanted, self._channel))
                resolved.setdefault("members", {})[str(wanted)] = member
        elif kind in (_ROLE, _MENTIONABLE) and guild is not None and wanted in guild.roles:
            resolved.setdefault("roles", {})[str(wanted)] = payloads.role(guild.roles[wanted])
        else:
            raise NotOfferedError(f"the option {option['name']} cannot be {wanted}")

    def _resolved(self, option: dict[str, Any], channel_id: int) -> dict[str, Any]:
        world = self._core.world
        channel = world.channels[channel_id]
        if option.get("channel_types") and channel.type not in option["channel_types"]:
            raise NotOfferedError(f"the option {option['name']} takes no channel of that type")
        return {
            **payloads.channel(channel),
            "permissions": str(world.may(self._user.id, channel)),
            "app_permissions": str(world.may(world.bot.id, channel)),
        }


def _check_plain(option: dict[str, Any], value: Any, kind: type | tuple[type, ...]) -> None:
    name = option["name"]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise NotOfferedError(f"the option {name} does not take {value!r}")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise NotOfferedError(f"the option {name} has no choice {value!r}")
    size = len(value) if isinstance(value, str) else value
    for least, most in (("min_value", "max_value"), ("min_length", "max_length")):
        is_length = least == "min_length"
        if is_length != isinstance(value, str) or isinstance(value, bool):
            continue
        if size < option.get(least, size) or size > option.get(most, size):
            raise NotOfferedError(f"the option {name} does not take {value!r}")
