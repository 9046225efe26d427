"""What goes wrong in a run, and when: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

COMMENTS = 30
_OBJECTS = 2
_MEAN_GAP_S = 0.3
_SHARE_OF_BURSTS = 0.3
_SHARE_OF_BOTH = 0.3

_Given: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fault: its name, what it is given, and the seconds since the one before."""

    after_s: float
    name: str
    given: Mapping[str, Any]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.given.items())
        return f"+{self.after_s:.2f}s {self.name}({given})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One comment: on which object, and the seconds since the one before."""

    after_s: float
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run. ``is_real``: with the Faye from npm; ``is_limited``: with small rate limits."""

    seed: int
    is_real: bool
    is_limited: bool
    comments: tuple[Said, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        faye = "npm's Faye" if self.is_real else "the sandbox's Faye"
        limits = ", rate limits" if self.is_limited else ""
        steps = "\n".join(f"    {step}" for step in self.steps)
        return f"seed {self.seed}: {faye}{limits}\n{steps}"


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed."""
    chance = random.Random(seed)  # noqa: S311 - play, not security
    is_real = chance.random() < 0.3
    is_limited = chance.random() < 0.3
    comments = tuple(
        Said(after_s=_gap_s(chance), place=chance.randrange(_OBJECTS)) for _ in range(COMMENTS)
    )
    steps = [_step(chance) for _ in range(chance.randint(4, 7))]
    if chance.random() < _SHARE_OF_BOTH:
        steps.insert(chance.randrange(len(steps)), _both_away(chance))
    return Plan(
        seed=seed, is_real=is_real, is_limited=is_limited, comments=comments, steps=tuple(steps)
    )


def _gap_s(chance: random.Random) -> float:
    return 0.0 if chance.random() < _SHARE_OF_BURSTS else chance.expovariate(1 / _MEAN_GAP_S)


def _step(chance: random.Random) -> Step:
    names = tuple(_MAKERS)
    (name,) = chance.choices(names, weights=[_MAKERS[one][0] for one in names])
    given = _MAKERS[name][1](chance)
    return Step(after_s=round(chance.uniform(0.0, 0.8), 2), name=name, given=given)


def _when(chance: random.Random) -> str:
    return chance.choice(("before", "after"))


def _seconds(chance: random.Random, most: float) -> float:
    return round(chance.uniform(0.05, most), 2)


def _away(chance: random.Random) -> _Given:
    """Return how long the bot is away, and whether what comes next waits for it."""
    return {"for_s": _seconds(chance, 0.5), "is_awaited": chance.random() < 0.7}


def _both_away(chance: random.Random) -> Step:
    given = {"for_s": _seconds(chance, 1.0), "workspace_s": _seconds(chance, 1.5)}
    return Step(after_s=_seconds(chance, 0.8), name="both_away", given=given)


def _refused(chance: random.Random) -> _Given:
    status = chance.choice((500, 502, 503, 429))
    # discord.py itself tries five times after a 500 or 502, in longer and longer intervals.
    return {"status": status, "when": _when(chance), "times": chance.randint(1, 2)}


_MAKERS: Mapping[str, tuple[float, Callable[[random.Random], _Given]]] = {
    "kill": (4, _away),
    "terminate": (2, _away),
    "kill_while_posting": (5, lambda chance: {"when": _when(chance), **_away(chance)}),
    "terminate_while_posting": (2, lambda chance: {"when": _when(chance), **_away(chance)}),
    "long_absence": (2, lambda chance: {"when": _when(chance), **_away(chance)}),
    "cut_posts": (5, lambda chance: {"when": _when(chance), "times": chance.randint(1, 3)}),
    "refuse_posts": (5, _refused),
    "ban": (0.3, lambda _: {}),
    "drop_gateway": (1, lambda _: {}),
    "ask_to_reconnect": (1, lambda _: {}),
    "invalidate": (1.5, lambda chance: {"is_resumable": chance.random() < 0.5}),
    "close_gateway": (0.5, lambda _: {}),
    "discord_away": (1, lambda chance: {"for_s": _seconds(chance, 1.0)}),
    "drop_realtime": (1.5, lambda _: {}),
    "forget_realtime": (1.5, lambda _: {}),
    "evict_realtime": (1.5, lambda _: {}),
    "realtime_away": (2, lambda chance: {"for_s": _seconds(chance, 1.0)}),
    "workspace_away": (2, lambda chance: {"for_s": _seconds(chance, 1.0)}),
    "break_workspace": (
        2,
        lambda chance: {"status": chance.choice((500, 502, 503)), "times": chance.randint(1, 4)},
    ),
    "lock_database": (2.5, lambda chance: {"for_s": _seconds(chance, 2.0)}),
    # Longer than one attempt waits for a lock, and than a stop may take.
    "lock_database_for_long": (0.15, lambda chance: {"for_s": 15 + _seconds(chance, 2.0)}),
}
