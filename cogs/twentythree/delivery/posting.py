"""The edge to Discord: one method per request that a room needs, every end of it a value."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final, TypeAlias, TypeVar

import discord
from discord.http import MultipartParameters, Route

from ..domain.model import RoomId
from ..embeds import identity, without_roles
from .files import MessageFile
from .gate import Gate
from .outcomes import (
    CLOSED,
    HAS_THREAD,
    LOCKED,
    NOTHING,
    REQUEST_ERRORS,
    Answer,
    Delivered,
    Outcome,
    Reopen,
    RetryLater,
    opening_outcome,
    outcome_of,
)
from .threads import WEEK_MIN, is_closable, is_closed_by_people

_log = logging.getLogger("twentythree.delivery")

_T = TypeVar("_T")
_OfServer: TypeAlias = discord.abc.GuildChannel | discord.Thread

_DAY_MIN: Final = 1_440
# Our clock and Discord's differ; what is looked for is unique, so looking wider does no harm.
_CLOCK_DIFFERENCE = timedelta(minutes=5)


class KnownRooms:
    """Finds rooms without going through all servers each time.

    discord.py does, and takes milliseconds for thousands of them. A room stays in its server.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._servers: dict[RoomId, int] = {}

    def find(self, room_id: RoomId) -> _OfServer | None:
        """Return a room; ``None`` where the client does not know it now."""
        guild = self._client.get_guild(self._servers.get(room_id, 0))
        if guild is not None:
            return guild.get_channel_or_thread(room_id)
        found = self._client.get_channel(room_id)
        if not isinstance(found, _OfServer):
            return None
        self._servers[room_id] = found.guild.id
        return found


