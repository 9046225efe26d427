"""The small print around a comment: what staff did, what it answers, and what was replied to it.

Names and texts in it are of strangers, and are disarmed. Mentions in embeds call nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.acting import still_so
from ..domain.deeds import Acted, Action
from ..domain.model import (
    Comment,
    CommentKind,
    CommentNotice,
    CommentStatus,
    SentReply,
    Standing,
)
from ..languages import noted, tr
from .text import disarm, one_line

KINDS = {
    CommentKind.COMMENT: noted("Comment"),
    CommentKind.CHAT: noted("Chat"),
    CommentKind.QUESTION: noted("Question"),
}
MARKS = {Action.PROMOTE: "⭐", Action.ANSWER: "✅", Action.REPLY: "💬"}
QUESTION = "❓"
# In place of what a room may not show any more.
STANDINGS = {
    Standing.WITHHELD: noted("*(no longer promoted)*"),
    Standing.HIDDEN: noted("*(hidden here)*"),
    Standing.REMOVED: noted("*(removed on the platform)*"),
}
_DONE = {
    Action.PROMOTE: noted("promoted"),
    Action.UNPROMOTE: noted("unpromoted"),
    Action.ANSWER: noted("answered"),
    Action.REOPEN: noted("reopened"),
    Action.DISMISS: noted("dismissed"),
}
_STATUS = {
    CommentStatus.ANSWERED: noted("answered"),
    CommentStatus.DISMISSED: noted("dismissed"),
}
_MOST_REPLIES = 3
_MAX_NAME = 64
_MAX_ACTOR = 30


def mark_of(comment: Comment) -> str:
    """Return the one mark before a comment: of what matters most about it; of most, none."""
    if comment.status is CommentStatus.DISMISSED:
        return ""
    if comment.status is CommentStatus.ANSWERED:
        return MARKS[Action.ANSWER]
    if comment.is_promoted:
        return MARKS[Action.PROMOTE]
    return QUESTION if comment.kind is CommentKind.QUESTION else ""


def marked(comment: Comment, shown: str) -> str:
    """Return a text behind its mark; struck out where the comment was dismissed."""
    if comment.status is CommentStatus.DISMISSED:
        return f"~~{shown}~~"
    return " ".join(filter(None, (mark_of(comment), shown)))


# What :func:`marked` may add.
MOST_MARKED = 4


def states(notice: CommentNotice) -> list[str]:
    """Return what staff did with a comment, a word each."""
    comment = notice.comment
    if notice.standing is not Standing.SHOWN:
        return []
    promoted = "promoted" if comment.is_promoted else ""
    return [tr(word) for word in (promoted, _STATUS.get(comment.status, "")) if word]


def done_by(notice: CommentNotice) -> str:
    """Return a line of small print: who did what is so now, and who replied; or nothing."""
    parts = [_by(one.action, tr(_DONE[one.action]), one.actor.user_id) for one in _deeds(notice)]
    repliers = [one.actor.user_id for one in _last(notice.replies) if one.actor is not None]
    parts += [_by(Action.REPLY, tr("replied"), user_id) for user_id in dict.fromkeys(repliers)]
    return f"-# {' · '.join(parts)}" if parts else ""


def done_by_short(notice: CommentNotice) -> str:
    """Return the same of what was done in as few characters as it takes, for a line."""
    return "".join(
        f" {MARKS.get(one.action) or tr(_DONE[one.action])} <@{one.actor.user_id}>"
        for one in _deeds(notice)
    )


def states_by(notice: CommentNotice, limit: int) -> str:
    """Return kind and state, and who did what, as plain text of at most ``limit`` units."""
    who = {tr(_DONE[one.action]): one_line(one.actor.name, _MAX_ACTOR) for one in _deeds(notice)}
    words = dict.fromkeys([*states(notice), *who])
    said = [
        tr("{done} by {who}", done=word, who=who[word]) if who.get(word) else word for word in words
    ]
    return one_line(" · ".join((tr(KINDS[notice.comment.kind]), *said)), limit)


def quoted(comment: Comment, max_text: int) -> str:
    """Return what a comment answers as a line of small print, or nothing."""
    if comment.answers is None or max_text == 0:
        return ""
    name = disarm(comment.answers.author, _MAX_NAME).text
    text = disarm(comment.answers.text, max_text).text
    guest, earlier = tr("Guest"), tr("an earlier comment")
    said = f"{name or guest}: {text}" if text else name
    return f"-# ↩ {said or earlier}"


def quoted_replies(replies: Sequence[SentReply], max_text: int) -> list[str]:
    """Return the newest replies as lines of a quotation, the oldest of them first."""
    lines = [f"> **{_name(one)}**: {disarm(one.text, max_text).text}" for one in _last(replies)]
    return [*lines, *(f"> {rest}" for rest in _more(replies))]


def short_replies(replies: Sequence[SentReply], max_text: int) -> list[str]:
    """Return the newest replies as lines under a line."""
    if max_text == 0:
        return []
    lines = [f"↳ {_name(one)}: {disarm(one.text, max_text).text}" for one in _last(replies)]
    return [*lines, *(f"↳ {rest}" for rest in _more(replies))]


def _deeds(notice: CommentNotice) -> list[Acted]:
    if notice.standing is not Standing.SHOWN:
        return []
    return [one for one in notice.acted if one.action in _DONE and still_so(one, notice.comment)]


def _by(action: Action, done: str, user_id: int) -> str:
    said = tr("{done} by {who}", done=done, who=f"<@{user_id}>")
    return " ".join(filter(None, (MARKS.get(action), said)))


def _last(replies: Sequence[SentReply]) -> Sequence[SentReply]:
    return replies[-_MOST_REPLIES:]


def _more(replies: Sequence[SentReply]) -> list[str]:
    count = len(replies) - _MOST_REPLIES
    return [tr("and {more} more", more=count)] if count > 0 else []


def _name(reply: SentReply) -> str:
    return disarm(reply.name, _MAX_NAME).text or tr("Guest")
