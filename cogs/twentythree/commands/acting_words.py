"""What is said to those who act on comments, as pure text. Names are hostile."""

from __future__ import annotations

from ..domain.acting import MAX_REPLY, Done, Effect
from ..domain.deeds import Action
from . import words

_MAX_NAME = 64

_DONE = {
    Action.PROMOTE: "⭐ Promoted.",
    Action.UNPROMOTE: "Not promoted any more.",
    Action.ANSWER: "✅ Answered.",
    Action.REOPEN: "Reopened.",
    Action.DISMISS: "Dismissed.",
    Action.REPLY: "💬 Sent; everyone who watches can see it.",
    Action.DELETE: "Deleted.",
    Action.COPY: "Copied to the questions.",
}
# After "@name has", "You have" and "Somebody has".
_BEFORE = {
    Action.PROMOTE: "promoted this already",
    Action.UNPROMOTE: "taken this promotion back already",
    Action.ANSWER: "answered this already",
    Action.REOPEN: "reopened this already",
    Action.DISMISS: "dismissed this already",
    Action.REPLY: "replied to this already",
    Action.DELETE: "deleted this already",
    Action.COPY: "copied this to the questions already",
}

AGAIN = "Try again"
UNKNOWN = "Not known yet; this message will say."
NEVER_KNOWN = "Not known yet; the comment's own notice will show it."
NOT_DONE = "Not done: the workspace does not answer."
GONE = "This comment is gone: it was deleted on the platform."
_REFUSED = "The workspace refused this."

# Before anything is done.
NOT_HERE = (
    "What this comment is about is not attached here any more, so nobody can act on it from here; "
    "`/video attach` brings it back."
)
OFF = "Actions are off here now; `/video attach` turns them on with `actions: on`."
LOST = "Discord lost the first answer to this, so nothing was done; press once more."
FAILED = "Something went wrong inside the bot; whoever runs it finds the reason in its log."
SURE = "Delete this comment for everyone? It cannot be undone."
MORE = "What else there is to do with this comment:"
PICKED = "Act on this comment:"
CANCELLED = "Cancelled; nothing was changed."
DROPPED = "Cancelled; nothing was sent."
NO_DRAFT = "There is nothing to send any more: this reply was sent or cancelled, or is too old."
EMPTY = "A reply needs some words; nothing was sent."

_PLAIN = {Effect.GONE: GONE, Effect.UNKNOWN: UNKNOWN, Effect.DROPPED: DROPPED}


def too_long(count: int) -> str:
    """Return what is said of a reply with too many characters."""
    return f"A reply has at most {MAX_REPLY} characters, and this has {count}; nothing was sent."


def preview(name: str) -> str:
    """Return what is asked above a reply before it is sent under a name."""
    return f"Send this as **{words.disarmed(name)}**? It is visible to everyone who watches."


def not_moderator(role_id: int | None) -> str:
    """Return what is said to who may not act; ``None``: no role is there that would let them."""
    if role_id is None:
        return (
            "You may not act on comments here: that takes Manage Messages in this room, or a role "
            "that `/video moderators` names."
        )
    return (
        f"You may not act on comments here: that takes the role {words.role(role_id)}, which "
        "`/video moderators` names."
    )


def outcome(action: Action, done: Done, user_id: int) -> str:
    """Return in a sentence what came of an action, to whoever wanted it."""
    match done.effect:
        case Effect.DONE:
            return _DONE[action]
        case Effect.ALREADY:
            return _already(action, done, user_id)
        case Effect.REFUSED:
            return done.reason or _REFUSED
        case Effect.NOT_DONE:
            return f"{NOT_DONE}\n-# {done.reason}" if done.reason else NOT_DONE
        case effect:
            return _PLAIN[effect]


def _already(action: Action, done: Done, user_id: int) -> str:
    if done.by is None:
        return f"Somebody has {_BEFORE[action]} on the platform."
    what = _BEFORE[done.by.action]
    if done.by.actor.user_id == user_id:
        return f"You have {what}."
    return f"@{words.disarmed(done.by.actor.name, _MAX_NAME)} has {what}."