class Poster:
    """Posts, edits and finds messages with the host's client, through the gate of all rooms.

    Bodies go through ``client.http``, one step below ``Messageable.send``: that one would add
    fields to the embeds and merge the host's default ``allowed_mentions`` into the body, and
    what is sent again after a crash must be what was stored before it. The client's rate
    limits, retries and session work at this level too.
    """

    def __init__(
        self,
        client: discord.Client,
        gate: Gate,
        *,
        request_timeout_s: float,
        history_limit: int,
    ) -> None:
        self.rooms = KnownRooms(client)
        self._client = client
        self._gate = gate
        self._timeout_s = request_timeout_s
        self._history_limit = history_limit
        # When we closed again what people had closed, as Discord told: it may look as if Discord
        # had, for want of messages.
        self._closed_again: dict[RoomId, str] = {}

    async def post(self, room_id: RoomId, body: str, nonce: str) -> Outcome:
        """Post the body; with a nonce used moments ago, Discord returns the earlier message."""
        sent = {**json.loads(body), "nonce": nonce, "enforce_nonce": True}
        return await self._opening(room_id, lambda: self._created(room_id, sent), is_post=True)

    def allowance(self, room_id: RoomId) -> int | None:
        """Return how many messages the room's rate limit lets through now, or ``None``.

        From what Discord's headers last told the host's client of this room.
        """
        return messages_left(self._client, room_id)

    def takes_files(self, room_id: RoomId) -> bool:
        """Return whether the bot may attach files there, as far as the cache knows."""
        room = self.rooms.find(room_id)
        if room is None:
            return True
        try:
            return room.permissions_for(room.guild.me).attach_files
        except discord.ClientException:
            # A thread whose channel is not in the cache: nothing is known.
            return True

    async def edit(
        self, room_id: RoomId, message_id: int, body: str, files: Sequence[MessageFile] = ()
    ) -> Outcome:
        """Make the message show the body, with these files and these components, and no others."""
        # Files that are not named are taken away; components that are not, would stay.
        sent = {"attachments": [], "components": [], **json.loads(body)}
        # Whom a message notified, it has; Discord takes no other word of it.
        sent.pop("flags", None)
        return await self._opening(room_id, lambda: self._edited(room_id, message_id, sent, files))

    async def delete(self, room_id: RoomId, message_id: int) -> Outcome:
        """Delete a message of our own; ``Removed`` where it is not there any more."""
        return await self._opening(room_id, lambda: self._deleted(room_id, message_id))

    async def find(self, room_id: RoomId, body: str, since: datetime) -> Outcome | None:
        """Look for a message of our own that the body has become.

        Returns:
            ``Delivered``, or ``None`` where it is not there. Without Read Message History,
            Discord shows an empty room; that, and a refusal, is ``None`` as well: posting
            tells what is wrong with the room. ``RetryLater`` where there was no answer.
        """
        looked_for = json.loads(body)
        wanted = identity(looked_for["embeds"], looked_for.get("content", ""))
        found = await self._ask(lambda: self._find(room_id, wanted, since - _CLOCK_DIFFERENCE))
        return found if isinstance(found, Delivered | RetryLater) else None

    async def open_thread(self, channel_id: RoomId, message_id: int, name: str) -> Outcome:
        """Open a thread on a message: it has the message's ID. One that is there will do as well.

        ``Removed``: the message is not there.
        """
        answer = await self._ask(lambda: self._opened(channel_id, message_id, name))
        return opening_outcome(answer)

    async def let_rest(self, room_id: RoomId) -> Outcome:
        """Have Discord archive a thread after a day without a message."""

        async def told() -> Delivered:
            told: Any = await self._client.http.edit_channel(
                room_id, auto_archive_duration=_DAY_MIN
            )
            return Delivered(message_id=int(told["id"]))

        answer = await self._ask(told)
        # It is archived already.
        return Delivered(message_id=room_id) if isinstance(answer, Reopen) else answer

    async def set_tags(
        self, room_id: RoomId, wanted: Callable[[Sequence[int]], list[int]]
    ) -> Outcome:
        """Set those tags of a post that ``wanted`` makes of the tags that are set."""

        async def told() -> Delivered:
            room: Any = await self._client.http.get_channel(room_id)
            before = [int(one) for one in room.get("applied_tags") or ()]
            after = wanted(before)
            if after != before:
                room = await self._client.http.edit_channel(room_id, applied_tags=after)
            return Delivered(message_id=int(room["id"]))

        return await self._opening(room_id, told)

    async def add_tags(
        self,
        forum_id: int,
        wanted: Callable[[list[dict[str, Any]]], list[dict[str, Any]] | None],
    ) -> list[dict[str, Any]] | Outcome:
        """Have a forum's tags be what ``wanted`` makes of them; return what they are then."""

        async def made() -> list[dict[str, Any]]:
            room: Any = await self._client.http.get_channel(forum_id)
            after = wanted(room["available_tags"])
            if after is not None:
                room = await self._client.http.edit_channel(forum_id, available_tags=after)
            found: list[dict[str, Any]] = room["available_tags"]
            return found

        answer = await self._ask(made)
        return LOCKED if isinstance(answer, Reopen) else answer

    async def _opened(self, channel_id: RoomId, message_id: int, name: str) -> Delivered:
        try:
            opened: Any = await self._client.http.start_thread_with_message(
                channel_id, message_id, name=name, auto_archive_duration=WEEK_MIN
            )
        except discord.HTTPException as error:
            if error.code != HAS_THREAD:
                raise
            return Delivered(message_id=message_id)
        return Delivered(message_id=int(opened["id"]))

    async def _opening(
        self,
        room_id: RoomId,
        request: Callable[[], Awaitable[Delivered]],
        *,
        is_post: bool = False,
    ) -> Outcome:
        """Make the request; where the room is an archived thread, open it and ask again.

        What people have closed takes no post, and is closed again after anything else. Discord
        opens a thread for a message by itself.
        """
        is_unknown = self._client.is_ready() and self.rooms.find(room_id) is None
        # The cache holds no archived threads.
        closes = is_unknown and await self._closing(room_id, is_post=is_post)
        if not isinstance(closes, bool):
            return closes
        answer: Answer = await self._ask(request)
        if isinstance(answer, Reopen):
            closes = await self._closing(room_id, is_post=is_post)
            if not isinstance(closes, bool):
                return closes
            refused = await self._ask(lambda: self._reopened(room_id))
            answer = await self._ask(request) if refused is None else refused
        if closes:
            await self._close_again(room_id)
        # A thread that is archived and locked says so to its opening, too.
        return LOCKED if isinstance(answer, Reopen) else answer

    async def _closing(self, room_id: RoomId, *, is_post: bool) -> bool | Outcome:
        """Tell whether the room is to be closed again afterwards, as people have closed it.

        An outcome: it takes no post, or that is not known now.
        """
        room: Any = await self._ask(lambda: self._client.http.get_channel(room_id))
        if isinstance(room, RetryLater):
            # Whatever was said is not about what was to be asked.
            return replace(room, code=None, is_local=False)
        try:
            if is_closed_by_people(room) or self._is_as_we_left_it(room_id, room):
                return CLOSED if is_post else is_closable(self._client, room)
        except (LookupError, TypeError, ValueError, AttributeError):
            _log.debug("room %d is shown as nobody knows it", room_id)
        return False

    def _is_as_we_left_it(self, room_id: RoomId, room: Mapping[str, Any]) -> bool:
        closed_at = self._closed_again.get(room_id)
        return closed_at is not None and room["thread_metadata"]["archive_timestamp"] == closed_at

    async def _reopened(self, room_id: RoomId) -> None:
        await self._client.http.edit_channel(room_id, archived=False)

    async def _close_again(self, room_id: RoomId) -> None:
        async def closed() -> str:
            room: Any = await self._client.http.edit_channel(room_id, archived=True)
            return str(room["thread_metadata"]["archive_timestamp"])

        closed_at = await self._ask(closed)
        if isinstance(closed_at, str):
            self._closed_again[room_id] = closed_at

    async def _created(self, room_id: RoomId, sent: dict[str, Any]) -> Delivered:
        sent = self._calling(room_id, sent)
        answer = await self._client.http.send_message(room_id, params=_parameters(sent))
        return Delivered(message_id=int(answer["id"]))

    async def _edited(
        self, room_id: RoomId, message_id: int, sent: dict[str, Any], files: Sequence[MessageFile]
    ) -> Delivered:
        parameters = _parameters(self._calling(room_id, sent), files)
        answer = await self._client.http.edit_message(room_id, message_id, params=parameters)
        return Delivered(message_id=int(answer["id"]))

    def _calling(self, room_id: RoomId, sent: dict[str, Any]) -> dict[str, Any]:
        """Return a body without the mentions of roles that are not there any more."""
        room = self.rooms.find(room_id)
        if room is None:
            return sent
        return without_roles(sent, lambda role_id: room.guild.get_role(role_id) is None)

    async def _deleted(self, room_id: RoomId, message_id: int) -> Delivered:
        # Nothing is the only answer: a page of somebody who stands before Discord is none.
        request: Any = self._client.http.delete_message(room_id, message_id)
        if await request not in NOTHING:
            raise ValueError("an answer to a deletion")
        return Delivered(message_id=message_id)

    async def _find(
        self, room_id: RoomId, wanted: tuple[str, ...], since: datetime
    ) -> Delivered | None:
        room = self._client.get_partial_messageable(room_id)
        own_id = None if self._client.user is None else self._client.user.id
        history = room.history(limit=self._history_limit, after=since, oldest_first=True)
        async for message in history:
            is_own = message.author.id == own_id
            embeds = [embed.to_dict() for embed in message.embeds]
            if is_own and identity(embeds, message.content) == wanted:
                return Delivered(message_id=message.id)
        return None

    async def _ask(self, request: Callable[[], Awaitable[_T]]) -> _T | Answer:
        try:
            async with self._gate.passing(), asyncio.timeout(self._timeout_s):
                return await request()
        except REQUEST_ERRORS as error:
            _log.debug("a request to Discord failed: %s", type(error).__name__)
            return outcome_of(error)


