"""Everything the plugin raises on purpose.

The tree (Local: we or the operator misused something; Remote: the other side did)::

    TwentyThreeError
    ├── ConfigurationError        a variable is wrong or missing
    ├── StorageError              the database cannot be used
    │   ├── DatabaseInUseError         another process works with it
    │   └── LeadLostError              another process has taken over
    ├── LocalProtocolError        our own code misused the Bayeux session
    ├── RealtimeClosedError       the realtime client was used after it had ended
    ├── NothingToHearError             realtime cannot be listened to now
    ├── ForeignFileError               a file is none of `/video export`
    ├── NotPublicError                 nobody agreed to show what is private or unpublished
    └── WorkspaceError            a call of the TwentyThree API did not give what was asked for
        ├── WorkspaceUnreachableError  no answer, or a 5xx: may pass
        ├── CredentialsRefusedError    401, or a signature the workspace does not accept
        ├── AccessDeniedError          403: the credentials' permission level is too low
        ├── UnknownObjectError         the workspace has no such object, or hides it from us
        ├── UnreadableAnswerError      the answer is not what the documents say
        └── WorkspaceRefusedError      any other refusal, with the workspace's code

Facts are attributes; the text is made in ``__str__`` and is one sentence that can be shown
to a person. No text ever holds a token, a signature or a channel name.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from .languages import kept, retold

# Of a mistake of ours there is no more to say to people.
MISTAKE = kept("Something went wrong inside the bot; whoever runs it finds the reason in its log.")


class TwentyThreeError(Exception):
    """Root of the plugin's errors."""

    def told(self) -> str:
        """Return the text in the language that is spoken; ``str`` is for logs, in English."""
        return retold(str(self))


class ConfigurationError(TwentyThreeError):
    """A variable is wrong or missing; the text names it and says what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)


class StorageError(TwentyThreeError):
    """The database cannot be used; the text says why and what to do."""


class StorageClosedError(StorageError):
    """The plugin ends, and has closed the database."""

    def __init__(self) -> None:
        super().__init__(kept("The bot is stopping, or being started anew; try again in a moment."))


class StorageLostError(StorageError):
    """The database's file was deleted or replaced under us; only a new start can help."""


class DatabaseInUseError(StorageError):
    """Another process works with the database; the text names both."""


class LeadLostError(StorageError):
    """Another process has taken over the database, or may have; this one can only stand by."""


class LocalProtocolError(TwentyThreeError):
    """Our own code asked the Bayeux session for something its state does not allow."""


class RealtimeClosedError(TwentyThreeError):
    """The realtime client has ended; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return kept("The realtime connection has ended: {reason}.").format(reason=self.reason)


class NothingToHearError(TwentyThreeError):
    """Realtime cannot be listened to now; ``reason`` is a sentence or two, with what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ForeignFileError(TwentyThreeError):
    """A file is none that the bot has written; ``reason`` says why, within a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return kept("This file is none of `/video export`: {reason}.").format(reason=self.reason)


class NotPublicError(TwentyThreeError):
    """Nobody agreed to show what is private or unpublished."""

    def __str__(self) -> str:
        return kept(
            "This is private or unpublished now; give the command again to be asked about it."
        )


class WorkspaceError(TwentyThreeError):
    """A call of the TwentyThree API did not give what was asked for.

    Attributes:
        method: the API method, e.g. ``comment/list``.
        code: the workspace's machine-readable code, or ``None``.
        message: the workspace's own words, or ``None``; shown only in logs.
    """

    def __init__(self, method: str, code: str | None = None, message: str | None = None) -> None:
        super().__init__(method, code, message)
        self.method = method
        self.code = code
        self.message = message

    def __str__(self) -> str:
        if not self.code:
            return kept("The workspace refused {method}.").format(method=self.method)
        said = kept("The workspace refused {method} ({code}).")
        return said.format(method=self.method, code=self.code)


# The methods that change something: none of them is called twice for one thing.
WRITING = frozenset(
    {"comment/add", "comment/clone", "comment/delete", "comment/promote", "comment/update"}
)
_UNREACHED = {
    None: kept("no answer"),
    "timeout": kept("no answer in time"),
    "certificate": kept("its certificate is not to be trusted"),
    "connection": kept("no connection"),
    "unreadable": kept("its answer could not be read"),
}


class WorkspaceUnreachableError(WorkspaceError):
    """No answer, or a server error; trying again later may work.

    ``was_sent``: the workspace may have done what it was asked, although it did not say so.
    """

    def __init__(
        self,
        method: str,
        code: str | None = None,
        message: str | None = None,
        *,
        was_sent: bool = True,
    ) -> None:
        super().__init__(method, code, message)
        self.was_sent = was_sent

    @property
    def why(self) -> str:
        """What happened, in words."""
        return _UNREACHED.get(self.code, kept("it answered {code}").format(code=self.code))

    def __str__(self) -> str:
        return kept(
            "The TwentyThree workspace could not be reached ({why}); try again in a minute."
        ).format(why=self.why)


class CredentialsRefusedError(WorkspaceError):
    """The workspace does not accept the credentials."""

    def __str__(self) -> str:
        return kept(
            "The TwentyThree workspace does not accept the bot's credentials; check the "
            "TWENTYTHREE_ variables."
        )


class AccessDeniedError(WorkspaceError):
    """The credentials' permission level is too low for this call."""

    def __str__(self) -> str:
        said = kept(
            "The bot's TwentyThree credentials may not use {method}; give it credentials with a "
            "higher permission level."
        )
        if self.method in WRITING:
            said = kept(
                "The bot's TwentyThree credentials may not use {method}; give it credentials with "
                "the permission level write."
            )
        return said.format(method=self.method)


