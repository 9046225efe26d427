"""Boards of questions: for those who look after them a list, for the speaker the one of now."""

from __future__ import annotations

from typing import Any

from ..domain.model import BoardNotice
from ..domain.shown import BoardView, QuestionCounts, ViewerQuestion
from ..languages import noted, tr
from .text import ELLIPSIS, disarm, safe_url, title

_COLOUR = 0xE8A33D
_COLOUR_IDLE = 0x8A94A6
# Ten lines of these fit into a description, whatever the names and words are.
_MAX_NAME = 40
_MAX_FIRST_WORDS = 160
# The counts follow it.
_MAX_TITLE = 190
_MAX_WORDS = 1_500
# Longer ones would fill the screen as headings of the first size.
_MAX_LARGE = 160

_HIDDEN = noted("Nothing is shown here while this is not public.")
_NO_QUESTION = noted("No question is open.")
_NOTHING_TO_ANSWER = noted("No promoted question waits for an answer.")


def board_embed(notice: BoardNotice) -> dict[str, Any]:
    """Render a board.

    The embed's address carries the board's ID, by which its message is found again.
    """
    name = title(notice.object.title, _MAX_TITLE)
    embed: dict[str, Any] = {"title": name, "color": _COLOUR}
    if notice.is_hidden or notice.is_withdrawn:
        embed |= {"description": tr(_HIDDEN), "color": _COLOUR_IDLE}
    elif notice.view is BoardView.SPEAKER:
        embed["description"] = _for_speaker(notice)
    else:
        embed["title"] = f"{name} · {counted(notice.counts)}"
        embed["description"] = _listed(notice)
    url = safe_url(notice.object.url, fragment=f"board-{notice.board_id}")
    if url is not None:
        embed["url"] = url
    return embed


def counted(counts: QuestionCounts) -> str:
    """Return how many questions there are, as a board's title has it."""
    return tr(
        "{open} open · {promoted} promoted · {answered} answered",
        open=counts.open,
        promoted=counts.promoted,
        answered=counts.answered,
    )


def question_line(question: ViewerQuestion, most: int = _MAX_FIRST_WORDS) -> str:
    """Return an open question as an item of a list: who asked, what, when, who has taken it."""
    name = disarm(question.author, _MAX_NAME).text or tr("Guest")
    words = disarm(question.text, most).text or ELLIPSIS
    star = "⭐ " if question.is_promoted else ""
    taken = question.taken_by
    who = "" if taken is None else tr("taken by {who}", who=f"<@{taken.user_id}>")
    by = f" · {who}" if who else ""
    return f"- {star}**{name}** · {words} · {_age(question)}{by}"


def large_question(question: ViewerQuestion) -> str:
    """Return an open question as large as there is room for, with who asked it and when."""
    shown = disarm(question.text, _MAX_WORDS).text or ELLIPSIS
    heading = "#" if len(shown) <= _MAX_LARGE else "##"
    name = disarm(question.author, _MAX_NAME).text or tr("Guest")
    return f"{heading} {shown}\n**{name}** · {_age(question)}"


def _listed(notice: BoardNotice) -> str:
    lines = [question_line(one) for one in notice.questions]
    if notice.more:
        lines.append(tr("and {more} more", more=notice.more))
    return "\n".join(lines) or tr(_NO_QUESTION)


def _for_speaker(notice: BoardNotice) -> str:
    if not notice.questions:
        return tr(_NOTHING_TO_ANSWER)
    lines = [large_question(notice.questions[0])]
    if notice.more:
        lines.append("-# " + tr("{more} more after this one", more=notice.more))
    return "\n".join(lines)


def _age(question: ViewerQuestion) -> str:
    """Return how long ago it was asked; Discord keeps that up to date by itself."""
    return f"<t:{int(question.asked_at.timestamp())}:R>"
