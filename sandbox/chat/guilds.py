"""What happens to guilds: they are made, people and the bot come and go, roles change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import payloads, permissions
from .core import Core
from .gateway import introduction
from .model import Guild, Member, Role, User

# What the bot's own role grants where nothing else is said.
BOT_PERMISSIONS = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "embed_links",
    "read_message_history",
    "create_events",
)


class Guilds:
    """Changes guilds; every change is told to the bot as Discord would tell it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._world = core.world

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
        guild_id: int | None = None,
    ) -> Guild:
        """Add a guild with its owner, and the bot with a role of its own.

        ``guild_id``: which shard is told of it depends on that; by default one of now.
        """
        owner = owner or self._world.owner
        guild = Guild(
            id=guild_id or self._world.ids.next(),
            name=name,
            owner_id=owner.id,
            locale=self._world.locale,
        )
        guild.roles[guild.id] = Role(
            id=guild.id, name="@everyone", permissions=permissions.NEW_GUILD, position=0
        )
        self._world.guilds[guild.id] = guild
        self._join(guild, owner, [])
        if with_bot:
            self.add_bot(guild.id, bot_permissions)
        return guild

    def add_bot(
        self,
        guild_id: int,
        bot_permissions: Iterable[str] = BOT_PERMISSIONS,
        *,
        by: User | None = None,
    ) -> None:
        """Let the bot join; ``by``: who adds it, as the audit log has it."""
        guild = self._world.guilds[guild_id]
        guild.bot_added_by = None if by is None else by.id
        role = self._new_role(guild, self._world.bot.name, bot_permissions)
        role.is_managed = True
        member = self._join(guild, self._world.bot, [role.id])
        shown = introduction(self._core, guild, member)
        # Only a guild that was known before says whether it is available.
        del shown["unavailable"]
        self._core.tell("GUILD_CREATE", shown, guild)

    def remove_bot(self, guild_id: int) -> None:
        """Kick the bot."""
        guild = self._world.guilds[guild_id]
        self._core.tell("GUILD_DELETE", {"id": str(guild_id)}, guild)
        for role_id in guild.members.pop(self._world.bot.id).role_ids:
            if guild.roles[role_id].is_managed:
                del guild.roles[role_id]

    def set_available(self, guild_id: int, *, is_available: bool) -> None:
        """Begin or end an outage of the guild."""
        guild = self._world.guilds[guild_id]
        guild.is_available = is_available
        member = self._world.bot_in(guild)
        if is_available and member is not None:
            self._core.tell("GUILD_CREATE", introduction(self._core, guild, member), guild)
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
        if user_id == self._world.bot.id:
            # Of other members a bot without the intent is not told.
            shown = {**payloads.member(member), "guild_id": str(guild_id)}
            self._core.tell("GUILD_MEMBER_UPDATE", shown, guild)

    def time_out(self, guild_id: int, user_id: int, for_s: float = 3_600.0) -> None:
        """Have a member do nothing but look for a while."""
        until = self._world.now() + for_s
        self._world.guilds[guild_id].members[user_id].timed_out_until = until

    def let_in(
        self,
        guild_id: int,
        subject: Role | User,
        command_id: int | None = None,
        *,
        is_let_in: bool = True,
    ) -> None:
        """Set who may use a command, or all of the bot's, as Server Settings, Integrations does."""
        guild = self._world.guilds[guild_id]
        of = self._world.bot.id if command_id is None else command_id
        guild.let_in.setdefault(of, {})[subject.id] = is_let_in

    def bot_roles(self, guild_id: int) -> list[Role]:
        """Return the roles of the bot in a guild."""
        guild = self._world.guilds[guild_id]
        return [guild.roles[role_id] for role_id in guild.members[self._world.bot.id].role_ids]

    def set_system_channel(self, guild_id: int, channel_id: int | None) -> None:
        """Choose the channel for Discord's own messages."""
        guild = self._world.guilds[guild_id]
        guild.system_channel_id = channel_id
        self._core.tell("GUILD_UPDATE", payloads.guild(guild), guild)

    def set_updates_channel(self, guild_id: int, channel_id: int | None) -> None:
        """Choose the channel where Discord tells moderators what is new."""
        guild = self._world.guilds[guild_id]
        guild.updates_channel_id = channel_id
        self._core.tell("GUILD_UPDATE", payloads.guild(guild), guild)

    def set_locale(self, guild_id: int, locale: str) -> None:
        """Choose the language of a guild, such as ``da``."""
        guild = self._world.guilds[guild_id]
        guild.locale = locale
        self._core.tell("GUILD_UPDATE", payloads.guild(guild), guild)

    def set_client_locale(self, user_id: int, locale: str) -> None:
        """Choose the language of a person's own client, such as ``de``."""
        self._world.users[user_id].locale = locale

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
