"""What people do in Discord's client: give commands, press buttons, fill in forms.

Only what the client would offer them is possible; anything else is a ``NotOfferedError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from . import components, payloads, permissions
from .calls import Upload
from .choosing import chosen, shown_room
from .core import Core
from .errors import NoReplyError, NotOfferedError
from .interactions import Interaction, Interactions, Kind, Response
from .model import Channel, Message, MessageFlag, User
from .rest.administration import is_offered
from .rest.commands import Commands

Given: TypeAlias = Mapping[str, str | int | float | bool]
"""Options by name; users, channels, roles and files by ID."""

Values: TypeAlias = Mapping[str, str]
_PATIENCE_S: Final = 60.0
_SUBCOMMANDS: Final = (1, 2)
_CHAT_INPUT: Final = 1
_TEXT_INPUT: Final = 4
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER, _FILE = range(3, 12)
_KINDS: Final[dict[int, type | tuple[type, ...]]] = {
    _STRING: str,
    _INTEGER: int,
    _BOOLEAN: bool,
    _NUMBER: (int, float),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a person sees of the bot's answer; a snapshot.

    Attributes:
        interaction_id: for a newer look, or to fill in ``modal``.
        message_id: of the message that answers, or that was changed; ``None`` for a form.
        is_update: the answer is a change of the message whose component was used.
        modal: the form that was opened, as the bot sent it.
    """

    interaction_id: int
    message_id: int | None = None
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    ephemeral: bool = False
    is_update: bool = False
    is_deleted: bool = False
    modal: dict[str, Any] | None = None
    followups: tuple[Reply, ...] = ()


