"""Live events as a server sees them: followed, flapping, ended, over restarts of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.chat import Channel, ChannelType, Shown
from sandbox.chat.components import walk
from sandbox.workspace import ChannelPlace
from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

_HOUR_S = 3_600.0
# A broadcast is settled by the look after this; every look is a second after the one before.
_SAME_S = "0.5"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        # Without realtime for comments, events are read as often as may be.
        built.workspace.options.place = ChannelPlace.NOWHERE
        yield built


@asynccontextmanager
async def running(stage: Stage, same_s: str = _SAME_S) -> AsyncGenerator[BotProcess]:
    bot = stage.bot(
        TWENTYTHREE_FOLLOW_SECONDS="0.2",
        TWENTYTHREE_SAME_BROADCAST_SECONDS=same_s,
        # So many looks would use up the usual bound within seconds, and readings would wait.
        TWENTYTHREE_REQUESTS_PER_MINUTE="6000",
    )
    async with bot:
        await stage.until_ready()
        yield bot
        assert await bot.terminate() == 0, bot.log


def text(shown: Shown) -> str:
    """Return what a message says, and where its buttons lead."""
    said = [str(embed.get("description", "")) for embed in shown.embeds]
    return " ".join([*said, *(one.get("url", "") for _, one in walk(shown.components))])


async def until(stage: Stage, room: Channel, is_so: Callable[[list[str]], bool]) -> list[Shown]:
    """Wait until the texts of a room's messages are so; return the messages."""
    await stage.chat.wait_for(
        lambda: is_so([text(one) for one in stage.chat.messages(room.id)]), timeout_s=40
    )
    return stage.chat.messages(room.id)


def has(word: str, count: int = 1) -> Callable[[list[str]], bool]:
    return lambda texts: sum(word in one for one in texts) == count


async def until_called(stage: Stage, room: Channel, method: str, times: int) -> None:
    """Wait until the bot has asked the workspace so many times more."""
    calls = stage.workspace.calls
    enough = calls[method] + times
    async with asyncio.timeout(60):
        while calls[method] < enough:
            await stage.command(room, "status")


async def test_an_event_that_is_followed_goes_from_its_plan_to_its_recording(
    stage: Stage,
) -> None:
    room, changes, state = stage.room(), stage.workspace.changes, stage.workspace.state
    fans = stage.chat.guilds.add_role(stage.guild.id, "fans", is_mentionable=True)
    category = state.add_category("Launches")
    state.add_live("Elsewhere")
    async with running(stage):
        said = await stage.command(room, "follow", category="launches", mention=fans.id)
        assert "“Launches”" in said
        live = state.add_live("The launch", category_id=category.category_id)
        await changes.schedule(live.object_id, stage.workspace.options.now() + _HOUR_S)
        await until(stage, room, has("**Soon**"))

    await changes.go_live(live.object_id)
    began = live.log[-1].start
    async with running(stage):
        await until(stage, room, has("**Live**"))
        (start,) = await until(stage, room, lambda texts: len(texts) == 1)
        assert f"<t:{int(began)}:t>" in text(start)
        assert start.pinged_roles == [fans.id]
        await changes.end_broadcast(live.object_id)
        await until(stage, room, has("**Ended**"))
        await until_called(stage, room, "live/webinar/info", 3)

    recording = state.add_video("The launch, recorded", live_id=live.object_id)
    async with running(stage):
        shown = await until(stage, room, has(f"/video/{recording.object_id}"))
        assert len(shown) == 1
        listed = await stage.command(room, "list")
        assert "Follows live events in the category “Launches”" in listed
        assert "Elsewhere" not in listed


async def test_a_signal_that_comes_and_goes_is_announced_once(stage: Stage) -> None:
    room, changes = stage.room(), stage.workspace.changes
    fans = stage.chat.guilds.add_role(stage.guild.id, "fans", is_mentionable=True)
    live = stage.workspace.state.add_live("Show")
    async with running(stage, same_s="600"):
        await stage.attach(room, live, mention=fans.id, at_end="announce")
        for _ in range(3):
            await changes.go_live(live.object_id)
            (only,) = await until(stage, room, has("**Live**"))
            assert only.pinged_roles == [fans.id]
            await changes.end_broadcast(live.object_id, is_over=False)
            assert len(await until(stage, room, has("**Ended**"))) == 1


async def test_an_event_that_is_attached_on_air_is_shown_at_once_and_to_its_end(
    stage: Stage,
) -> None:
    room, changes, live = stage.room(), stage.workspace.changes, stage.workspace.state.add_live("A")
    fans = stage.chat.guilds.add_role(stage.guild.id, "fans", is_mentionable=True)
    await changes.go_live(live.object_id)
    async with running(stage):
        said = await stage.attach(room, live, mention=fans.id, at_end="announce")
        assert "- Posted the card: live since <t:" in said
        (card,) = await until(stage, room, has("**Live**"))
        assert card.pinged_roles == []
        await changes.end_broadcast(live.object_id)

        card, line = await until(stage, room, has("**Ended**", 2))
        assert f"/{room.id}/{card.id}" in text(line)