def _parameters(sent: dict[str, Any], files: Sequence[MessageFile] = ()) -> MultipartParameters:
    """Return a body as the client takes it; with files, as the form that Discord wants."""
    if not files:
        return MultipartParameters(payload=sent, multipart=None, files=None)
    given = [discord.File(BytesIO(one.data), filename=one.filename) for one in files]
    types = [one.content_type for one in files]
    parts: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(sent)}]
    parts += [
        {
            "name": f"files[{number}]",
            "value": one.fp,
            "filename": one.filename,
            "content_type": content_type,
        }
        for number, (one, content_type) in enumerate(zip(given, types, strict=True))
    ]
    return MultipartParameters(payload=None, multipart=parts, files=given)


def messages_left(client: discord.Client, room_id: RoomId) -> int | None:
    """Return how many messages may be created in the room at once; ``None``: not known.

    discord.py keeps the numbers to itself, so its shape is not relied on: where it differs,
    nothing is known.
    """
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=room_id)
    http: Any = getattr(client, "http", None)
    hashes: Any = getattr(http, "_bucket_hashes", {})
    buckets: Any = getattr(http, "_buckets", {})
    seen = buckets.get(f"{hashes.get(route.key)}:{route.major_parameters}")
    if seen is None:
        return None
    expires = getattr(seen, "expires", None)
    if expires is None or expires <= asyncio.get_running_loop().time():
        return int(seen.limit)
    return max(0, int(seen.remaining))
