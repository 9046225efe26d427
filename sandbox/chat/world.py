"""All that exists in the stand-in, found by ID, and who may do what in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import permissions
from .address import Address
from .errors import refusal
from .files import Files
from .model import Channel, ChannelType, Guild, Member, Message, User
from .snowflakes import Snowflakes


class World:
    """Guilds, channels, users and messages; the bot's own application has the bot's ID."""

    def __init__(
        self,
        now: Callable[[], float],
        bot_name: str,
        address: Address,
        *,
        locale: str = "en-US",
    ) -> None:
        self.now = now
        self.locale = locale
        self.ids = Snowflakes(now)
        self.files = Files(address, self.ids)
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {}
        self.messages: dict[int, Message] = {}
        self.bot = self.add_user(bot_name, is_bot=True)
        self.owner = self.add_user("owner")

    # Making.

    def add_user(self, name: str, *, is_bot: bool = False) -> User:
        """Add a user who is in no guild yet."""
        user = User(id=self.ids.next(), name=name, is_bot=is_bot, locale=self.locale)
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel, also to its guild."""
        self.channels[channel.id] = channel
        if channel.guild_id is not None:
            self.guilds[channel.guild_id].channels[channel.id] = channel
        return channel

    def add_message(self, message: Message) -> None:
        """Add a message to its channel; one for a single person's eyes stays out of it."""
        self.messages[message.id] = message
        if message.is_ephemeral:
            return
        channel = self.channels[message.channel_id]
        channel.messages[message.id] = message
        channel.last_message_id = message.id
        # A post's first message, which has its ID, does not count.
        if channel.thread is not None and message.id != channel.id:
            channel.thread.message_count += 1
            channel.thread.ever_sent += 1

    def remove_message(self, message: Message) -> None:
        """Remove a message; the channel of one for a single person's eyes may be gone."""
        self.messages.pop(message.id, None)
        if message.is_ephemeral:
            return
        channel = self.channels[message.channel_id]
        was_there = channel.messages.pop(message.id, None) is not None
        if channel.thread is not None and was_there and message.id != channel.id:
            channel.thread.message_count -= 1

    def remove_channel(self, channel: Channel) -> list[Channel]:
        """Remove a channel; return its threads, which go with it."""
        threads = list(self.threads_of(channel))
        for gone in [channel, *threads]:
            self.channels.pop(gone.id, None)
            if gone.guild_id is not None:
                self.guilds[gone.guild_id].channels.pop(gone.id, None)
            for message_id in gone.messages:
                self.messages.pop(message_id, None)
        return threads

    def dm_with(self, user: User) -> Channel:
        """Return the private conversation of the bot with a user."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        return self.add_channel(
            Channel(id=self.ids.next(), type=ChannelType.DM, name=user.name, recipient=user)
        )

    # Finding.

    def threads_of(self, channel: Channel) -> Iterator[Channel]:
        """Yield the threads of a channel."""
        for one in self.channels.values():
            if one.thread is not None and one.parent_id == channel.id:
                yield one

    def guild_of(self, channel: Channel) -> Guild | None:
        """Return the guild of a channel, ``None`` for a private one."""
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    def bot_in(self, guild: Guild) -> Member | None:
        """Return the bot as a member of the guild."""
        return guild.members.get(self.bot.id)

    def may(self, user_id: int, channel: Channel) -> int:
        """Return what the user may do in the channel, as Discord's bits."""
        guild = self.guild_of(channel)
        member = None if guild is None else guild.members.get(user_id)
        granted = permissions.in_channel(guild, member, channel)
        if channel.type is not ChannelType.PRIVATE_THREAD or channel.thread is None:
            return granted
        is_in = user_id in channel.thread.member_ids
        return granted if is_in or granted & permissions.MANAGE_THREADS else 0

    # Finding as the bot, with Discord's refusals.

    def seen_guild(self, guild_id: int) -> Guild:
        """Return a guild that the bot is in.

        Raises:
            ApiError: 10004.
        """
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot_in(guild) is None:
            raise refusal(10004)
        return guild

    def seen_channel(self, channel_id: int, *needed: int) -> Channel:
        """Return a channel in which the bot has View Channel and what else is needed.

        Raises:
            ApiError: 10003, 50001 or 50013.
        """
        channel = self.channels.get(channel_id)
        if channel is None:
            raise refusal(10003)
        granted = self.may(self.bot.id, channel)
        if not granted & permissions.VIEW:
            raise refusal(50001)
        if any(not granted & one for one in needed):
            raise refusal(50013)
        return channel

    def message_in(self, channel: Channel, message_id: int) -> Message:
        """Return a message of a channel.

        Raises:
            ApiError: 10008.
        """
        message = channel.messages.get(message_id)
        if message is None:
            raise refusal(10008)
        return message