class People:
    """Does what people do, and waits for the bot's answer.

    Raises, from each of them:
        NotOfferedError: Discord's client would not let the person do this.
        NoReplyError: the bot did not answer in time.
    """

    def __init__(self, core: Core, commands: Commands, interactions: Interactions) -> None:
        self._core = core
        self._commands = commands
        self._interactions = interactions

    async def slash(
        self,
        channel_id: int,
        user_id: int,
        command: str,
        options: Given | None = None,
        *,
        timeout_s: float = _PATIENCE_S,
    ) -> Reply:
        """Give a slash command ("video attach"); return the answer after "thinking …"."""
        channel, user = self._place(channel_id, user_id)
        data = self._command_data(channel, user, command, options or {}, focused=None)
        interaction = self._interactions.start(Kind.COMMAND, channel=channel, user=user, data=data)
        return await self._final(interaction, timeout_s)

    def upload(self, name: str, data: bytes, content_type: str = "application/octet-stream") -> int:
        """Choose a file of one's own; return its ID, for an option that takes files."""
        upload = Upload(name=name, content_type=content_type, data=data)
        return int(self._core.world.files.add(upload)["id"])

    async def autocomplete(
        self, channel_id: int, user_id: int, command: str, options: Given, focused: str
    ) -> list[dict[str, Any]]:
        """Type into the option ``focused``; return the choices offered (name, value)."""
        channel, user = self._place(channel_id, user_id)
        data = self._command_data(channel, user, command, options, focused=focused)
        interaction = self._interactions.start(
            Kind.AUTOCOMPLETE, channel=channel, user=user, data=data
        )
        await self._acknowledged(interaction)
        return interaction.choices or []

    async def click(
        self,
        user_id: int,
        message_id: int,
        custom_id: str,
        *,
        values: list[str] | None = None,
        timeout_s: float = _PATIENCE_S,
    ) -> Reply:
        """Press a button of a message, or choose ``values`` in a menu."""
        message = self._core.world.messages.get(message_id)
        if message is None:
            raise NotOfferedError(f"there is no message {message_id}")
        channel, user = self._place(message.channel_id, user_id)
        data = self._component_data(channel, message, user, custom_id, values)
        interaction = self._interactions.start(
            Kind.COMPONENT, channel=channel, user=user, data=data, source=message
        )
        return await self._final(interaction, timeout_s)

    async def modal(
        self, interaction_id: int, values: Values, *, timeout_s: float = _PATIENCE_S
    ) -> Reply:
        """Send the form that an interaction opened, with ``values`` by ``custom_id``."""
        opener = self._interactions.by_id(interaction_id)
        if opener.modal is None:
            raise NotOfferedError(f"interaction {interaction_id} has opened no form")
        data = {
            "custom_id": opener.modal["custom_id"],
            "components": _filled(opener.modal["components"], values),
        }
        interaction = self._interactions.start(
            Kind.MODAL,
            channel=opener.channel,
            user=opener.user,
            data=data,
            source=opener.source,
            trigger=opener,
        )
        return await self._final(interaction, timeout_s)

    def reply(self, interaction_id: int) -> Reply:
        """Return what a person sees now of the answer to an interaction."""
        interaction = self._interactions.by_id(interaction_id)
        shown = self._shown(interaction, interaction.original)
        followups = tuple(self._shown(interaction, one) for one in interaction.followups)
        return Reply(
            interaction_id=interaction_id,
            message_id=shown.message_id,
            content=shown.content,
            embeds=shown.embeds,
            components=shown.components,
            attachments=shown.attachments,
            ephemeral=shown.ephemeral,
            is_update=interaction.response in (Response.UPDATE, Response.DEFERRED_UPDATE),
            is_deleted=shown.is_deleted,
            modal=interaction.modal,
            followups=followups,
        )

    def _shown(self, interaction: Interaction, message: Message | None) -> Reply:
        if message is None:
            return Reply(interaction_id=interaction.id)
        return Reply(
            interaction_id=interaction.id,
            message_id=message.id,
            content=message.content,
            embeds=[] if message.flags & MessageFlag.SUPPRESS_EMBEDS else list(message.embeds),
            components=list(message.components),
            attachments=list(message.attachments),
            ephemeral=message.is_ephemeral,
            is_deleted=message.id not in self._core.world.messages,
        )

    # Waiting.

    async def _acknowledged(self, interaction: Interaction) -> None:
        deadline_s = self._core.rules.interaction_deadline_s
        try:
            await self._core.changes.wait_for(
                lambda: interaction.response is not None, timeout_s=deadline_s
            )
        except TimeoutError:
            raise NoReplyError("the application did not respond") from None

    async def _final(self, interaction: Interaction, timeout_s: float) -> Reply:
        await self._acknowledged(interaction)
        try:
            await self._core.changes.wait_for(lambda: interaction.is_settled, timeout_s=timeout_s)
        except TimeoutError:
            raise NoReplyError("the application is still thinking") from None
        return self.reply(interaction.id)

    # What is offered.

    def _component_data(
        self,
        channel: Channel,
        message: Message,
        user: User,
        custom_id: str,
        values: list[str] | None,
    ) -> dict[str, Any]:
        component = _component(message, user, custom_id)
        data = {
            "custom_id": custom_id,
            "component_type": component["type"],
            "id": component["id"],
        }
        if values is None:
            return data
        return data | chosen(self._core, channel, user, component, values)

    def _place(self, channel_id: int, user_id: int) -> tuple[Channel, User]:
        world = self._core.world
        channel, user = world.channels.get(channel_id), world.users.get(user_id)
        if channel is None or user is None:
            raise NotOfferedError("there is no such channel or user")
        if not world.may(user_id, channel) & permissions.VIEW:
            raise NotOfferedError(f"{user.name} does not see the channel")
        return channel, user

    def _command_data(
        self, channel: Channel, user: User, name: str, options: Given, *, focused: str | None
    ) -> dict[str, Any]:
        world = self._core.world
        if not world.may(user.id, channel) & permissions.USE_COMMANDS:
            raise NotOfferedError(f"{user.name} may not use commands in the channel")
        root, *rest = name.split(" ")
        command = self._offered(channel, user, root)
        chain, leaf = _descend(command, rest)
        given = _Options(self._core, channel, user).given(leaf, options, focused=focused)
        filled = given.options
        for one in reversed(chain):
            filled = [{"type": one["type"], "name": one["name"], "options": filled}]
        data: dict[str, Any] = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "options": filled,
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return {**data, "resolved": given.resolved} if given.resolved else data

    def _offered(self, channel: Channel, user: User, name: str) -> dict[str, Any]:
        guild = self._core.world.guild_of(channel)
        for command in self._commands.offered(None if guild is None else guild.id):
            if (command["type"], command["name"]) != (_CHAT_INPUT, name):
                continue
            if guild is None:
                if command.get("dm_permission", False) and command["contexts"] in (None, [1]):
                    return command
            elif is_offered(command, guild, guild.members[user.id]):
                return command
        raise NotOfferedError(f"{user.name} is not offered /{name}")


