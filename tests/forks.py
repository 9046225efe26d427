"""A plugin for pytest: ``--forks N`` runs the tests in ``N`` forks of the process that found them.

To import everything and find the tests is as much work as hundreds of them; here it is done once.
A fork that has nothing to do is given the next test of the file that it is at, so that what a file
keeps is made once; then of one that no other fork is at, and in the end of any. What a fixture
makes once for a file or a folder is made in one fork: all tests that ask for it go there together.
Without the option all run in the one process.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

# How often, for each fork, one that died is followed by another.
_MOST_DEATHS = 4
_OF_FILES = frozenset({"module", "class"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, metavar="N", help="run tests in N forks")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--forks") and not config.getoption("collectonly"):
        config.pluginmanager.register(_Lead(config))


@dataclass(slots=True)
class _Fork:
    """One of them, as it is seen from the process that it left.

    ``test``, ``home``: which test it is at, and of which file or folder it was given one.
    """

    name: str
    pid: int
    line: Connection
    test: str = ""
    home: str = ""


class _Lead:
    """Gives tests to forks, and tells pytest what comes of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._most: int = config.getoption("--forks")
        self._forks: list[_Fork] = []
        self._made = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed and not self._config.getoption("continue_on_collection_errors"):
            # A file could not be read, as pytest will say.
            return None
        if (terminal := self._config.pluginmanager.get_plugin("terminalreporter")) is not None:
            # Tests of a file do not come one after the other.
            terminal.showfspath = False
        work = _Work(session.items)
        try:
            for _ in range(min(self._most, len(session.items))):
                self._fork(session)
            while self._forks:
                self._listen(session, work)
        finally:
            for one in self._forks:
                os.kill(one.pid, signal.SIGKILL)
                os.waitpid(one.pid, 0)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        return True

    def _fork(self, session: pytest.Session) -> None:
        ours, theirs = Pipe()
        name = f"fork{self._made}"
        self._made += 1
        # Made before: all forks have theirs within it.
        base = self._config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        if not (pid := os.fork()):
            for line in (ours, *(one.line for one in self._forks)):
                # As long as a fork holds it, another does not see that nobody is there any more.
                line.close()
            self._config._tmp_path_factory._basetemp = base / name  # type: ignore[attr-defined]
            (base / name).mkdir(mode=0o700)
            _be_a_fork(session, theirs)
        theirs.close()
        self._forks.append(_Fork(name, pid, ours))

    def _listen(self, session: pytest.Session, work: _Work) -> None:
        """Hear what forks have to say, and do it."""
        by_line = {one.line: one for one in self._forks}
        for line in wait(list(by_line)):
            fork = by_line[line]  # type: ignore[index]
            try:
                said, facts = fork.line.recv()
            except EOFError:
                self._end(session, fork, work)
                continue
            if said == "idle":
                self._give(session, fork, work)
                continue
            if said == "logreport":
                facts = {
                    "report": self._config.hook.pytest_report_from_serializable(
                        config=self._config, data=facts
                    )
                }
            else:
                fork.test = facts["nodeid"] if said == "logstart" else ""
            getattr(self._config.hook, f"pytest_runtest_{said}")(**facts)

    def _give(self, session: pytest.Session, fork: _Fork, work: _Work) -> None:
        places = None
        if not (session.shouldfail or session.shouldstop):
            others = {one.home for one in self._forks if one is not fork}
            fork.home, places = work.next(fork.home, others)
        with suppress(BrokenPipeError):
            fork.line.send(places)

    def _end(self, session: pytest.Session, fork: _Fork, work: _Work) -> None:
        """Note that a fork is gone; where it was at a test, that has failed."""
        self._forks.remove(fork)
        status = os.waitstatus_to_exitcode(os.waitpid(fork.pid, 0)[1])
        if not status and not fork.test:
            return
        at = fork.test or "(no test)"
        file = at.split("::", maxsplit=1)[0]
        report = pytest.TestReport(
            nodeid=at,
            location=(file, None, file),
            keywords={},
            outcome="failed",
            longrepr=f"{fork.name} ended with {status} at {at}",
            when="???",  # type: ignore[arg-type]
        )
        self._config.hook.pytest_runtest_logreport(report=report)
        if work.is_left and self._made < self._most * _MOST_DEATHS:
            self._fork(session)


class _Work:
    """The tests that no fork was given yet, by their places; what takes long comes first."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        shared: dict[str, list[int]] = {}
        self._left: dict[str, deque[list[int]]] = {}
        for place, item in enumerate(items):
            if home := _home(item):
                shared.setdefault(home, []).append(place)
        for home, places in sorted(shared.items(), key=lambda one: len(one[1]), reverse=True):
            self._left[f"what shares {home}"] = deque([places])
        together = {place for places in shared.values() for place in places}
        for place, item in enumerate(items):
            if place not in together:
                self._left.setdefault(str(item.path), deque()).append([place])

    @property
    def is_left(self) -> bool:
        return bool(self._left)

    def next(self, own: str, others: Collection[str]) -> tuple[str, list[int] | None]:
        """Take what a fork at ``own`` is to do next; return as well of which file it is."""
        if not self._left:
            return own, None
        free = (one for one in self._left if one not in others)
        most = max(self._left, key=lambda one: len(self._left[one]))
        home = own if own in self._left else next(free, most)
        places = self._left[home].popleft()
        if not self._left[home]:
            del self._left[home]
        return home, places


def _home(item: pytest.Item) -> str:
    """Return the file or folder that something is made once for that a test asks for, if any."""
    info = getattr(item, "_fixtureinfo", None)
    if info is None:
        return ""
    unasked = set(item.session._fixturemanager._getautousenames(item))
    made = [known[-1] for name, known in info.name2fixturedefs.items() if name not in unasked]
    folders: list[str] = [one.baseid for one in made if one.scope == "package"]
    if folders:
        return folders[0]
    return str(item.path) if any(one.scope in _OF_FILES for one in made) else ""


# What follows runs in a fork.


class _Telling:
    """Tells the process that was left what pytest says of tests."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config = config
        self._line = line

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._line.send(("logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        facts = hook.pytest_report_to_serializable(config=self._config, report=report)
        self._line.send(("logreport", facts))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self._line.send(("logfinish", {"nodeid": nodeid, "location": location}))


def _be_a_fork(session: pytest.Session, line: Connection) -> None:
    """Run what is given until nothing is; it does not return."""
    status = 1
    try:
        _become(session.config, line)
        _run_all(session, line)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing may get out of here
        traceback.print_exc()
    finally:
        line.close()
        os._exit(status)


def _become(config: pytest.Config, line: Connection) -> None:
    """Have pytest say nothing by itself, and catch what is printed in files of its own."""
    manager = config.pluginmanager
    if (terminal := manager.get_plugin("terminalreporter")) is not None:
        terminal._tw._file = open(os.devnull, "w")  # noqa: PTH123, SIM115 - to the end
    if (capture := manager.get_plugin("capturemanager")) is not None:
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture(in_=False)
    manager.register(_Telling(config, line))


def _run_all(session: pytest.Session, line: Connection) -> None:
    while True:
        line.send(("idle", None))
        places = line.recv()
        if places is None:
            break
        items = [session.items[place] for place in places]
        # What is made once for all tests stays.
        for item, after in zip(items, [*items[1:], session], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.shouldfail or session.shouldstop:
                break
    session._setupstate.teardown_exact(None)
    # Here pytest finds what was left lying about.
    session.config._ensure_unconfigure()
