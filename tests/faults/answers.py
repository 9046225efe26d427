"""Whether each press was answered, and what was said is what became of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sandbox.chat import Chat
from sandbox.workspace import Workspace

from .holdings import Holdings, seconds
from .staff import Pressed
from .witness import Witness

_DONE = {
    "promote": "⭐ Promoted.",
    "unpromote": "Not promoted any more.",
    "answer": "✅ Answered.",
    "reopen": "Reopened.",
    "dismiss": "Dismissed.",
    "reply": "💬 Sent; everyone who watches can see it.",
    "delete": "Deleted.",
    "copy": "Copied to the questions.",
}
_ALREADY = re.compile(r"(?:@\w+ has|You have|Somebody has) .* already(?: on the platform)?\.")
_GONE = "This comment is gone: it was deleted on the platform."
_NOT_DONE = "Not done: the workspace does not answer."
_NO_DRAFT = "There is nothing to send any more"
_NOT_THERE = "The workspace does not have this comment: it was deleted there, or never was there."
_NEVER_KNOWN = "Not known yet; the comment's own notice will show it."
_LOST = "Discord lost the first answer to this, so nothing was done; press once more."
_ENDING = "The bot is stopping, or being started anew; try again in a moment."
_DATABASE = "The bot's database cannot be used now; its log says why."
# Words of the workspace's own refusals.
_REFUSED = ("permission", "level", "refused")
_NO_STATES = "The workspace marks nothing but what was said at live events"
_NOT_LIVE = frozenset({"answer", "reopen", "dismiss"})
_MAKES = frozenset({"reply", "copy"})
_BAD = frozenset({"not done", "gone", "refused"})
_AWAY = "the application did not respond"
# The clocks of two processes of one machine, and a transaction's time.
_SLACK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the bot's trail; ``at`` and ``settled_at`` in seconds since 1970."""

    user_id: int
    action: str
    comment_id: int
    at: float
    stage: str
    effect: str | None
    settled_at: float


def entries(holdings: Holdings) -> list[Entry]:
    """Return what the bot's trail holds of actions that somebody wanted, in their order."""
    rows = holdings.rows(
        "SELECT user_id, deed, comment_id, at, stage, effect, settled_at "
        "FROM twentythree_trail WHERE comment_id IS NOT NULL AND stage != 'draft' ORDER BY id"
    )
    return [
        Entry(
            user_id=user_id,
            action=deed,
            comment_id=comment_id,
            at=seconds(at),
            stage=stage,
            effect=effect,
            settled_at=seconds(settled_at) if settled_at else float("inf"),
        )
        for user_id, deed, comment_id, at, stage, effect, settled_at in rows
        if effect != "dropped"
    ]