async def test_ends_are_announced_or_cleared_away_as_each_room_wants(stage: Stage) -> None:
    edited, deleted, announced = (stage.room(name) for name in ("a", "b", "c"))
    changes, live = stage.workspace.changes, stage.workspace.state.add_live("Show")
    async with running(stage):
        await stage.attach(edited, live)
        await stage.attach(deleted, live, at_end="delete")
        await stage.attach(announced, live, at_end="announce")
        await changes.go_live(live.object_id)
        for room in (edited, deleted, announced):
            await until(stage, room, has("**Live**"))
        await changes.end_broadcast(live.object_id)

        await until(stage, deleted, lambda texts: not texts)
        await until(stage, announced, has("**Ended**", 2))
        assert len(await until(stage, edited, has("**Ended**"))) == 1


async def test_a_start_that_nobody_saw_and_that_is_over_is_not_announced(stage: Stage) -> None:
    room, changes = stage.room(), stage.workspace.changes
    live = stage.workspace.state.add_live("Show")
    await changes.schedule(live.object_id, stage.workspace.options.now() + _HOUR_S)
    async with running(stage):
        await stage.command(room, "follow")
        await until(stage, room, has("**Soon**"))
    # Before its planned start a word that it is over would not be believed.
    await changes.schedule(live.object_id, stage.workspace.options.now() - 1)
    await changes.go_live(live.object_id)
    await changes.end_broadcast(live.object_id)

    async with running(stage):
        (only,) = await until(stage, room, has("**Ended**"))

    assert only.pinged_roles == []


async def test_what_was_taken_out_by_hand_stays_out(stage: Stage) -> None:
    room, changes, state = stage.room(), stage.workspace.changes, stage.workspace.state
    live, later = state.add_live("Show"), state.add_live("Later show", is_private=True)
    await changes.schedule(live.object_id, stage.workspace.options.now() + _HOUR_S)
    async with running(stage):
        await stage.command(room, "follow")
        await until(stage, room, has("**Soon**"))
        assert "1 card" in await stage.command(room, "detach", id=str(live.object_id))
        await until(stage, room, lambda texts: not texts)
    async with running(stage):
        later.is_private = False
        await changes.schedule(later.object_id, stage.workspace.options.now() + _HOUR_S)
        await until(stage, room, has("**Soon**"))
        listed = await stage.command(room, "list")

        assert "Later show" in listed
        assert "[Show]" not in listed
        said = await stage.command(room, "unfollow", what="1", attached="detach", cards="keep")
        assert "no more" in said
        await until(stage, room, has("**No longer followed here**"))
        assert "Nothing is attached" in await stage.command(room, "list")


async def test_a_forum_that_follows_gets_a_post_for_each_video(stage: Stage) -> None:
    room, state = stage.room(), stage.workspace.state
    forum = stage.chat.rooms.add_channel(stage.guild.id, "films", ChannelType.FORUM)
    # Clocks of services tell whole seconds, and nobody knows which of two things in one was first.
    state.add_video("Old film").created -= _HOUR_S
    async with running(stage):
        await stage.command(room, "follow", what="videos", room=forum.id, comments="all")
        await until_called(stage, room, "photo/list", 2)
        film = state.add_video("New film")
        await stage.chat.wait_for(lambda: posts(stage, forum), timeout_s=90)
        (post,) = posts(stage, forum)
        assert post.name == "New film"
        await stage.say(film)
        await stage.until_all_shown(post, film)


async def test_many_planned_events_are_one_message_that_goes_with_the_follow(stage: Stage) -> None:
    room, changes, state = stage.room(), stage.workspace.changes, stage.workspace.state
    start = stage.workspace.options.now() + 72 * _HOUR_S
    events = [state.add_live(f"Talk {number}") for number in range(8)]
    for number, live in enumerate(events):
        await changes.schedule(live.object_id, start + number * _HOUR_S)
    async with running(stage):
        await stage.command(room, "follow")
        (listed,) = await until(stage, room, has("Talk 7"))
        assert f"<t:{int(start)}:f>" in text(listed)
        assert text(listed).index("Talk 0") < text(listed).index("Talk 7")
        await stage.command(room, "unfollow", what="1", attached="detach")
        await until(stage, room, lambda texts: not texts)


def posts(stage: Stage, forum: Channel) -> list[Channel]:
    return [one for one in stage.guild.channels.values() if one.parent_id == forum.id]
