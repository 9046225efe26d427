"""One run: comments come while faults happen, and at the end each room is as it should be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.faye import FayeServer

from .answers import Judge, entries
from .crew import Crew, OneProcess
from .faults import Faults
from .holdings import Holdings, SqliteHoldings
from .mishaps import MISHAPS
from .plan import STRANGERS, Plan, Step
from .scene import Scene
from .several import Several, postgres
from .verdict import MOST_S, leaked, lingering, overstaying, too_soon, vanished, wrongs
from .witness import BY_HAND

_DATABASE_FAULTS = ("lock_database", "lock_database_for_long", "fill_disk", *MISHAPS)
# Those in which an answer may be lost on its way.
_DISCORD_FAULTS = (
    *("discord_away", "limit_globally", "limit_globally_for_long", "lose_press"),
    *("lose_discord", "lose_all"),
)
_LIES = ("lose_rows", "lower_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a run. ``wrongs`` is empty where all is well; ``log`` is the bot's.

    ``terms``: of several processes, in how many terms they wrote.
    """

    plan: Plan
    wrongs: tuple[str, ...]
    seconds: float
    log: str
    terms: int = 0

    def __str__(self) -> str:
        found = "\n".join(f"    ! {one}" for one in self.wrongs) or "    all well"
        return f"{self.plan}\n{found}\n    {self.seconds:.1f} s"


async def run(plan: Plan, folder: Path, *, most_s: float = MOST_S) -> Report:
    """Play a plan in a folder of its own; ``most_s``: see ``verdict.lingering``."""
    began = time.monotonic()
    scene: Scene | None = None
    crew: Crew | None = None
    found: list[str] = []
    async with _kept(plan, folder) as (holdings, crew_of):
        try:
            async with _scene(plan, folder, holdings) as scene:
                scene.prepare(has_actions=plan.has_actions)
                crew = crew_of(scene)
                await _play(plan, scene, crew)
        except (AssertionError, TimeoutError) as error:
            found.append(f"{type(error).__name__}: {str(error)[:2000]}")
        if scene is not None:
            takes_edits = not any(map(_hinders_edits, plan.steps))
            found += _judged(scene, most_s, anew=set() if takes_edits else scene.posted_anew())
            found += _judged_actions(plan, scene, most_s) if plan.has_actions else []
        terms = 0 if crew is None else crew.terms()
        found += [] if crew is None else crew.wrongs()
    log = "\n=== the next process ===\n".join(scene.logs if scene else [])
    seconds = time.monotonic() - began
    return Report(plan=plan, wrongs=tuple(found), seconds=seconds, log=log, terms=terms)


@asynccontextmanager
async def _kept(
    plan: Plan, folder: Path
) -> AsyncGenerator[tuple[Holdings, Callable[[Scene], Crew]]]:
    """Yield the bot's database, and what makes its processes."""
    if plan.processes == 1:
        yield SqliteHoldings(folder / "bot.db"), OneProcess
        return
    async with postgres() as (server, holdings):
        yield holdings, lambda scene: Several(scene, server, holdings, plan.processes)


def _hinders_edits(step: Step) -> bool:
    return step.name.startswith("limit_edits") or step.given.get("method") == "PATCH"


def _judged(scene: Scene, most_s: float, *, anew: set[int]) -> list[str]:
    """Say what is wrong; ``anew``: what may have been posted again, at its room's end."""
    rooms = range(len(scene.rooms))
    anywhere = scene.speech.anywhere | anew
    at_the_end = [
        f"room {index + 1}: {one}"
        for index in rooms
        for one in wrongs(scene.said(index), scene.held_numbers(index), anywhere)
    ]
    return [
        *scene.wrongs,
        *at_the_end,
        *leaked(scene.sights, [scene.hidden(index) for index in rooms]),
        *lingering(scene.sights, scene.speech.untrue(), most_s),
        *vanished(scene.sights, scene.speech.doubtful() | dict.fromkeys(anew, float("-inf"))),
    ]


