"""Where exhibits are made: a server of one language with its workspace and its bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from ..chat import Channel, NotOfferedError, Reply, Shown, User
from ..chat.components import walk
from ..chat.model import Scheduled
from ..house import Sandbox
from ..page import Scene
from ..page.pictures import avatar_of
from ..workspace import Comment, Live, Thing, Video
from .bot_keeper import BotKeeper
from .movable_clock import MovableClock

_PATIENCE_S: Final = 120.0
_AGAIN_S: Final = 0.05
_PEACE_S: Final = 1.2
# So long Discord asks to wait: a bot that obeys stays well below what gets it banned.
_RETRY_AFTER_S: Final = 1.0


class Hall:
    """Brings things about, and waits until the bot has shown them.

    Attributes:
        clock: of the workspace and of Discord; the bot goes by it.
        language: that of the server, and of who reads there, as Discord spells it.
        changes: the hand of viewers and staff in the workspace.
    """

    def __init__(
        self, sandbox: Sandbox, clock: MovableClock, scene: Scene, bot: BotKeeper, language: str
    ) -> None:
        self.clock = clock
        self.scene = scene
        self.language = language
        self.changes = sandbox.workspace.changes
        self._chat = sandbox.chat
        self._faye = sandbox.faye
        self._workspace = sandbox.workspace
        self._state = sandbox.workspace.state
        self._bot = bot
        self._persons = {one.user.name: one.user for one in scene.cast}
        # What several exhibits share, by name.
        self.kept: dict[str, object] = {}
        # It would only take time, but where it is what is to be seen.
        self.limit(is_limited=False)

    async def ready(self) -> None:
        """Wait until the bot is there.

        Raises:
            TimeoutError: it did not come.
        """
        await self._chat.wait_until_ready(timeout_s=_PATIENCE_S)
        await self._chat.wait_for(
            lambda: self._chat.commands(self.scene.guild.id), timeout_s=_PATIENCE_S
        )

    async def restart(self) -> None:
        """Have the bot killed and started: then it looks at once at what it watches."""
        await self._bot.kill()
        await self._chat.wait_for(lambda: not self._chat.gateway.is_ready, timeout_s=_PATIENCE_S)
        await self._bot.start()
        await self.ready()

    # The workspace.

    def video(self, title: str, **values: Any) -> Video:
        """Add a video."""
        return self._state.add_video(title, **values)

    async def live(
        self,
        title: str,
        *,
        in_minutes: float,
        description: str = "",
        speakers: tuple[str, ...] = (),
        is_private: bool = False,
        category_id: int | None = None,
    ) -> Live:
        """Plan a live event."""
        live = self._state.add_live(title, is_private=is_private, category_id=category_id)
        live.description, live.speakers = description, list(speakers)
        await self.changes.schedule(live.object_id, self.clock.now() + in_minutes * 60)
        return live

    def category(self, title: str) -> int:
        """Add a category; return its ID."""
        return self._state.add_category(title).category_id

    async def says(
        self,
        thing: Thing,
        author: str,
        text: str,
        *,
        kind: Literal["comment", "chat", "question"] = "comment",
        **values: Any,
    ) -> Comment:
        """Have a viewer write."""
        return await self.changes.post_comment(
            thing.object_id, text, author=author, kind=kind, avatar=avatar_of(author), **values
        )

    # Discord.

    def room(self, name: str, *, is_open: bool = True) -> Channel:
        """Add a room for everybody, or for those who look after questions."""
        room = self._chat.rooms.add_channel(self.scene.guild.id, name)
        if not is_open:
            self._chat.rooms.set_overwrites(
                room.id, self.scene.guild.everyone, deny=["view_channel"]
            )
            for one in (self._chat.bot, self._persons["Mia"]):
                self._chat.rooms.set_overwrites(room.id, one, allow=["view_channel"])
        return room

    def denies(self, room: Channel, *permissions: str) -> None:
        """Take permissions from the bot in a room."""
        (role,) = self._chat.guilds.bot_roles(self.scene.guild.id)
        self._chat.rooms.set_overwrites(room.id, role, deny=permissions)

    async def thread(self, room: Channel) -> Channel:
        """Wait for the thread that is opened in a room."""
        of_server = self.scene.guild.channels
        return await self._chat.wait_for(
            lambda: next((one for one in of_server.values() if one.parent_id == room.id), None),
            timeout_s=_PATIENCE_S,
        )

    def scheduled(self) -> list[Scheduled]:
        """Return what is in the server's calendar, the next first."""
        return self._chat.calendar.of(self.scene.guild.id)

    def person(self, name: str) -> User:
        """Return somebody of the cast."""
        return self._persons[name]

    async def attach(self, room: Channel, thing: Thing, /, **options: str | int) -> None:
        """Have Ann attach something, from a room where nobody looks; wait until it is listened to.

        What is written before that is read later, and has its time in the workspace's spelling.
        """
        await self.sets("attach", id=str(thing.object_id), room=str(room.id), **options)
        if options.get("comments") != "none":
            await self._until_heard(thing.root)

    async def _until_heard(self, root: str) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            # The service tells nobody of subscriptions.
            while not any(one.startswith(root) for one in self._faye.subscriptions()):  # noqa: ASYNC110
                await asyncio.sleep(_AGAIN_S)
            await self.until_at_peace()

    async def until_at_peace(self) -> None:
        """Wait until the bot has asked the workspace all that it has to ask now."""
        asked = self._workspace.log
        while asked and self.clock.now() - asked[-1].at < _PEACE_S:  # noqa: ASYNC110
            await asyncio.sleep(_AGAIN_S)

    async def until_refused(self, room: Channel) -> None:
        """Wait until all that was written has been on its way to a room that is held up."""
        path = f"/channels/{room.id}/messages"
        await self.until(lambda: any(one.path.endswith(path) for one in self._chat.posts))
        async with asyncio.timeout(_PATIENCE_S):
            await self.until_at_peace()

    async def until_trouble(self, room: Channel) -> None:
        """Wait until the status names a room as one of those where something is wrong."""
        said = ""
        async with asyncio.timeout(_PATIENCE_S):
            while f"<#{room.id}>" not in said:
                await asyncio.sleep(_PEACE_S)
                said = (await self.commands(self.scene.general, "status")).content

    async def sets(self, name: str, /, **options: str | int) -> None:
        """Have Ann give a command, from a room where nobody looks."""
        await self.commands(self.scene.general, name, **options)

    async def commands(self, room: Channel, name: str, /, **options: str | int) -> Reply:
        """Have Ann give a command of ``/video`` in a room."""
        return await self._chat.people.slash(
            room.id, self._persons["Ann"].id, f"video {name}", options, timeout_s=_PATIENCE_S
        )

    async def presses(
        self, name: str, on: Shown | Reply, custom_id: str, *chosen: int | str
    ) -> Reply:
        """Have somebody press the button whose ``custom_id`` begins so, and see what is said.

        ``chosen``: of a menu.
        """
        found = _component(on, custom_id)
        message_id = on.id if isinstance(on, Shown) else on.message_id or 0
        people = self._chat.people
        reply = await people.click(
            self._persons[name].id,
            message_id,
            found,
            values=[str(one) for one in chosen] or None,
            timeout_s=_PATIENCE_S,
        )
        if reply.is_update and isinstance(on, Reply):
            await self._chat.wait_for(
                lambda: people.reply(reply.interaction_id).content != on.content,
                timeout_s=_PATIENCE_S,
            )
        return people.reply(reply.interaction_id)

    async def types(self, opened: Reply, text: str) -> Reply:
        """Write into the one field of a modal, and send it."""
        parts = [] if opened.modal is None else opened.modal["components"]
        (field,) = [one["custom_id"] for _, one in walk(parts) if one["type"] == 4]  # noqa: PLR2004 - a text input
        return await self._chat.people.modal(
            opened.interaction_id, {field: text}, timeout_s=_PATIENCE_S
        )

    async def shown(self, room: Channel, *texts: str) -> Shown:
        """Wait for a message with all these texts in it; the newest one is returned.

        Raises:
            TimeoutError: there is none; says what there is.
        """

        def found() -> Shown | None:
            there = reversed(self._chat.messages(room.id))
            return next((one for one in there if _has(one, texts)), None)

        try:
            return await self._chat.wait_for(found, timeout_s=_PATIENCE_S)
        except TimeoutError:
            there = "\n".join(map(str, self._chat.messages(room.id)))
            raise TimeoutError(f"#{room.name} lacks {texts} in:\n{there}") from None

    async def asked(self, room: Channel, comment: Comment) -> Shown:
        """Wait for the message of a comment with its buttons."""
        return await self.shown(room, f"tt:more:{comment.comment_id}")

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so in Discord."""
        await self._chat.wait_for(is_so, timeout_s=_PATIENCE_S)

    def messages(self, room: Channel) -> list[Shown]:
        """Return the messages of a room, oldest first."""
        return self._chat.messages(room.id)

    def limit(self, *, is_limited: bool) -> None:
        """Have Discord limit how many messages a room gets, or not."""
        self._chat.rules.is_rate_limited = is_limited

    @asynccontextmanager
    async def held_up(self, room: Channel) -> AsyncGenerator[None]:
        """Let Discord ask to wait with each message to a room; what comes meanwhile is many."""
        path = rf"/channels/{room.id}/messages"
        self._chat.fault("POST", path, times=None, status=429, retry_after_s=_RETRY_AFTER_S)
        try:
            yield
        finally:
            self._chat.faults.clear()


def _component(on: Shown | Reply, custom_id: str) -> str:
    for _, one in walk(on.components):
        if str(one.get("custom_id", "")).startswith(custom_id):
            return str(one["custom_id"])
    raise NotOfferedError(f"there is no {custom_id} to press")


def _has(shown: Shown, texts: tuple[str, ...]) -> bool:
    whole = f"{shown.content} {shown.embeds} {shown.components} {shown.attachments}"
    return all(one in whole for one in texts)
