"""Discord's errors, with its codes and the shape of its bodies.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeAlias

Problem: TypeAlias = tuple[str, str, str]
"""Where (dotted path into the body), the form error's code, and its message."""


class ApiError(Exception):
    """A request is refused."""

    def __init__(
        self, status: int, code: int, message: str, *, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


class NotOfferedError(Exception):
    """A person cannot do this: Discord's client would not offer it to them."""


class NoReplyError(Exception):
    """The bot did not answer an interaction; people see "The application did not respond"."""


_TEXTS: dict[int, tuple[HTTPStatus, str]] = {
    0: (HTTPStatus.NOT_FOUND, "404: Not Found"),
    10003: (HTTPStatus.NOT_FOUND, "Unknown Channel"),
    10004: (HTTPStatus.NOT_FOUND, "Unknown Guild"),
    10007: (HTTPStatus.NOT_FOUND, "Unknown Member"),
    10008: (HTTPStatus.NOT_FOUND, "Unknown Message"),
    10013: (HTTPStatus.NOT_FOUND, "Unknown User"),
    10015: (HTTPStatus.NOT_FOUND, "Unknown Webhook"),
    10062: (HTTPStatus.NOT_FOUND, "Unknown interaction"),
    10063: (HTTPStatus.NOT_FOUND, "Unknown application command"),
    10070: (HTTPStatus.NOT_FOUND, "Unknown Guild Scheduled Event"),
    10087: (HTTPStatus.NOT_FOUND, "Unknown tag"),
    20016: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "This action cannot be performed due to slowmode rate limit",
    ),
    20022: (
        HTTPStatus.BAD_REQUEST,
        "This message cannot be edited due to announcement rate limits",
    ),
    20028: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "The write action you are performing on the channel has hit the write rate limit",
    ),
    20029: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "The write action you are performing on the server has hit the write rate limit",
    ),
    30033: (
        HTTPStatus.BAD_REQUEST,
        "Maximum number of thread participants has been reached (1000)",
    ),
    30034: (
        HTTPStatus.BAD_REQUEST,
        "Max number of daily application command creates has been reached (200)",
    ),
    30038: (
        HTTPStatus.BAD_REQUEST,
        "Maximum number of uncompleted guild scheduled events reached (100)",
    ),
    30046: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Maximum number of edits to messages older than 1 hour reached. Try again later.",
    ),
    40004: (HTTPStatus.BAD_REQUEST, "Send messages has been temporarily disabled"),
    40006: (HTTPStatus.BAD_REQUEST, "This feature has been temporarily disabled server-side"),
    40033: (HTTPStatus.BAD_REQUEST, "This message has already been crossposted."),
    40060: (HTTPStatus.BAD_REQUEST, "Interaction has already been acknowledged."),
    40067: (HTTPStatus.BAD_REQUEST, "A tag is required to create a forum post in this channel"),
    40333: (HTTPStatus.FORBIDDEN, "internal network error"),
    50001: (HTTPStatus.FORBIDDEN, "Missing Access"),
    50005: (HTTPStatus.FORBIDDEN, "Cannot edit a message authored by another user"),
    50006: (HTTPStatus.BAD_REQUEST, "Cannot send an empty message"),
    50007: (HTTPStatus.FORBIDDEN, "Cannot send messages to this user"),
    50008: (HTTPStatus.BAD_REQUEST, "Cannot send messages in a non-text channel"),
    50013: (HTTPStatus.FORBIDDEN, "Missing Permissions"),
    50024: (HTTPStatus.BAD_REQUEST, "Cannot execute action on this channel type"),
    50027: (HTTPStatus.UNAUTHORIZED, "Invalid Webhook Token"),
    50033: (HTTPStatus.BAD_REQUEST, "Invalid Recipient(s)"),
    50035: (HTTPStatus.BAD_REQUEST, "Invalid Form Body"),
    50083: (HTTPStatus.BAD_REQUEST, "Thread is archived"),
    50109: (HTTPStatus.BAD_REQUEST, "The request body contains invalid JSON."),
    130000: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "API resource is currently overloaded. Try again a little later",
    ),
    160004: (HTTPStatus.BAD_REQUEST, "A thread has already been created for this message"),
    160005: (HTTPStatus.BAD_REQUEST, "Thread is locked"),
    160006: (HTTPStatus.BAD_REQUEST, "Maximum number of active threads reached"),
    160007: (HTTPStatus.BAD_REQUEST, "Maximum number of active announcement threads reached"),
    180000: (HTTPStatus.BAD_REQUEST, "Cannot update a finished event"),
    200000: (HTTPStatus.BAD_REQUEST, "Message was blocked by automatic moderation"),
    200001: (HTTPStatus.BAD_REQUEST, "Title was blocked by automatic moderation"),
    240000: (HTTPStatus.BAD_REQUEST, "Message blocked by harmful links filter"),
}


def refusal(code: int) -> ApiError:
    """Return the error of a code, with its usual status and text."""
    status, text = _TEXTS[code]
    return ApiError(status, code, text)


def unauthorized() -> ApiError:
    """Return the error for a token that is missing or wrong."""
    return ApiError(HTTPStatus.UNAUTHORIZED, 0, "401: Unauthorized")


def invalid_form(problems: list[Problem]) -> ApiError:
    """Return the error 50035 for a body with these problems.

    At each place there are either problems or places below it, as in Discord's bodies; of both,
    what was found first stays.
    """
    errors: dict[str, Any] = {}
    for path, code, message in problems:
        place = errors
        for part in path.split("."):
            if "_errors" in place:
                break
            place = place.setdefault(part, {})
        else:
            if set(place) <= {"_errors"}:
                place.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(HTTPStatus.BAD_REQUEST, 50035, "Invalid Form Body", errors=errors)


def too_long(path: str, most: int) -> Problem:
    """Return the problem of a value with more than ``most`` characters or items."""
    return path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."


def required(path: str) -> Problem:
    """Return the problem of a value that is missing."""
    return path, "BASE_TYPE_REQUIRED", "This field is required"
