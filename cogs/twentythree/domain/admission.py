"""Which rooms take a comment, and which may quote what it answers.

A room leaves comments out by their kind, their length, and the words and names in them. Words are
compared as wholes, without regard to case and accents. There are no patterns in it, so that nobody
can write one that is slow, or that hides more than they meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import assert_never

import regex

from .model import Comment, CommentKind, CommentNotice, CommentPolicy, Quote
from .room_settings import RoomSettings

# Scripts that put no spaces between words: there, a word is found wherever it stands.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_WORD = re.compile(r"\w+")
_MARKS = frozenset({"Mn", "Me", "Cf"})
# Nobody reads on after so much; nor is it looked at.
_MAX_READ = 4_000


def hides(settings: RoomSettings, *, kind: str, is_promoted: bool, author: str, text: str) -> bool:
    """Tell whether a room leaves a comment out.

    What staff promoted is never too short.
    """
    if kind not in settings.kinds:
        return True
    if not is_promoted and len(text.strip()) < settings.min_length:
        return True
    return bool(settings.hidden) and _holds(settings.hidden, f"{author}\n{text}")


def words_of(typed: str) -> tuple[str, ...]:
    """Return the words and names of a list that somebody typed, with commas between; each once."""
    found = (" ".join(one.split()) for one in re.split(r"[,\n;]", typed))
    by_folded = {folded(one): one for one in found if folded(one)}
    return tuple(by_folded.values())


def folded(text: str) -> str:
    """Return the words of a text as they are compared, with one space between.

    What shows as nothing is left out, so that it cannot stand inside a word.
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in apart if unicodedata.category(one) not in _MARKS)
    return " ".join(_WORD.findall(plain.casefold()))


def _holds(hidden: tuple[str, ...], text: str) -> bool:
    wholes, parts = _folded_all(hidden)
    found = folded(text[:_MAX_READ])
    padded = f" {found} "
    return any(one in padded for one in wholes) or any(one in found for one in parts)


@lru_cache(256)
def _folded_all(hidden: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words to be found as wholes, a space at each end, and those found anywhere."""
    every = [one for one in map(folded, hidden) if one]
    wholes = tuple(f" {one} " for one in every if not _UNSPACED.search(one))
    return wholes, tuple(one for one in every if _UNSPACED.search(one))


def accepts(policy: CommentPolicy, comment: Comment | Quote) -> bool:
    """Tell whether a room with this policy may show the comment, or what one answers.

    Questions may be visible to the host alone until staff promote them; unpromoted ones go only
    where ``all`` was chosen.
    """
    match policy:
        case CommentPolicy.NONE:
            return False
        case CommentPolicy.PROMOTED:
            return comment.is_promoted
        case CommentPolicy.PUBLIC:
            return comment.is_promoted or comment.kind is not CommentKind.QUESTION
        case CommentPolicy.ALL:
            return True
        case _:  # pragma: no cover
            assert_never(policy)


def is_hidden(settings: RoomSettings, comment: Comment | Quote) -> bool:
    """Tell whether a room that takes a comment, or what one answers, leaves it out."""
    return hides(
        settings,
        kind=comment.kind,
        is_promoted=comment.is_promoted,
        author=comment.author,
        text=comment.text,
    )


def without_private_quote(
    policy: CommentPolicy, comment: Comment, settings: RoomSettings | None = None
) -> Comment:
    """Return the comment with nothing of what it answers where the room may not show that."""
    quote = comment.answers
    is_left_out = quote is not None and settings is not None and is_hidden(settings, quote)
    if quote is None or (accepts(policy, quote) and not is_left_out):
        return comment
    return replace(comment, answers=Quote(comment_id=quote.comment_id))


def requoted(notice: CommentNotice, quoted: Comment | None, policy: CommentPolicy) -> CommentNotice:
    """Return the notice of an answer, given what it answers as that is now; ``None``: it is gone.

    Nothing of it is quoted where the room may not show it any more.
    """
    quote = notice.comment.answers
    if quote is None or (quoted is not None and accepts(policy, quoted)):
        return notice
    bare = replace(notice.comment, answers=Quote(comment_id=quote.comment_id))
    return replace(notice, comment=withdrawing(notice.comment, bare))


def withdrawing(was: Comment, comment: Comment) -> Comment:
    """Return the comment with a note of a quote that it has shown and shows no more."""
    before, quote = was.answers, comment.answers
    if before is None or quote is None or quote.text or not (before.text or before.is_withdrawn):
        return comment
    return replace(comment, answers=replace(quote, is_withdrawn=True))