class Judge:
    """Judges presses, once all is over.

    ``may_fail``: the bot's database could not be used for a while.
    ``is_told``: whether Discord was there for all answers. ``is_lied_to``: the workspace's lists
    were not true for a while.
    """

    def __init__(
        self,
        chat: Chat,
        workspace: Workspace,
        witness: Witness,
        trail: Sequence[Entry],
        *,
        may_fail: bool,
        is_told: bool,
        is_lied_to: bool,
    ) -> None:
        self._chat = chat
        self._workspace = workspace
        self._witness = witness
        self._trail = trail
        self._may_fail = may_fail
        self._is_told = is_told
        self._is_lied_to = is_lied_to

    def wrongs(self, presses: Sequence[Pressed]) -> list[str]:
        """Return what is wrong, a sentence each."""
        found = list(self._witness.twice)
        found += self._more_often(presses)
        for one in presses:
            found += [f"{one}: {wrong}" for wrong in self._wrong(one, presses)]
        return found

    def _more_often(self, presses: Sequence[Pressed]) -> Iterator[str]:
        """Yield what was done more often than anybody wanted it.

        Where the answer of the workspace was lost with a process, what says what is to be is asked
        for again: also if staff have undone it meanwhile, which nobody can know.
        """
        wanted = Counter((one.action, one.comment_id) for one in self._trail)
        for key in {(one.action, one.comment_id) for one in presses if one.is_cut}:
            wanted[key] += self._witness.redone(*key)
        for action, comment_id in {(one.action, one.comment_id) for one in presses}:
            done = self._witness.done(action, comment_id)
            if done > wanted[action, comment_id]:
                times = wanted[action, comment_id]
                yield f"{action} of {comment_id} was done {done} times and wanted {times} times"

    def _wrong(self, one: Pressed, all_: Sequence[Pressed]) -> Iterator[str]:
        text = self._text(one)
        if one.failed == "not offered" or not one.is_asked:
            return
        if one.is_cut or text in {_NEVER_KNOWN, _ENDING}:
            yield from self._wrong_of_cut(one, text)
        elif one.failed == _AWAY:
            if (rows := self._rows(one)) and not self._others(one, all_):
                yield f"nobody was answered, and it was done: {rows}"
        elif one.failed:
            # Discord has shown for long that somebody thinks.
            if not self._is_told:
                return
            yield f"was not answered: {one.failed}"
        elif text == _LOST:
            if rows := self._rows(one):
                yield f"was said not to be done, and is on record: {rows}"
        else:
            yield from self._wrong_words(one, text, all_)

    def _wrong_words(self, one: Pressed, text: str, all_: Sequence[Pressed]) -> Iterator[str]:
        if text == _DONE[one.action] or _ALREADY.fullmatch(text):
            if not self._is_done(one) and not self._is_lied_to:
                yield f"was said to be done and is not: {text!r}"
        elif text in {_GONE, _NOT_THERE}:
            is_missing = self._witness.was_missing(one.comment_id, one.began)
            if not is_missing and not self._is_lied_to:
                yield "was said to be gone, and is there"
        elif text.startswith(_NOT_DONE) or self._is_refusal(one, text):
            if not self._others(one, all_) and self._is_done_here(one) and not self._is_undone(one):
                yield f"was done, and said not to be: {text!r}"
        elif text.startswith(_NO_DRAFT):
            if one.action != "reply":
                yield f"was answered with {text!r}"
        elif text == _DATABASE and self._may_fail:
            return
        else:
            yield f"was answered with {text!r}"

    def _wrong_of_cut(self, one: Pressed, text: str) -> Iterator[str]:
        """Look for a private message, where the next process found that it was not done.

        What the process knew that was killed was on its way to Discord, which shows that it failed.
        """
        if text in {_DONE[one.action], _GONE, _NOT_THERE} or text.startswith(_NOT_DONE):
            return
        if _ALREADY.fullmatch(text) or self._is_refusal(one, text):
            return
        rows = [row for row in self._rows(one) if row.settled_at > one.over_at]
        words = f"comment {one.comment_id} ({one.action})"
        told = [message.content for message in self._chat.dms(one.user_id)]
        if any(row.effect in _BAD for row in rows) and not any(words in said for said in told):
            yield f"was lost without a word: {rows}"

    def _text(self, one: Pressed) -> str:
        """Return the last that was said: below what was asked before, or in its place."""
        if not one.interaction_id:
            return ""
        shown = self._chat.people.reply(one.interaction_id)
        return [shown, *shown.followups][-1].content

    def _rows(self, one: Pressed) -> list[Entry]:
        key = (one.user_id, one.action, one.comment_id)
        return [
            row
            for row in self._trail
            if (row.user_id, row.action, row.comment_id) == key
            and one.at - _SLACK_S <= row.at <= one.over_at + _SLACK_S
        ]

    def _others(self, one: Pressed, all_: Sequence[Pressed]) -> Collection[Pressed]:
        """Return other presses for the same, which may have done it."""
        return [
            other
            for other in all_
            if other is not one and (other.action, other.comment_id) == (one.action, one.comment_id)
        ]

    def _is_done(self, one: Pressed) -> bool:
        if one.action in _MAKES:
            return self._is_done_here(one)
        return self._witness.was_so(one.action, one.comment_id, one.began)

    def _is_done_here(self, one: Pressed) -> bool:
        """Tell whether the API has done it since."""
        if one.action == "reply":
            return (one.comment_id, one.text) in self._witness.replies
        if one.action == "copy":
            return self._witness.has_copied(one.comment_id)
        return any(
            (change.action, change.comment_id, change.by_hand)
            == (one.action, one.comment_id, False)
            and change.at >= one.began
            for change in self._witness.changes
        )

    def _is_undone(self, one: Pressed) -> bool:
        """Tell whether staff have taken a reply back, before it could be found."""
        comments = self._workspace.state.comments.values()
        is_there = any((at.reply_to, at.text) == (one.comment_id, one.text) for at in comments)
        return one.action == "reply" and not is_there

    def _is_refusal(self, one: Pressed, text: str) -> bool:
        comment = self._workspace.state.comments.get(one.comment_id)
        if text.startswith(_NO_STATES):
            return one.action in _NOT_LIVE and (comment is None or comment.object_type != "live")
        return any(word in text.lower() for word in _REFUSED)

    def told(self, presses: Sequence[Pressed]) -> str:
        """Return each press with its answer, a line each, for whoever looks into a run."""
        lines = [f"{one} at {one.at:.2f}: {self._told(one)}" for one in presses]
        return "\n".join([*lines, *map(str, self._trail), *map(str, self._witness.changes)])

    def _told(self, one: Pressed) -> str:
        text = self._text(one).partition("\n")[0]
        return " ".join(filter(None, (text, one.failed, "(cut)" if one.is_cut else "")))
