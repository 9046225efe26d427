"""Carrying out what is on record: one call of the workspace, and what is known of it afterwards.

Promotions, states and deletions say what is to be, so they may be asked for again where an answer
was lost. What makes a comment, a reply or a copy, may not: it is looked for instead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api import WorkspaceClient
from ..domain.acting import (
    MAKES,
    Done,
    Effect,
    Intent,
    as_wanted,
    is_made_by,
    is_so,
    promotion_of,
    status_of,
)
from ..domain.deeds import Action
from ..domain.model import Attachment, Comment, CommentId, ObjectKind
from ..errors import (
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceUnreachableError,
)
from ..intake.intake import Intake
from ..languages import kept
from ..metrics import Metrics
from ..storage import Store

_log = logging.getLogger("twentythree.actions")

# A lag of the workspace between what it was told and what it tells.
_LAG_S = 0.5
# What was asked for so long ago is not asked for again: who wanted it looks elsewhere by now.
_FRESH = timedelta(minutes=5)
# What was made is found by then, or it was not made.
_APPEARS = timedelta(seconds=10)
_PAGES = 3

_LOST = kept("The workspace did not answer; whether it has done this is not known yet.")
_NOT_FOUND = kept("The workspace did not answer, and what was to be made is not there.")
_OVERTAKEN = kept("The workspace did not answer, and something else was done with it since.")
_NOT_HERE = kept("What this comment is about is not attached here.")
_OFF = kept("Actions are off in this room now.")
_TOO_OLD = kept("The workspace did not answer for long, so it was given up.")


@dataclass(slots=True, kw_only=True)
class Sighting:
    """A comment that is read for a press, until ``ended`` turns are not the last any more.

    ``held``: by which attachment it is acted on, once that is known.
    """

    comment: asyncio.Task[Comment | WorkspaceError | None]
    ended: int
    held: Attachment | None = None


class Carrying:
    """Carries intents out, one after the other for each comment: whoever calls sees to that.

    Args:
        store: where they are on record.
        api: the workspace.
        intake: the way in for what was read.
        metrics: what is counted.
        now: the time, aware.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        store: Store,
        api: WorkspaceClient,
        intake: Intake,
        metrics: Metrics,
        *,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._api = api
        self._intake = intake
        self._metrics = metrics
        self._now = now
        self._pause = pause

    async def begin(self, intent: Intent, kind: ObjectKind, comment: Comment) -> Done:
        """Carry out what is on record; what makes a comment is looked for before.

        Somebody may have made it already, here or on the platform, or an earlier try has.
        """
        if intent.wanted.action in MAKES:
            try:
                made = await self._made(intent)
            except WorkspaceError as error:
                return await self.settle(intent, Effect.NOT_DONE, reason=str(error))
            if made is not None:
                await self._store.trail.note_made(intent.intent_id, made.comment_id)
                is_reply = intent.wanted.action is Action.REPLY
                return await self.settle(
                    intent, Effect.DONE if is_reply else Effect.ALREADY, comment
                )
        return await self.carry_out(intent, kind, comment)

    async def carry_out(self, intent: Intent, kind: ObjectKind, comment: Comment) -> Done:
        """Ask the workspace for it; ``comment`` is as it was just read.

        ``Effect.UNKNOWN`` where there was no answer: it stays on record, to be found out.
        """
        done = await self._asked(intent, kind, comment)
        return done if done.effect is Effect.UNKNOWN else await self.settle_as(intent, done)

    async def find_out(self, intent: Intent, kind: ObjectKind) -> Done | None:
        """Find out what became of an intent whose answer was lost.

        It is not settled by that: whoever has to be told of it is told before, see ``settle_as``.

        Returns:
            What came of it, or ``None`` where that is not known yet.
        """
        try:
            if intent.wanted.action in MAKES:
                return await self._looked_for(intent)
            return await self._asked_again(intent, kind)
        except WorkspaceUnreachableError as error:
            _log.debug("intent %d is not known yet: %s", intent.intent_id, error)
            return None
        except WorkspaceError as error:
            if self._now() - intent.asked_at < _FRESH:
                # That it could not be looked for, once maybe, does not tell that it was not done.
                _log.debug("intent %d is not known yet: %s", intent.intent_id, error)
                return None
            return _came(intent, Effect.REFUSED, reason=str(error))

    async def settle_as(self, intent: Intent, done: Done) -> Done:
        """Put on record what was found out."""
        return await self.settle(intent, done.effect, done.comment, reason=done.reason)

    async def _asked(self, intent: Intent, kind: ObjectKind, comment: Comment) -> Done:
        try:
            made = await self._ask(intent, kind)
            if made is not None:
                await self._take_in(intent, made)
        except WorkspaceUnreachableError as error:
            if error.was_sent:
                return _came(intent, Effect.UNKNOWN, reason=_LOST)
            return _came(intent, Effect.NOT_DONE, reason=str(error))
        except UnreadableAnswerError:
            return _came(intent, Effect.UNKNOWN, reason=_LOST)
        except UnknownObjectError:
            is_delete = intent.wanted.action is Action.DELETE
            return _came(intent, Effect.ALREADY if is_delete else Effect.GONE)
        except WorkspaceError as error:
            return _came(intent, Effect.REFUSED, reason=str(error))
        return _came(intent, Effect.DONE, await self._read_back(intent, comment))

    async def _made(self, intent: Intent) -> Comment | None:
        """Return the comment that an intent has made, or that is the same, if there is one.

        Raises:
            WorkspaceError: it could not be looked for.
        """
        for number in range(1, _PAGES + 1):
            page = await self._api.comments(intent.wanted.object_id, page=number)
            for comment in page.comments:
                if is_made_by(comment, intent):
                    return comment
            if not page.comments:
                break
        return None

    async def settle(
        self, intent: Intent, effect: Effect, comment: Comment | None = None, *, reason: str = ""
    ) -> Done:
        """Put on record what came of it, and have every room show it."""
        wanted = intent.wanted
        taken = await self._store.trail.settle(
            intent.intent_id, effect, comment=comment, now=self._now()
        )
        self._intake.took(wanted.object_id, taken)
        if comment is not None:
            self._intake.knows(comment)
        self._metrics.action(wanted.action, effect)
        return Done(effect=effect, intent_id=intent.intent_id, comment=comment, reason=reason)

    async def _ask(self, intent: Intent, kind: ObjectKind) -> CommentId | None:
        wanted, writing = intent.wanted, self._api.writing
        match wanted.action:
            case Action.DELETE:
                await writing.delete(wanted.comment_id)
            case Action.REPLY:
                return await writing.reply(
                    kind,
                    wanted.object_id,
                    to=wanted.comment_id,
                    text=wanted.text,
                    name=intent.name,
                )
            case Action.COPY:
                return await writing.copy(wanted.comment_id)
            case _:
                await self._set(intent)
        return None

    async def _set(self, intent: Intent) -> None:
        wanted = intent.wanted
        is_promoted, status = promotion_of(wanted.action), status_of(wanted.action)
        if is_promoted is not None:
            await self._api.writing.promote(wanted.comment_id, is_promoted=is_promoted)
        elif status is not None:
            await self._api.writing.set_status(wanted.object_id, wanted.comment_id, status)

    async def _read_back(self, intent: Intent, before: Comment) -> Comment | None:
        """Return the comment as it is now; what was asked for counts where it cannot be read.

        ``None``: it is gone. What it was before must not bring it back.
        """
        if intent.wanted.action is Action.DELETE:
            return None
        for wait_s in (0.0, _LAG_S):
            await self._pause(wait_s)
            try:
                comment = await self._api.comment(intent.wanted.comment_id)
            except WorkspaceError as error:
                _log.debug("intent %d could not be read back: %s", intent.intent_id, error)
                continue
            if comment is None:
                self._intake.doubt(intent.wanted.object_id, intent.wanted.comment_id)
                return None
            if intent.wanted.action in MAKES or is_so(intent.wanted.action, comment):
                return comment
        return as_wanted(intent.wanted.action, before)

    async def _take_in(self, intent: Intent, made: CommentId) -> None:
        """Take in a reply that was made: of one never read nobody would notice that it is gone.

        Raises:
            UnreadableAnswerError: that is another comment, so nothing was told of this one.
        """
        comment = None
        if intent.wanted.action is Action.REPLY:
            try:
                comment = await self._api.comment(made)
            except WorkspaceError as error:
                _log.debug("intent %d: its reply could not be read: %s", intent.intent_id, error)
        if comment is not None and _is_another(comment, intent):
            raise UnreadableAnswerError("comment/add", "another_comment")
        await self._store.trail.note_made(intent.intent_id, made)
        if comment is not None:
            await self._intake.ingest_read(intent.wanted.object_id, [comment])

    async def _looked_for(self, intent: Intent) -> Done | None:
        made = await self._made(intent)
        if made is not None:
            await self._take_in(intent, made.comment_id)
            answered = await self._api.comment(intent.wanted.comment_id)
            return _came(intent, Effect.DONE, answered)
        if self._now() - intent.asked_at < _APPEARS:
            return None
        return _came(intent, Effect.NOT_DONE, reason=_NOT_FOUND)

    async def _asked_again(self, intent: Intent, kind: ObjectKind) -> Done | None:
        action = intent.wanted.action
        comment = await self._api.comment(intent.wanted.comment_id)
        if is_so(action, comment):
            return _came(intent, Effect.DONE, comment)
        if comment is None:
            return _came(intent, Effect.GONE)
        if await self._store.trail.is_overtaken(intent):
            # It may have been done, too: to ask again would undo what came after it.
            return _came(intent, Effect.NOT_DONE, comment, reason=_OVERTAKEN)
        if self._now() - intent.asked_at > _FRESH:
            return _came(intent, Effect.NOT_DONE, reason=_TOO_OLD)
        done = await self._asked(intent, kind, comment)
        return None if done.effect is Effect.UNKNOWN else done


def _is_another(comment: Comment, intent: Intent) -> bool:
    """Tell whether a comment is surely not the reply: the platform may show its words otherwise."""
    wanted = intent.wanted
    if comment.object_id != wanted.object_id:
        return True
    if comment.answers is not None and comment.answers.comment_id != wanted.comment_id:
        return True
    return comment.author != intent.name and not is_made_by(comment, intent)


def why_not(attachment: Attachment | None) -> str:
    """Return why nothing is done to comments from there; empty: nothing is against it."""
    if attachment is None:
        return _NOT_HERE
    if not attachment.rules.has_actions:
        return _OFF
    is_hidden = attachment.bar is not None and attachment.bar.hides_object
    return attachment.pause.reason if attachment.pause and is_hidden else ""


def unread(error: WorkspaceError) -> Done:
    """Return what came of an action for which the workspace had to be read first."""
    is_away = isinstance(error, WorkspaceUnreachableError)
    return Done(effect=Effect.NOT_DONE if is_away else Effect.REFUSED, reason=str(error))


def _came(
    intent: Intent, effect: Effect, comment: Comment | None = None, *, reason: str = ""
) -> Done:
    return Done(effect=effect, intent_id=intent.intent_id, comment=comment, reason=reason)
