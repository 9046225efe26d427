"""Threads and forum posts."""

from __future__ import annotations

from typing import Any, Final

from .. import payloads, permissions
from ..bodies import body_of, moderate_title
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import Problem, invalid_form, refusal, required, too_long
from ..model import POSTS_ONLY, THREADS, Channel, ChannelType, MessageFlag, ThreadState
from ..world import World
from .messages import Messages

_CREATED: Final = 201
_MAX_NAME: Final = 100
_MAX_TAGS: Final = 5
_DURATIONS: Final = (60, 1440, 4320, 10080)
_MEMBER: Final = "/channels/{channel_id}/thread-members/{user_id}"
_ME: Final = "/channels/{channel_id}/thread-members/@me"


def routes(core: Core, messages: Messages) -> Routes:
    """Return the routes of this part."""
    threads = _Threads(core, messages)
    from_message = "/channels/{channel_id}/messages/{message_id}/threads"
    archived = "/channels/{channel_id}/threads/archived/public"
    return [
        Route(method="POST", template="/channels/{channel_id}/threads", handle=threads.start),
        Route(method="POST", template=from_message, handle=threads.start_from_message),
        Route(method="PUT", template=_ME, handle=threads.join),
        Route(method="DELETE", template=_ME, handle=threads.leave),
        Route(method="GET", template=_MEMBER, handle=threads.member),
        Route(method="GET", template="/guilds/{guild_id}/threads/active", handle=threads.active),
        Route(method="GET", template=archived, handle=threads.archived),
    ]


