"""What all routes work on: the world, and telling the bot what happens in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..journal import Happening, Journal, Subject
from . import payloads
from .address import Address
from .model import Channel, Guild, Message
from .options import ChatOptions, Rules
from .sessions import Sessions
from .world import World

_T = TypeVar("_T")


class Changes:
    """Tells those who wait that something in the stand-in is not as it was."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Let everybody who waits look again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait_for(self, look: Callable[[], _T | None], *, timeout_s: float = 60.0) -> _T:
        """Return what ``look`` returns, as soon as that is true.

        Raises:
            TimeoutError: it did not become true in time.
        """
        async with asyncio.timeout(timeout_s):
            while not (found := look()):
                future = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await future
                finally:
                    self._waiting.discard(future)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The world, its rules, and the way to the bot.

    ``journal``: what happened, whoever may see it.
    """

    options: ChatOptions
    rules: Rules
    world: World
    changes: Changes
    sessions: Sessions
    address: Address
    journal: Journal[Happening] = field(default_factory=Journal)

    def tell(self, event: str, data: dict[str, Any], guild: Guild | None) -> None:
        """Tell an event of a guild that the bot is in, or of a private conversation."""
        self.changes.tell()
        if guild is None or self.world.bot_in(guild) is not None:
            self.sessions.dispatch(event, data, None if guild is None else guild.id)

    def tell_channel(self, event: str, channel: Channel, **more: Any) -> None:
        """Tell that something happened to a channel, or to a thread that the bot sees."""
        self.journal.add(Happening(Subject.CHANNEL, channel.id))
        if channel.thread is not None and not self.world.may(self.world.bot.id, channel):
            self.changes.tell()
            return
        self.tell(event, payloads.channel(channel) | more, self.world.guild_of(channel))

    def shown(self, message: Message) -> dict[str, Any]:
        """Return a message as REST has it."""
        return payloads.message(message, self.world.users)

    def say(self, message: Message) -> Message:
        """Add a message to its channel and tell of it."""
        self.world.add_message(message)
        self.tell_message("MESSAGE_CREATE", message)
        return message

    def remove(self, message: Message) -> None:
        """Remove a message and tell of it."""
        self.world.remove_message(message)
        self._note(message)
        self.changes.tell()
        if message.is_ephemeral:
            return
        guild = self.world.guild_of(self.world.channels[message.channel_id])
        data = {"id": str(message.id), "channel_id": str(message.channel_id)}
        if guild is not None:
            data["guild_id"] = str(guild.id)
        self.tell("MESSAGE_DELETE", data, guild)

    def tell_message(self, event: str, message: Message) -> None:
        """Tell that a message is there, or is not as it was."""
        self._note(message)
        self.changes.tell()
        if message.is_ephemeral:
            return
        guild = self.world.guild_of(self.world.channels[message.channel_id])
        data = self.shown(message)
        if guild is not None:
            data["guild_id"] = str(guild.id)
            member = guild.members.get(message.author.id)
            if member is not None and message.webhook_id is None:
                data["member"] = payloads.member(member, with_user=False)
        self.tell(event, data, guild)

    def _note(self, message: Message) -> None:
        self.journal.add(Happening(Subject.MESSAGE, message.id, message.channel_id))
