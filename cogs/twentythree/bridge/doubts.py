"""Asking the workspace about single comments that a reading did not find."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

from ..api import WorkspaceClient
from ..errors import WorkspaceError, WorkspaceUnreachable
from ..relay.model import CommentId, ObjectId
from .intake import Intake

_log = logging.getLogger("twentythree.bridge")

# Requests for single comments that one reading may cost.
MOST_ASKED = 10
# How many comments are kept in mind that are there but in no list.
_MOST_UNLISTED = 10_000


class Doubts:
    """Finds out whether comments are gone, a few per reading.

    Where much is missing at once, a sample is asked about: if all of it is gone, so is the rest.
    What turns out to be there is taken in, and asked about last from then on.
    """

    def __init__(self, api: WorkspaceClient, intake: Intake) -> None:
        self._api = api
        self._intake = intake
        self._unlisted: dict[CommentId, int] = {}
        self._turn = 0

    async def settle(
        self,
        doubted: Sequence[CommentId],
        *,
        owners: Mapping[CommentId, ObjectId],
        within: frozenset[ObjectId],
        sure: Collection[CommentId],
    ) -> frozenset[ObjectId]:
        """Take away what is gone.

        Args:
            doubted: the comments, those to be asked about first at the front.
            owners: their objects, as far as they are known.
            within: the objects whose comments are taken in.
            sure: those of them that a list without a hole did not hold.

        Returns:
            The objects of comments that such a list should have held.

        Raises:
            WorkspaceUnreachable: the workspace is away.
        """
        order = sorted(dict.fromkeys(doubted), key=lambda one: self._unlisted.get(one, 0))
        gone: set[CommentId] = set()
        unlisted: set[ObjectId] = set()
        for comment_id in order[:MOST_ASKED]:
            if await self._is_gone(comment_id, within):
                gone.add(comment_id)
            elif comment_id in sure:
                self._note_unlisted(comment_id)
                unlisted.add(owners[comment_id])
        if len(gone) == len(order[:MOST_ASKED]) and not gone.isdisjoint(sure):
            gone |= set(sure) - self._unlisted.keys()
        await self._take_away(gone, owners)
        return frozenset(unlisted)

    async def _is_gone(self, comment_id: CommentId, within: frozenset[ObjectId]) -> bool:
        try:
            found = await self._api.comment(comment_id)
        except WorkspaceUnreachable:
            raise
        except WorkspaceError as error:
            # No answer to this question; whether it is gone stays open.
            _log.debug("comment %d could not be asked about: %s", comment_id, error)
            return False
        if found is not None and found.object_id in within:
            await self._intake.ingest_read(found.object_id, [found])
        return found is None

    def _note_unlisted(self, comment_id: CommentId) -> None:
        self._turn += 1
        self._unlisted.pop(comment_id, None)
        self._unlisted[comment_id] = self._turn
        if len(self._unlisted) > _MOST_UNLISTED:
            del self._unlisted[next(iter(self._unlisted))]

    async def _take_away(
        self, gone: Collection[CommentId], owners: Mapping[CommentId, ObjectId]
    ) -> None:
        by_object: dict[ObjectId, list[CommentId]] = {}
        for comment_id in gone:
            # One that no room shows is nobody's.
            if comment_id in owners:
                by_object.setdefault(owners[comment_id], []).append(comment_id)
        for object_id, ids in by_object.items():
            await self._intake.take_away(object_id, ids)
