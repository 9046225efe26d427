"""Messages of a channel."""

from __future__ import annotations

from typing import Any, Final

from .. import permissions
from ..bodies import Body, body_of, is_shown, put
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import refusal
from ..model import POSTS_ONLY, SILENT, Channel, ChannelType, Message, MessageFlag, MessageType
from ..options import ChatOptions
from ..rates import limited
from ..world import World

_ALL: Final = "/channels/{channel_id}/messages"
_ONE: Final = "/channels/{channel_id}/messages/{message_id}"
_NO_TEXT: Final = SILENT | POSTS_ONLY
_HOUR_S: Final = 3600.0
_OLD_EDITS: Final = 30046
_PAGE: Final = 50
_MAX_PAGE: Final = 100


def routes(messages: Messages) -> Routes:
    """Return the routes of this part."""
    return [
        Route(method="GET", template=_ALL, handle=messages.page),
        Route(method="POST", template=_ALL, handle=messages.post),
        Route(method="GET", template=_ONE, handle=messages.get),
        Route(method="PATCH", template=_ONE, handle=messages.edit),
        Route(method="DELETE", template=_ONE, handle=messages.delete),
        Route(method="POST", template=f"{_ONE}/crosspost", handle=messages.crosspost),
    ]


class Messages:
    """What the bot does with messages, with its own permissions."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._nonces: dict[tuple[int, str], tuple[int, float]] = {}

    @property
    def _world(self) -> World:
        return self._core.world

    @property
    def _options(self) -> ChatOptions:
        return self._core.options

    # Reading.

    def page(self, call: Call) -> Answer:
        """Answer with messages, newest first; without Read Message History there are none."""
        channel = self._world.seen_channel(call.id("channel_id"))
        limit = call.number("limit", _PAGE, least=1, most=_MAX_PAGE)
        granted = self._world.may(self._world.bot.id, channel)
        if not granted & permissions.HISTORY:
            return Answer(body=[])
        found = _page(sorted(channel.messages), call, limit)
        return Answer(body=[self._core.shown(channel.messages[one]) for one in reversed(found)])

    def get(self, call: Call) -> Answer:
        """Answer with one message."""
        channel = self._world.seen_channel(call.id("channel_id"), permissions.HISTORY)
        message = self._world.message_in(channel, call.id("message_id"))
        return Answer(body=self._core.shown(message))

    # Writing.

    def post(self, call: Call) -> Answer:
        """Post, or answer with what the same nonce has posted."""
        channel = self._writable(call.id("channel_id"))
        body = body_of(call, self._core.rules)
        if body.is_empty:
            raise refusal(50006)
        self._check_parts(channel, body)
        earlier = self._earlier(body)
        if earlier is not None:
            return Answer(body=self._core.shown(earlier))
        self._reopen(channel)
        message = self.say(channel, body)
        if body.is_nonce_enforced:
            key = (self._world.bot.id, str(body.nonce))
            self._nonces[key] = (message.id, self._world.now())
        return Answer(body=self._core.shown(message))

    def say(self, channel: Channel, body: Body, *, first_id: int | None = None) -> Message:
        """Add a message of the bot's to a channel; ``first_id`` is for a post's first message."""
        message = Message(
            id=self._world.ids.next() if first_id is None else first_id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            author=self._world.bot,
            created_at=self._world.now(),
            nonce=body.nonce,
        )
        if body.replies_to is not None:
            message.type = MessageType.REPLY
            message.reference = _reference(channel, body.replies_to)
        put(body, message, self._world)
        return self._core.say(message)

    def edit(self, call: Call) -> Answer:
        """Change a message of the bot's own."""
        channel = self._world.seen_channel(call.id("channel_id"))
        message = self._world.message_in(channel, call.id("message_id"))
        if channel.thread is not None and channel.thread.is_archived:
            raise refusal(50083)
        if message.author is not self._world.bot:
            raise refusal(50005)
        if self._is_edited_too_often(message):
            return limited(0.2, code=_OLD_EDITS)
        body = body_of(call, self._core.rules)
        self._check_parts(channel, body)
        before = (message.content, message.embeds, message.components, message.attachments)
        put(body, message, self._world)
        if not is_shown(message):
            message.content, message.embeds, message.components, message.attachments = before
            raise refusal(50006)
        message.edited_at = self._world.now()
        self._core.tell_message("MESSAGE_UPDATE", message)
        return Answer(body=self._core.shown(message))

    def delete(self, call: Call) -> Answer:
        """Delete a message."""
        channel = self._world.seen_channel(call.id("channel_id"))
        message = self._world.message_in(channel, call.id("message_id"))
        if channel.thread is not None and channel.thread.is_archived:
            raise refusal(50083)
        if message.author is not self._world.bot:
            self._world.seen_channel(channel.id, permissions.MANAGE_MESSAGES)
        self._core.remove(message)
        return Answer(status=NO_CONTENT)

    def crosspost(self, call: Call) -> Answer:
        """Publish a message of an announcement channel."""
        channel = self._world.seen_channel(call.id("channel_id"), permissions.SEND)
        message = self._world.message_in(channel, call.id("message_id"))
        if channel.type is not ChannelType.ANNOUNCEMENT:
            raise refusal(50024)
        if message.flags & MessageFlag.CROSSPOSTED:
            raise refusal(40033)
        message.flags |= MessageFlag.CROSSPOSTED
        self._core.tell_message("MESSAGE_UPDATE", message)
        return Answer(body=self._core.shown(message))

    # Checks.

    def _writable(self, channel_id: int) -> Channel:
        channel = self._world.seen_channel(channel_id)
        if channel.type in _NO_TEXT:
            raise refusal(50008)
        if channel.recipient is not None and not channel.recipient.takes_dms:
            raise refusal(50007)
        needed = permissions.SEND if channel.thread is None else permissions.SEND_IN_THREADS
        self._world.seen_channel(channel_id, needed)
        state = channel.thread
        if state is not None and state.is_archived:
            manages = self._world.may(self._world.bot.id, channel) & permissions.MANAGE_THREADS
            if not self._core.rules.reopens_threads or (state.is_locked and not manages):
                raise refusal(50083)
        return channel

    def _check_parts(self, channel: Channel, body: Body) -> None:
        if body.embeds:
            self._world.seen_channel(channel.id, permissions.EMBED)
        if body.attachments:
            self._world.seen_channel(channel.id, permissions.ATTACH)

    def _reopen(self, channel: Channel) -> None:
        if channel.thread is not None and channel.thread.is_archived:
            channel.thread.is_archived = False
            channel.thread.archive_changed_at = self._world.now()
            self._core.tell_channel("THREAD_UPDATE", channel)

    def _earlier(self, body: Body) -> Message | None:
        """Return the message that the nonce has made already; 10008 if it was deleted."""
        oldest = self._world.now() - self._options.nonce_window_s
        self._nonces = {key: (id_, at) for key, (id_, at) in self._nonces.items() if at >= oldest}
        found = self._nonces.get((self._world.bot.id, str(body.nonce)))
        if found is None or not body.is_nonce_enforced:
            return None
        if found[0] not in self._world.messages:
            raise refusal(10008)
        return self._world.messages[found[0]]

    def _is_edited_too_often(self, message: Message) -> bool:
        now = self._world.now()
        if now - message.created_at < _HOUR_S or not self._core.rules.limits_old_edits:
            return False
        message.old_edits = [at for at in message.old_edits if now - at < _HOUR_S]
        if len(message.old_edits) >= self._options.edits_per_hour:
            return True
        message.old_edits.append(now)
        return False


def _page(ids: list[int], call: Call, limit: int) -> list[int]:
    """Return IDs, rising, around, before or after the one that was asked for."""
    if (around := call.snowflake("around")) is not None:
        older = [one for one in ids if one < around][-(limit // 2) :] if limit > 1 else []
        newer = [one for one in ids if one >= around]
        return older + newer[: limit - len(older)]
    if (after := call.snowflake("after")) is not None:
        return [one for one in ids if one > after][:limit]
    before = call.snowflake("before")
    return [one for one in ids if before is None or one < before][-limit:]


def _reference(channel: Channel, message_id: int) -> dict[str, Any]:
    made = {"type": 0, "channel_id": str(channel.id), "message_id": str(message_id)}
    return made if channel.guild_id is None else {**made, "guild_id": str(channel.guild_id)}
