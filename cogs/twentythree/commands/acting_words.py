"""What is said to those who act on comments, as pure text. Names are hostile."""

from __future__ import annotations

from ..domain.acting import MAX_REPLY, Done, Effect
from ..domain.deeds import Action
from ..languages import noted, retold, tr
from . import words

_MAX_NAME = 64

_DONE = {
    Action.PROMOTE: noted("⭐ Promoted."),
    Action.UNPROMOTE: noted("Not promoted any more."),
    Action.ANSWER: noted("✅ Answered."),
    Action.REOPEN: noted("Reopened."),
    Action.DISMISS: noted("Dismissed."),
    Action.REPLY: noted("💬 Sent; everyone who watches can see it."),
    Action.DELETE: noted("Deleted."),
    Action.COPY: noted("Copied to the questions."),
}
# After "@name has", "You have" and "Somebody has".
_BEFORE = {
    Action.PROMOTE: noted("promoted this already"),
    Action.UNPROMOTE: noted("taken this promotion back already"),
    Action.ANSWER: noted("answered this already"),
    Action.REOPEN: noted("reopened this already"),
    Action.DISMISS: noted("dismissed this already"),
    Action.REPLY: noted("replied to this already"),
    Action.DELETE: noted("deleted this already"),
    Action.COPY: noted("copied this to the questions already"),
}

AGAIN = noted("Try again")
UNKNOWN = noted("Not known yet; this message will say.")
NEVER_KNOWN = noted("Not known yet; the comment's own notice will show it.")
NOT_DONE = noted("Not done: the workspace does not answer.")
GONE = noted("This comment is gone: it was deleted on the platform.")
_REFUSED = noted("The workspace refused this.")

# Before anything is done.
NOT_HERE = noted(
    "What this comment is about is not attached here any more, so nobody can act "
    "on it from here; `/video attach` brings it back."
)
TIMED_OUT = noted("You are timed out in this server, so you may not act on comments now.")
OFF = noted("Actions are off here now; `/video attach` turns them on with `actions: on`.")
LOST = noted("Discord lost the first answer to this, so nothing was done; press once more.")
SURE = noted("Delete this comment for everyone? It cannot be undone.")
MORE = noted("What else there is to do with this comment:")
PICKED = noted("Act on this comment:")
CANCELLED = noted("Cancelled; nothing was changed.")
DROPPED = noted("Cancelled; nothing was sent.")
NO_DRAFT = noted(
    "There is nothing to send any more: this reply was sent or cancelled, or is too old."
)
EMPTY = noted("A reply needs some words; nothing was sent.")

_PLAIN = {Effect.UNKNOWN: UNKNOWN, Effect.DROPPED: DROPPED}


def too_long(count: int) -> str:
    """Return what is said of a reply with too many characters."""
    return tr(
        "A reply has at most {most} characters, and this has {count}; nothing was sent.",
        most=MAX_REPLY,
        count=count,
    )


def preview(name: str) -> str:
    """Return what is asked above a reply before it is sent under a name."""
    return tr(
        "Send this as **{name}**? It is visible to everyone who watches.", name=words.disarmed(name)
    )


def not_moderator(role_id: int | None) -> str:
    """Return what is said to who may not act; ``None``: no role is there that would let them."""
    if role_id is None:
        return tr(
            "You may not act on comments here: that takes Manage Messages in this room, or "
            "a role that `/video moderators` names."
        )
    return tr(
        "You may not act on comments here: that takes the role {role}, which `/video "
        "moderators` names.",
        role=words.role(role_id),
    )


def outcome(action: Action, done: Done, user_id: int) -> str:
    """Return in a sentence what came of an action, to whoever wanted it."""
    match done.effect:
        case Effect.DONE:
            return tr(_DONE[action])
        case Effect.ALREADY:
            return _already(action, done, user_id)
        case Effect.REFUSED:
            return retold(done.reason) or tr(_REFUSED)
        case Effect.GONE:
            return retold(done.reason) or tr(GONE)
        case Effect.NOT_DONE:
            why = f"\n-# {retold(done.reason)}" if done.reason else ""
            return tr(NOT_DONE) + why
        case effect:
            return tr(_PLAIN[effect])


def _already(action: Action, done: Done, user_id: int) -> str:
    if done.by is None:
        return tr("Somebody has {done} on the platform.", done=tr(_BEFORE[action]))
    what = tr(_BEFORE[done.by.action])
    if done.by.actor.user_id == user_id:
        return tr("You have {done}.", done=what)
    return tr("@{name} has {done}.", name=words.disarmed(done.by.actor.name, _MAX_NAME), done=what)
