"""What there is to do about objects, and why: written by whoever learns of it.

Realtime that tells of a gap, a message that holds no whole comment, a use case that attaches an
object: each writes it down here and goes on. The schedule takes up the readings, the channels take
up the look-ups, each for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ..domain.model import CommentId, ObjectId

# More comments than are looked for one by one are found by a thorough reading.
MOST_NAMED = 200


@dataclass(slots=True)
class Hint:
    """What realtime told of one object without telling it whole.

    ``named`` are comments to be looked for; ``is_open``: something was told that named none.
    """

    named: frozenset[CommentId] = frozenset()
    is_open: bool = False

    def add(self, named: Collection[CommentId]) -> None:
        """Add what another message told."""
        # A reading for what is not named finds the others as well.
        self.named = self.named | frozenset(named) if named else frozenset()
        self.is_open = self.is_open or not named
        if len(self.named) > MOST_NAMED:
            # Anybody can name more than is ever looked for, and each name is copied above.
            self.named, self.is_open = frozenset(), True


@dataclass(slots=True)
class Todo:
    """What one reader of the agenda has not taken up yet, to be taken up in this order.

    Attributes:
        forgotten: objects that are attached no more.
        attached: those that are attached now, or otherwise than before.
        asked: those to be read as soon as may be, down to the oldest comment on show.
        hinted: those to be read for what realtime hinted at.
        replanned: those whose intervals have changed; ``None``: of all.
    """

    forgotten: set[ObjectId] = field(default_factory=set)
    attached: dict[ObjectId, None] = field(default_factory=dict)
    asked: dict[ObjectId, None] = field(default_factory=dict)
    hinted: dict[ObjectId, Hint] = field(default_factory=dict)
    replanned: set[ObjectId] | None = field(default_factory=set)


class Column:
    """The part of the agenda that one reader takes up."""

    def __init__(self) -> None:
        self.todo = Todo()
        self._is_written = asyncio.Event()

    def stir(self) -> None:
        """Have the reader look."""
        self._is_written.set()

    async def take(self) -> Todo:
        """Wait until there is something to do, and take it."""
        await self._is_written.wait()
        self._is_written.clear()
        todo, self.todo = self.todo, Todo()
        return todo


class Agenda:
    """What is to be done about objects. Every method is quick and tells nobody.

    Attributes:
        readings: for the schedule.
        look_ups: for the channels.
    """

    def __init__(self) -> None:
        self.readings = Column()
        self.look_ups = Column()

    def ask(self, object_ids: Iterable[ObjectId]) -> None:
        """Have objects read thoroughly as soon as may be."""
        self.readings.todo.asked |= dict.fromkeys(object_ids)
        self.readings.stir()

    def hint(self, object_id: ObjectId, named: Collection[CommentId] = ()) -> None:
        """Have an object read, and these comments of it looked for."""
        self.readings.todo.hinted.setdefault(object_id, Hint()).add(named)
        self.readings.stir()

    def attached(self, object_id: ObjectId) -> None:
        """Take up that an object is attached now, or otherwise than before."""
        for column in (self.readings, self.look_ups):
            column.todo.attached[object_id] = None
            column.stir()

    def forget(self, object_id: ObjectId) -> None:
        """Take up that an object is attached no more."""
        for column in (self.readings, self.look_ups):
            for noted in (column.todo.attached, column.todo.asked, column.todo.hinted):
                noted.pop(object_id, None)
            column.todo.forgotten.add(object_id)
            column.stir()

    def replan(self, object_ids: Collection[ObjectId] | None = None) -> None:
        """Apply changed intervals of some objects, or of all: realtime came, went or refused."""
        for column in (self.readings, self.look_ups):
            replanned = column.todo.replanned
            if object_ids is None or replanned is None:
                column.todo.replanned = None
            else:
                replanned.update(object_ids)
            column.stir()
