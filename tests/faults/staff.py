"""Two moderators who act on what the rooms show, and what they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.chat import Channel, Chat, NoReplyError, NotOfferedError, Reply, User
from sandbox.workspace import Workspace

_RARE = ("delete", "copy")
_READY_S = 15.0
_OFFER_S = 4.0
_ANSWER_S = 45.0
_FIELD = "tt:text"
_NOT_LAST = ("Not known yet; this message will say.", "Still ")
_PRESSES = {"one": (0,), "two": (0, 1), "five": (0, 0, 0, 0, 0)}


@dataclass(slots=True, kw_only=True, eq=False)
class Pressed:
    """Somebody had something done, or tried to. ``began`` is the loop's seconds.

    Attributes:
        at: seconds since 1970, as the bot's trail has them.
        text: of a reply.
        interaction_id: of the last press, whose answer counts.
        is_asked: the press that has it done was made, and not only one that leads there.
        is_cut: the bot's process ended before it had answered.
        failed: what Discord said in place of an answer.
        over_at: as ``at``, when the answer was there, or it was known that there will be none.
    """

    user_id: int
    room: Channel
    action: str
    comment_id: int
    began: float
    at: float
    text: str = ""
    interaction_id: int = 0
    is_asked: bool = False
    is_cut: bool = False
    failed: str = ""
    over_at: float = 0.0

    def __str__(self) -> str:
        return f"{self.action} of {self.comment_id} in {self.room.name} by {self.user_id}"


class Life:
    """One of the bot's processes, as far as those know who wait for its answers."""

    def __init__(self) -> None:
        self.is_over = asyncio.Event()

    def end(self) -> None:
        """Let nobody wait for it any more, and have the next one begin."""
        self.is_over.set()
        self.is_over = asyncio.Event()


