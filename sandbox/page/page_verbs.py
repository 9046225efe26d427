"""All that somebody at a page can do, as verbs."""

from __future__ import annotations

from typing import Literal

from ..verbs import Verb, verb
from .cast import Cast
from .keeper import Keeper
from .mirror import Mirror
from .scene import Scene
from .switches import Wrong
from .viewers import Viewers


def verbs(scene: Scene, mirror: Mirror, keeper: Keeper) -> dict[str, Verb]:
    """Return all verbs by name; see :mod:`sandbox.verbs` for what they raise."""
    cast = Cast(scene, mirror.rooms)
    viewers = Viewers(scene.sandbox.workspace)

    async def switch(name: Wrong, *, on: bool) -> None:
        await mirror.turn(name, on=on)

    async def bot(do: Literal["kill", "start"]) -> None:
        await (keeper.kill() if do == "kill" else keeper.start())

    done = (
        *(cast.slash, cast.autocomplete, cast.click, cast.submit),
        *(cast.upload, cast.say, cast.history),
        *(viewers.comment, viewers.promote, viewers.answer, viewers.delete, viewers.burst),
        *(viewers.add_video, viewers.plan, viewers.go_live, viewers.end),
        *(switch, bot),
    )
    return {one.__name__: verb(one) for one in done}
