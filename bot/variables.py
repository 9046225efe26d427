"""Variables of the environment that nobody reads: most likely ones that were misspelled."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Nobody else has variables of this prefix; those of the others are common among programs.
_OURS = "TWENTYTHREE_"
_PREFIXES = (_OURS, "DISCORD_", "BOT_")
# How alike what follows the prefix must be to be meant; where the prefix is another program's
# too, more so; and without a prefix of ours, the whole name.
_ALIKE = {_OURS: 0.54, "": 0.85}
_ALIKE_AMONG_OTHERS = 0.7


@dataclass(frozen=True, slots=True)
class Unknown:
    """What to tell of such variables, a sentence each.

    A problem is one that we miss; a warning one that may belong to another program.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def unknown_variables(environment: Mapping[str, str], known: Collection[str]) -> Unknown:
    """Look for variables that look as if they were meant for the bot, and are not read."""
    given = {name.upper() for name, value in environment.items() if value}
    problems, warnings = [], []
    for name in sorted(given.difference(known)):
        meant = _meant(name, known)
        if meant is None and not name.startswith(_PREFIXES):
            continue
        said = f"{name} is no variable of this bot"
        if name.startswith(_OURS) or (meant is not None and meant not in given):
            hint = f"did you mean {meant}?" if meant else ".env.example lists them all."
            problems.append(f"{said}; {hint}")
        else:
            warnings.append(f"{said}; it is ignored.")
    return Unknown(tuple(problems), tuple(warnings))


def _meant(name: str, known: Collection[str]) -> str | None:
    prefix = next(filter(name.startswith, _PREFIXES), "")
    # The prefix alone would make all of them alike.
    names = {one.removeprefix(prefix): one for one in known if one.startswith(prefix)}
    cutoff = _ALIKE.get(prefix, _ALIKE_AMONG_OTHERS)
    alike = difflib.get_close_matches(name.removeprefix(prefix), names, n=1, cutoff=cutoff)
    return names[alike[0]] if alike else None
