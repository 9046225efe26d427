"""The sandbox's Discord for a page: what is there, and what becomes of each happening."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from ..chat.snowflakes import timestamp
from ..chat.views import Alone
from ..journal import Happening, Subject
from .pictures import Pictures
from .scene import Scene

Json: TypeAlias = dict[str, Any]
Event: TypeAlias = tuple[str, Any]
"""The type of an event, and its data."""

# So many messages that one person sees are known; so many of them a page gets at first.
_MOST_ALONE: Final = 1_000
_MOST_REPLIES: Final = 50


class MirroredRooms:
    """Looks at the rooms of a scene's server, and at private conversations."""

    def __init__(self, scene: Scene, pictures: Pictures) -> None:
        self._views = scene.sandbox.chat.views
        self._chat = scene.sandbox.chat
        self._scene = scene
        self._pictures = pictures
        self._cast = {one.user.id for one in scene.cast}
        self._alone: OrderedDict[int, Alone] = OrderedDict()
        self._known: set[int] = set()

    def state(self) -> Json:
        """Return all that a page needs to draw them."""
        guild = self._views.guild(self._scene.guild.id)
        unseen = {str(self._scene.asker.id), str(self._scene.askers.id)}
        return {
            "me": str(self._scene.cast[0].user.id),
            "bot_id": str(self._chat.bot.id),
            "persons": [self._person(one.user.id, one.part) for one in self._scene.cast],
            "users": [
                one for one in self._views.users(self._scene.guild.id) if one["id"] not in unseen
            ],
            "guild": {
                "id": guild["id"],
                "name": guild["name"],
                "roles": [one for one in guild["roles"] if one["id"] not in unseen],
            },
            "channels": [self._channel(one) for one in self._channel_ids()],
            "messages": {str(one): self.history(one) for one in self._channel_ids()},
            "commands": self._chat.commands(self._scene.guild.id),
            "calendar": self._calendar(),
            "replies": self._replies(),
        }

    def history(self, channel_id: int, before: int | None = None) -> list[Json]:
        """Return the newest messages of a room, or those before one, oldest first."""
        found = self._views.messages(channel_id, before=before)
        return [self._pictures.dressed(one) for one in found]

    def events(self, happening: Happening) -> Iterator[Event]:
        """Yield what a page is told of a happening; the things are as they are now."""
        match happening.subject:
            case Subject.MESSAGE:
                yield from self._message(happening.id, happening.place_id)
            case Subject.CHANNEL:
                yield from self._channel_event(happening.id)
            case Subject.COMMANDS:
                yield "commands", self._chat.commands(self._scene.guild.id)
            case Subject.SCHEDULED:
                yield "calendar", self._calendar()
            case Subject.MODAL:
                yield from self._modal(happening.id)
            case _:
                return

    def _calendar(self) -> list[Json]:
        return [
            {
                "id": str(one.id),
                "name": one.name,
                "start": timestamp(one.start),
                "end": timestamp(one.end),
                "location": one.location,
                "description": one.description or "",
                "src": self._pictures.cover_of(one),
                "status": int(one.status),
            }
            for one in self._chat.calendar.of(self._scene.guild.id)
        ]

    def _message(self, message_id: int, channel_id: int) -> Iterator[Event]:
        alone = self._views.alone(message_id) or self._alone.get(message_id)
        if alone is not None:
            yield from self._reply(message_id, alone)
            return
        message = self._views.message(message_id)
        is_thread = "thread_metadata" in (self._views.channel(channel_id) or {})
        if is_thread or channel_id not in self._known:
            # A private conversation begins with its first message, and a thread counts its own.
            yield from self._channel_event(channel_id)
        if message is None:
            yield "message_gone", {"id": str(message_id), "channel_id": str(channel_id)}
        else:
            yield "message", self._pictures.dressed(message)

    def _reply(self, message_id: int, alone: Alone) -> Iterator[Event]:
        if alone.person_id not in self._cast:
            return
        self._alone[message_id] = alone
        if len(self._alone) > _MOST_ALONE:
            self._alone.popitem(last=False)
        yield "reply", self._reply_of(message_id, alone)

    def _reply_of(self, message_id: int, alone: Alone) -> Json:
        message = self._views.message(message_id)
        gone = {"id": str(message_id), "channel_id": str(alone.channel_id)}
        return {
            **_whose(alone),
            "given": alone.command,
            "message": gone if message is None else self._pictures.dressed(message),
            "gone": message is None,
        }

    def _replies(self) -> list[Json]:
        there = [one for one in self._alone.items() if self._views.message(one[0]) is not None]
        return [self._reply_of(*one) for one in there[-_MOST_REPLIES:]]

    def _modal(self, interaction_id: int) -> Iterator[Event]:
        found = self._views.modal(interaction_id)
        if found is not None and found[0].person_id in self._cast:
            yield "modal", {**_whose(found[0]), "modal": found[1]}

    def _channel_event(self, channel_id: int) -> Iterator[Event]:
        if channel_id in self._channel_ids():
            yield "channel", self._channel(channel_id)
        elif channel_id in self._known:
            self._known.discard(channel_id)
            yield "channel_gone", {"id": str(channel_id)}

    def _channel_ids(self) -> list[int]:
        return self._views.channel_ids(self._scene.guild.id)

    def _channel(self, channel_id: int) -> Json:
        self._known.add(channel_id)
        seen = [one for one in self._cast if self._views.may_read(one, channel_id)]
        return {
            **(self._views.channel(channel_id) or {}),
            "seen_by": [str(one) for one in seen],
            "written_by": [str(one) for one in seen if self._views.may_write(one, channel_id)],
        }

    def _person(self, user_id: int, part: str) -> Json:
        member = self._views.member(self._scene.guild.id, user_id)
        return {
            "id": str(user_id),
            "name": member["user"]["username"],
            "role": part,
            "roles": member["roles"],
            "permissions": member["permissions"],
        }


def _whose(alone: Alone) -> Json:
    return {
        "interaction_id": str(alone.interaction_id),
        "person": str(alone.person_id),
        "channel_id": str(alone.channel_id),
    }
