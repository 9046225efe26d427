"""What was set, as the trail keeps it in English, in the language that is spoken."""

from __future__ import annotations

import re

from ..languages import retold, tr_as

# Options whose values people choose; their names are the same in all languages.
CHOSEN = frozenset(
    {
        *("comments", "live", "at_end", "actions", "place", "calendar"),
        *("layout", "silent", "kinds", "language"),
    }
)
# Of these the number of words is kept.
_COUNTED = frozenset({"hide", "unhide"})
# Before an option, a room of `/video setup`, or its moderators: a value may hold commas as well.
_BETWEEN = re.compile(r", (?=[a-z_]+: |<#\d+>: |moderators <@)")
_SET = re.compile(r"([a-z_]+|<#\d+>): (.+)", re.DOTALL)


def detail_told(detail: str) -> str:
    """Say what was set: options as they were typed, with the words of what was chosen.

    What people have typed themselves stays as it is, and what is not known as well.
    """
    if (whole := retold(detail)) != detail:
        return whole
    return ", ".join(_told(part) for part in _BETWEEN.split(detail))


def _told(part: str) -> str:
    found = _SET.fullmatch(part)
    if found is None:
        return retold(part)
    name, value = found.groups()
    if name in CHOSEN or name.startswith("<#"):
        value = tr_as("choice", value)
    elif name in _COUNTED:
        value = retold(value)
    return f"{name}: {value}"
