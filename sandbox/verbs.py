"""Verbs: what may be asked of the sandbox from outside, by name and with JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from pydantic import ConfigDict, ValidationError, validate_call

from .chat import NoReplyError, NotOfferedError
from .workspace import Problem

Asked: TypeAlias = dict[str, Any]
Verb: TypeAlias = Callable[[Asked], Awaitable[object]]

REFUSALS: Final = (
    Problem,
    NotOfferedError,
    NoReplyError,
    LookupError,
    TimeoutError,
    TypeError,
    ValueError,
)
"""What a verb raises where what is asked cannot be done; see :func:`sentence`."""


def verb(function: Callable[..., object]) -> Verb:
    """Return a verb that calls a function with what was asked as its arguments.

    The function's annotations say what is taken; numbers may come as strings. It may be
    asynchronous. The verb raises ``ValueError`` with a sentence for arguments that do not fit.
    """
    checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)

    async def run(asked: Asked) -> object:
        try:
            found = checked(**asked)
            return await found if isinstance(found, Awaitable) else found
        except ValidationError as error:
            raise ValueError(_problems(error)) from error

    return run


def sentence(error: Exception) -> str:
    """Return what a refusal says."""
    match error:
        case KeyError():
            return f"{error} is missing, or nothing has this ID."
        case TimeoutError():
            return "What was waited for did not come in time."
        case _:
            return str(error) or type(error).__name__


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found) + "."
