"""Rooms that take no messages: who is told, how often, and that they go on by themselves."""

from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus

import pytest
import pytest_asyncio

from sandbox.chat import Channel
from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path_factory.mktemp("bot")) as built:
        yield built


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(stage: Stage) -> AsyncGenerator[BotProcess]:
    async with stage.running() as running:
        yield running


def forbid(stage: Stage, room: Channel) -> None:
    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot, deny=["send_messages"])


def told_of(stage: Stage, place: int | None, room: Channel) -> list[str]:
    """Return what a room, or whoever attached, was told about a room."""
    said = stage.chat.dms(stage.chat.owner.id) if place is None else stage.chat.messages(place)
    return [one.content for one in said if f"<#{room.id}>" in one.content]


def refusals(stage: Stage, room: Channel) -> int:
    path = f"/channels/{room.id}/messages"
    return sum(one.path == path and one.status == HTTPStatus.FORBIDDEN for one in stage.chat.posts)


async def test_whoever_attached_is_told_once_even_across_a_restart(
    stage: Stage, bot: BotProcess
) -> None:
    room, video = await stage.attached()
    forbid(stage, room)
    await stage.say(video)
    (told,) = await stage.chat.wait_for(lambda: told_of(stage, None, room), timeout_s=90)
    assert "grant it Send Messages" in told
    await stage.say(video)
    assert await bot.terminate() == 0
    asked = refusals(stage, room)
    await bot.start()
    await stage.chat.wait_for(lambda: refusals(stage, room) > asked, timeout_s=90)
    await stage.until_ready()
    assert f"Paused: <#{room.id}>" in await stage.command(stage.room(), "status")

    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot)
    await stage.until_all_shown(room, video)
    assert told_of(stage, None, room) == [told]


async def test_where_nobody_takes_private_messages_the_moderators_room_is_told(
    stage: Stage, bot: BotProcess
) -> None:
    moderators = stage.room("moderators")
    stage.chat.guilds.set_updates_channel(stage.guild.id, moderators.id)
    room, video = await stage.attached()
    stage.chat.owner.takes_dms = False
    try:
        forbid(stage, room)
        await stage.say(video)
        (told,) = await stage.chat.wait_for(
            lambda: told_of(stage, moderators.id, room), timeout_s=30
        )
    finally:
        stage.chat.owner.takes_dms = True
    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot)
    await stage.until_all_shown(room, video)
    assert told_of(stage, moderators.id, room) == [told]


def role_comes(stage: Stage, room: Channel) -> Callable[[], None]:
    (role,) = stage.chat.guilds.bot_roles(stage.guild.id)
    stage.chat.guilds.set_roles(stage.guild.id, stage.chat.bot.id, [])
    everyone = stage.guild.roles[stage.guild.id]
    stage.chat.rooms.set_overwrites(room.id, everyone, deny=["send_messages"])
    stage.chat.rooms.set_overwrites(room.id, role, allow=["send_messages"])
    return lambda: stage.chat.guilds.set_roles(stage.guild.id, stage.chat.bot.id, [role])


def role_changes(stage: Stage, room: Channel) -> Callable[[], None]:
    (role,) = stage.chat.guilds.bot_roles(stage.guild.id)
    granted = ["view_channel", "embed_links", "read_message_history", "send_messages_in_threads"]
    everyone = stage.guild.roles[stage.guild.id]
    stage.chat.guilds.set_role(stage.guild.id, everyone.id, granted=granted)
    stage.chat.guilds.set_role(stage.guild.id, role.id, granted=granted)
    return lambda: stage.chat.guilds.set_role(
        stage.guild.id, role.id, granted=[*granted, "send_messages"]
    )


@pytest.mark.parametrize("change", [role_comes, role_changes])
async def test_a_room_goes_on_when_the_bots_role_allows_it_again(
    stage: Stage, bot: BotProcess, change: Callable[[Stage, Channel], Callable[[], None]]
) -> None:
    room, video = await stage.attached()
    allow = change(stage, room)
    await stage.say(video)
    await bot.logged(f"room {room.id} is paused")
    allow()
    await stage.until_all_shown(room, video)


async def test_a_locked_thread_goes_on_when_it_is_opened(stage: Stage, bot: BotProcess) -> None:
    thread = stage.chat.rooms.add_thread(stage.room().id, "thread", with_bot=True)
    video = stage.workspace.state.add_video("Film")
    assert "Attached" in await stage.attach(stage.room(), video, room=thread.id)
    stage.chat.rooms.archive(thread.id, is_locked=True)
    await stage.say(video)
    await bot.logged(f"room {thread.id} is paused: People have closed the thread")
    stage.chat.rooms.reopen(thread.id)
    await stage.until_all_shown(thread, video)
