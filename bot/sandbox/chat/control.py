"""Changing the world from outside: what owners and moderators of guilds do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import payloads, permissions
from .core import Core
from .model import (
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    Tag,
    ThreadState,
    User,
)
from .rest.rooms import remove_channel

# What the bot's own role grants where nothing else is said.
BOT_PERMISSIONS = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "embed_links",
    "read_message_history",
)


class Control:
    """Every change is told to the bot as Discord would tell it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._world = core.world

    @property
    def bot(self) -> User:
        """The bot's user, whose ID is the application's, too."""
        return self._world.bot

    @property
    def owner(self) -> User:
        """The owner of the application, and of guilds that name no other."""
        return self._world.owner

    # Guilds and who is in them.

    def add_user(self, name: str, *, takes_dms: bool = True) -> User:
        """Add a person who is in no guild yet."""
        user = self._world.add_user(name)
        user.takes_dms = takes_dms
        return user

    def add_guild(
        self,
        name: str = "Guild",
        *,
        owner: User | None = None,
        with_bot: bool = True,
        bot_permissions: Iterable[str] = BOT_PERMISSIONS,
    ) -> Guild:
        """Add a guild with its owner, and the bot with a role of its own."""
        owner = owner or self._world.owner
        guild = Guild(id=self._world.ids.next(), name=name, owner_id=owner.id)
        guild.roles[guild.id] = Role(
            id=guild.id, name="@everyone", permissions=permissions.NEW_GUILD, position=0
        )
        self._world.guilds[guild.id] = guild
        self._join(guild, owner, [])
        if with_bot:
            self.add_bot(guild.id, bot_permissions)
        return guild

    def add_bot(self, guild_id: int, bot_permissions: Iterable[str] = BOT_PERMISSIONS) -> None:
        """Let the bot join."""
        guild = self._world.guilds[guild_id]
        role = self._new_role(guild, self.bot.name, bot_permissions)
        role.is_managed = True
        member = self._join(guild, self.bot, [role.id])
        self._core.tell("GUILD_CREATE", self._introduction(guild, member), guild)

    def remove_bot(self, guild_id: int) -> None:
        """Kick the bot."""
        guild = self._world.guilds[guild_id]
        self._core.tell("GUILD_DELETE", {"id": str(guild_id)}, guild)
        for role_id in guild.members.pop(self.bot.id).role_ids:
            if guild.roles[role_id].is_managed:
                del guild.roles[role_id]

    def set_available(self, guild_id: int, *, is_available: bool) -> None:
        """Begin or end an outage of the guild."""
        guild = self._world.guilds[guild_id]
        guild.is_available = is_available
        member = self._world.bot_in(guild)
        if is_available and member is not None:
            self._core.tell("GUILD_CREATE", self._introduction(guild, member), guild)
        else:
            self._core.tell("GUILD_DELETE", {"id": str(guild_id), "unavailable": True}, guild)

    def add_member(self, guild_id: int, user: User | str, *, roles: Sequence[Role] = ()) -> User:
        """Let a person join; a name makes a new one."""
        user = self._world.add_user(user) if isinstance(user, str) else user
        self._join(self._world.guilds[guild_id], user, [role.id for role in roles])
        return user

    def set_roles(self, guild_id: int, user_id: int, roles: Sequence[Role]) -> None:
        """Give a member these roles and no others."""
        guild = self._world.guilds[guild_id]
        member = guild.members[user_id]
        member.role_ids = [role.id for role in roles]
        if user_id == self.bot.id:
            # Of other members a bot without the intent is not told.
            shown = {**payloads.member(member), "guild_id": str(guild_id)}
            self._core.tell("GUILD_MEMBER_UPDATE", shown, guild)

    def bot_roles(self, guild_id: int) -> list[Role]:
        """Return the roles of the bot in a guild."""
        guild = self._world.guilds[guild_id]
        return [guild.roles[role_id] for role_id in guild.members[self.bot.id].role_ids]

    # Roles.

    def add_role(
        self,
        guild_id: int,
        name: str,
        granted: Iterable[str] = (),
        *,
        is_mentionable: bool = False,
    ) -> Role:
        """Add a role."""
        guild = self._world.guilds[guild_id]
        role = self._new_role(guild, name, granted)
        role.is_mentionable = is_mentionable
        shown = {"guild_id": str(guild_id), "role": payloads.role(role)}
        self._core.tell("GUILD_ROLE_CREATE", shown, guild)
        return role

    def set_role(
        self,
        guild_id: int,
        role_id: int,
        *,
        granted: Iterable[str] | None = None,
        is_mentionable: bool | None = None,
    ) -> None:
        """Change what a role grants, or whether anyone may mention it."""
        guild = self._world.guilds[guild_id]
        role = guild.roles[role_id]
        if granted is not None:
            role.permissions = permissions.bits(granted)
        if is_mentionable is not None:
            role.is_mentionable = is_mentionable
        shown = {"guild_id": str(guild_id), "role": payloads.role(role)}
        self._core.tell("GUILD_ROLE_UPDATE", shown, guild)

    def delete_role(self, guild_id: int, role_id: int) -> None:
        """Delete a role; its members lose it."""
        guild = self._world.guilds[guild_id]
        del guild.roles[role_id]
        for member in guild.members.values():
            member.role_ids = [one for one in member.role_ids if one != role_id]
        shown = {"guild_id": str(guild_id), "role_id": str(role_id)}
        self._core.tell("GUILD_ROLE_DELETE", shown, guild)

    # Channels.

    def add_channel(
        self,
        guild_id: int,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        tags: Sequence[str] = (),
        moderated_tags: Sequence[str] = (),
        requires_tag: bool = False,
    ) -> Channel:
        """Add a channel; tags are for forums."""
        guild = self._world.guilds[guild_id]
        channel = Channel(
            id=self._world.ids.next(),
            type=kind,
            name=name,
            guild_id=guild_id,
            position=len(guild.channels),
            requires_tag=requires_tag,
            tags=[
                Tag(id=self._world.ids.next(), name=tag, is_moderated=tag in moderated_tags)
                for tag in (*moderated_tags, *tags)
            ],
        )
        self._world.add_channel(channel)
        self._core.tell_channel("CHANNEL_CREATE", channel)
        return channel

    def add_thread(
        self,
        parent_id: int,
        name: str,
        kind: ChannelType = ChannelType.PUBLIC_THREAD,
        *,
        owner: User | None = None,
        with_bot: bool = False,
    ) -> Channel:
        """Let a person open a thread, with or without the bot in it."""
        parent = self._world.channels[parent_id]
        now = self._world.now()
        members = {(owner or self.owner).id: now} | ({self.bot.id: now} if with_bot else {})
        thread = Channel(
            id=self._world.ids.next(),
            type=kind,
            name=name,
            guild_id=parent.guild_id,
            parent_id=parent_id,
            thread=ThreadState(
                owner_id=(owner or self.owner).id,
                created_at=now,
                archive_changed_at=now,
                member_ids=members,
            ),
        )
        self._world.add_channel(thread)
        if self._world.may(self.bot.id, thread) & permissions.VIEW:
            self._core.tell_channel("THREAD_CREATE", thread, newly_created=True)
        return thread

    def archive(self, thread_id: int, *, is_locked: bool = False) -> None:
        """Archive a thread."""
        thread = self._world.channels[thread_id]
        if thread.thread is None:
            raise ValueError("only threads can be archived")
        thread.thread.is_archived = True
        thread.thread.is_locked = is_locked
        thread.thread.archive_changed_at = self._world.now()
        self._core.tell_channel("THREAD_UPDATE", thread)

    def set_overwrites(
        self,
        channel_id: int,
        target: Role | User,
        *,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
    ) -> None:
        """Grant and deny in a channel; with neither, nothing is said about the target."""
        channel = self._world.channels[channel_id]
        overwrite = Overwrite(
            target_id=target.id,
            is_role=isinstance(target, Role),
            allow=permissions.bits(allow),
            deny=permissions.bits(deny),
        )
        if overwrite.allow or overwrite.deny:
            channel.overwrites[target.id] = overwrite
        else:
            channel.overwrites.pop(target.id, None)
        self._core.tell_channel("CHANNEL_UPDATE", channel)

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel with its threads, or a thread."""
        remove_channel(self._core, self._world.channels[channel_id])

    def set_system_channel(self, guild_id: int, channel_id: int | None) -> None:
        """Choose the channel for Discord's own messages."""
        guild = self._world.guilds[guild_id]
        guild.system_channel_id = channel_id
        self._core.tell("GUILD_UPDATE", payloads.guild(guild), guild)

    # Messages.

    def write(self, channel_id: int, user: User, content: str) -> Message:
        """Let a person write."""
        channel = self._world.channels[channel_id]
        return self._core.say(
            Message(
                id=self._world.ids.next(),
                channel_id=channel_id,
                guild_id=channel.guild_id,
                author=user,
                created_at=self._world.now(),
                content=content,
            )
        )

    def delete_message(self, message_id: int) -> None:
        """Let a moderator delete a message."""
        self._core.remove(self._world.messages[message_id])

    # Parts.

    def _join(self, guild: Guild, user: User, role_ids: list[int]) -> Member:
        member = Member(user=user, joined_at=self._world.now(), role_ids=role_ids)
        guild.members[user.id] = member
        return member

    def _new_role(self, guild: Guild, name: str, granted: Iterable[str]) -> Role:
        role = Role(
            id=self._world.ids.next(),
            name=name,
            permissions=permissions.bits(granted),
            position=len(guild.roles),
        )
        guild.roles[role.id] = role
        return role

    def _introduction(self, guild: Guild, member: Member) -> dict[str, object]:
        return introduction(self._core, guild, member)


def introduction(core: Core, guild: Guild, member: Member) -> dict[str, object]:
    """Return GUILD_CREATE's data: active threads that the bot sees are in it."""
    threads = [
        one
        for one in guild.channels.values()
        if one.thread is not None
        and not one.thread.is_archived
        and core.world.may(member.user.id, one) & permissions.VIEW
    ]
    return payloads.guild_create(guild, member, threads)
