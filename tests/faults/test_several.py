"""A few runs with several processes on one PostgreSQL, and the judge of who wrote when."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.databases import PostgresDatabases
from tests.fakes.term_record import keep_record, wrong_writes

from .lead_faults import LeadFaults
from .mishaps import MISHAPS
from .plan import plan_of
from .running import run
from .scene import Scene
from .several import Several


@pytest.mark.parametrize("seed", [7, 15])
async def test_each_comment_is_there_once_whichever_process_leads(
    tmp_path: Path, seed: int
) -> None:
    report = await run(plan_of(seed, processes=3), tmp_path, most_s=20.0)
    assert not report.wrongs, f"{report}\n{report.log[-20_000:]}"
    assert report.terms > 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_runs_that_are_told_to_end_leave_nothing_behind() -> None:
    mark = f"OF_RUN={secrets.token_hex(8)}"
    arguments = ("--database", "postgresql", "--runs", "3", "--jobs", "1", "--only", "freeze")
    runs = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults", *arguments),
        env=os.environ | dict([mark.split("=")]),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    async with asyncio.timeout(90):
        # What forks the bots, and three of them.
        while len(marked(mark, "warm_bots")) < 4:  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.05)
        (guard,) = marked(mark, "/bin/sh")
        folder = (guard / "cwd").readlink()
        assert folder.is_dir()
        # All of them are told, as by `timeout` or from a terminal.
        os.killpg(runs.pid, signal.SIGTERM)
        said, _ = await runs.communicate()

    assert (runs.returncode, said.decode()) == (128 + signal.SIGTERM, "ended by SIGTERM\n")
    assert not marked(mark)
    assert not folder.exists()


def marked(mark: str, words: str = "") -> list[Path]:
    """Return the processes with a variable, and with these words in their command."""
    found = []
    for process in Path("/proc").iterdir():
        # It may end meanwhile.
        with suppress(OSError):
            is_marked = (
                process.name.isdigit() and mark.encode() in (process / "environ").read_bytes()
            )
            if is_marked and words.encode() in (process / "cmdline").read_bytes():
                found.append(process)
    return found


def test_several_processes_meet_the_same_and_more() -> None:
    alone, several = plan_of(5), plan_of(5, processes=3)
    steps = [step for step in several.steps if step.name not in MISHAPS]

    assert (several.processes, steps) == (3, list(alone.steps))
    assert len(several.steps) > len(steps)
    assert [one.share for one in several.deeds] == [one.share for one in alone.deeds]
    assert several == plan_of(5, processes=3)
    assert {step.name for step in plan_of(5, ["freeze"], 3).steps} == {"freeze"}
    assert plan_of(5, ["freeze_at_write"], 3).has_actions


def test_all_that_may_happen_to_several_can() -> None:
    faults = LeadFaults(cast("Scene", None), cast("Several", None)).table()

    assert faults.keys() == MISHAPS.keys()
    drawn = {step.name for seed in range(100) for step in plan_of(seed, processes=3).steps}
    assert drawn >= MISHAPS.keys()


@pytest.fixture
def database(postgres_server: PostgresDatabases) -> Iterator[str]:
    address = postgres_server.unused()
    keep_record(postgres_server, address)
    # As if nothing kept an old leader from writing.
    postgres_server.run(
        address,
        "INSERT INTO twentythree_lead VALUES (0, '', '', 'epoch', 'epoch')",
        "DROP TRIGGER twentythree_fence ON twentythree_outages",
        "SELECT 1",
    )
    yield address
    postgres_server.clear()


def begin(term: int, holder: str) -> str:
    return f"UPDATE twentythree_lead SET term = {term}, holder = '{holder}'"  # noqa: S608 - ours


def write(by: str) -> str:
    return f"SET application_name = '{by}'; DELETE FROM twentythree_outages"  # noqa: S608 - ours


def test_nothing_is_wrong_where_each_writes_in_its_term(
    postgres_server: PostgresDatabases, database: str
) -> None:
    statements = [begin(1, "a"), write("twentythree-a"), begin(2, "b"), write("twentythree-b")]
    postgres_server.run(database, write("tests"), *statements, "SELECT 1")

    assert wrong_writes(postgres_server, database) == []


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ([begin(1, "a"), begin(2, "b"), write("twentythree-a")], "in another's term"),
        ([begin(1, "a"), write("psql")], "in another's term"),
        ([begin(1, "a"), write("twentythree-a"), write("twentythree-b")], "several wrote"),
        ([begin(1, "a"), begin(2, "a")], "leads twice"),
        ([begin(1, "a"), begin(1, "b")], "several leaders"),
        ([begin(2, "a"), begin(1, "b")], "came before"),
        (
            [begin(1, "a"), begin(2, "b"), begin(1, "a"), write("twentythree-a")],
            "when the next term had begun",
        ),
    ],
)
def test_who_writes_out_of_turn_is_told(
    postgres_server: PostgresDatabases, database: str, statements: list[str], words: str
) -> None:
    postgres_server.run(database, *statements, "SELECT 1")

    found = wrong_writes(postgres_server, database)
    assert any(words in one for one in found), found
