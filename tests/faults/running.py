"""One run: comments come while faults happen, and at the end each room is as it should be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.bot_process import BotProcess
from tests.fakes.faye import FayeServer

from .faults import Faults
from .plan import Plan
from .scene import Scene
from .verdict import wrongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a run. ``wrongs`` is empty where all is well; ``log`` is the bot's."""

    plan: Plan
    wrongs: tuple[str, ...]
    seconds: float
    log: str

    def __str__(self) -> str:
        found = "\n".join(f"    ! {one}" for one in self.wrongs) or "    all well"
        return f"{self.plan}\n{found}\n    {self.seconds:.1f} s"


async def run(plan: Plan, folder: Path) -> Report:
    """Play a plan in a folder of its own."""
    began = time.monotonic()
    scene: Scene | None = None
    found: list[str] = []
    try:
        async with _scene(plan, folder) as scene:
            await _play(plan, scene)
    except (AssertionError, TimeoutError) as error:
        found.append(f"{type(error).__name__}: {str(error)[:2000]}")
    if scene is not None:
        found += scene.wrongs
        for number, room in enumerate(scene.rooms, start=1):
            held = scene.held_numbers(room)
            found += [f"room {number}: {one}" for one in wrongs(scene.numbers, held)]
    log = "\n=== the next process ===\n".join(scene.logs if scene else [])
    seconds = time.monotonic() - began
    return Report(plan=plan, wrongs=tuple(found), seconds=seconds, log=log)


@asynccontextmanager
async def _scene(plan: Plan, folder: Path) -> AsyncGenerator[Scene]:
    if plan.is_real:
        async with FayeServer() as faye, Scene(folder, faye) as scene:
            yield scene
    else:
        async with Scene(folder, None) as scene:
            yield scene


async def _play(plan: Plan, scene: Scene) -> None:
    bot = scene.bot()
    try:
        async with bot:
            await scene.build(is_limited=plan.is_limited)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_speak(plan, scene))
                tasks.create_task(_break(plan, scene, bot))
            scene.heal()
            await _finish(scene, bot)
    except* (AssertionError, TimeoutError) as errors:
        raise _first(errors) from errors
    finally:
        scene.logs.append(bot.log)


async def _speak(plan: Plan, scene: Scene) -> None:
    for comment in plan.comments:
        await asyncio.sleep(comment.after_s)
        await scene.speak(comment.place)


async def _break(plan: Plan, scene: Scene, bot: BotProcess) -> None:
    faults = Faults(scene, bot).table()
    for step in plan.steps:
        await asyncio.sleep(step.after_s)
        await faults[step.name](**step.given)


async def _finish(scene: Scene, bot: BotProcess) -> None:
    """Wait for everything, then for one comment more: what is before it has been recorded."""
    await scene.until_all_held()
    for place in range(len(scene.things)):
        await scene.speak(place)
    await scene.until_all_held()
    await scene.leave(bot, by_kill=False)
    scene.wrongs += scene.undone()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