def _judged_actions(plan: Plan, scene: Scene, most_s: float) -> list[str]:
    names = {step.name for step in plan.steps}
    judge = Judge(
        scene.chat,
        scene.workspace,
        scene.witness,
        entries(scene.holdings),
        may_fail=not names.isdisjoint(_DATABASE_FAULTS),
        is_told=names.isdisjoint(_DISCORD_FAULTS),
        is_lied_to=not names.isdisjoint(_LIES),
    )
    scene.logs.append(judge.told(scene.staff.presses))
    withheld = [(one, since, float("inf")) for one, since in scene.speech.withheld.items()]
    spans = [*scene.speech.withdrawn, *withheld]
    return [
        *scene.untrue_marks(),
        *judge.wrongs(scene.staff.presses),
        *too_soon(scene.sights, 1, scene.speech.opened),
        *overstaying(scene.sights, 1, spans, most_s),
    ]


@asynccontextmanager
async def _scene(plan: Plan, folder: Path, holdings: Holdings) -> AsyncGenerator[Scene]:
    if plan.is_real:
        async with FayeServer() as faye, Scene(folder, faye, holdings) as scene:
            yield scene
    else:
        async with Scene(folder, None, holdings) as scene:
            yield scene


async def _play(plan: Plan, scene: Scene, crew: Crew) -> None:
    by_hand = BY_HAND.set(True)
    try:
        async with crew:
            await scene.build(is_limited=plan.is_limited)
            async with scene.watched(crew.is_well):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_speak(plan, scene))
                    tasks.create_task(_break(plan, scene, crew))
                    tasks.create_task(_act(plan, scene))
                    tasks.create_task(_act_by_hand(plan, scene))
                scene.heal()
                await _finish(plan, scene)
            await crew.end()
            scene.wrongs += scene.undone()
    except* (AssertionError, TimeoutError) as errors:
        raise _first(errors) from errors
    finally:
        # The servers of the next run are to know nothing of it.
        BY_HAND.reset(by_hand)
        scene.logs += crew.logs()


async def _speak(plan: Plan, scene: Scene) -> None:
    speech = scene.speech
    deeds = {"remove": speech.remove, "rewrite": speech.rewrite, "promote": speech.promote}
    for deed in plan.deeds:
        await asyncio.sleep(deed.after_s)
        if deed.name == "say":
            await speech.speak(deed.place)
        else:
            await deeds[deed.name](deed.share)


async def _act(plan: Plan, scene: Scene) -> None:
    async with asyncio.TaskGroup() as tasks:
        for wish in plan.wishes:
            await asyncio.sleep(wish.after_s)
            acting = scene.staff.act(
                who=wish.who, room=wish.room, action=wish.action, share=wish.share, how=wish.how
            )
            tasks.create_task(acting)


async def _act_by_hand(plan: Plan, scene: Scene) -> None:
    deeds = scene.platform.table()
    for deed in plan.by_hand:
        await asyncio.sleep(deed.after_s)
        await deeds[deed.name](deed.share)


async def _break(plan: Plan, scene: Scene, crew: Crew) -> None:
    faults = Faults(scene, crew).table()
    for step in plan.steps:
        await asyncio.sleep(step.after_s)
        if step.name in STRANGERS:
            await faults[step.name](**step.given)
        else:
            with scene.troubles.during():
                await faults[step.name](**step.given)


async def _finish(plan: Plan, scene: Scene) -> None:
    """Wait for everything; then, in the calm, for what must be put right at once.

    A comment comes last: what is before it has been recorded.
    """
    await scene.until_all_held()
    scene.troubles.are_over()
    denied: set[int] = set()
    for place in range(len(scene.speech.things)):
        if not plan.is_lasting:
            is_ahead = place > 0
            forged = await scene.speech.forge(place, kind="chat", count=1, is_ahead=is_ahead)
            denied |= set(forged) if is_ahead else set()
            await scene.speech.remove(share=place / 2)
        await scene.speech.speak(place)
    await scene.until_all_held()
    # What was forged may have been shown only now.
    await scene.until_all_done(denied)
    await scene.until_all_held()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
