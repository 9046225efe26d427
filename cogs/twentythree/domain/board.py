"""Boards of questions: what each shows, and for how long a question is somebody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .deeds import Actor
from .model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentKind,
    GuildId,
    ObjectId,
    ObjectInfo,
    RoomId,
)
from .shown import BoardView, QuestionCounts, ViewerQuestion

MOST_ON_BOARD = 10
# Who has taken a question for longer has forgotten it.
KEEP_TAKEN = timedelta(minutes=5)
# What is kept of words and names, a little more than is shown: it must be seen to be cut.
_MAX_FIRST_WORDS = 200
_MAX_WORDS = 2_000
_MAX_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board of an object's questions in a room."""

    board_id: int
    guild_id: GuildId
    room_id: RoomId
    object_id: ObjectId
    view: BoardView
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsSeen:
    """The questions of an object as they are now.

    ``oldest`` are the first that are open, by when they were asked; ``speaker`` is the first of
    those that are promoted.
    """

    counts: QuestionCounts
    oldest: tuple[ViewerQuestion, ...] = ()
    speaker: ViewerQuestion | None = None


def board_key(object_id: ObjectId, view: BoardView) -> str:
    """Return the board's key in the outbox, where it is unique per room."""
    return f"board:{object_id}:{view}"


def showing(
    board: Board,
    of: ObjectInfo,
    seen: QuestionsSeen,
    taken: Mapping[CommentId, Actor],
    *,
    has_actions: bool = False,
    is_hidden: bool = False,
) -> BoardNotice:
    """Return what a board shows.

    It is the same for as long as nothing changes that the message shows: an age, which always
    does, is left to Discord.

    Args:
        board: the board.
        of: the object, as the room knows it.
        seen: its questions.
        taken: who in the board's server looks after which of them.
        has_actions: whether questions can be acted on from the room.
        is_hidden: nothing of the object may be shown in the room now.
    """
    notice = BoardNotice(object=of, board_id=board.board_id, view=board.view, is_hidden=is_hidden)
    if is_hidden:
        return notice
    notice = replace(notice, has_actions=has_actions)
    if board.view is BoardView.SPEAKER:
        shown = () if seen.speaker is None else (seen.speaker,)
        # How many others wait is no matter of the speaker's.
        counts = QuestionCounts(promoted=seen.counts.promoted)
        questions = tuple(_cut(one, _MAX_WORDS) for one in shown)
        more = max(0, counts.promoted - len(shown))
        return replace(notice, counts=counts, questions=questions, more=more)
    listed = tuple(
        replace(_cut(one, _MAX_FIRST_WORDS), taken_by=taken.get(CommentId(one.comment_id)))
        for one in seen.oldest[:MOST_ON_BOARD]
    )
    more = max(0, seen.counts.open - len(listed))
    return replace(notice, counts=seen.counts, questions=listed, more=more)


def withdrawn(notice: BoardNotice) -> BoardNotice:
    """Return a board as it is once nobody keeps it: its message goes, and its words with it."""
    return replace(notice, counts=QuestionCounts(), questions=(), more=0, is_withdrawn=True)


def as_comment(question: ViewerQuestion, object_id: ObjectId) -> Comment:
    """Return an open question as the comment that it is, to be acted on."""
    return Comment(
        comment_id=CommentId(question.comment_id),
        object_id=object_id,
        kind=CommentKind.QUESTION,
        is_promoted=question.is_promoted,
        author=question.author,
        text=question.text,
        created_at=question.asked_at,
    )


def _cut(question: ViewerQuestion, most: int) -> ViewerQuestion:
    author, text = (" ".join(one.split()) for one in (question.author, question.text))
    return replace(question, author=author[:_MAX_NAME], text=text[:most])
