"""What a person is told where something cannot be attached; nothing is stored then."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sandbox.chat import Channel, ChannelType
from sandbox.workspace import Thing, WorkspaceFault
from tests.fakes.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path_factory.mktemp("bot")) as built, built.running(level=None):
        yield built


async def refused(stage: Stage, place: Channel, thing: Thing, /, **options: str | int) -> str:
    """Return what is said to somebody who attaches; nothing may be stored."""
    said = await stage.attach(place, thing, **options)
    assert not any(stage.stored().values())
    return said


async def test_a_wrong_id_is_answered_with_what_to_do(stage: Stage) -> None:
    said = await stage.command(stage.room(), "attach", id="999999")
    assert not any(stage.stored().values())

    assert said.startswith("The workspace has no video or live event with this ID")
    assert "check the ID" in said


async def test_an_unpublished_video_is_unknown_to_a_bot_without_credentials(stage: Stage) -> None:
    hidden = stage.workspace.state.add_video("Secret film", is_published=False)

    said = await refused(stage, stage.room(), hidden)

    assert "give the bot read access" in said
    assert "Secret" not in said


async def test_a_private_live_event_is_unknown_to_a_bot_without_credentials(stage: Stage) -> None:
    hidden = stage.workspace.state.add_live("Secret launch", is_private=True)

    said = await refused(stage, stage.room(), hidden)

    assert "give the bot read access" in said
    assert "Secret" not in said


@pytest.mark.parametrize(
    ("kind", "denied", "named"),
    [
        (ChannelType.TEXT, "view_channel", "View Channel"),
        (ChannelType.TEXT, "send_messages", "Send Messages"),
        (ChannelType.TEXT, "embed_links", "Embed Links"),
        (ChannelType.ANNOUNCEMENT, "send_messages", "Send Messages"),
        (ChannelType.FORUM, "send_messages", "Create Posts"),
        (ChannelType.FORUM, "send_messages_in_threads", "Send Messages in Threads"),
    ],
)
async def test_a_room_where_the_bot_lacks_a_permission_is_refused_and_the_permission_named(
    stage: Stage, kind: ChannelType, denied: str, named: str
) -> None:
    here, there = stage.room("here"), stage.chat.rooms.add_channel(stage.guild.id, "there", kind)
    stage.chat.rooms.set_overwrites(there.id, stage.chat.bot, deny=[denied])
    video = stage.workspace.state.add_video("Film")

    said = await refused(stage, here, video, room=there.id)

    assert f"<#{there.id}>" in said
    assert named in said
    assert stage.chat.messages(there.id) == []


async def test_a_workspace_that_is_down_is_answered_with_what_to_do(stage: Stage) -> None:
    video = stage.workspace.state.add_video("Film")
    stage.workspace.is_down = True
    try:
        said = await refused(stage, stage.room(), video)
    finally:
        stage.workspace.is_down = False

    assert said.startswith("The TwentyThree workspace could not be reached")
    assert "try again in a minute" in said


async def test_a_workspace_that_fails_half_way_leaves_nothing_behind(stage: Stage) -> None:
    video, forum = (
        stage.workspace.state.add_video("Film"),
        stage.chat.rooms.add_channel(stage.guild.id, "forum", ChannelType.FORUM),
    )
    stage.workspace.add_fault(WorkspaceFault(method="comment/list", times=None, status=502))
    try:
        said = await refused(stage, stage.room(), video, room=forum.id)
    finally:
        stage.workspace.clear_faults()

    assert said.startswith("The TwentyThree workspace could not be reached")
    posts = [one for one in stage.guild.channels.values() if one.parent_id == forum.id]
    assert all(post.thread is not None and post.thread.is_archived for post in posts)


async def test_a_workspace_that_is_not_one_is_answered_with_what_to_do(stage: Stage) -> None:
    video = stage.workspace.state.add_video("Film")
    stage.workspace.add_fault(WorkspaceFault(times=None, status=200))
    try:
        said = await refused(stage, stage.room(), video)
    finally:
        stage.workspace.clear_faults()

    assert "TWENTYTHREE_SITE_URL" in said


async def test_a_closed_workspace_asks_for_credentials(stage: Stage) -> None:
    video = stage.workspace.state.add_video("Film")
    stage.workspace.options.is_closed = True
    try:
        said = await refused(stage, stage.room(), video)
    finally:
        stage.workspace.options.is_closed = False

    assert "give it credentials with a higher permission level" in said


async def test_after_all_that_the_same_bot_can_still_attach(stage: Stage) -> None:
    room, video = await stage.attached()
    comment_id = await stage.say(video)
    await stage.until_all_shown(room, video)

    assert stage.held(room)[comment_id] == 1
