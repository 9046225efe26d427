"""What a message offers: buttons under one comment, menus under several, links under a card.

In the words of Discord's API. A ``custom_id`` carries all that is known once it is used: it works
after a restart, too. ``tt:act:<action>:<comment ID>`` is an action, ``tt:more:<comment ID>`` opens
the others, and ``tt:pick:<number>`` is a menu, of which each option's value is a comment's ID.
Those of boards of questions name the object, and the comment or the page.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.acting import offered
from ..domain.batching import takes_actions
from ..domain.board import as_comment
from ..domain.deeds import Action
from ..domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentNotice,
    CommentStatus,
    LiveNotice,
    LivePhase,
    Notice,
    ObjectId,
)
from ..domain.shown import BoardView, ViewerQuestion
from ..languages import noted, tr
from .comment_embeds import MARKS, states_by
from .text import MAX_BUTTON_URL, MESSAGE_SIZE, one_line, safe_url

_ROW, _BUTTON, _MENU = 1, 2, 3
_PRIMARY, _SECONDARY, _SUCCESS, _DANGER, _LINK = 1, 2, 3, 4, 5
_MAX_OPTIONS = 25
_MAX_OPTION_TEXT = 100
_MAX_NAME = 40

LABELS = {
    Action.PROMOTE: noted("Promote"),
    Action.UNPROMOTE: noted("Unpromote"),
    Action.ANSWER: noted("Answered"),
    Action.REOPEN: noted("Reopen"),
    Action.DISMISS: noted("Dismiss"),
    Action.REPLY: noted("Reply"),
    Action.DELETE: noted("Delete"),
    Action.COPY: noted("Copy to questions"),
}
# Behind ⋯.
_RARE = frozenset({Action.DELETE, Action.COPY})
_STYLES = {Action.PROMOTE: _PRIMARY, Action.ANSWER: _SUCCESS, Action.DELETE: _DANGER}
_EMOJI = {**MARKS, Action.UNPROMOTE: MARKS[Action.PROMOTE]}


def components(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Return the rows under a message of these notices; none where nothing can be acted on.

    One comment alone has a button for each usual action. Several share menus, up to five. The
    card of a live event leads to where it can be seen, and a board to its questions.
    """
    match notices:
        case [LiveNotice() as card]:
            return _links(card)
        case [BoardNotice() as board]:
            return _of_board(board)
    open_ = [one for one in notices if isinstance(one, CommentNotice) and takes_actions(one)]
    if not open_:
        return []
    if len(notices) == 1:
        return [_row(*buttons(open_[0].comment))]
    open_ = open_[: MESSAGE_SIZE.actions]
    starts = range(0, len(open_), _MAX_OPTIONS)
    shares = [open_[start : start + _MAX_OPTIONS] for start in starts]
    return [
        _row(menu(number, [option(one.comment, _states(one)) for one in share], len(shares)))
        for number, share in enumerate(shares)
    ]


def _states(notice: CommentNotice) -> str:
    return states_by(notice, _MAX_OPTION_TEXT)


def _links(notice: LiveNotice) -> list[dict[str, Any]]:
    """Return the one link that a card has: where to go before, while it is on air, and after."""
    state, page = notice.state, notice.object.url
    match state.phase:
        case LivePhase.SOON:
            # The page of an event that is to come is where people register for it.
            label, url = tr("Register"), page
        case LivePhase.LIVE:
            label, url = tr("Watch"), page
        case LivePhase.ENDED if not notice.is_end:
            label, url = tr("Recording"), state.recording_url or ""
        case _:
            return []
    safe = safe_url(url)
    if notice.is_released or safe is None or len(safe) > MAX_BUTTON_URL:
        return []
    return [_row({"type": _BUTTON, "style": _LINK, "label": label, "url": safe})]


def buttons(comment: Comment) -> list[dict[str, Any]]:
    """Return the buttons of a comment as it is: what is usual now, and one for the rest."""
    usual = [_button(one, comment) for one in offered(comment) if one not in _RARE]
    return [*usual, _pressed(f"tt:more:{comment.comment_id}", "⋯")]


def rare_buttons(comment: Comment) -> list[dict[str, Any]]:
    """Return the buttons that the last of the usual ones opens."""
    return [_button(one, comment) for one in offered(comment) if one in _RARE]


def _button(action: Action, comment: Comment) -> dict[str, Any]:
    custom_id = f"tt:act:{action.value}:{comment.comment_id}"
    button = _pressed(custom_id, tr(LABELS[action]), _STYLES.get(action, _SECONDARY))
    if action in _EMOJI:
        button["emoji"] = {"name": _EMOJI[action]}
    return button


def _pressed(custom_id: str, label: str, style: int = _SECONDARY) -> dict[str, Any]:
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": custom_id}


def menu(number: int, options: Sequence[Mapping[str, Any]], count: int = 1) -> dict[str, Any]:
    """Return a menu from which a comment is chosen, of :func:`option`: 25 at most.

    Where there are several, each says which one it is.
    """
    label = tr("Act on a comment…")
    if count > 1:
        label = tr("Act on a comment… ({number} of {count})", number=number + 1, count=count)
    return {
        "type": _MENU,
        "custom_id": f"tt:pick:{number}",
        "placeholder": label,
        "options": list(options),
    }


def option(comment: Comment, description: str) -> dict[str, Any]:
    """Return a comment as an option of a menu; its texts are plain, whatever is typed there."""
    promoted = MARKS[Action.PROMOTE] if comment.is_promoted else ""
    answered = MARKS[Action.ANSWER] if comment.status is CommentStatus.ANSWERED else ""
    name = one_line(comment.author, _MAX_NAME) or tr("Guest")
    said = f"{name}: {comment.text}"
    found = {
        "label": one_line(" ".join(filter(None, (promoted + answered, said))), _MAX_OPTION_TEXT),
        "value": str(comment.comment_id),
    }
    below = one_line(description, _MAX_OPTION_TEXT)
    return found | ({"description": below} if below else {})


def _row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": _ROW, "components": list(inside)}


def back_button(object_id: ObjectId, comment_id: CommentId) -> dict[str, Any]:
    """Return the button that gives a question back which somebody has taken."""
    return _pressed(f"tt:back:{object_id}:{comment_id}", tr("Give back"))


def page_button(object_id: ObjectId, page: int, label: str, *, is_disabled: bool) -> dict[str, Any]:
    """Return the button that leads to a page of all open questions."""
    return {**_pressed(f"tt:all:{object_id}:{page}", label), "disabled": is_disabled}


def question_menu(object_id: ObjectId, questions: Sequence[ViewerQuestion]) -> dict[str, Any]:
    """Return the menu by which any of a page of open questions is acted on: 25 at most."""
    return menu(0, [option(as_comment(one, object_id), _who(one)) for one in questions])


def _who(question: ViewerQuestion) -> str:
    taken = question.taken_by
    return "" if taken is None else tr("taken by {who}", who=taken.name)


def _of_board(notice: BoardNotice) -> list[dict[str, Any]]:
    object_id = notice.object.object_id
    if notice.is_hidden or notice.is_withdrawn:
        return []
    if notice.view is BoardView.BOARD:
        following = _pressed(f"tt:next:{object_id}", tr("Next question"), _PRIMARY)
        return [_row(following, _pressed(f"tt:all:{object_id}:0", tr("Show all")))]
    if not (notice.questions and notice.has_actions):
        return []
    done = f"tt:done:{object_id}:{notice.questions[0].comment_id}"
    return [_row(_pressed(done, tr("Done → next"), _SUCCESS))]
