"""Permission levels: what each shows of the workspace, and what it lets be changed.

They are the words of TwentyThree's ``permission_level``, which comes with every answer.
"""

from __future__ import annotations

from collections.abc import Iterable

_LEVELS = ("none", "anonymous", "read", "write", "admin", "super")


def is_reader(level: str | None) -> bool:
    """Whether a permission level sees what is unpublished or private; unknown ones do not."""
    return level in _LEVELS[_LEVELS.index("read") :]


def is_writer(level: str | None) -> bool:
    """Whether a permission level may change comments; unknown ones may not."""
    return level in _LEVELS[_LEVELS.index("write") :]


def is_lower(level: str | None, before: str | None) -> bool:
    """Whether a permission level shows less of the workspace than another one."""
    return _sight(level) < _sight(before)


def replaces(level: str | None, before: str | None) -> bool:
    """Whether a level is to be remembered in place of an earlier one.

    It shows more of the workspace; or as much, and another thing is allowed.
    """
    if _sight(level) == _sight(before):
        return is_writer(level) is not is_writer(before)
    return is_lower(before, level)


def lowest(levels: Iterable[str | None]) -> str | None:
    """Return the level that shows least, of those that were told; ``None``: none was."""
    return min((one for one in levels if one is not None), key=_sight, default=None)


def _sight(level: str | None) -> int:
    # Whatever may be read is seen from the level "read" on.
    at = _LEVELS.index(level) if level in _LEVELS else 0
    return min(at, _LEVELS.index("read"))
