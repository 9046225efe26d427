"""The bot as several processes on one PostgreSQL, each with networks of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Self, TypeVar

from cogs.twentythree.storage.engine import to_its_end
from tests.fakes.databases import PostgresDatabases
from tests.fakes.postgres import LocalPostgres
from tests.fakes.term_record import keep_record, wrong_writes

from .crew import ENDS, PATIENCE_S
from .holdings import PostgresHoldings
from .member import Member, a_member
from .scene import Scene

_T = TypeVar("_T")

_GLANCE_S = 0.05


class Several:
    """Processes of which one leads, with a database that they share."""

    def __init__(
        self, scene: Scene, server: LocalPostgres, holdings: PostgresHoldings, count: int
    ) -> None:
        self._scene = scene
        self._count = count
        self.server = server
        self.holdings = holdings
        self.members: list[Member] = []
        self._left: list[Member] = []
        self._stack = AsyncExitStack()
        self._term = 0
        self._is_ending = False

    # All of them.

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for number in range(1, self._count + 1):
                self.members.append(
                    await a_member(number, self._scene, self.holdings.address, stack)
                )
            for one in self.members:
                stack.push_async_callback(self._kill, one)
                await one.start()
            watching = asyncio.create_task(self._watch())
            stack.push_async_callback(_cancelled, watching)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _kill(self, one: Member) -> None:
        self._is_ending = True
        await one.bot.kill()

    async def _watch(self) -> None:
        """Notice who leads, and who has ended by itself."""
        scene = self._scene
        while True:
            await asyncio.sleep(_GLANCE_S)
            for one in self.members:
                one.listen()
                if not (one.bot.is_running or one.is_away or self._is_ending):
                    one.is_away = True
                    scene.wrongs.append(f"process {one.number} ended by itself")
                    scene.logs.append(self._log(one))
            if (term := max(one.term for one in self.members)) > self._term:
                self._term = term
                # Whatever was pressed before is the new leader's to look after.
                scene.staff.life.end()
                scene.note_gap()
            if not self.is_well():
                scene.troubles.last(0.0)

    # The leader.

    def _leader(self) -> Member | None:
        """Return who began the newest term, if that one is awake."""
        for one in self.members:
            one.listen()
        last = max(self.members, key=lambda one: one.term)
        return last if last.term >= max(self._term, 1) and last.is_awake else None

    async def leader(self) -> Member:
        """Wait until somebody leads who is awake."""
        return await _until(self._leader, "nobody leads")

    async def until_led(self, after: int = 0) -> None:
        """Wait until somebody leads and is connected, in a term after this one."""
        await _until(lambda: (self._term > after and self.is_well()) or None, "nobody leads well")
        self._scene.note_gap()

    @property
    def term(self) -> int:
        """The newest term that is known."""
        return self._term

    def is_well(self) -> bool:
        """Tell whether the leader is awake, has its networks, and is connected."""
        leader = self._leader()
        return leader is not None and leader.is_connected and not leader.are_lost

    def stand_bys(self) -> list[Member]:
        """Return those that are awake and do not lead."""
        leader = self._leader()
        return [one for one in self.members if one.is_awake and one is not leader]

    # How they leave, and come.

    async def leave(self, *, by_kill: bool) -> None:
        """End the leader's process."""
        await self.end_one(await self.leader(), by_kill=by_kill)
        self._scene.staff.life.end()

    async def leave_all(self) -> None:
        """Kill all of them, at once."""
        await asyncio.gather(
            *(self.end_one(one, by_kill=True) for one in self.members if one.bot.is_running)
        )
        self._scene.staff.life.end()

    async def end_one(self, one: Member, *, by_kill: bool) -> None:
        """End a process, which comes again with the others that have left."""
        one.is_away = True
        self._left.append(one)
        try:
            if by_kill:
                await one.bot.kill()
            elif (ended := await one.bot.terminate()) not in ENDS:
                self._scene.wrongs.append(f"SIGTERM was answered with {ended} by {one.number}")
        finally:
            self._scene.logs.append(self._log(one))

    async def come(self, *, is_awaited: bool) -> None:
        """Start those again that have left."""
        while self._left:
            await self._left.pop().start()
        if is_awaited:
            await self.until_led()

    def full_disk(self) -> AbstractAsyncContextManager[None]:
        """Let the database take no writes until the block is left."""
        return self.holdings.read_only()

    async def end(self) -> None:
        """End all of them, the leader last; there is one session of Discord's until then."""
        if (sessions := self._scene.chat.gateway.connections) != 1:
            self._scene.wrongs.append(f"there are {sessions} sessions in the end")
        for one in self.stand_bys():
            await self.end_one(one, by_kill=False)
        await self.leave(by_kill=False)

    # What is left behind.

    def wrongs(self) -> list[str]:
        """Return what the database's own record says against there being one leader at a time."""
        return wrong_writes(self.holdings.databases, self.holdings.address)

    def terms(self) -> int:
        """Return in how many terms something was written."""
        terms = "SELECT DISTINCT term FROM written"
        return len(self.holdings.rows(terms))

    def logs(self) -> list[str]:
        """Return what those say that run."""
        return [self._log(one) for one in self.members if not one.is_away]

    def _log(self, one: Member) -> str:
        return f"=== process {one.number} ===\n{one.bot.log}"


@asynccontextmanager
async def postgres() -> AsyncGenerator[tuple[LocalPostgres, PostgresHoldings]]:
    """Begin a server of one's own, with a database that keeps a record of who writes."""
    server = LocalPostgres()
    try:
        await to_its_end(asyncio.to_thread(server.start))
        databases = PostgresDatabases(server.address())
        try:
            holdings = PostgresHoldings(databases, databases.unused())
            keep_record(databases, holdings.address)
            yield server, holdings
        finally:
            databases.close()
    finally:
        await to_its_end(asyncio.to_thread(server.remove))


async def _until(find: Callable[[], _T | None], words: str) -> _T:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (found := find()) is None:  # noqa: ASYNC110 - a process tells by its log
                await asyncio.sleep(_GLANCE_S)
    except TimeoutError:
        raise TimeoutError(words) from None
    return found


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
