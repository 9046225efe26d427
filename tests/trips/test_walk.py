import asyncio
import threading
from pathlib import Path
from types import ModuleType

import pytest

from tests.trips.walk import Walk

_INNER = """
async def waits():
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return own()

def own():
    return [one for one in (1, 2)]
"""
_OUTER = """
async def asks(inner):
    await inner.waits()
    return list(map(lambda _: inner.own(), "a"))

def asks_in_a_thread(inner):
    inner.own()
"""


@pytest.fixture
def plugin(tmp_path: Path) -> tuple[ModuleType, ModuleType]:
    """Return two modules of a plugin, whose functions call each other."""
    modules = []
    for name, source in (("inner.py", _INNER), ("outer.py", _OUTER)):
        module = ModuleType(name)
        module.__dict__["asyncio"] = asyncio
        exec(compile(source, str(tmp_path / name), "exec"), module.__dict__)  # noqa: S102 - above
        modules.append(module)
    return modules[0], modules[1]


def test_calls_into_another_file_are_moves_and_going_on_is_none(
    plugin: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    inner, outer = plugin
    walk = Walk(tmp_path)

    with walk.watching(), walk.trip() as trip:
        asyncio.run(outer.asks(inner))

    assert trip.moves == {("outer.py", "inner.py"): 2}
    assert trip.size == (2, 2, 5)


def test_a_thread_that_began_before_the_trip_is_watched(
    plugin: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    inner, outer = plugin
    walk, go = Walk(tmp_path), threading.Event()

    def work() -> None:
        go.wait()
        outer.asks_in_a_thread(inner)

    with walk.watching():
        thread = threading.Thread(target=work)
        thread.start()
        with walk.trip() as trip:
            go.set()
            thread.join()

    assert trip.moves == {("outer.py", "inner.py"): 1}


def test_a_trip_of_one_task_leaves_out_the_others(
    plugin: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    inner, outer = plugin
    walk = Walk(tmp_path)

    async def both() -> None:
        tasks = [asyncio.create_task(outer.asks(inner), name=name) for name in ("this", "other")]
        await asyncio.gather(*tasks)

    with walk.watching(), walk.trip(task="this") as trip:
        asyncio.run(both())

    assert trip.moves.total() == 2
