"""Guilds, their members and channels."""

from __future__ import annotations

from typing import Any

from ...journal import Happening, Subject
from .. import payloads, permissions
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import refusal
from ..model import POSTS_ONLY, Channel
from ..world import World
from .tags import check_applied, set_tags


def routes(core: Core) -> Routes:
    """Return the routes of this part."""
    rooms = _Rooms(core)
    typing = "/channels/{channel_id}/typing"
    return [
        Route(method="GET", template="/guilds/{guild_id}", handle=rooms.guild),
        Route(method="GET", template="/guilds/{guild_id}/channels", handle=rooms.channels),
        Route(method="GET", template="/guilds/{guild_id}/roles", handle=rooms.roles),
        Route(method="GET", template="/guilds/{guild_id}/members/{user_id}", handle=rooms.member),
        Route(method="GET", template="/channels/{channel_id}", handle=rooms.channel),
        Route(method="PATCH", template="/channels/{channel_id}", handle=rooms.edit),
        Route(method="DELETE", template="/channels/{channel_id}", handle=rooms.delete),
        Route(method="POST", template=typing, handle=rooms.typing),
    ]


class _Rooms:
    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def _world(self) -> World:
        return self._core.world

    def guild(self, call: Call) -> Answer:
        guild = self._world.seen_guild(call.id("guild_id"))
        counts: dict[str, Any] = {}
        if call.query.get("with_counts") in ("1", "true"):
            counts = {
                "approximate_member_count": len(guild.members),
                "approximate_presence_count": len(guild.members),
            }
        return Answer(body=payloads.guild(guild) | counts)

    def channels(self, call: Call) -> Answer:
        guild = self._world.seen_guild(call.id("guild_id"))
        found = [one for one in guild.channels.values() if one.thread is None]
        return Answer(body=[payloads.channel(one) for one in found])

    def roles(self, call: Call) -> Answer:
        guild = self._world.seen_guild(call.id("guild_id"))
        return Answer(body=[payloads.role(one) for one in guild.roles.values()])

    def member(self, call: Call) -> Answer:
        guild = self._world.seen_guild(call.id("guild_id"))
        user_id = call.id("user_id")
        if user_id not in self._world.users:
            raise refusal(10013)
        if user_id not in guild.members:
            raise refusal(10007)
        return Answer(body=payloads.member(guild.members[user_id]))

    def channel(self, call: Call) -> Answer:
        return Answer(body=payloads.channel(self._world.seen_channel(call.id("channel_id"))))

    def typing(self, call: Call) -> Answer:
        channel = self._world.seen_channel(call.id("channel_id"))
        needed = permissions.SEND if channel.thread is None else permissions.SEND_IN_THREADS
        self._world.seen_channel(channel.id, needed)
        return Answer(status=NO_CONTENT)

    def edit(self, call: Call) -> Answer:
        channel = self._world.seen_channel(call.id("channel_id"))
        sent = call.object()
        if channel.thread is not None:
            self._edit_thread(channel, sent)
            return Answer(body=payloads.channel(channel))
        self._world.seen_channel(channel.id, permissions.MANAGE_CHANNELS)
        if channel.type in POSTS_ONLY and "available_tags" in sent:
            set_tags(self._world, channel, sent["available_tags"])
        channel.name = sent.get("name", channel.name)
        channel.topic = sent.get("topic", channel.topic)
        self._core.tell_channel("CHANNEL_UPDATE", channel)
        return Answer(body=payloads.channel(channel))

    def _edit_thread(self, channel: Channel, sent: dict[str, Any]) -> None:
        state = channel.thread
        assert state is not None  # noqa: S101 - said by the caller; narrows for mypy
        world = self._world
        granted = world.may(world.bot.id, channel)
        manages = bool(granted & permissions.MANAGE_THREADS)
        if state.is_archived and sent.get("archived") is not False:
            raise refusal(50083)
        if set(sent) == {"archived"} and sent["archived"] is False:
            # Whoever may write in a thread may open it, unless it is locked.
            if not granted & permissions.SEND_IN_THREADS and not manages:
                raise refusal(50013)
            if state.is_locked and not manages:
                raise refusal(50083)
        elif not (manages or state.owner_id == world.bot.id) or ("locked" in sent and not manages):
            raise refusal(50013)
        check_applied(world, channel, sent.get("applied_tags"), manages=manages)
        channel.name = sent.get("name") or channel.name
        state.is_locked = bool(sent.get("locked", state.is_locked))
        state.auto_archive_min = sent.get("auto_archive_duration") or state.auto_archive_min
        if "archived" in sent:
            state.is_archived = bool(sent["archived"])
            state.archive_changed_at = world.now()
        if "applied_tags" in sent:
            state.tag_ids = [int(one) for one in sent["applied_tags"]]
        self._core.tell_channel("THREAD_UPDATE", channel)

    def delete(self, call: Call) -> Answer:
        channel = self._world.seen_channel(call.id("channel_id"))
        needed = (
            permissions.MANAGE_CHANNELS if channel.thread is None else permissions.MANAGE_THREADS
        )
        self._world.seen_channel(channel.id, needed)
        shown = payloads.channel(channel)
        remove_channel(self._core, channel)
        return Answer(body=shown)


def remove_channel(core: Core, channel: Channel) -> None:
    """Remove a channel or a thread and tell of it; the channels of a category stay."""
    guild = core.world.guild_of(channel)
    shown = payloads.channel(channel)
    for gone in (channel, *core.world.remove_channel(channel)):
        core.journal.add(Happening(Subject.CHANNEL, gone.id))
    if channel.thread is None:
        core.tell("CHANNEL_DELETE", shown, guild)
        for below in [] if guild is None else guild.channels.values():
            if below.parent_id == channel.id:
                below.parent_id = None
                core.tell_channel("CHANNEL_UPDATE", below)
        return
    kept = {key: shown[key] for key in ("id", "guild_id", "parent_id", "type")}
    core.tell("THREAD_DELETE", kept, guild)
