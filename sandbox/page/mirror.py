"""The sandbox as a page sees it: all of it at once, and from then on its events, numbered."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..journal import Happening, Journal, Subject
from .bot_status import bot_status
from .journey import Journey
from .keeper import Keeper, Said, Saying
from .mirrored_objects import MirroredObjects, iso
from .mirrored_rooms import Event, MirroredRooms
from .pictures import Pictures
from .scene import Scene
from .switches import Switches

# The status is asked for no more often than the one, and if nothing happens as rarely as the other.
_ASK_S = 2.0
_ASK_IDLE_S = 10.0


class Mirror:
    """Follows the sandbox and the bot.

    Attributes:
        events: what pages are told, each as the text of a frame.
        run_id: of this mirror; the numbers of events of another mean nothing here.
        is_watched: set while there is a page.
    """

    def __init__(
        self, scene: Scene, keeper: Keeper, switches: Switches, pictures: Pictures
    ) -> None:
        self.rooms = MirroredRooms(scene, pictures)
        self.events: Journal[str] = Journal()
        self.run_id = secrets.token_hex(8)
        self.is_watched = asyncio.Event()
        self._scene = scene
        self._workspace = scene.sandbox.workspace.state
        self._objects = MirroredObjects(self._workspace)
        self._keeper = keeper
        self._switches = switches
        self._journey: Journey | None = None
        self._told_journey: Journey | None = None
        self._status: str | None = None

    def snapshot(self, seq: int | None = None) -> str:
        """Return all that there is, as the text of a frame; ``seq`` if it is an event itself."""
        state = {
            "run": self.run_id,
            **self.rooms.state(),
            "workspace": self._objects.all(),
            "switches": self._switches.state,
            "bot": self._of_bot(),
            "journey": None if self._journey is None else self._journey.told(),
            "status": self._status,
        }
        number = self.events.last if seq is None else seq
        return json.dumps({"type": "snapshot", "seq": number, "state": state})

    async def run(self) -> None:
        """Follow, until cancelled."""
        sandbox = self._scene.sandbox
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(sandbox.chat.journal, self._of_discord))
            tasks.create_task(self._follow(sandbox.workspace.state.journal, self._of_workspace))
            tasks.create_task(self._follow(self._keeper.journal, self._of_process))
            tasks.create_task(self._ask())

    async def turn(self, name: Any, *, on: bool) -> None:
        """Turn a switch, and tell of it; see :meth:`Switches.turn`."""
        await self._switches.turn(name, on=on)
        self._tell("switches", self._switches.state)

    async def _follow(self, journal: Journal[Any], told: Callable[[Any], Iterator[Event]]) -> None:
        """Tell of each item that is written from now on."""
        read = journal.last
        while True:
            await journal.wait(read)
            found = journal.after(read)
            read = journal.last
            if found is None:
                # It went by faster than it could be told: pages begin anew.
                self.events.add(self.snapshot(self.events.last + 1))
                continue
            # What happened several times meanwhile is told once.
            for item in dict.fromkeys(found):
                for kind, data in told(item):
                    self._tell(kind, data)
            self._tell_journey()

    def _of_discord(self, happening: Happening) -> Iterator[Event]:
        for kind, data in self.rooms.events(happening):
            if kind == "message" and self._journey is not None:
                # A compact room has its comments in the message's own text.
                told = json.dumps([data["content"], data["embeds"]])
                self._journey = self._journey.shown(told, time.time())
            yield kind, data

    def _of_workspace(self, happening: Happening) -> Iterator[Event]:
        comment = self._workspace.comments.get(happening.id)
        is_newer = self._journey is None or happening.id > self._journey.comment_id
        if happening.subject is Subject.COMMENT and comment is not None and is_newer:
            self._journey = Journey(comment.comment_id, comment.object_id, comment.created)
        return self._objects.events(happening)

    def _of_process(self, said: Said) -> Iterator[Event]:
        if said.saying in (Saying.STARTED, Saying.ENDED):
            yield "bot", self._of_bot()
        elif self._journey is not None:
            self._journey = self._journey.heard(said.saying, said.at, said.comment_ids)

    def _of_bot(self) -> dict[str, Any]:
        since = self._keeper.since
        return {
            "running": self._keeper.is_running,
            "since": None if since is None else iso(since),
        }

    def _tell_journey(self) -> None:
        if self._journey is not None and self._journey != self._told_journey:
            self._told_journey = self._journey
            self._tell("journey", self._journey.told())

    async def _ask(self) -> None:
        """Keep the status fresh while somebody looks."""
        while True:
            await self.is_watched.wait()
            seen = self.events.last
            text = await bot_status(self._scene)
            if text != self._status:
                self._status = text
                self._tell("status", {"text": text, "at": iso(time.time())})
            await asyncio.sleep(_ASK_S)
            try:
                async with asyncio.timeout(_ASK_IDLE_S - _ASK_S):
                    await self.events.wait(seen)
            except TimeoutError:
                pass

    def _tell(self, kind: str, data: Any) -> None:
        self.events.add(json.dumps({"type": kind, "seq": self.events.last + 1, "data": data}))
