"""What Discord gives to a person's client: the world's things as its JSON, and who sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from . import payloads, permissions
from .core import Core
from .interactions import Interactions
from .model import POSTS_ONLY, SILENT, Channel, Message

Json: TypeAlias = dict[str, Any]

_NO_TEXT: Final = SILENT | POSTS_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What one person sees alone: whose it is, and of which interaction it came.

    ``command``: the one that was given for it, such as ``video attach``.
    """

    person_id: int
    interaction_id: int
    channel_id: int
    command: str = ""


class Views:
    """Looks at the world. What is not there (any more) is ``None``."""

    def __init__(self, core: Core, interactions: Interactions) -> None:
        self._core = core
        self._interactions = interactions

    def message(self, message_id: int) -> Json | None:
        """Return a message, also one that a single person sees."""
        message = self._core.world.messages.get(message_id)
        return None if message is None else self._shown(message)

    def alone(self, message_id: int) -> Alone | None:
        """Return who sees a message; ``None``: everybody in the room, or it is not there."""
        message = self._core.world.messages.get(message_id)
        if message is None or message.seen_by is None or message.interaction_metadata is None:
            return None
        interaction_id = int(message.interaction_metadata["id"])
        found = self._interactions.find(interaction_id)
        return Alone(
            person_id=message.seen_by,
            interaction_id=interaction_id,
            channel_id=message.channel_id,
            command="" if found is None else found.command,
        )

    def modal(self, interaction_id: int) -> tuple[Alone, Json] | None:
        """Return the modal that an interaction has opened, and for whom."""
        found = self._interactions.find(interaction_id)
        if found is None or found.modal is None:
            return None
        alone = Alone(
            person_id=found.user.id, interaction_id=interaction_id, channel_id=found.channel.id
        )
        return alone, found.modal

    def messages(self, channel_id: int, *, before: int | None = None, most: int = 50) -> list[Json]:
        """Return the newest messages of a room, or those before one, oldest first."""
        channel = self._core.world.channels.get(channel_id)
        there = [] if channel is None else list(channel.messages.values())
        older = [one for one in there if before is None or one.id < before]
        return [self._shown(one) for one in older[-most:]]

    def channel(self, channel_id: int) -> Json | None:
        """Return a channel, a thread or a private conversation."""
        channel = self._core.world.channels.get(channel_id)
        return None if channel is None else payloads.channel(channel)

    def channel_ids(self, guild_id: int) -> list[int]:
        """Return the IDs of a guild's channels and threads, and of all private conversations."""
        channels = self._core.world.channels.values()
        return [one.id for one in channels if one.guild_id in (guild_id, None)]

    def may_read(self, user_id: int, channel_id: int) -> bool:
        """Say whether a person sees a channel."""
        channel = self._core.world.channels[channel_id]
        if channel.recipient is not None:
            return channel.recipient.id == user_id
        return bool(self._core.world.may(user_id, channel) & permissions.VIEW)

    def may_write(self, user_id: int, channel_id: int) -> bool:
        """Say whether a person may write messages in a channel."""
        channel = self._core.world.channels[channel_id]
        if channel.type in _NO_TEXT or not self.may_read(user_id, channel_id):
            return False
        return bool(self._core.world.may(user_id, channel) & _needed(channel))

    def member(self, guild_id: int, user_id: int) -> Json:
        """Return a member, with what they may do in the whole guild as ``permissions``."""
        guild = self._core.world.guilds[guild_id]
        member = guild.members[user_id]
        return {
            **payloads.member(member),
            "permissions": str(permissions.in_guild(guild, member)),
        }

    def users(self, guild_id: int) -> list[Json]:
        """Return the users who are members of a guild."""
        members = self._core.world.guilds[guild_id].members
        return [payloads.user(one.user) for one in members.values()]

    def guild(self, guild_id: int) -> Json:
        """Return a guild."""
        return payloads.guild(self._core.world.guilds[guild_id])

    def _shown(self, message: Message) -> Json:
        return self._core.shown(message)


def _needed(channel: Channel) -> int:
    return permissions.SEND if channel.thread is None else permissions.SEND_IN_THREADS
