"""``python -m benchmarks.bayeux``: one run, side by side, printed as Markdown."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from . import lasting, processes, recovery, speed
from .events import FRAME_BYTES
from .figures import Row
from .plan import FULL, QUICK, Plan
from .table import table

_MEASURES: dict[str, Callable[[Plan], Awaitable[list[Row]]]] = {
    "replayed": speed.replayed,
    "flooded": speed.flooded,
    "latency": speed.latency,
    "subscribing": speed.subscribing,
    "opening": recovery.opening,
    "cut": recovery.cut,
    "restart": recovery.restart,
    "half_open": recovery.half_open,
    "reset": recovery.reset,
    "client_restart": lasting.client_restart,
    "idle": lasting.idle,
}
_VERSIONS = """
import platform, importlib.metadata as m
print("CPython " + platform.python_version(), *(
    f"{d.name} {d.version}" for n in ("aiohttp", "orjson", "msgspec", "aiocometd-noloop")
    for d in m.distributions(name=n)), sep=", ")
"""


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bayeux", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run; its figures are rough")
    parser.add_argument("--only", nargs="+", choices=_MEASURES, help="some measures, not all")
    parser.add_argument("--output", type=Path, help="write the Markdown to this file as well")
    arguments = parser.parse_args()
    if not processes.peers_python().exists():
        parser.error("the peers are not installed; run `make bench`")
    plan = QUICK if arguments.quick else FULL
    print(asyncio.run(run(plan, arguments.only or list(_MEASURES), arguments.output)))


async def run(plan: Plan, measures: list[str], output: Path | None = None) -> str:
    """Measure and return the report; ``output`` gets it after each measure, as far as it is."""
    if processes.IS_PINNED:
        os.sched_setaffinity(0, {processes.SERVER_CORE})
    before = os.getloadavg()
    rows: list[Row] = []
    report = ""
    for name in measures:
        print(f"{datetime.now(tz=UTC):%H:%M:%S} {name} ...", file=sys.stderr)
        rows += await _MEASURES[name](plan)
        report = "\n".join([_facts(plan, before), "", table(rows, processes.CONTESTANTS)])
        if output is not None:
            output.write_text(report + "\n", encoding="utf-8")  # noqa: ASYNC240 - nothing is measured now
    return report


def _facts(plan: Plan, load: tuple[float, float, float]) -> str:
    now = os.getloadavg()
    pinned = (
        f"servers on core {processes.SERVER_CORE}, clients on core {processes.CLIENT_CORE}"
        if processes.IS_PINNED
        else "not pinned, so that server and client may share a core: do not trust the figures"
    )
    return f"""\
- {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC; {platform.system()} \
{platform.machine()}, {_processor()}, {os.cpu_count()} cores; {pinned}
- ours: {_output([processes.project_python(), "-c", _VERSIONS])}
- peers in Python: {_output([processes.peers_python(), "-c", _VERSIONS])}
- node {_output([processes.node(), "--version"])}, npm faye (client and server) of \
tests/faye_server
- {plan.replayed:,} prepared and {plan.flooded:,} real events of {FRAME_BYTES} bytes per run; \
{plan.runs} runs of throughput, {plan.recovery_runs} of cut and restart, {plan.slow_runs} of \
the rest
- load average before {load[0]:.2f}, after {now[0]:.2f}. **Caution:** whatever else ran on this \
machine is in these figures; contestants take turns in each run so that it meets all of them
- cells: **median** [min-max] xr; r is how many times better ours is (below 1: worse)"""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "unknown")


def _output(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our own interpreters


if __name__ == "__main__":
    main()