class Staff:
    """Presses buttons. ``people`` are in the server and may act."""

    def __init__(self, chat: Chat, workspace: Workspace, rooms: Sequence[Channel]) -> None:
        self._chat = chat
        self._workspace = workspace
        self._rooms = rooms
        self.people: list[User] = []
        self.life = Life()
        self.presses: list[Pressed] = []
        self._texts = 0

    def join(self, guild_id: int) -> None:
        """Have the two of them join a server."""
        guilds = self._chat.guilds
        role = guilds.add_role(guild_id, "moderators", ["manage_messages"])
        self.people = [guilds.add_member(guild_id, name, roles=[role]) for name in ("mo", "dee")]

    async def act(self, *, who: int, room: int, action: str, share: float, how: str) -> None:
        """Have something done to the comment at this share of those that offer it.

        ``how``: ``one`` presses, ``two`` do at once, or one presses ``five`` times.
        """
        place = self._rooms[room]
        with contextlib.suppress(TimeoutError):
            # Else most of them would press while nobody is there.
            await self._chat.wait_for(lambda: self._chat.gateway.is_ready, timeout_s=_READY_S)
        found = await self._offered(place, action, share)
        if found is None:
            return
        message_id, comment_id, first = found
        text = self._reply_text() if action == "reply" else ""
        tries = [
            Pressed(
                user_id=self.people[(who + other) % 2].id,
                room=place,
                action=action,
                comment_id=comment_id,
                began=_now(),
                at=time.time(),
                text=f"{text} {other}" if other else text,
            )
            for other in _PRESSES[how]
        ]
        if action == "reply":
            # Five times it is the button that sends it.
            tries = tries[:1] if how == "five" else tries
        self.presses += tries
        times = len(_PRESSES[how]) if how == "five" else 1
        await asyncio.gather(*(self._tried(one, message_id, first, times) for one in tries))

    async def _tried(self, one: Pressed, message_id: int, first: str, times: int) -> None:
        over = self.life.is_over
        trying = asyncio.create_task(self._try(one, message_id, first, times))
        ending = asyncio.create_task(over.wait())
        await asyncio.wait({trying, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not trying.done():
            # What the process has still sent is on its way.
            await asyncio.wait({trying}, timeout=0.1)
        one.is_cut = not trying.done() or over.is_set()
        trying.cancel()
        await asyncio.wait({trying})
        one.over_at = time.time()
        if not trying.cancelled() and (error := trying.exception()) is not None:
            raise error

    async def _try(self, one: Pressed, message_id: int, first: str, times: int) -> None:
        try:
            await self._go(one, message_id, first, times)
        except NoReplyError as error:
            one.failed = str(error)
        except NotOfferedError:
            # Somebody was faster, and it is not there to be pressed any more.
            one.failed = "not offered"

    async def _go(self, one: Pressed, message_id: int, first: str, times: int) -> None:
        click = partial(self._chat.people.click, one.user_id, timeout_s=_ANSWER_S)
        wanted = f"tt:act:{one.action}:{one.comment_id}"
        place: int | None = message_id
        if first != wanted:
            values = [str(one.comment_id)] if first.startswith("tt:pick:") else None
            shown = self._answered(one, await click(message_id, first, values=values))
            if (rest := f"tt:more:{one.comment_id}") in _ids(shown) and one.action in _RARE:
                shown = self._answered(one, await click(_id(shown), rest))
            if wanted not in _ids(shown):
                return
            place = shown.message_id
        assert place is not None
        if one.action == "reply":
            await self._reply(one, partial(click, place, wanted), times)
        elif one.action == "delete":
            asked = self._answered(one, await click(place, wanted))
            if (sure := f"tt:sure:{one.comment_id}") in _ids(asked):
                one.is_asked = True
                self._answered(one, await self._pressing(one, click(_id(asked), sure), asked))
        else:
            one.is_asked = True
            self._answered(one, await self._pressing(one, click(place, wanted)))

    async def _reply(self, one: Pressed, opening: Any, times: int) -> None:
        opened = self._answered(one, await opening())
        if opened.modal is None:
            return
        sending = self._chat.people.modal(
            opened.interaction_id, {_FIELD: one.text}, timeout_s=_ANSWER_S
        )
        preview = self._answered(one, await sending)
        send = next((name for name in _ids(preview) if name.startswith("tt:send:")), None)
        if send is None:
            return
        one.is_asked = True
        click = partial(self._chat.people.click, one.user_id, _id(preview), send)
        pressing = [self._pressing(one, click(), preview) for _ in range(times)]
        replies = await asyncio.gather(*pressing, return_exceptions=True)
        good = [self._answered(one, shown) for shown in replies if isinstance(shown, Reply)]
        if not good and isinstance(replies[0], Exception):
            raise replies[0]

    async def _pressing(
        self, one: Pressed, pressing: Coroutine[Any, Any, Reply], before: Reply | None = None
    ) -> Reply:
        """Press what has it done, and wait for its last word; it is judged by this press alone.

        ``before``: what the message says whose button is pressed, where the answer takes its place.
        """
        one.interaction_id = 0
        reply = await pressing
        one.interaction_id = reply.interaction_id
        old = "" if before is None else before.content
        try:
            await self._chat.wait_for(
                lambda: self._is_last(reply.interaction_id, old), timeout_s=_ANSWER_S
            )
        except TimeoutError:
            raise NoReplyError("it does not say what became of it") from None
        return self._chat.people.reply(reply.interaction_id)

    def _is_last(self, interaction_id: int, old: str) -> bool:
        shown = self._chat.people.reply(interaction_id)
        # Where Discord has lost the first answer, there is another one.
        return bool(shown.followups) or not shown.content.startswith(
            tuple(filter(None, (*_NOT_LAST, old)))
        )

    def _answered(self, one: Pressed, reply: Reply) -> Reply:
        one.interaction_id = reply.interaction_id
        return reply

    async def _offered(
        self, room: Channel, action: str, share: float
    ) -> tuple[int, int, str] | None:
        """Wait a little for a comment with the action; its message, itself, and what to press."""
        try:
            found = await self._chat.wait_for(
                lambda: sorted(self._offers(room, action), key=lambda one: one[1]),
                timeout_s=_OFFER_S,
            )
        except TimeoutError:
            return None
        return found[int(share * len(found))]

    def _offers(self, room: Channel, action: str) -> Iterator[tuple[int, int, str]]:
        comments = self._workspace.state.comments
        for message in self._chat.messages(room.id):
            for part in _parts(list(message.components)):
                custom_id = part["custom_id"]
                for number in _meant(part):
                    is_chat = number in comments and comments[number].kind == "chat"
                    wanted = "tt:more:" if action in _RARE else f"tt:act:{action}:"
                    if action == "copy" and not is_chat:
                        continue
                    if custom_id.startswith((wanted, "tt:pick:")):
                        yield message.id, number, custom_id

    def _reply_text(self) -> str:
        self._texts += 1
        return f"Replied number {self._texts}"


def _meant(part: dict[str, Any]) -> list[int]:
    if "options" in part:
        return [int(one["value"]) for one in part["options"]]
    last = part["custom_id"].rpartition(":")[2]
    return [int(last)] if last.isdecimal() else []


def _parts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for row in rows for part in row.get("components", ()) if "custom_id" in part]


def _ids(reply: Reply) -> list[str]:
    return [part["custom_id"] for part in _parts(reply.components)]


def _id(reply: Reply) -> int:
    assert reply.message_id is not None
    return reply.message_id


def _now() -> float:
    return asyncio.get_running_loop().time()
