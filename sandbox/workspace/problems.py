"""Refusals of the API."""

from __future__ import annotations


class Problem(Exception):  # noqa: N818 - the API's own answer, not a failure of ours
    """The answer of version 2: a status, a machine's code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def denied(what: str = "this") -> Problem:
    """Return the refusal for a level that is too low."""
    return Problem(403, "permission_denied", f"You do not have permission for {what}.")


def unknown(code: str = "no_such_object") -> Problem:
    """Return the refusal for an ID that is not there, or not for the caller."""
    return Problem(404, code, "No such object.")


def switched_off(what: str) -> Problem:
    """Return the refusal for what is switched off on an object; the code is a guess."""
    return Problem(412, "feature_not_available", f"{what} are switched off.")


def invalid(name: str) -> Problem:
    """Return the refusal for a parameter."""
    return Problem(400, "invalid_input", f"The parameter {name} is missing or cannot be read.")
