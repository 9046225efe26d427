"""What the persons of a page do in Discord's client."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from pydantic import Base64Bytes, Field

from ..chat import NotOfferedError, User
from .mirrored_rooms import Json, MirroredRooms
from .scene import Scene

Given: TypeAlias = dict[str, str | int | float | bool]
"""Options by name; users, channels, roles and files by ID."""

_MOST_TEXT: Final = 2_000
_MOST_FILE: Final = 1 << 20


class Cast:
    """Does it, and waits for the bot's answer. IDs of Discord go out as strings.

    Raises, from each of them:
        NotOfferedError: Discord's client would not let the person do this.
        NoReplyError: the bot did not answer in time.
    """

    def __init__(self, scene: Scene, rooms: MirroredRooms) -> None:
        self._chat = scene.sandbox.chat
        self._rooms = rooms
        self._users = {one.user.id: one.user for one in scene.cast}

    async def slash(
        self, person: int, channel_id: int, name: str, options: Given | None = None
    ) -> Json:
        """Give a slash command ("video attach")."""
        reply = await self._chat.people.slash(
            channel_id, self._user(person).id, name, options or {}
        )
        return _interaction(reply.interaction_id)

    async def autocomplete(
        self, person: int, channel_id: int, name: str, options: Given, focused: str
    ) -> list[Json]:
        """Type into the option ``focused``."""
        return await self._chat.people.autocomplete(
            channel_id, self._user(person).id, name, options, focused
        )

    async def click(
        self, person: int, message_id: int, custom_id: str, values: list[str] | None = None
    ) -> Json:
        """Press a button of a message, or choose ``values`` in a menu."""
        reply = await self._chat.people.click(
            self._user(person).id, message_id, custom_id, values=values
        )
        return _interaction(reply.interaction_id)

    async def submit(self, person: int, interaction_id: int, fields: dict[str, str]) -> Json:
        """Send the modal that an interaction opened, with what was typed in."""
        opened = self._chat.views.modal(interaction_id)
        if opened is None or opened[0].person_id != self._user(person).id:
            raise NotOfferedError("there is no such modal")
        reply = await self._chat.people.modal(interaction_id, fields)
        return _interaction(reply.interaction_id)

    def upload(
        self,
        person: int,
        name: Annotated[str, Field(min_length=1, max_length=100)],
        data: Annotated[Base64Bytes, Field(max_length=_MOST_FILE)],
        content_type: str = "application/octet-stream",
    ) -> Json:
        """Choose a file of one's own, for an option that takes files."""
        self._user(person)
        return {"file_id": str(self._chat.people.upload(name, data, content_type))}

    def say(self, person: int, channel_id: int, text: str) -> Json:
        """Write a message."""
        user = self._user(person)
        self._see(channel_id)
        if not self._chat.views.may_write(user.id, channel_id):
            raise NotOfferedError(f"{user.name} may not write in the channel")
        if not text.strip() or len(text) > _MOST_TEXT:
            raise NotOfferedError(f"a message has 1 to {_MOST_TEXT} characters")
        written = self._chat.rooms.write(channel_id, user, text)
        return {"message_id": str(written.id)}

    def history(self, channel_id: int, before: int) -> list[Json]:
        """Return older messages of a room, oldest first."""
        self._see(channel_id)
        return self._rooms.history(channel_id, before)

    def _see(self, channel_id: int) -> None:
        if self._chat.views.channel(channel_id) is None:
            raise NotOfferedError("there is no such channel")

    def _user(self, person: int) -> User:
        if person not in self._users:
            raise NotOfferedError("there is no such person at the page")
        return self._users[person]


def _interaction(interaction_id: int) -> dict[str, Any]:
    return {"interaction_id": str(interaction_id)}
