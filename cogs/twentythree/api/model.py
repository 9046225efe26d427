"""The words of the API package: what it is set up with, and what it answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..domain.model import Comment
from .auth import Anonymous, Credentials

Version = Literal["1", "2"]

# Ascending; every answer names the caller's own level.
_LEVELS = ("none", "anonymous", "read", "write", "admin", "super")


def is_reader(level: str | None) -> bool:
    """Whether a permission level sees what is unpublished or private; unknown ones do not."""
    return level in _LEVELS[_LEVELS.index("read") :]


def is_lower(level: str | None, before: str | None) -> bool:
    """Whether a permission level shows less of the workspace than another one."""
    return _sight(level) < _sight(before)


def _sight(level: str | None) -> int:
    # Whatever may be read is seen from the level "read" on.
    at = _LEVELS.index(level) if level in _LEVELS else 0
    return min(at, _LEVELS.index("read"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """How to call one workspace.

    ``site_url`` has no path and no slash at its end. ``timeout_s`` bounds one request,
    ``attempts`` how often one is made, ``retry_wait_s`` the first wait between two, ``max_body``
    the bytes of an answer.
    """

    site_url: str
    credentials: Credentials = field(default_factory=Anonymous)
    version: Literal["auto", "1", "2"] = "auto"
    timeout_s: float = 10
    attempts: int = 3
    retry_wait_s: float = 0.3
    max_body: int = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """The workspace, as its own answer names it, and how we get on with it.

    ``hosts`` are the names under which its pages are found, ``permission_level`` is the level of
    our credentials there, ``version`` the version of the API in use.
    """

    name: str
    hosts: frozenset[str]
    permission_level: str
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPage:
    """A page of an object's comments, newest first.

    ``total`` is the workspace's count of all pages, ``rows`` the number of rows on this one,
    those that could not be read included. ``is_cached``: the workspace says that it answered
    from a cache, so that the newest comments may be missing.
    """

    comments: tuple[Comment, ...]
    total: int | None
    is_cached: bool
    rows: int
