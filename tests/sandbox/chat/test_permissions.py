"""Permissions: roles first, then the channel's overwrites in Discord's order."""

from __future__ import annotations

from sandbox.chat import Chat


def may(chat: Chat, user_id: int, channel_id: int, name: str) -> bool:
    return name in chat.permissions(user_id, channel_id)


def test_roles_add_up_and_administrators_may_do_everything() -> None:
    chat = Chat()
    guild = chat.guilds.add_guild()
    room = chat.rooms.add_channel(guild.id, "general")
    managers = chat.guilds.add_role(guild.id, "managers", ["manage_guild"])
    admins = chat.guilds.add_role(guild.id, "admins", ["administrator"])
    ann = chat.guilds.add_member(guild.id, "ann", roles=[managers])
    ben = chat.guilds.add_member(guild.id, "ben", roles=[admins])
    chat.rooms.set_overwrites(room.id, ben, deny=["view_channel"])

    assert may(chat, ann.id, room.id, "manage_guild")
    assert may(chat, ann.id, room.id, "send_messages")
    assert not may(chat, ann.id, room.id, "manage_channels")
    assert may(chat, ben.id, room.id, "manage_channels")
    assert may(chat, chat.owner.id, room.id, "administrator")


def test_overwrites_of_everyone_of_roles_and_of_members_follow_each_other() -> None:
    chat = Chat()
    guild = chat.guilds.add_guild()
    room = chat.rooms.add_channel(guild.id, "general")
    one, two = chat.guilds.add_role(guild.id, "one"), chat.guilds.add_role(guild.id, "two")
    ann = chat.guilds.add_member(guild.id, "ann", roles=[one, two])

    chat.rooms.set_overwrites(room.id, guild.everyone, deny=["send_messages"])
    assert not may(chat, ann.id, room.id, "send_messages")
    chat.rooms.set_overwrites(room.id, one, deny=["send_messages"])
    chat.rooms.set_overwrites(room.id, two, allow=["send_messages"])
    assert may(chat, ann.id, room.id, "send_messages")
    chat.rooms.set_overwrites(room.id, ann, deny=["send_messages"])
    assert not may(chat, ann.id, room.id, "send_messages")
    chat.rooms.set_overwrites(room.id, ann)
    assert may(chat, ann.id, room.id, "send_messages")


def test_without_sight_there_is_nothing_and_without_sending_no_embeds() -> None:
    chat = Chat()
    guild = chat.guilds.add_guild()
    room = chat.rooms.add_channel(guild.id, "general")
    ann = chat.guilds.add_member(guild.id, "ann")

    chat.rooms.set_overwrites(room.id, ann, deny=["send_messages"])
    assert may(chat, ann.id, room.id, "view_channel")
    assert not may(chat, ann.id, room.id, "embed_links")
    chat.rooms.set_overwrites(room.id, ann, deny=["view_channel"])
    assert chat.permissions(ann.id, room.id) == []
    assert chat.permissions(chat.guilds.add_user("stranger").id, room.id) == []