class UnknownObjectError(WorkspaceError):
    """The workspace has no such object or comment, or hides it from these credentials."""

    def __str__(self) -> str:
        # What is added belongs to an object, and may answer a comment; the rest is of a comment.
        is_of_comment = self.method in WRITING and self.method != "comment/add"
        if is_of_comment or self.code == "no_such_comment":
            return kept(
                "The workspace has this comment no more, or the bot's credentials may not see it."
            )
        if self.method.startswith("album/"):
            return kept(
                "The workspace has no category with this ID, or the bot's credentials may not "
                "see it; check the ID, or give the bot read access."
            )
        return kept(
            "The workspace has no video or live event with this ID, or the bot's credentials may "
            "not see it; check the ID, or give the bot read access."
        )


class UnreadableAnswerError(WorkspaceError):
    """The answer is not what the documents say."""

    def __str__(self) -> str:
        if self.code == "no_comment_in_rows":
            return kept(
                "The workspace's comments could not be read, so its interface may have "
                "changed; update the bot, or report this with the lines of its log."
            )
        return kept(
            "The answer to {method} could not be read; check that TWENTYTHREE_SITE_URL "
            "names a TwentyThree workspace."
        ).format(method=self.method)


# Sources: https://github.com/23/DeveloperDocumentation, comment-add.md and error-codes.md, and the
# vendor's OpenAPI document for the rest. Which code stands for comments that are switched off no
# document says. The last two are our own.
_REFUSALS = {
    ("comment/add", "comment_is_spam"): (
        kept("The workspace takes this text for spam; say it in other words, or reply there.")
    ),
    ("comment/add", "feature_not_available"): (
        kept("Nobody can comment there now: comments are switched off in the workspace.")
    ),
    ("comment/add", "invalid_input"): (
        kept("The workspace does not take this text; it may be too long, so shorten it.")
    ),
    ("comment/update", "invalid_type"): (
        kept(
            "The workspace marks nothing but what was said at live events as answered or dismissed."
        )
    ),
    ("comment/add", "empty"): kept("There is no text to send; write one."),
    ("comment/add", "too_long"): kept("The text is too long to be sent; shorten it."),
}


class WorkspaceRefusedError(WorkspaceError):
    """Any other refusal, with the workspace's code."""

    def __str__(self) -> str:
        return _REFUSALS.get((self.method, self.code or ""), super().__str__())


def expected(error: BaseException) -> str | None:
    """Return what to say of a failure that is no mistake of ours; ``None`` of any other.

    Of a group of failures, each must be such.
    """
    if isinstance(error, BaseExceptionGroup):
        said = [expected(one) for one in error.exceptions]
        known = [text for text in said if text is not None]
        # Many tasks may have failed of one cause.
        return " ".join(dict.fromkeys(known)) if len(known) == len(said) else None
    is_expected = isinstance(error, StorageError | WorkspaceError | ConfigurationError)
    return str(error) if is_expected else None


def told_of(error: Exception) -> str:
    """Return what to tell people of a failure of any kind: a sentence."""
    return expected(error) or MISTAKE


@contextmanager
def apart(log: logging.Logger, what: str) -> Generator[None]:
    """Keep a mistake of ours to what it was made with, so that the rest goes on.

    Trouble with the database is no such thing: whoever does all of the work waits for that.
    """
    try:
        yield
    except StorageError:
        raise
    except Exception as error:  # supervision: the rest goes on
        # Of a group of tasks, one error of the database is enough.
        if isinstance(error, BaseExceptionGroup) and error.subgroup(StorageError) is not None:
            raise
        log_failure(log, what, error)


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log a failure at a supervision point: with its traceback unless it was to be expected.

    Of a lead that was lost there is one line for all that fails by it, said elsewhere.
    """
    said = expected(error)
    if _is_of_lost_lead(error):
        log.debug("%s: %s", what, said)
    elif said is None:
        log.error("%s", what, exc_info=error)
    else:
        log.error("%s: %s", what, said)


def _is_of_lost_lead(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_of_lost_lead, error.exceptions))
    return isinstance(error, LeadLostError)
