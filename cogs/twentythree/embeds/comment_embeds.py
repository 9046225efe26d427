"""One comment as an embed of its own: its text first, what it is about and who wrote it small.

The small print around it is of lines of comments as well: what staff did, what it answers, and what
was replied to it. Names and texts in it are of strangers, and are disarmed. Mentions in embeds call
nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..domain.acting import still_so
from ..domain.deeds import Acted, Action
from ..domain.model import (
    Comment,
    CommentKind,
    CommentNotice,
    CommentStatus,
    ObjectInfo,
    ObjectKind,
    SentReply,
    Source,
    Standing,
)
from ..languages import noted, tr
from .text import ELLIPSIS, MAX_DESCRIPTION, disarm, link_title, one_line, safe_url, units

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
# What :func:`marked` may add.
MOST_MARKED = 4
_MAX_AUTHOR = 100
_MAX_CREATED = 40
_SPELLED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)(?::\d\d(?:\.\d+)?)?", re.ASCII)
_SAME_DAY = timedelta(hours=14)
_MAX_LINES = 30
# Of what a comment answers, and of each reply to it.
_MAX_QUOTE = 100
_MAX_REPLY = 200
# In small print. An address longer than this leaves no room for the text.
_MAX_TITLE = 100
MAX_LINK = 400
_OF_KINDS = {
    CommentKind.COMMENT: 0x4F8EF7,
    CommentKind.CHAT: 0x8A94A6,
    CommentKind.QUESTION: 0xE8A33D,
}
_OF_PROMOTED = 0xF5D547
_OF_STATES = {CommentStatus.ANSWERED: 0x3BA55D, CommentStatus.DISMISSED: 0x5C677D}


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


def comment_embed(notice: CommentNotice, *, is_headed: bool = True) -> dict[str, Any]:
    """Render one comment. ``is_headed``: with the title of what it is about.

    The embed's address carries the comment's ID: it is never the same twice in a message, where
    Discord would fold embeds of one address together, and it identifies the comment in a room.
    """
    comment = notice.comment
    url = comment_url(notice)
    embed: dict[str, Any] = {
        "description": tr(STANDINGS.get(notice.standing, ""))
        or _description(notice, url, is_headed=is_headed),
        "color": _colour(notice),
    }
    if notice.standing is Standing.SHOWN:
        # Nothing else stands there: a name could say anything.
        embed["footer"] = {"text": one_line(comment.author, _MAX_AUTHOR) or tr("Guest")}
        if (picture := _avatar(notice)) is not None:
            embed["footer"]["icon_url"] = picture
    if url is not None:
        embed["url"] = url
    if (time := time_of(notice)) is not None:
        embed["timestamp"] = time.astimezone(UTC).isoformat()
    return embed


def comment_url(notice: CommentNotice) -> str | None:
    """Return the address of a comment: that of its object, with the comment's ID."""
    return safe_url(notice.object.url, fragment=f"comment-{notice.comment.comment_id}")


def linked(text: str, url: str | None) -> str:
    """Return a disarmed text as a link, unless there is no address or a very long one."""
    return text if url is None or len(url) > MAX_LINK else f"[{text}]({url})"


def _colour(notice: CommentNotice) -> int:
    comment = notice.comment
    if notice.standing is not Standing.SHOWN:
        return _OF_KINDS[comment.kind]
    kind = _OF_PROMOTED if comment.is_promoted else _OF_KINDS[comment.kind]
    return _OF_STATES.get(comment.status, kind)


def _description(notice: CommentNotice, url: str | None, *, is_headed: bool) -> str:
    """Return the text between its small print; of all of it, the text alone can be long."""
    above = [line for line in (quoted(notice.comment, _MAX_QUOTE),) if line]
    below = quoted_replies(notice.replies, _MAX_REPLY)
    below.append(f"-# {' · '.join(_small_print(notice, url, is_headed=is_headed))}")
    below += [line for line in (done_by(notice),) if line]
    left = MAX_DESCRIPTION - sum(units(line) + 1 for line in (*above, *below))
    return "\n".join((*above, _text(notice.comment, url, left), *below))


def _text(comment: Comment, url: str | None, limit: int) -> str:
    whole = "\n" + (
        tr("[Read the whole text](<{url}>)", url=url)
        if url
        else tr("*The whole text is on the video's page.*")
    )
    shown = disarm(comment.text, limit - MOST_MARKED, max_lines=_MAX_LINES)
    if shown.is_cut:
        left = limit - MOST_MARKED - units(whole)
        return marked(comment, disarm(comment.text, left, max_lines=_MAX_LINES).text) + whole
    return marked(comment, shown.text or tr("*(no text)*"))


def _small_print(notice: CommentNotice, url: str | None, *, is_headed: bool) -> Iterator[str]:
    """Yield what kind of comment it is, what it is about, and where and when it was made."""
    comment = notice.comment
    yield linked(tr(KINDS[comment.kind]), url)
    yield from states(notice)
    if is_headed:
        yield linked(link_title(notice.object.title, _MAX_TITLE), safe_url(notice.object.url))
    if comment.position_s is not None and comment.position_s >= 0:
        yield _place(notice.object, comment.position_s)
    if time_of(notice) is None and (spelled := _spelled(notice)):
        yield tr("written {when} by the platform's clock", when=spelled)


def _spelled(notice: CommentNotice) -> str:
    """Return a time as the workspace spells it, to the minute; without its day if that is this one.

    Which day it is there cannot be told: it is as good as the same within half a turn of the earth.
    """
    told = notice.comment.created_text
    if found := _SPELLED.fullmatch(told):
        day, minute = found.groups()
        with suppress(ValueError):
            at = datetime.fromisoformat(f"{day} {minute}+00:00")
            told = minute if abs(at - notice.seen_at) <= _SAME_DAY else f"{day} {minute}"
    return disarm(told, _MAX_CREATED).text


def time_of(notice: CommentNotice) -> datetime | None:
    """Return when the comment was made, as far as is known.

    What has just come in was made just now. What was read later, after a gap, say, was not, and
    its time may be known only as the workspace spells it, in a zone it does not tell.
    """
    if notice.comment.created_at is not None:
        return notice.comment.created_at
    is_new = notice.source is Source.REALTIME and not notice.is_known
    return notice.seen_at if is_new else None


def _place(of: ObjectInfo, seconds: float) -> str:
    """Return a place in a video as a link to that second, as the vendor's player shares one."""
    if seconds >= 360_000:  # noqa: PLR2004 - a hundred hours: no place on any time line
        return tr("at {place}", place=ELLIPSIS)
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    shown = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    if of.kind is not ObjectKind.VIDEO:
        return tr("at {place}", place=shown)
    place = linked(shown, safe_url(of.url, below=f"{minutes}:{second:02}"))
    return tr("at {place}", place=place)


def _avatar(notice: CommentNotice) -> str | None:
    """Return the address of the author's picture, if it is one of the workspace itself.

    Pictures of elsewhere are left out: their addresses may tell of an e-mail, and realtime may
    name any.
    """
    try:
        url = safe_url(urljoin(notice.object.url, notice.comment.avatar))
        is_own = url is not None and urlsplit(url).netloc == urlsplit(notice.object.url).netloc
    except ValueError:
        return None
    return url if notice.comment.avatar and is_own else None
