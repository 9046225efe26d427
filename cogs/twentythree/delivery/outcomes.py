"""What became of a request to Discord, as a value, and one table that says it of every error.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json, and of a 429 what its
headers and its body ask for: https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import aiohttp
import discord

from ..languages import kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Discord shows the message."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The message was there, and somebody has deleted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLater:
    """It may have worked or not; the same again, with the same nonce, does no harm.

    ``after_s`` is the shortest wait that Discord, or the kind of error, asks for. ``code`` is set
    where Discord said no and it is not known what that means, so that it may be about this
    message alone: its code, or 0 for an answer without one. ``is_local``: by a limit of requests
    of this kind in this room; others may go.
    """

    reason: str
    after_s: float = 0.0
    code: int | None = None
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRoom:
    """The room takes nothing until people change something; ``reason`` tells them what."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """The thread is archived and must be opened first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Discord will never take this body; ``reason`` is a word for the record."""

    reason: str


Outcome: TypeAlias = Delivered | Removed | RetryLater | PauseRoom | GiveUp
Answer: TypeAlias = Outcome | Reopen


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """For how long nothing is to be asked, and of what.

    ``after_s`` is the longer of what body and headers say: an edit's limit of twenty minutes
    comes with a header that says one second. ``code`` is Discord's, 0 for none.
    """

    after_s: float
    code: int = 0
    is_global: bool = False

    @property
    def is_long(self) -> bool:
        """Say whether discord.py must not sleep it out within the request.

        Of a limit of all requests it closes a lock that it does not open again where the request
        is cut off.
        """
        return self.is_global or self.code != 0 or self.after_s > _SHORT_S


class HeldError(Exception):
    """A request was given up on its way, and may be made again after so many seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class TooManyRefusalsError(HeldError):
    """It was held back, since Discord bans addresses that it refuses too often."""


class OnceError(HeldError):
    """It may have had its effect, and would have it again: it was not sent a second time."""


class UncertainLeadError(HeldError):
    """Another process may lead by now, and post it; so this one does not."""


