"""The boards of questions, and who looks after which question, as the commands call it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from ..domain.board import Board
from ..domain.deeds import Actor
from ..domain.model import Comment, CommentId, GuildId, ObjectId, RoomId
from ..domain.shown import QuestionCounts, ViewerQuestion
from ..errors import WorkspaceError, apart
from ..storage import MadeBoard, NewBoard
from .agenda import Agenda
from .objects import NEVER, Objects
from .ports import Ports
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

# A hundred comments each: what is older than these is not on a board that is made now.
_MOST_PAGES = 30
_PAGE_SIZE = 8
_EVERY_S = 5.0
_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """Some of the open questions of an object, oldest first; ``pages`` is at least 1."""

    questions: tuple[ViewerQuestion, ...]
    counts: QuestionCounts
    number: int
    pages: int


class QuestionBoards:
    """Keeps boards, hands questions out, and takes back what somebody has for too long.

    Args:
        ports: the workspace, the store, the rooms and the clock.
        objects: told that more is to be listened to for a board.
        agenda: what is to be read for it.
    """

    def __init__(self, ports: Ports, objects: Objects, agenda: Agenda) -> None:
        self._api = ports.api
        self._store = ports.store
        self._rooms = ports.rooms
        self._now = ports.clock.now
        self._objects = objects
        self._agenda = agenda
        self._being_made: set[int] = set()
        self._finished_at = NEVER

    # Boards.

    async def make(self, new: NewBoard) -> MadeBoard | None:
        """Make a board in a room where the object is attached; ``None``: it is not.

        It is shown once the questions that are there already were read. One that was there is
        posted once more, as the last message of the room.

        Raises:
            WorkspaceError: they could not be read; there is no board.
        """
        made = await self._store.boards.make(new, self._now())
        if made is None:
            return None
        if made.was_there:
            self._rooms.wake([made.board.room_id])
            return made
        self._being_made.add(made.board.board_id)
        try:
            await self._take_up(new.object_id)
            await self._show(made.board)
        except WorkspaceError:
            await self.drop(made.board.room_id, new.object_id, made.board.board_id)
            raise
        finally:
            self._being_made.discard(made.board.board_id)
        return made

    async def boards(self, guild_id: GuildId) -> list[Board]:
        """Return the boards of a server, oldest first."""
        return await self._store.boards.find(guild_id=guild_id)

    async def drop(self, room_id: RoomId, object_id: ObjectId, board_id: int | None = None) -> int:
        """Drop the boards of an object in a room, or one of them; return how many there were."""
        count = await self._store.boards.drop(room_id, object_id, board_id)
        if count:
            self._rooms.wake([room_id])
            await self._take_up(object_id)
        return count

    # Questions.

    async def take_next(
        self, object_id: ObjectId, guild_id: GuildId, actor: Actor
    ) -> ViewerQuestion | None:
        """Let somebody look after the oldest open question that nobody has, if there is any."""
        taken = await self._store.questions.take_next(object_id, guild_id, actor, self._now())
        if taken is None:
            return None
        self._rooms.wake(taken.rooms)
        return taken.question

    async def give_back(
        self, object_id: ObjectId, comment_id: CommentId, guild_id: GuildId, user_id: int
    ) -> bool:
        """Let others have a question that somebody has; say whether it was this user's."""
        rooms = await self._store.questions.give_back(object_id, comment_id, guild_id, user_id)
        self._rooms.wake(rooms or ())
        return rooms is not None

    async def page(self, object_id: ObjectId, guild_id: GuildId, number: int) -> QuestionPage:
        """Return a page of the open questions, counted from 0: the nearest that there is."""
        counts = await self._store.questions.counts(object_id)
        pages = max(1, -(-counts.open // _PAGE_SIZE))
        shown = min(number, pages - 1)
        found = await self._store.questions.open(
            object_id, guild_id, limit=_PAGE_SIZE, offset=shown * _PAGE_SIZE
        )
        return QuestionPage(questions=tuple(found), counts=counts, number=shown, pages=pages)

    # What is done by the time.

    async def run(self) -> None:
        """Look after the boards until cancelled."""
        while True:
            with apart(_log, "boards could not be looked after"):
                await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Take back what somebody has for too long; now and then finish what was cut off."""
        now = self._now()
        if await self._store.questions.are_forgotten(now):
            self._rooms.wake(await self._store.questions.release(now))
        if loop_time() - self._finished_at < _AGAIN_S:
            return
        self._finished_at = loop_time()
        self._rooms.wake(await self._store.boards.try_again(now))
        for board in await self._store.boards.unshown():
            if board.board_id not in self._being_made:
                with apart(_log, f"board {board.board_id} could not be finished"):
                    await self._finish(board)

    async def prune(self) -> None:
        """Drop what nobody asks for any more, and words that were kept for long enough."""
        self._rooms.wake(await self._store.questions.prune(self._now()))

    async def _finish(self, board: Board) -> None:
        try:
            await self._show(board)
        except WorkspaceError as error:
            _log.warning("a board of %d cannot be shown yet: %s", board.object_id, error)

    async def _show(self, board: Board) -> None:
        found = await self._read(board.object_id)
        self._rooms.wake(await self._store.boards.show(board.board_id, found, self._now()))

    async def _read(self, object_id: ObjectId) -> list[Comment]:
        found: dict[CommentId, Comment] = {}
        for number in range(1, _MOST_PAGES + 1):
            page = await self._api.comments(object_id, page=number)
            found |= {one.comment_id: one for one in page.comments}
            is_whole = page.total is not None and len(found) >= page.total
            if is_whole or not page.comments:
                break
        return list(found.values())

    async def _take_up(self, object_id: ObjectId) -> None:
        """Have all comments of the object listened to and read, or not any more."""
        await self._objects.take_over(object_id)
        self._agenda.ask([object_id])
