"""Many runs: ``python -m tests.faults --runs 200 [--seed S] [--jobs 2] [--logs FOLDER]``,
with ``--only NAME …`` of these faults alone. ``--database postgresql --processes 3``: the same runs
on a PostgreSQL of their own, with several processes of which one leads.

Exits with 1 where a run found something wrong; the seeds and their faults are told at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes.bot_process import BotProcess
from tests.fakes.warm_bots import WarmBots

from .mishaps import MISHAPS
from .plan import MAKERS, plan_of
from .running import Report, run
from .verdict import MOST_S


def main() -> int:
    options = _options()
    try:
        with _warm(is_warm=options.processes > 1):
            reports = asyncio.run(_runs(options))
    except asyncio.CancelledError:
        _say("ended by SIGTERM")
        return 128 + signal.SIGTERM
    failed = sorted((report for report in reports if report.wrongs), key=lambda one: one.plan.seed)
    for report in failed:
        _say(str(report))
    terms = f" in {sum(one.terms for one in reports)} terms" if options.processes > 1 else ""
    _say(f"{len(reports)} runs{terms}, {len(failed)} failed: {[one.plan.seed for one in failed]}")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")
    parser.add_argument("--logs", type=Path, help="a folder for the logs of runs that failed")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(MAKERS), default=(), help="faults; by default all"
    )
    parser.add_argument(
        "--most",
        type=float,
        default=MOST_S,
        metavar="SECONDS",
        help="that something untrue may be shown; more where the machine does other things",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, help="of the bot; on PostgreSQL 3, else 1")
    options = parser.parse_args()
    is_shared = options.database == "postgresql"
    options.processes = options.processes or (3 if is_shared else 1)
    if is_shared == (options.processes == 1):
        parser.error("several processes are run on PostgreSQL, and one on SQLite")
    if not (is_shared or MISHAPS.keys().isdisjoint(options.only)):
        parser.error(f"with --database postgresql alone: {', '.join(MISHAPS)}")
    return options


@contextmanager
def _warm(*, is_warm: bool) -> Generator[None]:
    """Let bots start as forks of one that is warm: several take a machine's time to start."""
    BotProcess.warm = bots = WarmBots() if is_warm else None
    try:
        yield
    finally:
        BotProcess.warm = None
        if bots is not None:
            bots.close()


async def _runs(options: argparse.Namespace) -> list[Report]:
    """Run all; what was begun is ended where this process is told to end."""
    seeds = iter(range(options.seed, options.seed + options.runs))
    reports: list[Report] = []
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    # Once: what is ended then takes its time.
    loop.add_signal_handler(signal.SIGTERM, lambda: task.cancelling() or task.cancel())

    async def work() -> None:
        for seed in seeds:
            with tempfile.TemporaryDirectory(prefix="faults-") as folder:
                plan = plan_of(seed, options.only, options.processes)
                with _ending(task):
                    report = await run(plan, Path(folder), most_s=options.most)
            reports.append(report)
            _tell(report, options.logs)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(options.jobs):
            tasks.create_task(work())
    return reports


@contextmanager
def _ending(task: asyncio.Task[Any]) -> Generator[None]:
    """End where ``task`` is to end, whatever else came of that: much of the run ends by itself."""
    try:
        yield
    except Exception:
        if not task.cancelling():
            raise
    if task.cancelling():
        raise asyncio.CancelledError


def _tell(report: Report, folder: Path | None) -> None:
    if not report.wrongs:
        terms = f", {report.terms} terms" if report.terms else ""
        _say(f"seed {report.plan.seed}: well, {report.seconds:.1f} s{terms}")
        return
    _say(str(report))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"seed-{report.plan.seed}.log"
        path.write_text(f"{report}\n\n{report.log}\n")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
