"""How much a run measures. Every number of messages, repetitions and seconds is bounded here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes of a run; ``half_open_timeout_s`` is how long Faye holds a connect there.

    ``fast_timeout_s`` is the same for all else: aiocometd cannot open sooner than that.
    """

    runs: int = 5
    slow_runs: int = 3
    recovery_runs: int = 5
    warm_up: int = 10_000
    replayed: int = 100_000
    flooded: int = 60_000
    latency_s: float = 5.0
    latency_rates: tuple[int, ...] = (100, 1_000)
    subscribed: tuple[int, ...] = (1_000, 10_000)
    fast_timeout_s: float = 2.0
    open_timeout_s: float = 45.0
    open_bound_s: float = 60.0
    half_open_timeout_s: float = 45.0
    half_open_bound_s: float = 60.0
    back_bound_s: float = 20.0
    remembered: int = 10_000
    idle_s: float = 300.0


FULL = Plan()
QUICK = Plan(
    runs=1,
    slow_runs=1,
    recovery_runs=1,
    warm_up=1_000,
    replayed=20_000,
    flooded=10_000,
    latency_s=1.0,
    subscribed=(1_000,),
    open_timeout_s=4.0,
    open_bound_s=6.0,
    half_open_timeout_s=4.0,
    half_open_bound_s=18.0,
    back_bound_s=10.0,
    remembered=1_000,
    idle_s=20.0,
)