class LimitedError(HeldError):
    """Discord refused it by a limit that is not slept out within a request; see ``Wait``."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(wait.after_s)
        self.wait = wait


# What a request to Discord raises that :func:`outcome_of` has an answer to. A ValueError is JSON
# that cannot be read, a RecursionError such that is nested too deeply; the three after them are of
# JSON of another shape, or of a page in its place.
REQUEST_ERRORS: Final = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    ValueError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
    HeldError,
)
# To ask once an hour harms nobody, and what asks for more may be a mistake.
_LONGEST_S: Final = 3_600.0
# What is shorter, and of one bucket, is left to discord.py: sleeping it out harms nobody.
_SHORT_S: Final = 5.0
# Errors that mean trouble of a kind that passes slowly are not asked about more often than this.
_SLOW_S = 600.0

_NO_VIEW = PauseRoom(reason=kept("The bot cannot see this room; grant it View Channel there."))
NO_PERMISSION = PauseRoom(
    reason=kept(
        "The bot may not post in this room; grant it View Channel, Send Messages (in a "
        "thread: Send Messages in Threads) and Embed Links there."
    )
)
LOCKED = PauseRoom(
    reason=kept("The thread is closed and locked; open it, or grant the bot Manage Threads.")
)
_TOO_MANY_EDITS = RetryLater(reason=kept("too many edits of an old message"), after_s=_SLOW_S)
_WRONG_KIND = PauseRoom(
    reason=kept("This room takes no messages; attach to a text channel or a thread.")
)
CLOSED = PauseRoom(
    reason=kept("People have closed the thread; open it, and what waits is posted there.")
)
_NO_THREADS = PauseRoom(
    reason=kept(
        "The bot may not open a thread in this room; grant it View Channel, Create Public "
        "Threads and Send Messages in Threads there."
    )
)
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
HAS_THREAD: Final = 160004
# What discord.py makes of an answer without a body.
NOTHING: Final = ("", None)
_TOO_MANY_THREADS = PauseRoom(
    reason=kept(
        "The thread cannot be opened: the server has as many open threads as Discord allows; "
        "close some, or attach to another room."
    )
)
# Given up is what Discord has judged the body to be; all else waits.
_BY_CODE: dict[int, Answer] = {
    10003: PauseRoom(
        reason=kept("The room was deleted; attach to another room and detach this one.")
    ),
    10004: PauseRoom(reason=kept("The bot is no longer in the server; invite it again.")),
    10008: Removed(),
    20009: GiveUp(reason=kept("explicit content")),
    20016: RetryLater(reason=kept("slow mode")),
    20022: RetryLater(reason=kept("the limit of announcements"), after_s=_SLOW_S),
    20028: RetryLater(reason=kept("the room's rate limit")),
    20029: RetryLater(reason=kept("the server's rate limit")),
    30033: PauseRoom(
        reason=kept(
            "The thread has as many members as Discord allows; remove some, or attach to "
            "another room."
        )
    ),
    30046: _TOO_MANY_EDITS,
    40004: RetryLater(reason=kept("Discord has switched off sending for now")),
    40005: GiveUp(reason=kept("too large")),
    40006: RetryLater(reason=kept("Discord has switched this off for now")),
    40062: RetryLater(reason=kept("rate limited")),
    40333: RetryLater(reason=kept("Discord's network fails")),
    50001: _NO_VIEW,
    50006: GiveUp(reason=kept("empty")),
    50008: _WRONG_KIND,
    50013: NO_PERMISSION,
    50024: _WRONG_KIND,
    50035: GiveUp(reason=kept("invalid form")),
    50045: GiveUp(reason=kept("too large")),
    50083: Reopen(),
    130000: RetryLater(reason=kept("Discord is overloaded")),
    160005: LOCKED,
    160006: _TOO_MANY_THREADS,
    160007: _TOO_MANY_THREADS,
    200000: GiveUp(reason=kept("automod")),
    200001: GiveUp(reason=kept("automod")),
    240000: GiveUp(reason=kept("harmful link")),
}
_BY_STATUS: dict[int, Answer] = {
    HTTPStatus.UNAUTHORIZED: RetryLater(reason=kept("the bot's token is refused"), after_s=_SLOW_S),
    HTTPStatus.REQUEST_TIMEOUT: RetryLater(reason=kept("status 408")),
    HTTPStatus.TOO_MANY_REQUESTS: RetryLater(reason=kept("rate limited"), after_s=5.0),
}


def outcome_of(error: BaseException) -> Answer:
    """Return what an error of discord.py, of aiohttp or of the network means for a message."""
    match error:
        case LimitedError():
            return _of_wait(error.wait)
        case TooManyRefusalsError():
            return RetryLater(reason=kept("too many refusals in ten minutes"), after_s=error.wait_s)
        case UncertainLeadError():
            return RetryLater(reason=kept("another bot may lead by now"), after_s=error.wait_s)
        case discord.RateLimited():
            return RetryLater(reason=kept("rate limited"), after_s=error.retry_after)
        case discord.HTTPException():
            return _of_answer(error)
        case _:
            # No answer, or none that can be read: the message may be there all the same.
            return RetryLater(reason=kept("no answer"))


def _of_wait(wait: Wait) -> RetryLater:
    known = _BY_CODE.get(wait.code)
    if not isinstance(known, RetryLater):
        known = RetryLater(reason=kept("rate limited"))
    # What Discord tells counts; the table knows better only where it tells nothing.
    return replace(known, after_s=wait.after_s or known.after_s, is_local=not wait.is_global)


def _of_answer(error: discord.HTTPException) -> Answer:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RetryLater(reason=f"status {error.status}")
    # Whoever stands before Discord answers in HTML, or in JSON of another kind.
    said: object = error.code
    code = said if isinstance(said, int) else 0
    known = _BY_CODE.get(code) or _BY_STATUS.get(error.status)
    what = f"code {code}" if code else f"status {error.status}"
    return known or RetryLater(reason=kept("refused, {what}").format(what=what), code=code)


def opening_outcome(answer: Answer) -> Outcome:
    """Return what an answer means for a thread that was to be opened on a message."""
    if isinstance(answer, Reopen):
        return _WRONG_KIND
    return _NO_THREADS if answer == NO_PERMISSION else answer


def is_past_editing(outcome: Outcome) -> bool:
    """Tell whether a message can only be posted anew: it is too old to be edited so often.

    Or Discord does not take the edit at all.
    """
    is_too_old = isinstance(outcome, RetryLater) and outcome.reason == _TOO_MANY_EDITS.reason
    return is_too_old or isinstance(outcome, GiveUp)


def wait_of(headers: Mapping[str, str], body: bytes) -> Wait:
    """Read a 429; what cannot be read asks for nothing."""
    said = _json_of(body)
    code = said.get("code")
    return Wait(
        after_s=max(_seconds(headers.get("Retry-After")), _seconds(said.get("retry_after"))),
        code=code if isinstance(code, int) else 0,
        # discord.py closes its lock for whatever counts as true.
        is_global="X-RateLimit-Global" in headers or bool(said.get("global")),
    )


def _json_of(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(said: object) -> float:
    if not isinstance(said, int | float | str):
        return 0.0
    try:
        seconds = float(said)
    except (ValueError, OverflowError):
        return 0.0
    return min(_LONGEST_S, seconds) if math.isfinite(seconds) and seconds > 0 else 0.0
