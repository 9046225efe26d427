"""A REST request without the network: what a route gets, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias

from .errors import Problem, invalid_form, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent."""

    name: str
    content_type: str
    data: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request; ``parts`` are the values in its path, ``body`` its JSON."""

    method: str
    path: str
    template: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    uploads: tuple[Upload, ...] = ()

    def id(self, name: str) -> int:
        """Return an ID from the path.

        Raises:
            ApiError: it is no number.
        """
        text = self.parts[name]
        if not text.isdecimal():
            raise invalid_form([_no_snowflake(name, text)])
        return int(text)

    def object(self) -> dict[str, Any]:
        """Return the body, which must be an object.

        Raises:
            ApiError: 50109.
        """
        if not isinstance(self.body, dict):
            raise refusal(50109)
        return self.body

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a number from the query.

        Raises:
            ApiError: it is out of range or no number.
        """
        text = self.query.get(name, str(default))
        value = int(text) if text.isdecimal() else least - 1
        if not least <= value <= most:
            message = f"int value should be between {least} and {most}."
            raise invalid_form([(name, "NUMBER_TYPE_RANGE", message)])
        return value

    def snowflake(self, name: str) -> int | None:
        """Return an ID from the query, ``None`` if it is not there."""
        text = self.query.get(name)
        if text is None or text.isdecimal():
            return None if text is None else int(text)
        raise invalid_form([_no_snowflake(name, text)])


def _no_snowflake(name: str, text: str) -> Problem:
    return name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.'


@dataclass(slots=True, kw_only=True)
class Answer:
    """What goes back; a body of ``None`` is no body."""

    status: int = HTTPStatus.OK
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


NO_CONTENT = HTTPStatus.NO_CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of Discord's API; ``handle`` runs without interruption."""

    method: str
    template: str
    handle: Callable[[Call], Answer]
    needs_token: bool = True
    is_limited: bool = True

    @property
    def name(self) -> str:
        """The method and the template."""
        return f"{self.method} {self.template}"


Routes: TypeAlias = list[Route]


@dataclass(slots=True, kw_only=True)
class Post:
    """A request as the log has it; ``status`` is ``None`` until it is answered.

    Attributes:
        at: seconds since 1970.
        is_fault: the answer was made by a fault, not by the stand-in.
        is_lost: the client was given no answer.
    """

    at: float
    method: str
    path: str
    template: str
    query: Mapping[str, str]
    request: Any
    status: int | None = None
    response: Any = None
    is_fault: bool = False
    is_lost: bool = False
