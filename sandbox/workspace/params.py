"""What is read from a call's parameters."""

from __future__ import annotations

from collections.abc import Mapping

from .problems import Problem, invalid

Params = Mapping[str, str]
_TRUE = frozenset({"1", "t", "true"})
_KINDS = frozenset({"comment", "chat", "question"})
COMMENT_MODES = frozenset({"full", "none", "speakers", "admins"})
QUESTION_MODES = frozenset({"full", "ask", "none"})


def number(params: Params, name: str, default: int | None = None) -> int:
    """Return a whole number among the parameters.

    Raises:
        Problem: it is missing and has no default, or is no number.
    """
    text = params.get(name, "")
    if not text and default is not None:
        return default
    if not text.isdecimal():
        raise invalid(name)
    return int(text)


def flag(params: Params, name: str, *, default: bool = False) -> bool:
    """Return a boolean among the parameters, in any spelling."""
    text = params.get(name, "").lower()
    return text in _TRUE if text else default


def seconds(params: Params, name: str) -> float | None:
    """Return a position on a time line among the parameters, ``None`` where there is none.

    Raises:
        Problem: it is no number.
    """
    text = params.get(name, "")
    if not text:
        return None
    if not text.replace(".", "", 1).isdecimal():
        raise invalid(name)
    return float(text)


def mode(params: Params, name: str, known: frozenset[str], default: str) -> str:
    """Return a mode among the parameters.

    Raises:
        Problem: there is no such mode.
    """
    found = params.get(name) or default
    if found not in known:
        raise invalid(name)
    return found


def kind_of(params: Params, name: str = "comment_type", default: str = "comment") -> str:
    """Return the kind of a new comment.

    Raises:
        Problem: there is no such kind.
    """
    kind = params.get(name) or default
    if kind not in _KINDS:
        raise Problem(400, "invalid_type", "No such type of comment.")
    return kind
