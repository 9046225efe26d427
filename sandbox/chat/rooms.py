"""What happens to channels and threads, and what people write in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from . import permissions
from .core import Core
from .model import THREADS, Channel, ChannelType, Message, Overwrite, Role, Tag, ThreadState, User
from .rest.rooms import remove_channel


class Rooms:
    """Changes channels and threads; every change is told to the bot as Discord would tell it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._world = core.world

    def add_channel(
        self,
        guild_id: int,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        parent_id: int | None = None,
        tags: Sequence[str] = (),
        moderated_tags: Sequence[str] = (),
        requires_tag: bool = False,
    ) -> Channel:
        """Add a channel, below a category where ``parent_id`` says one; tags are for forums.

        Raises:
            ValueError: a server has no channels of this kind.
        """
        if kind is ChannelType.DM or kind in chain(*THREADS.values()):
            raise ValueError(f"a server has no channel that is a {kind.name}")
        guild = self._world.guilds[guild_id]
        channel = Channel(
            id=self._world.ids.next(),
            type=kind,
            name=name,
            guild_id=guild_id,
            parent_id=parent_id,
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
        kind: ChannelType | None = None,
        *,
        owner: User | None = None,
        with_bot: bool = False,
    ) -> Channel:
        """Let a person open a thread, of the parent's usual kind, with or without the bot in it.

        Raises:
            ValueError: the parent takes no threads of this kind.
        """
        parent = self._world.channels[parent_id]
        taken = THREADS.get(parent.type, ())
        if not taken or kind not in (None, *taken):
            raise ValueError(f"a {parent.type.name} takes no thread of this kind")
        now = self._world.now()
        owner = owner or self._world.owner
        members = {owner.id: now} | ({self._world.bot.id: now} if with_bot else {})
        thread = Channel(
            id=self._world.ids.next(),
            type=kind or taken[0],
            name=name,
            guild_id=parent.guild_id,
            parent_id=parent_id,
            thread=ThreadState(
                owner_id=owner.id,
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

    def lapse(self, thread_id: int) -> None:
        """Archive a thread as Discord does, once nobody has written for as long as it lasts."""
        thread = self._world.channels[thread_id]
        if thread.thread is None:
            raise ValueError("only threads can be archived")
        last = self._world.messages.get(thread.last_message_id or 0)
        since = thread.thread.created_at if last is None else last.created_at
        thread.thread.is_archived = True
        thread.thread.archive_changed_at = since + thread.thread.auto_archive_min * 60
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
