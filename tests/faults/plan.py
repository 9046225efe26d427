"""What goes wrong in a run, and when: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sandbox.workspace import Lie

from .mishaps import MISHAPS, OF_ACTIONS
from .wishes import ACTION_FAULTS, SHARE_OF_ACTIONS, ByHand, Wish, by_hand, drawn, wishes

DEEDS = 30
_OBJECTS = 2
_MEAN_GAP_S = 0.3
_SHARE_OF_BURSTS = 0.3
_SHARE_OF_BOTH = 0.3
_SHARE_OF_REAL = 0.3
_SHARE_OF_LIMITED = 0.3
_SHARE_OF_GENTLE = 0.25
_SHARE_OF_EDIT_LIMITED = 0.1
# Where another process has to take over, all takes longer.
_SLOWER = 3.0
# Of what people do, beside saying something.
_DEEDS: Mapping[str, float] = {"say": 24, "remove": 2, "rewrite": 2, "promote": 2}
# These take nothing away, so that an edit that is put off for long is of no harm.
_LASTING: Mapping[str, float] = {"say": 28, "promote": 2}

_Given: TypeAlias = dict[str, Any]
Makers: TypeAlias = Mapping[str, tuple[float, Callable[[random.Random], _Given]]]


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
class Deed:
    """What people do, and the seconds since the one before.

    ``say`` is on the object at this place; the others are about the comment at this share of all.
    """

    after_s: float
    name: str
    place: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run.

    Attributes:
        is_real: with the Faye from npm.
        is_limited: with small rate limits.
        is_lasting: nothing that was shown is to be taken away.
        wishes: what moderators want; in runs without actions, nothing.
        by_hand: what staff do on the platform meanwhile.
        processes: of the bot; several share a database of PostgreSQL's.
    """

    seed: int
    is_real: bool
    is_limited: bool
    is_lasting: bool
    deeds: tuple[Deed, ...]
    steps: tuple[Step, ...]
    wishes: tuple[Wish, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    processes: int = 1

    @property
    def has_actions(self) -> bool:
        """Whether moderators act from the rooms."""
        return bool(self.wishes)

    def __str__(self) -> str:
        faye = "npm's Faye" if self.is_real else "the sandbox's Faye"
        limits = ", rate limits" if self.is_limited else ""
        steps = "\n".join(f"    {step}" for step in self.steps)
        actions = ", actions" if self.has_actions else ""
        many = f", {self.processes} processes" if self.processes > 1 else ""
        return f"seed {self.seed}: {faye}{limits}{actions}{many}\n{steps}"


def plan_of(seed: int, only: Collection[str] = (), processes: int = 1) -> Plan:
    """Return the plan of a seed; ``only`` names the faults there may be, if any are named.

    With several ``processes`` it is the same run, in which something happens to those as well.
    """
    plan = _plan_of_one(seed, [name for name in only if name not in MISHAPS])
    if processes == 1:
        return plan
    has_others = not only or not MISHAPS.keys() >= set(only)
    return _of_several(plan if has_others else replace(plan, steps=()), only, processes)


def _of_several(plan: Plan, only: Collection[str], processes: int) -> Plan:
    """Return the plan with what happens to several processes; all else of it stays the same."""
    chance = random.Random(f"processes of {plan.seed}")  # noqa: S311 - play, not security
    named = {name: MISHAPS[name] for name in only if name in MISHAPS}
    if not plan.has_actions and not OF_ACTIONS.isdisjoint(named):
        plan = _acting(plan, plan.steps)
    makers = {
        name: made
        for name, made in (named if only else MISHAPS).items()
        if plan.has_actions or name not in OF_ACTIONS
    }
    steps = list(plan.steps)
    for _ in range(chance.randint(2, 4) if makers else 0):
        steps.insert(chance.randint(0, len(steps)), _step(chance, makers))
    deeds = (replace(deed, after_s=deed.after_s * _SLOWER) for deed in plan.deeds)
    wanted = (replace(wish, after_s=wish.after_s * _SLOWER / 2) for wish in plan.wishes)
    return replace(
        plan, steps=tuple(steps), deeds=tuple(deeds), wishes=tuple(wanted), processes=processes
    )


def _plan_of_one(seed: int, only: Collection[str]) -> Plan:
    chance = random.Random(seed)  # noqa: S311 - play, not security
    is_real = chance.random() < _SHARE_OF_REAL
    is_limited = chance.random() < _SHARE_OF_LIMITED
    is_lasting = chance.random() < _SHARE_OF_EDIT_LIMITED
    is_gentle = not is_lasting and chance.random() < _SHARE_OF_GENTLE
    makers = STRANGERS if is_gentle else FAULTS if is_lasting else {**FAULTS, **STRANGERS}
    if only:
        makers = {name: MAKERS[name] for name in only}
        is_lasting = not EDIT_LIMITS.keys().isdisjoint(only)
    steps = [_step(chance, makers) for _ in range(chance.randint(4, 7))]
    if is_lasting:
        steps.insert(chance.randrange(len(steps)), _step(chance, EDIT_LIMITS))
    if not only and not is_gentle and chance.random() < _SHARE_OF_BOTH:
        steps.insert(chance.randrange(len(steps)), _both_away(chance))
    plan = Plan(
        seed=seed,
        is_real=is_real,
        is_limited=is_limited,
        is_lasting=is_lasting,
        deeds=tuple(_deed(chance, _LASTING if is_lasting else _DEEDS) for _ in range(DEEDS)),
        steps=tuple(steps),
    )
    return plan if is_lasting else _acted(plan, only)


def _acted(plan: Plan, only: Collection[str]) -> Plan:
    """Return the plan with actions, where it has any; what else there is of it stays the same."""
    chance = random.Random(f"actions of {plan.seed}")  # noqa: S311 - play, not security
    named = {name: ACTION_FAULTS[name] for name in only if name in ACTION_FAULTS}
    if chance.random() >= SHARE_OF_ACTIONS and not named:
        return plan
    steps = list(plan.steps)
    # Where nothing goes wrong but what strangers do, all of it is to be put right at once.
    is_calm = all(step.name in STRANGERS for step in steps)
    for _ in range(0 if only or is_calm else chance.randint(2, 3)):
        steps.insert(chance.randint(0, len(steps)), _step(chance, ACTION_FAULTS))
    return _acting(plan, steps, chance)


def _acting(plan: Plan, steps: Iterable[Step], chance: random.Random | None = None) -> Plan:
    chance = chance or random.Random(plan.seed)  # noqa: S311 - play, not security
    return replace(plan, steps=tuple(steps), wishes=wishes(chance), by_hand=by_hand(chance))


def _deed(chance: random.Random, names: Mapping[str, float]) -> Deed:
    return Deed(
        after_s=_gap_s(chance),
        name=drawn(chance, names),
        place=chance.randrange(_OBJECTS),
        share=chance.random(),
    )


def _gap_s(chance: random.Random) -> float:
    return 0.0 if chance.random() < _SHARE_OF_BURSTS else chance.expovariate(1 / _MEAN_GAP_S)


def _step(chance: random.Random, makers: Makers) -> Step:
    name = drawn(chance, {name: weight for name, (weight, _) in makers.items()})
    given = makers[name][1](chance)
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


def _page(chance: random.Random) -> _Given:
    return {
        "method": chance.choice(("POST", "POST", "PATCH", "DELETE")),
        "status": chance.choice((400, 403, 405, 413, 502)),
        "when": _when(chance),
        "times": chance.randint(1, 3),
    }


def _refused_with_code(chance: random.Random) -> _Given:
    code, status = chance.choice(((40333, 403), (40006, 400), (130000, 400), (50109, 400)))
    method = chance.choice(("POST", "POST", "PATCH", "DELETE"))
    return {"method": method, "code": code, "status": status, "times": chance.randint(1, 3)}


def _edits_put_off(chance: random.Random, most_s: float) -> _Given:
    return {
        "code": chance.choice((20028, 30046)),
        "retry_after_s": most_s,
        "share": chance.random(),
    }


def _lied(chance: random.Random) -> _Given:
    return {"for_s": _seconds(chance, 3.0), "has_gap": chance.random() < 0.5}


def _forged(chance: random.Random, count: int) -> _Given:
    return {
        "place": chance.randrange(_OBJECTS),
        "kind": chance.choice(("comment", "chat", "question")),
        "count": count,
        "is_ahead": chance.random() < 0.5,
    }


FAULTS: Makers = {
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
    "limit_globally": (3, lambda chance: {"for_s": _seconds(chance, 3.0)}),
    # Longer than the bot waits for an answer, and less than discord.py does.
    "limit_globally_for_long": (0.1, lambda chance: {"for_s": 95 + _seconds(chance, 5.0)}),
    "answer_html": (3, _page),
    "refuse_with_code": (3, _refused_with_code),
    "limit_edits": (1, lambda chance: _edits_put_off(chance, 3.0)),
    "lose_rows": (
        3,
        lambda chance: {"lie": chance.choice(tuple(Lie)), **_lied(chance)},
    ),
    "lower_level": (2, _lied),
    "fill_disk": (2.5, lambda chance: {"for_s": _seconds(chance, 3.0)}),
}
# While nothing else goes wrong, these are to be put right at once.
STRANGERS: Makers = {
    "forge": (4, lambda chance: _forged(chance, chance.randint(1, 3))),
    "forge_over": (2, lambda chance: {"share": chance.random()}),
    "flood": (0.5, lambda chance: _forged(chance, 300)),
}
EDIT_LIMITS: Makers = {
    "limit_edits_for_long": (1, lambda chance: _edits_put_off(chance, chance.choice((115, 1163)))),
}
MAKERS: Makers = {**FAULTS, **STRANGERS, **EDIT_LIMITS, **ACTION_FAULTS, **MISHAPS}
