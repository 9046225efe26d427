"""Notices and live states as JSON, for the store."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from .model import LiveState, Notice

_NOTICE: TypeAdapter[Notice] = TypeAdapter(Annotated[Notice, Field(discriminator="type")])
_STATE: TypeAdapter[LiveState] = TypeAdapter(LiveState)


def dump(notice: Notice) -> str:
    """Return a notice as JSON; the same notice always gives the same text."""
    return _NOTICE.dump_json(notice).decode()


def load(payload: str) -> Notice:
    """Return the notice that :func:`dump` made.

    Raises:
        ValueError: the text is none of ours.
    """
    return _NOTICE.validate_json(payload)


def dump_state(state: LiveState) -> str:
    """Return a live state as JSON."""
    return _STATE.dump_json(state).decode()


def load_state(payload: str) -> LiveState:
    """Return the live state that :func:`dump_state` made.

    Raises:
        ValueError: the text is none of ours.
    """
    return _STATE.validate_json(payload)
