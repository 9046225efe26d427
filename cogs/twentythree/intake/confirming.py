"""Asking the workspace about what realtime alone has told, within a second or two.

What is found is taken in as the workspace tells it. What is denied, a while apart, leaves the
rooms. While the workspace does not answer, or does not name a comment either that is known to be
there, nothing leaves them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ..domain.model import Comment, CommentId, ObjectId
from ..errors import WorkspaceError, apart
from .intake import Intake
from .missing import Answers, SingleComments
from .ports import Ports
from .rumours import Rumour, Rumours
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

_AT_ONCE = 4
# Up to so many comments are asked about one by one; beyond, the list is read, as many pages as
# hold any of them.
_FEW = 3
_MOST_PAGES = 10
# Of those that are not found so, some are asked about: where all of them are denied, all are. Else
# further pages are read, and so many more are asked about.
_SAMPLE = 3
_MORE = 7


class Confirming:
    """Drains the rumours.

    Args:
        ports: the workspace, its budget, and what the store has unconfirmed.
        intake: the way in, and out.
        single: asks about single comments.
        rumours: what is to be asked, and when.
    """

    def __init__(
        self, ports: Ports, intake: Intake, single: SingleComments, rumours: Rumours
    ) -> None:
        self._api = ports.api
        self._store = ports.store
        self._budget = ports.budget
        self._intake = intake
        self._single = single
        self._rumours = rumours
        self._busy: set[ObjectId] = set()

    async def run(self) -> None:
        """Ask what is due, until cancelled."""
        # Work that ended before may have been cut off before the first step of a question.
        self._busy.clear()
        for object_id, ids in (await self._store.memory.unconfirmed()).items():
            self._rumours.resume(object_id, ids)
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._rumours.stirred.clear()
                for object_id in self._rumours.ready():
                    if object_id not in self._busy and self._is_free():
                        self._busy.add(object_id)
                        tasks.create_task(self._settle(object_id))
                await self._wait()

    def _is_free(self) -> bool:
        return len(self._busy) < _AT_ONCE and not self._budget.wait_s(is_urgent=True)

    async def _wait(self) -> None:
        wait_s = None
        if len(self._busy) < _AT_ONCE:
            wait_s = self._rumours.wait_s(but=self._busy)
        if wait_s is not None:
            wait_s = max(wait_s, self._budget.wait_s(is_urgent=True))
        try:
            async with asyncio.timeout(wait_s):
                await self._rumours.stirred.wait()
        except TimeoutError:
            return

    async def _settle(self, object_id: ObjectId) -> None:
        """Ask about one object's rumours that are due."""
        is_answered = False
        try:
            with apart(_log, f"asking about {object_id} failed"):
                try:
                    is_answered = await self._ask(object_id)
                except WorkspaceError as error:
                    _log.debug("%s could not be asked about: %s", object_id, error)
        finally:
            self._busy.discard(object_id)
            self._rumours.stirred.set()
        if not is_answered:
            self._rumours.put_off(object_id)

    async def _ask(self, object_id: ObjectId) -> bool:
        """Return whether there was an answer that is believed."""
        due, since = self._rumours.due(object_id), loop_time()
        found = await self._listed(object_id, due.keys()) if len(due) > _FEW else {}
        rest = due.keys() - found.keys()
        # Who mixes what is there with what is not must not make the sample say nothing.
        fresh = {one for one in rest if not due[one].is_known}
        answers = await self._sampled(object_id, fresh)
        answers |= await self._sampled(object_id, rest - fresh)
        found, denied = _in_turn(due, found | answers.found, answers.gone), answers.gone
        here = [one for one in found.values() if one.object_id == object_id]
        elsewhere = [one for one in found.values() if one.object_id != object_id]
        if here:
            await self._intake.ingest_read(object_id, here, since=since)
        is_vouched = True
        if any(due[one].is_last for one in denied):
            word = await self._is_vouched(object_id, denied, answers)
            if word is None:
                return False
            is_vouched = word
            denied -= await self._found_after_all(object_id, denied)
        # Its own object's name is as good as a denial.
        denied |= {one.comment_id for one in elsewhere}
        if gone := self._rumours.denied(object_id, denied, due, is_vouched=is_vouched):
            again = {one for one, rumour in gone.items() if rumour.told > due[one].told}
            await self._intake.disown(object_id, gone.keys(), told_again=again)
        for comment in elsewhere:
            await self._intake.ingest_read(comment.object_id, [comment], since=since)
        unseen = any(not due[one].is_shown for one in denied)
        is_dear = len(due) > _FEW
        self._rumours.go_on(object_id, found_any=bool(found), unseen=unseen, is_dear=is_dear)
        return True

    async def _found_after_all(
        self, object_id: ObjectId, denied: Collection[CommentId]
    ) -> AbstractSet[CommentId]:
        """Ask once more: what was wrong may have become right between the two questions."""
        if len(denied) > _FEW:
            return (await self._listed(object_id, denied)).keys()
        return (await self._single.ask(denied)).found.keys()

    async def _is_vouched(
        self, object_id: ObjectId, denied: Collection[CommentId], answers: Answers
    ) -> bool | None:
        """Tell whether the workspace names what is there, at the level that it was read at.

        ``False``: nothing is known to be there. ``None``: it does not, so it is not believed.
        """
        if await self._single.lowered([object_id], answers):
            return None
        if await self._single.vouches(object_id, (), but=denied):
            return True
        return None if await self._single.has_any(object_id, but=denied) else False

    async def _sampled(self, object_id: ObjectId, ids: Collection[CommentId]) -> Answers:
        """Ask about some of the comments; where the object has none of them, it has none at all.

        Forged IDs may be those of other objects' comments.
        """
        ordered = sorted(ids)
        sample = ordered[:: -(-len(ordered) // _SAMPLE) or 1]
        answers = await self._single.ask(sample)
        elsewhere = {one for one, it in answers.found.items() if it.object_id != object_id}
        if not elsewhere.union(answers.gone).issuperset(sample):
            listed = await self._listed(object_id, ids, first=2) if len(ids) > _FEW else {}
            known = listed.keys() | set(sample)
            more = [one for one in ordered if one not in known][:_MORE]
            return replace(answers, found=answers.found | listed) | await self._single.ask(more)
        return replace(answers, gone=frozenset(ordered) - elsewhere)

    async def _listed(
        self, object_id: ObjectId, asked: Collection[CommentId], *, first: int = 1
    ) -> dict[CommentId, Comment]:
        """Return those of the comments that pages of the object's list hold, from ``first`` on."""
        found: dict[CommentId, Comment] = {}
        for number in range(first, _MOST_PAGES + 1):
            page = await self._api.comments(object_id, page=number)
            hits = {one.comment_id: one for one in page.comments if one.comment_id in asked}
            if not hits.keys() - found.keys():
                break
            found |= hits
            if len(found) == len(asked):
                break
        return found


def _in_turn(
    due: Mapping[CommentId, Rumour],
    found: Mapping[CommentId, Comment],
    denied: Collection[CommentId],
) -> dict[CommentId, Comment]:
    """Leave out what rooms await if something before it is not known yet: it is asked again."""
    awaited = (one for one, rumour in due.items() if rumour.is_awaited)
    first = min((one for one in awaited if one not in found and one not in denied), default=None)
    return {
        one: comment
        for one, comment in found.items()
        if first is None or one < first or not due[one].is_awaited
    }
