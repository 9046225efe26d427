"""The sandbox with two rooms and two videos, and all that can go wrong there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cogs.twentythree.bayeux import SessionOptions
from sandbox import Sandbox
from sandbox.chat import Channel, Fault, Limit
from sandbox.workspace import Level, WorkspaceFault
from tests.fakes.bot_process import BotProcess
from tests.fakes.faye import FayeServer
from tests.fakes.stage import Stage

from .holdings import Holdings
from .marks import marks, untrue_marks
from .onlooker import Onlooker, held_numbers
from .platform import Platform
from .speech import Speech
from .staff import Staff
from .troubles import Troubles
from .verdict import Sight
from .witness import Witness

_LIMITED = (
    "POST /channels/{channel_id}/messages",
    "PATCH /channels/{channel_id}/messages/{message_id}",
)
# Of each room.
_COMMENTS = ("all", "public")
_PATIENCE_S = 60.0
# So long a session that was forgotten in silence may go unnoticed.
_CHECK_S = SessionOptions().check_s
_POST_PATIENCE_S = 4.0
_ABSENCE_S = 600.0
_GLANCE_S = 0.2
_DENIALS = 2
_HEARING_S = 10.0


class Scene(Stage):
    """A stage with everything in place.

    ``faye`` is the real one, or there is the sandbox's; ``holdings``: the bot's database.
    """

    def __init__(self, folder: Path, faye: FayeServer | None, holdings: Holdings) -> None:
        super().__init__(folder)
        self.holdings = holdings
        self.real_faye = faye
        self.ahead_s = 0.0
        # When the bot last began to hear realtime's messages after a gap, in the loop's seconds.
        self.gap_at = float("-inf")
        options = replace(self.sandbox._chat_options, now=lambda: time.time() + self.ahead_s)
        self.sandbox = Sandbox(chat=options, faye_url=None if faye is None else faye.url)
        self.rooms: list[Channel] = []
        self.speech = Speech(self.sandbox.workspace, self._texts)
        self.platform = Platform(self.sandbox.workspace, self.speech)
        self.witness = Witness(self.sandbox.workspace, self.speech)
        self.has_actions = False
        self.sights: list[Sight] = []
        self.shared: set[frozenset[int]] = set()
        self.wrongs: list[str] = []
        self.logs: list[str] = []

    def prepare(self, *, has_actions: bool) -> None:
        """Let there be staff, and know of troubles; ``has_actions``: the staff acts from rooms."""
        self.has_actions = has_actions
        self.staff = Staff(self.chat, self.workspace, self.rooms)
        self.troubles = Troubles(self.chat, self.workspace)

    def a_bot(self, **variables: str) -> BotProcess:
        """Return a bot, with all that it takes to act from rooms where there is that."""
        if not self.has_actions:
            return self.bot(level=Level.READ, **variables)
        # They press as often within seconds as people do within minutes; each press asks the
        # workspace at once, and what it asks is missing to the readings.
        return self.bot(
            level=Level.WRITE,
            TWENTYTHREE_REPLY_NAME="The team",
            TWENTYTHREE_REQUESTS_PER_MINUTE="960",
            **variables,
        )

    async def build(self, *, is_limited: bool) -> None:
        """Attach both videos to both rooms, with the bot that goes on running.

        One room takes all comments, the other what the public may see. With actions, the first
        is a live event.
        """
        # Where a deletion is not told, it is found in minutes.
        self.workspace.options.tells_deletions = True
        if is_limited:
            # As Discord's, but quicker: what waits for them waits in the same way. Five seconds,
            # as for its edits, are longer than anything untrue may be shown.
            self.chat.rules.is_rate_limited = True
            for route in _LIMITED:
                self.chat.rules.limits[route] = Limit(requests=5, window_s=0.5)
        self.rooms += [self.room("one"), self.room("two")]
        state = self.workspace.state
        add_first = state.add_live if self.has_actions else state.add_video
        self.speech.begin([add_first("Film"), state.add_video("Other")])
        await self.until_ready()
        given = {}
        if self.has_actions:
            self.witness.watch()
            self.staff.join(self.guild.id)
            given = {"actions": "on"}
        for room, comments in zip(self.rooms, _COMMENTS, strict=True):
            for thing in self.speech.things:
                said = await self.attach(room, thing, comments=comments, **given)
                assert thing.title in said

    # What is seen.

    def held_numbers(self, index: int) -> list[int]:
        """Return the numbers that a room holds, in its order; ``EMPTY`` for what says nothing."""
        return held_numbers(self.chat, self.rooms[index])

    def said(self, index: int) -> dict[int, list[int]]:
        """Return by object the numbers that a room is to hold; of copies, by no object."""
        is_all = _COMMENTS[index] == "all"
        withheld: set[int] = set() if is_all else set(self.speech.withheld)
        said = self.speech.said(self.hidden(index) | withheld)
        return {**said, 0: self.speech.copied(promoted_only=not is_all)}

    def hidden(self, index: int) -> set[int]:
        """Return the numbers that a room must never show."""
        return set() if _COMMENTS[index] == "all" else self.speech.private

    @asynccontextmanager
    async def watched(self, is_well: Callable[[], bool]) -> AsyncGenerator[None]:
        """Look at the rooms until the block is left; ``is_well``: the bot can do its work."""
        onlooker = Onlooker(self.chat, self.rooms, lambda: is_well() and self.troubles.is_calm())
        self.sights, self.shared = onlooker.sights, onlooker.shared
        async with onlooker.looking():
            yield

    def posted_anew(self) -> set[int]:
        """Return the numbers that shared a message with what had to go.

        Where Discord takes no edit, that message is deleted, and they are posted again.
        """
        untrue = self.speech.untrue().keys()
        return {one for numbers in self.shared if numbers & untrue for one in numbers}

    async def until_all_held(self) -> None:
        """Wait until each room holds what is true, and nothing else.

        Raises:
            TimeoutError: it did not come to that.
        """
        await self.chat.wait_for(self._is_all_held, timeout_s=_PATIENCE_S)

    def _is_all_held(self) -> bool:
        rooms = range(len(self.rooms))
        return all(self._is_held(index) for index in rooms) and not self.untrue_marks()

    def untrue_marks(self) -> list[str]:
        """Return what is wrong with what the rooms say beside the comments themselves."""
        if not self.has_actions:
            return []
        presses = {(one.action, one.user_id, one.comment_id) for one in self.staff.presses}
        return [
            wrong
            for room in self.rooms
            for wrong in untrue_marks(room.name, marks(self.chat, room), self.workspace, presses)
        ]

    def unheld(self) -> set[int]:
        """Return the numbers that a room is to hold and does not."""
        return {
            number
            for index in range(len(self.rooms))
            for numbers in self.said(index).values()
            for number in set(numbers) - set(self.held_numbers(index))
        }

    def _is_held(self, index: int) -> bool:
        said = Counter(number for numbers in self.said(index).values() for number in numbers)
        held = Counter(self.held_numbers(index))
        # What is there too often stays so.
        return said.keys() == held.keys() and said <= held

    async def until_all_done(self, denied: Collection[int]) -> None:
        """Wait until the bot has asked about all that it heard, and recorded all that it did.

        ``denied``: IDs that it asks about twice where it hears of them. After a gap that may be
        when what came after them is there already, or never.

        Raises:
            TimeoutError: it did not come to that.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEARING_S):
                while any(self._asked(one) < _DENIALS for one in denied):  # noqa: ASYNC110 - as below
                    await asyncio.sleep(_GLANCE_S)
        async with asyncio.timeout(_PATIENCE_S):
            while self._is_busy():  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(_GLANCE_S)

    def _asked(self, comment_id: int) -> int:
        asked = (call.params.get("comment_id") for call in self.workspace.log)
        return sum(one == str(comment_id) for one in asked)

    def _is_busy(self) -> bool:
        is_asking = self._counted("twentythree_comments WHERE trust != 'confirmed'") > 0
        return is_asking or bool(self.undone())

    def undone(self) -> list[str]:
        """Return what the database says is still to be done."""
        queries = {
            "batches are not settled": "twentythree_batches WHERE settled_at IS NULL",
            "notices wait": "twentythree_notices WHERE stage != 'done'",
            "actions are not settled": "twentythree_trail WHERE stage = 'begun'",
        }
        counts = {words: self._counted(rows) for words, rows in queries.items()}
        return [f"{count} {words}" for words, count in counts.items() if count]

    def _counted(self, rows: str) -> int:
        ((count,),) = self.holdings.rows(f"SELECT count(*) FROM {rows}")  # noqa: S608 - names of ours
        return int(count)

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.chat.faults.clear()
        self.chat.limit_globally(0.0)
        self.workspace.clear_faults()

    @asynccontextmanager
    async def posting(self, when: str) -> AsyncGenerator[Fault]:
        """Hold the next post, if one comes soon, until the block is left."""
        fault = self.chat.fault("POST", r"/channels/\d+/messages", when=when, hangs=True)
        try:
            async with asyncio.timeout(_POST_PATIENCE_S):
                await fault.reached.wait()
        except TimeoutError:
            pass
        try:
            yield fault
        finally:
            fault.times = 0
            fault.release()

    def age_batches(self) -> None:
        """Let time pass for the bot, which is away, and for Discord, which forgets nonces."""
        self.ahead_s += _ABSENCE_S
        self.holdings.age_batches(_ABSENCE_S)

    def post_fault(self, when: str, **what: Any) -> None:
        """Let something go wrong with posts."""
        self.chat.fault("POST", r"/channels/\d+/messages", when=when, **what)

    # The services.

    async def realtime(self, command: str) -> None:
        """Do something to the sessions of the realtime service."""
        self.note_gap()
        if command == "forget":
            self.troubles.last(_CHECK_S)
        if self.real_faye is not None:
            await self.real_faye.do(command)
        elif command == "forget":
            self.sandbox.faye.forget()
        else:
            self.sandbox.faye.evict()

    async def realtime_goes(self) -> None:
        """Take the realtime service away, with all its sessions."""
        if self.real_faye is not None:
            await self.real_faye.kill()
        else:
            await self.sandbox.faye.close()

    async def realtime_returns(self) -> None:
        """Start the realtime service again on its port."""
        if self.real_faye is not None:
            await self.real_faye.start()
        else:
            await self.sandbox.faye.start()
        self.note_gap()

    def note_gap(self) -> None:
        """Remember that realtime's messages may have been missed just now."""
        self.gap_at = asyncio.get_running_loop().time()

    def break_workspace(self, status: int, times: int) -> None:
        """Let the workspace's API fail."""
        self.workspace.add_fault(WorkspaceFault(status=status, times=times))
