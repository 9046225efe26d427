"""Verbs that change the world.

Verb and what it takes (optional in brackets); new things are answered with their ``id``:
add_user(name, [takes_dms]) · add_guild([name, owner_id, with_bot, bot_permissions]) ·
add_bot(guild_id, [bot_permissions]) · remove_bot(guild_id) ·
add_role(guild_id, name, [granted, is_mentionable]) ·
set_role(guild_id, role_id, [granted, is_mentionable]) · delete_role(guild_id, role_id) ·
add_member(guild_id, name or user_id, [role_ids]) ·
add_channel(guild_id, name, [kind: text, voice, forum …; tags, moderated_tags, requires_tag])
· add_thread(parent_id, name, [kind, with_bot]) · archive(thread_id, [is_locked]) ·
reopen(thread_id) · set_overwrites(channel_id, [role_id or user_id, else @everyone; allow, deny]) ·
delete_channel(channel_id) · set_system_channel(guild_id, channel_id) ·
write(channel_id, user_id, content) · delete_message(message_id) · info()
"""

from __future__ import annotations

from .chat import Chat
from .model import Channel, ChannelType, Role, User
from .remote_json import Asked, Verb, later, picked


def world_verbs(chat: Chat) -> dict[str, Verb]:
    """Return the verbs by name."""
    return _WorldVerbs(chat).verbs()


class _WorldVerbs:
    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def verbs(self) -> dict[str, Verb]:
        return {
            "info": later(self.info),
            "add_user": later(self.add_user),
            "add_guild": later(self.add_guild),
            "add_bot": later(self.add_bot),
            "remove_bot": later(self.remove_bot),
            "add_role": later(self.add_role),
            "set_role": later(self.set_role),
            "delete_role": later(self.delete_role),
            "add_member": later(self.add_member),
            "add_channel": later(self.add_channel),
            "add_thread": later(self.add_thread),
            "archive": later(self.archive),
            "reopen": later(self.reopen),
            "set_overwrites": later(self.set_overwrites),
            "delete_channel": later(self.delete_channel),
            "set_system_channel": later(self.set_system_channel),
            "write": later(self.write),
            "delete_message": later(self.delete_message),
        }

    def info(self, _: Asked) -> object:
        chat = self._chat
        return {
            "api_url": chat.api_url,
            "gateway_url": chat.gateway_url,
            "token": chat.token,
            "bot_id": str(chat.bot.id),
            "owner_id": str(chat.owner.id),
            "connections": chat.gateway.connections,
            "identifies": chat.gateway.identifies,
            "resumes": chat.gateway.resumes,
            "refused": chat.limits.refused,
            "invalid_requests": chat.limits.invalid_requests,
        }

    def add_user(self, asked: Asked) -> object:
        return {"id": str(self._chat.add_user(**picked(asked, "name", "takes_dms")).id)}

    def add_guild(self, asked: Asked) -> object:
        given = picked(asked, "name", "with_bot", "bot_permissions")
        if "owner_id" in asked:
            given["owner"] = self._user(asked["owner_id"])
        guild = self._chat.add_guild(**given)
        return {"id": str(guild.id), "owner_id": str(guild.owner_id)}

    def add_bot(self, asked: Asked) -> None:
        self._chat.add_bot(int(asked["guild_id"]), **picked(asked, "bot_permissions"))

    def remove_bot(self, asked: Asked) -> None:
        self._chat.remove_bot(int(asked["guild_id"]))

    def add_role(self, asked: Asked) -> object:
        given = picked(asked, "name", "granted", "is_mentionable")
        return {"id": str(self._chat.add_role(int(asked["guild_id"]), **given).id)}

    def set_role(self, asked: Asked) -> None:
        given = picked(asked, "granted", "is_mentionable")
        self._chat.set_role(int(asked["guild_id"]), int(asked["role_id"]), **given)

    def delete_role(self, asked: Asked) -> None:
        self._chat.delete_role(int(asked["guild_id"]), int(asked["role_id"]))

    def add_member(self, asked: Asked) -> object:
        guild = self._chat.guild(int(asked["guild_id"]))
        roles = [guild.roles[int(role_id)] for role_id in asked.get("role_ids", [])]
        user = self._user(asked["user_id"]) if "user_id" in asked else str(asked["name"])
        return {"id": str(self._chat.add_member(guild.id, user, roles=roles).id)}

    def add_channel(self, asked: Asked) -> object:
        given = picked(asked, "name", "tags", "moderated_tags", "requires_tag")
        kind = ChannelType[str(asked.get("kind", "text")).upper()]
        return _channel(self._chat.add_channel(int(asked["guild_id"]), kind=kind, **given))

    def add_thread(self, asked: Asked) -> object:
        given = picked(asked, "name", "with_bot")
        kind = ChannelType[str(asked.get("kind", "public_thread")).upper()]
        return _channel(self._chat.add_thread(int(asked["parent_id"]), kind=kind, **given))

    def archive(self, asked: Asked) -> None:
        self._chat.archive(int(asked["thread_id"]), **picked(asked, "is_locked"))

    def reopen(self, asked: Asked) -> None:
        self._chat.reopen(int(asked["thread_id"]))

    def set_overwrites(self, asked: Asked) -> None:
        channel_id = int(asked["channel_id"])
        target = self._target(channel_id, asked)
        self._chat.set_overwrites(channel_id, target, **picked(asked, "allow", "deny"))

    def delete_channel(self, asked: Asked) -> None:
        self._chat.delete_channel(int(asked["channel_id"]))

    def set_system_channel(self, asked: Asked) -> None:
        channel_id = asked.get("channel_id")
        self._chat.set_system_channel(
            int(asked["guild_id"]), None if channel_id is None else int(channel_id)
        )

    def write(self, asked: Asked) -> object:
        user = self._user(asked["user_id"])
        return {"id": str(self._chat.write(int(asked["channel_id"]), user, asked["content"]).id)}

    def delete_message(self, asked: Asked) -> None:
        self._chat.delete_message(int(asked["message_id"]))

    def _user(self, user_id: object) -> User:
        return self._chat.user(int(str(user_id)))

    def _target(self, channel_id: int, asked: Asked) -> Role | User:
        """Return whom overwrites are about: ``role_id``, ``user_id``, or by default @everyone."""
        if "user_id" in asked:
            return self._user(asked["user_id"])
        guild = self._chat.guild(self._chat.channel(channel_id).guild_id or 0)
        return guild.roles[int(asked.get("role_id", guild.id))]


def _channel(channel: Channel) -> object:
    return {"id": str(channel.id), "type": int(channel.type), "name": channel.name}