class _Threads:
    def __init__(self, core: Core, messages: Messages) -> None:
        self._core = core
        self._messages = messages

    @property
    def _world(self) -> World:
        return self._core.world

    def start(self, call: Call) -> Answer:
        parent = self._world.seen_channel(call.id("channel_id"))
        if parent.type in POSTS_ONLY:
            return self._start_post(call, parent)
        if parent.type not in THREADS:
            raise refusal(50024)
        sent = call.object()
        kind = sent.get("type", ChannelType.PRIVATE_THREAD)
        is_private = kind == ChannelType.PRIVATE_THREAD
        needed = permissions.PRIVATE_THREADS if is_private else permissions.PUBLIC_THREADS
        self._world.seen_channel(parent.id, needed)
        if kind not in THREADS[parent.type]:
            raise refusal(50024)
        return Answer(status=_CREATED, body=self._new(parent, ChannelType(kind), sent))

    def start_from_message(self, call: Call) -> Answer:
        parent = self._world.seen_channel(call.id("channel_id"), permissions.PUBLIC_THREADS)
        message = self._world.message_in(parent, call.id("message_id"))
        if parent.type not in THREADS:
            raise refusal(50024)
        if message.id in self._world.channels:
            raise refusal(160004)
        kind = THREADS[parent.type][0]
        body = self._new(parent, kind, call.object(), thread_id=message.id)
        message.flags |= MessageFlag.HAS_THREAD
        self._core.tell_message("MESSAGE_UPDATE", message)
        return Answer(status=_CREATED, body=body)

    def _start_post(self, call: Call, forum: Channel) -> Answer:
        # In a forum, Send Messages is the permission to open posts.
        self._world.seen_channel(forum.id, permissions.SEND)
        sent = call.object()
        tags = [str(one) for one in sent.get("applied_tags") or []]
        problems: list[Problem] = []
        if not isinstance(sent.get("message"), dict):
            problems.append(required("message"))
        if len(tags) > _MAX_TAGS:
            problems.append(too_long("applied_tags", _MAX_TAGS))
        if problems:
            raise invalid_form(problems)
        if forum.requires_tag and not tags:
            raise refusal(40067)
        body = body_of(call, self._core.rules, sent["message"])
        if body.is_empty:
            raise refusal(50006)
        if body.embeds:
            self._world.seen_channel(forum.id, permissions.EMBED)
        shown = self._new(forum, ChannelType.PUBLIC_THREAD, sent)
        thread = self._world.channels[int(shown["id"])]
        # A post has its first message's ID.
        message = self._messages.say(thread, body, first_id=thread.id)
        shown = payloads.channel(thread) | {"member": shown["member"]}
        return Answer(status=_CREATED, body={**shown, "message": self._core.shown(message)})

    def _new(
        self,
        parent: Channel,
        kind: ChannelType,
        sent: dict[str, Any],
        *,
        thread_id: int | None = None,
    ) -> dict[str, Any]:
        _check(sent)
        moderate_title(self._core.rules, str(sent["name"]))
        world = self._world
        now = world.now()
        state = ThreadState(
            owner_id=world.bot.id,
            created_at=now,
            archive_changed_at=now,
            auto_archive_min=sent.get("auto_archive_duration") or 1440,
            is_invitable=bool(sent.get("invitable", True)),
            member_ids={world.bot.id: now},
            tag_ids=[int(one) for one in sent.get("applied_tags") or []],
        )
        thread = Channel(
            id=world.ids.next() if thread_id is None else thread_id,
            type=kind,
            name=str(sent["name"]),
            guild_id=parent.guild_id,
            parent_id=parent.id,
            thread=state,
        )
        world.add_channel(thread)
        member = payloads.thread_member(thread, world.bot.id, now)
        self._core.tell_channel("THREAD_CREATE", thread, newly_created=True, member=member)
        return payloads.channel(thread) | {"member": member}

    def join(self, call: Call) -> Answer:
        thread = self._thread(call)
        if thread.is_archived:
            raise refusal(50083)
        thread.member_ids.setdefault(self._world.bot.id, self._world.now())
        return Answer(status=NO_CONTENT)

    def leave(self, call: Call) -> Answer:
        self._thread(call).member_ids.pop(self._world.bot.id, None)
        return Answer(status=NO_CONTENT)

    def member(self, call: Call) -> Answer:
        state, user_id = self._thread(call), call.id("user_id")
        if user_id not in state.member_ids:
            raise refusal(10007)
        channel = self._world.channels[call.id("channel_id")]
        return Answer(body=payloads.thread_member(channel, user_id, state.member_ids[user_id]))

    def active(self, call: Call) -> Answer:
        guild = self._world.seen_guild(call.id("guild_id"))
        found = [
            one for one in guild.channels.values() if one.thread and not one.thread.is_archived
        ]
        return Answer(body=self._listed(found) | {"has_more": False})

    def archived(self, call: Call) -> Answer:
        parent = self._world.seen_channel(call.id("channel_id"), permissions.HISTORY)
        found = [
            one
            for one in self._world.threads_of(parent)
            if one.thread is not None
            and one.thread.is_archived
            and one.type is not ChannelType.PRIVATE_THREAD
        ]
        return Answer(body=self._listed(found) | {"has_more": False})

    def _listed(self, threads: list[Channel]) -> dict[str, Any]:
        bot_id = self._world.bot.id
        seen = [one for one in threads if self._world.may(bot_id, one) & permissions.VIEW]
        return {
            "threads": [payloads.channel(one) for one in seen],
            "members": [
                payloads.thread_member(one, bot_id, one.thread.member_ids[bot_id])
                for one in seen
                if one.thread is not None and bot_id in one.thread.member_ids
            ],
        }

    def _thread(self, call: Call) -> ThreadState:
        channel = self._world.seen_channel(call.id("channel_id"))
        if channel.thread is None:
            raise refusal(50024)
        return channel.thread


def _check(sent: dict[str, Any]) -> None:
    name = sent.get("name")
    duration = sent.get("auto_archive_duration")
    problems: list[Problem] = []
    if not name:
        problems.append(required("name"))
    elif len(str(name)) > _MAX_NAME:
        problems.append(too_long("name", _MAX_NAME))
    if duration is not None and duration not in _DURATIONS:
        message = f"Value must be one of {_DURATIONS}."
        problems.append(("auto_archive_duration", "BASE_TYPE_CHOICES", message))
    if problems:
        raise invalid_form(problems)
