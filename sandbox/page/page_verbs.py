"""All that somebody at a page can do, as verbs."""

from __future__ import annotations

from typing import Literal

from ..verbs import Verb, verb
from .actors import Actors
from .keeper import Keeper
from .mirror import Mirror
from .scene import Scene
from .switches import Wrong
from .viewers import Viewers


def verbs(scene: Scene, mirror: Mirror, keeper: Keeper) -> dict[str, Verb]:
    """Return all verbs by name; see :mod:`sandbox.verbs` for what they raise."""
    acting = Actors(scene, mirror.rooms)
    viewers = Viewers(scene.sandbox.workspace)

    async def switch(name: Wrong, *, on: bool) -> None:
        await mirror.turn(name, on=on)

    async def bot(do: Literal["kill", "start"]) -> None:
        await (keeper.kill() if do == "kill" else keeper.start())

    done = (
        *(acting.slash, acting.autocomplete, acting.click, acting.submit),
        *(acting.upload, acting.say, acting.history),
        *(viewers.comment, viewers.promote, viewers.answer, viewers.delete, viewers.burst),
        *(viewers.add_video, viewers.plan, viewers.go_live, viewers.end),
        *(switch, bot),
    )
    return {one.__name__: verb(one) for one in done}
