"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Generator
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, is_hypothesis_test, settings
from hypothesis import strategies as st

from tests.fakes.bot_process import BotProcess
from tests.fakes.compiled import share_compiled
from tests.fakes.quick_folder import quick_folder
from tests.fakes.warm_bots import WarmBots

if TYPE_CHECKING:
    from tests.fakes.databases import PostgresDatabases

_PLUGIN = "cogs.twentythree"

# Elsewhere each run looks at new examples; where a change is judged, all look at the same few.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")

share_compiled()
# Where pytest makes the folders of tests; processes of the run get it by their environment.
if folder := quick_folder():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let bots start as forks of one that is warm, and search for garbage among what is new.

    Modules, and the tests that were found, stay; there are so many of them that looking at them
    again and again would take a sixth of the time.
    """
    BotProcess.warm = WarmBots()
    if session.config.getoption("--forks", 0):
        # One for all forks, which begins while they do.
        BotProcess.warm.begun()
        if any(is_hypothesis_test(getattr(one, "obj", None)) for one in session.items):
            _draw_one()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@settings(max_examples=1, database=None, suppress_health_check=list(HealthCheck))
@given(st.text())
def _draw_one(_: str) -> None:
    """Have hypothesis read, once for all forks, what it draws from.

    In a new clone it works out all characters and looks through all modules: seconds in each fork.
    """


def pytest_sessionfinish() -> None:
    """End the process that bots start from, if there is one."""
    if (warm := BotProcess.warm) is not None:
        BotProcess.warm = None
        warm.close()


@pytest.fixture(scope="session")
def postgres_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PostgresDatabases]:
    """Databases of PostgreSQL: on the server that ``TEST_POSTGRES_URL`` names, else on one's own.

    All processes of a run share that server.
    """
    # Most runs of a few tests need none of it.
    from tests.fakes.databases import PostgresDatabases
    from tests.fakes.postgres import SharedPostgres

    address = os.environ.get("TEST_POSTGRES_URL")
    if not address:
        base = tmp_path_factory.getbasetemp()
        # Each fork has a folder within that of the run.
        folder = base.parent if pytestconfig.getoption("--forks", 0) else base
        shared = SharedPostgres(folder / "postgres")
        address = shared.address
    databases = PostgresDatabases(address)
    yield databases
    databases.close()


@pytest.fixture(autouse=True)
def _modules_that_stay() -> Generator[None]:
    """Put back the plugin's modules, which discord.py forgets with an extension.

    What is imported later would come a second time, and its errors be none of those that
    the tests know.
    """
    held = _held()
    yield
    if any(sys.modules.get(name) is not module for name, module in held.items()):
        for name in _modules().keys() - held.keys():
            del sys.modules[name]
        sys.modules.update(held)
        sys.modules["cogs"].twentythree = held[_PLUGIN]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _no_heart_goes_on() -> Generator[None]:
    """Stop the hearts of connections to Discord that were on their way as their client was closed.

    Each is a thread, which discord.py forgets. It would beat once more when the loop is gone, and
    whatever test is under way then would be held for wrong.
    """
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("keep-alive-handler"):
            thread.stop()  # type: ignore[attr-defined]


_known: tuple[tuple[int, str], dict[str, ModuleType]] = (0, ""), {}


def _held() -> dict[str, ModuleType]:
    """Return the plugin's modules; to look for them before each test would take as long as many."""
    global _known  # noqa: PLW0603 - one for all tests of a process
    last = len(sys.modules), next(reversed(sys.modules))
    if _known[0] != last:
        _known = last, _modules()
    return _known[1]


def _modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.startswith(_PLUGIN)}
