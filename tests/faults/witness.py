"""What becomes of the comments of a workspace, noticed at each change: by hand, or by the API."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox.workspace import Workspace

from .speech import Speech

# Whether whoever changes something now does it on the platform itself.
BY_HAND: ContextVar[bool] = ContextVar("BY_HAND", default=False)

_NUMBER = re.compile(r"Whispered number (\d+)")
_BY_STATUS = {"answered": "answer", "dismissed": "dismiss", "": "reopen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What staff have made of a comment."""

    is_promoted: bool = False
    status: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a comment (``at``: the loop's seconds).

    ``action`` is the one that would have made it, in the words of the buttons; a comment's first
    has ``say``.
    """

    at: float
    comment_id: int
    action: str
    state: State
    by_hand: bool


class Witness:
    """Notices what changes, and has the speech know.

    Attributes:
        changes: what has changed, in order.
        replies: what the API has added under which comment, and how often.
        copied: the chat lines that it has copied.
        twice: what was made although it was there, a sentence each.
    """

    def __init__(self, workspace: Workspace, speech: Speech) -> None:
        self._workspace = workspace
        self._speech = speech
        self._known: dict[int, State] = {}
        self.replies: Counter[tuple[int, str]] = Counter()
        self.changes: list[Change] = []
        self.copied: set[int] = set()
        self.twice: list[str] = []

    def watch(self) -> None:
        """Look at all that is published from now on, before anybody hears of it."""
        changes = self._workspace.changes
        inner = changes.publisher

        async def publish(channel: str, data: Any) -> None:
            self._look()
            await inner(channel, data)

        changes.publisher = publish

    def done(self, action: str, comment_id: int) -> int:
        """Return how often the API has made a comment what an action wants."""
        return sum(
            (one.action, one.comment_id, one.by_hand) == (action, comment_id, False)
            for one in self.changes
        )

    def redone(self, action: str, comment_id: int) -> int:
        """Return how often the API has done again what it had done, and staff had undone."""
        times, is_done, is_undone = 0, False, False
        for one in (one for one in self.changes if one.comment_id == comment_id):
            if one.by_hand:
                is_undone |= is_done and not is_so(action, one.state)
            elif one.action == action:
                times += is_undone
                is_done, is_undone = True, False
        return times

    def was_so(self, action: str, comment_id: int, since: float) -> bool:
        """Tell whether a comment was as an action wants it at any time since then."""
        return any(is_so(action, one) for one in self._states(comment_id, since))

    def was_missing(self, comment_id: int, since: float) -> bool:
        """Tell whether there is no such comment, or was none yet at that time.

        Somebody may press under a forged one, whose ID the workspace gives only then.
        """
        said = (one.at for one in self.changes if one.comment_id == comment_id)
        is_there = comment_id in self._workspace.state.comments
        return not is_there or next(said, since) > since

    def _states(self, comment_id: int, since: float) -> Iterator[State]:
        before: State | None = None
        for one in (one for one in self.changes if one.comment_id == comment_id):
            if one.at > since:
                yield one.state
            else:
                before = one.state
        if before is not None:
            yield before

    def _look(self) -> None:
        comments = self._workspace.state.comments
        now = {
            comment_id: State(is_promoted=one.is_promoted, status=one.status)
            for comment_id, one in comments.items()
        }
        for comment_id in [one for one in self._known if one not in now]:
            del self._known[comment_id]
            self._speech.found_gone(comment_id)
            self._note("delete", comment_id, State(is_gone=True))
        for comment_id, state in now.items():
            before = self._known.get(comment_id)
            if before != state:
                self._known[comment_id] = state
                self._changed(comment_id, before, state)

    def _changed(self, comment_id: int, before: State | None, state: State) -> None:
        if before is None:
            self._made(comment_id, state)
            return
        if before.is_promoted != state.is_promoted:
            self._speech.found_promoted(comment_id, is_promoted=state.is_promoted)
            self._note("promote" if state.is_promoted else "unpromote", comment_id, state)
        if before.status != state.status:
            self._note(_BY_STATUS[state.status], comment_id, state)

    def _made(self, comment_id: int, state: State) -> None:
        self._note("say", comment_id, state)
        if BY_HAND.get():
            return
        comment = self._workspace.state.comments[comment_id]
        if comment.reply_to is not None:
            self.replies[comment.reply_to, comment.text] += 1
            if self.replies[comment.reply_to, comment.text] > 1:
                self.twice.append(f"{comment.text!r} was sent twice under {comment.reply_to}")
            self._note("reply", comment.reply_to, state)
        elif match := _NUMBER.search(comment.text):
            number = int(match[1])
            if number in self._speech.copies.values():
                self.twice.append(f"comment {number} was copied twice")
            self._speech.found_copy(comment_id, number)
            self._copied(comment.text)

    def has_copied(self, comment_id: int) -> bool:
        """Tell whether the API has copied a comment."""
        return comment_id in self.copied

    def _copied(self, text: str) -> None:
        comments = self._workspace.state.comments.values()
        self.copied |= {
            one.comment_id for one in comments if (one.kind, one.text) == ("chat", text)
        }

    def _note(self, action: str, comment_id: int, state: State) -> None:
        change = Change(
            at=asyncio.get_running_loop().time(),
            comment_id=comment_id,
            action=action,
            state=state,
            by_hand=BY_HAND.get(),
        )
        self.changes.append(change)


def is_so(action: str, state: State) -> bool:
    """Tell whether a comment in a state is as an action wants it."""
    match action:
        case "promote" | "unpromote":
            return not state.is_gone and state.is_promoted == (action == "promote")
        case "delete":
            return state.is_gone
        case _:
            return not state.is_gone and _BY_STATUS[state.status] == action


__all__ = ["BY_HAND", "Change", "State", "Witness", "is_so"]
