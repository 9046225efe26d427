"""Verbs: what can be asked of the sandbox from another process, as tables of functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from pydantic import ConfigDict, ValidationError, validate_call

Asked: TypeAlias = dict[str, Any]
Verb: TypeAlias = Callable[[Asked], Awaitable[object]]


def verb(function: Callable[..., object]) -> Verb:
    """Return a verb that calls a function with what was asked as its arguments.

    The function's annotations say what is taken; numbers may come as strings. It may be
    asynchronous. The verb raises ``ValueError`` with a sentence for arguments that do not fit.
    """
    config = ConfigDict(arbitrary_types_allowed=True)
    checked = validate_call(config=config)(function)

    async def run(asked: Asked) -> object:
        try:
            found = checked(**asked)
            return await found if isinstance(found, Awaitable) else found
        except ValidationError as error:
            raise ValueError(_sentence(error)) from error

    return run


def _sentence(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found) + "."
