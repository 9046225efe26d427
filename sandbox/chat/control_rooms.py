"""Changing the world from outside: channels, threads, and what people write in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import permissions
from .control import GuildControl
from .model import Channel, ChannelType, Message, Overwrite, Role, Tag, ThreadState, User
from .rest.rooms import remove_channel


class Control(GuildControl):
    """Every change is told to the bot as Discord would tell it."""

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

    def reopen(self, thread_id: int) -> None:
        """Open an archived thread again, and unlock it."""
        thread = self._world.channels[thread_id]
        if thread.thread is None:
            raise ValueError("only threads can be opened")
        thread.thread.is_archived = thread.thread.is_locked = False
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
