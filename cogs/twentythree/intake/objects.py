"""What the bridge knows of each attached object while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..domain.model import Attachment, CommentId, GuildId, ObjectId, ObjectInfo
from .book import Needs, needs_of


@dataclass(slots=True)
class Known:
    """One attached object.

    ``looked_up``, ``refreshed``, ``listed_at`` and ``thorough_at`` are the clock's seconds of the
    last look for its channels, at its title, at its own list of comments, and at that down to the
    oldest on show. ``was_sought``: its channels were looked for on a list. ``lookups`` counts the
    looks for channels that did not find all; ``lookup_error`` is the sentence of the last one,
    where it failed. ``refusals`` counts how often the realtime service refused a channel since all
    stood last: each time it is asked again. ``failures`` counts the readings that failed in a row;
    ``cause`` is why the last one did. ``named`` are comments to be looked for.
    ``is_asked``: its own list is to be read. ``was_late``: it held what should have been known.
    ``is_listed``: the list of the whole workspace holds its comments. ``begins_anew``: known ground
    is not to be trusted. ``doubt`` is a sentence while the workspace returns less of its comments
    than before, ``doubts`` the readings in a row that said so. ``held`` are its attachments, as far
    as they are read for.
    """

    info: ObjectInfo
    needs: Needs
    looked_up: float = float("-inf")
    refreshed: float = float("-inf")
    listed_at: float = float("-inf")
    thorough_at: float = float("-inf")
    was_sought: bool = False
    lookups: int = 0
    lookup_error: str | None = None
    refusals: int = 0
    named: frozenset[CommentId] = frozenset()
    is_asked: bool = False
    was_late: bool = False
    is_listed: bool = True
    begins_anew: bool = False
    failures: int = 0
    cause: Exception | None = None
    doubt: str | None = None
    doubts: int = 0
    event_at: datetime | None = None
    read_at: datetime | None = None
    held: tuple[Attachment, ...] = ()

    @property
    def error(self) -> str | None:
        """Why the last reading failed, a sentence."""
        return None if self.cause is None else str(self.cause)

    @property
    def trouble(self) -> str | None:
        """What is wrong with reading it, a sentence."""
        return self.error or self.lookup_error or self.doubt

    def failed(self, error: Exception) -> None:
        """Note a reading that failed."""
        self.failures += 1
        self.cause = error

    def doubted(self, doubt: str | None) -> None:
        """Note whether a reading has left a doubt."""
        self.doubt = doubt
        self.doubts = 0 if doubt is None else self.doubts + 1

    def succeeded(self, now: datetime) -> None:
        """Note a reading that worked."""
        self.failures = 0
        self.cause = None
        self.read_at = now


class Objects:
    """All attached objects by ID."""

    def __init__(self) -> None:
        self._known: dict[ObjectId, Known] = {}

    def __iter__(self) -> Iterator[ObjectId]:
        return iter(tuple(self._known))

    def __len__(self) -> int:
        return len(self._known)

    def get(self, object_id: ObjectId) -> Known | None:
        """Return the object, or ``None`` where it is not attached."""
        return self._known.get(object_id)

    def values(self) -> tuple[Known, ...]:
        """Return all objects."""
        return tuple(self._known.values())

    def held(self, guild_id: GuildId | None = None) -> list[Attachment]:
        """Return the attachments (of a server) that are read for, as they were last seen."""
        mine = (one for known in self._known.values() for one in known.held)
        return [one for one in mine if guild_id in {None, one.guild_id}]

    def set(self, object_id: ObjectId, attachments: Iterable[Attachment]) -> Known | None:
        """Set the attachments of one object; without any it is dropped and ``None`` returned.

        Nothing is read on the account of a server that is barred.
        """
        found = [one for one in attachments if one.bar is None or not one.bar.is_of_server]
        if not found:
            self._known.pop(object_id, None)
            return None
        # What is barred for not being public has the title of before.
        found.sort(key=lambda one: one.bar is None)
        info, needs = found[-1].object, needs_of(found)
        known = self._known.setdefault(object_id, Known(info=info, needs=needs))
        known.info, known.needs, known.held = info, needs, tuple(found)
        return known
