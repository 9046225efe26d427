"""Asking the workspace about single comments, and whether such answers can be believed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ..api import WorkspaceClient, is_lower
from ..domain.model import Comment, CommentId, ObjectId
from ..errors import WorkspaceError, WorkspaceUnreachableError
from ..storage import Store

_log = logging.getLogger("twentythree.intake")

# Requests for single comments that one reading may cost, and for those that are known to be there.
MOST_ASKED = 10
_MOST_WITNESSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the workspace said of single comments; of those in neither part it said nothing.

    ``level`` is the lowest level of the credentials, as told with what is ``gone``.
    """

    found: dict[CommentId, Comment]
    gone: frozenset[CommentId]
    level: str | None

    def __or__(self, other: Answers) -> Answers:
        """Return both together."""
        return Answers(
            found=self.found | other.found,
            gone=self.gone | other.gone,
            level=_lowest(one for one in (self.level, other.level) if one is not None),
        )


class Witness:
    """Asks about comments by their IDs.

    Every method raises ``WorkspaceUnreachableError`` where the workspace is away.
    """

    def __init__(self, api: WorkspaceClient, store: Store) -> None:
        self._api = api
        self._store = store
        # At which level each object was read, as the store has it.
        self._levels: dict[ObjectId, str | None] = {}

    async def ask(self, ids: Iterable[CommentId]) -> Answers:
        """Ask about each of some comments."""
        found: dict[CommentId, Comment] = {}
        gone: dict[CommentId, str | None] = {}
        for comment_id in ids:
            try:
                comment = await self._api.comment(comment_id)
            except WorkspaceUnreachableError:
                raise
            except WorkspaceError as error:
                # No answer to this question; whether it is gone stays open.
                _log.debug("comment %d could not be asked about: %s", comment_id, error)
                continue
            if comment is None:
                gone[comment_id] = self._api.level
            else:
                found[comment_id] = comment
        return Answers(found=found, gone=frozenset(gone), level=_lowest(gone.values()))

    async def vouches(
        self, object_id: ObjectId, seen: Collection[CommentId], *, but: Collection[CommentId]
    ) -> bool:
        """Tell whether the workspace, asked in the same way, names a comment that is there.

        Args:
            object_id: of which the comment is to be, if it has any.
            seen: what the workspace has just listed.
            but: what is in doubt.
        """
        for comment_id in await self._known(object_id, seen, but):
            if (await self.ask([comment_id])).found:
                return True
        return False

    async def has_any(self, object_id: ObjectId, *, but: Collection[CommentId]) -> bool:
        """Tell whether there is anything to ask that question about."""
        return bool(await self._known(object_id, (), but))

    async def _known(
        self, object_id: ObjectId, seen: Collection[CommentId], but: Collection[CommentId]
    ) -> Sequence[CommentId]:
        """Return comments that are there, as far as is known."""
        near = min(but, default=CommentId(0))
        found = sorted(set(seen) - set(but), key=lambda one: abs(one - near))
        if not found:
            known = await self._store.memory.confirmed(object_id, len(but) + _MOST_WITNESSES)
            found = [one for one in known if one not in but]
        return found[:_MOST_WITNESSES]

    async def lowered(
        self, object_ids: Collection[ObjectId], answers: Answers
    ) -> dict[ObjectId, str]:
        """Return the level of the credentials for each object that was read at a higher one.

        It is asked for, since not each answer may tell it; what these tell counts, too.
        """
        try:
            level = (await self._api.site()).permission_level
        except WorkspaceUnreachableError:
            raise
        except WorkspaceError:
            level = "none"
        level = _lowest([level, answers.level or level]) or level
        await self._learn(object_ids)
        return {one: level for one in object_ids if is_lower(level, self._levels.get(one))}

    def lowered_to(self, object_ids: Iterable[ObjectId]) -> str | None:
        """Return the level of the credentials if any of these was read at a higher one."""
        level = self._api.level
        if level is None or not any(is_lower(level, self._levels.get(one)) for one in object_ids):
            return None
        return level

    async def note_level(self, object_ids: Collection[ObjectId]) -> None:
        """Remember the level at which objects were read just now, where it is higher than ever."""
        await self._learn(object_ids)
        level = self._api.level
        risen = [one for one in object_ids if is_lower(self._levels.get(one), level)]
        if risen and level is not None:
            await self._store.memory.note_level(risen, level)
            self._levels |= dict.fromkeys(risen, level)

    def forget(self, object_id: ObjectId) -> None:
        """Drop what is known of an object."""
        self._levels.pop(object_id, None)

    async def _learn(self, object_ids: Collection[ObjectId]) -> None:
        if unknown := [one for one in object_ids if one not in self._levels]:
            self._levels |= await self._store.memory.levels(unknown)


def _lowest(levels: Iterable[str | None]) -> str | None:
    lowest: str | None = None
    for level in levels:
        lowest = level if lowest is None or is_lower(level, lowest) else lowest
    return lowest
