"""What the credentials let be changed can be acted on in the rooms that ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.twentythree.domain.acting import Deed, NewEntry
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import CommentNotice, CommentPolicy
from tests.fakes.bridge_house import GUILD, ROOM, VIDEO, House, house, running

QUICK = {"poll_s": 0.05, "reconcile_s": 0.05, "upkeep_s": 0.05, "spacing_s": 0.0}


async def offering(made: House) -> list[bool]:
    waiting = (await made.store.outbox.work(ROOM)).pending
    return [one.notice.has_actions for one in waiting if isinstance(one.notice, CommentNotice)]


@pytest.mark.parametrize("level", ["write", "read"])
async def test_a_backfill_offers_what_the_first_answers_allow(tmp_path: Path, level: str) -> None:
    async with house(tmp_path) as made:
        made.workspace.level = level
        made.workspace.add(VIDEO)
        made.workspace.say(1, VIDEO)
        await made.attach(comments=CommentPolicy.ALL, has_actions=True, backfill=1)

        assert await offering(made) == [level == "write"]


async def test_other_credentials_let_more_be_done_or_less(tmp_path: Path) -> None:
    async with house(tmp_path, **QUICK) as made:
        made.workspace.add(VIDEO)
        made.workspace.say(1, VIDEO)
        await made.attach(comments=CommentPolicy.ALL, has_actions=True, backfill=1)
        assert await offering(made) == [False]

        async with running(made):
            for level, is_offered in (("write", True), ("read", False), ("super", True)):
                made.workspace.level = level

                async def is_so(expected: bool = is_offered) -> bool:  # noqa: FBT001
                    return await offering(made) == [expected]

                await made.until(is_so)


async def test_the_trail_is_kept_for_as_many_days_as_was_set(tmp_path: Path) -> None:
    entry = NewEntry(guild_id=GUILD, actor=Actor(user_id=3, name="Mo"), deed=Deed.LOG)
    async with house(tmp_path, **QUICK, trail_days=2) as made:
        made.workspace.add(VIDEO)
        await made.attach()
        await made.store.trail.note(entry, made.clock.now())
        made.advance(86_400)
        async with running(made):
            await made.until_called("comments", 3)
            assert len(await made.store.trail.find(GUILD)) == 1
            made.advance(86_401)

            async def is_forgotten() -> bool:
                return await made.store.trail.find(GUILD) == []

            await made.until(is_forgotten)
