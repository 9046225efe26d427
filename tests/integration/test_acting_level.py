"""Actions are on, and the workspace does not let the bot change comments: who asks is told."""

from pathlib import Path

import pytest

from sandbox.workspace import Level
from tests.fakes.stage import Stage

SAID = (
    "**Actions are on in 1 room, but the bot's credentials have only level read, so nobody can act "
    "on comments there**"
)


@pytest.mark.parametrize(("level", "is_told"), [(Level.READ, True), (Level.WRITE, False)])
async def test_the_status_says_that_the_level_is_too_low(
    tmp_path: Path,
    level: Level,
    is_told: bool,  # noqa: FBT001
) -> None:
    async with Stage(tmp_path) as stage, stage.running(level=level):
        acting, quiet = stage.room("acting"), stage.room("quiet")
        film, other = (stage.workspace.state.add_video(title) for title in ("Film", "Other"))
        await stage.attach(acting, film, actions="on")
        await stage.attach(quiet, other)

        for options in ({}, {"id": str(film.object_id)}):
            assert (SAID in await stage.command(acting, "status", **options)) is is_told
        assert SAID not in await stage.command(acting, "status", id=str(other.object_id))
