"""One comment as an embed of its own: its text first, what it is about and who wrote it small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..domain.model import (
    Comment,
    CommentKind,
    CommentNotice,
    CommentStatus,
    ObjectInfo,
    ObjectKind,
    Source,
    Standing,
)
from ..languages import tr
from .marks import KINDS, MOST_MARKED, STANDINGS, done_by, marked, quoted, quoted_replies, states
from .text import ELLIPSIS, MAX_DESCRIPTION, disarm, link_title, one_line, safe_url, units

_MAX_AUTHOR = 100
_MAX_CREATED = 40
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
    if time_of(notice) is None and (text := disarm(comment.created_text, _MAX_CREATED).text):
        yield tr("written {when} by the platform's clock", when=text)


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