def _descend(
    command: dict[str, Any], names: list[str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the subcommand of these names, and the way to it."""
    chain: list[dict[str, Any]] = []
    place = command
    for name in names:
        below = [one for one in place.get("options") or [] if one["type"] in _SUBCOMMANDS]
        found = next((one for one in below if one["name"] == name), None)
        if found is None:
            raise NotOfferedError(f"/{command['name']} has no {' '.join(names)}")
        chain.append(found)
        place = found
    if any(one["type"] in _SUBCOMMANDS for one in place.get("options") or []):
        raise NotOfferedError(f"/{command['name']} {' '.join(names)} needs a subcommand")
    return chain, place


def _component(message: Message, user: User, custom_id: str) -> dict[str, Any]:
    """Return what is to be used of a message that the person sees."""
    if message.seen_by not in (None, user.id):
        raise NotOfferedError(f"{user.name} does not see the message")
    component = components.find(message.components, custom_id)
    if component is None:
        raise NotOfferedError(f"the message has no {custom_id}")
    if component.get("disabled"):
        raise NotOfferedError(f"{custom_id} is switched off")
    return component


def _filled(fields: list[dict[str, Any]], values: Values) -> list[dict[str, Any]]:
    """Return a form's components with what was typed in."""
    unknown = set(values) - {
        str(one["custom_id"]) for _, one in components.walk(fields) if "custom_id" in one
    }
    if unknown:
        raise NotOfferedError(f"the form has no {', '.join(sorted(unknown))}")
    return [_filled_one(one, values) for one in fields]


def _filled_one(one: dict[str, Any], values: Values) -> dict[str, Any]:
    made: dict[str, Any] = {"type": one["type"], "id": one.get("id", 0)}
    if "components" in one:
        made["components"] = [_filled_one(inner, values) for inner in one["components"]]
    if "component" in one:
        made["component"] = _filled_one(one["component"], values)
    if one["type"] == _TEXT_INPUT:
        custom_id = one["custom_id"]
        value = values.get(custom_id, one.get("value") or "")
        if one.get("required", True) and not value:
            raise NotOfferedError(f"{custom_id} must be filled in")
        made |= {"custom_id": custom_id, "value": value}
    return made


@dataclass(slots=True)
class _Filled:
    """Options as an interaction has them, and what they name."""

    options: list[dict[str, Any]] = field(default_factory=list)
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)


class _Options:
    """Checks options as Discord's client does, and looks up what they name."""

    def __init__(self, core: Core, channel: Channel, user: User) -> None:
        self._core = core
        self._channel = channel
        self._user = user

    def given(self, command: dict[str, Any], given: Given, *, focused: str | None) -> _Filled:
        """Return the options; while one is being typed (``focused``) nothing need be complete.

        Raises:
            NotOfferedError: an option is unknown, missing, or not of the values it may have.
        """
        known = {option["name"]: option for option in command.get("options") or []}
        if unknown := set(given) - set(known):
            raise NotOfferedError(f"there is no option {', '.join(sorted(unknown))}")
        filled = _Filled()
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
        self, filled: _Filled, option: dict[str, Any], value: Any, *, is_focused: bool
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
        elif kind == _FILE and wanted in world.files:
            shown = {**world.files.shown(wanted), "ephemeral": True}
            resolved.setdefault("attachments", {})[str(wanted)] = shown
        else:
            raise NotOfferedError(f"the option {option['name']} cannot be {wanted}")

    def _resolved(self, option: dict[str, Any], channel_id: int) -> dict[str, Any]:
        world = self._core.world
        channel = world.channels[channel_id]
        if option.get("channel_types") and channel.type not in option["channel_types"]:
            raise NotOfferedError(f"the option {option['name']} takes no channel of that type")
        return shown_room(self._core, channel, self._user)


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
