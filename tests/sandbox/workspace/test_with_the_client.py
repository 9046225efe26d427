"""The sandbox's workspace, seen through the plugin's own client: each version, each way in."""

import asyncio

import aiohttp
import pytest

from cogs.twentythree.api import Anonymous, ApiConfig, Bearer, Credentials, OAuth1, WorkspaceClient
from cogs.twentythree.domain.model import CommentKind, ObjectId, ObjectInfo, ObjectKind
from cogs.twentythree.errors import (
    AccessDeniedError,
    CredentialsRefusedError,
    UnknownObjectError,
    WorkspaceUnreachableError,
)
from sandbox.workspace import (
    ChannelPlace,
    Level,
    Workspace,
    WorkspaceFault,
)


def client(
    http: aiohttp.ClientSession,
    workspace: Workspace,
    credentials: Credentials | None = None,
    version: str = "auto",
) -> WorkspaceClient:
    config = ApiConfig(
        site_url=workspace.url,
        credentials=credentials or bearer(workspace, Level.READ),
        version=version,  # type: ignore[arg-type]
        attempts=1,
    )
    return WorkspaceClient(http, config)


def bearer(workspace: Workspace, level: Level) -> Bearer:
    return Bearer(token=workspace.account(level).bearer)


def oauth(workspace: Workspace, level: Level) -> OAuth1:
    keys = workspace.account(level).oauth
    return OAuth1(
        consumer_key=keys.consumer_key,
        consumer_secret=keys.consumer_secret,
        token=keys.token,
        token_secret=keys.token_secret,
    )


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("way", ["anonymous", "bearer", "oauth"])
async def test_each_way_in_has_its_level_in_each_version(
    workspace: Workspace, http: aiohttp.ClientSession, version: str, way: str
) -> None:
    credentials: dict[str, Credentials] = {
        "anonymous": Anonymous(),
        "bearer": bearer(workspace, Level.READ),
        "oauth": oauth(workspace, Level.ADMIN),
    }

    site = await client(http, workspace, credentials[way], version).site()

    levels = {"anonymous": "anonymous", "bearer": "read", "oauth": "admin"}
    assert (site.name, site.permission_level, site.version) == (
        "Sandbox workspace",
        levels[way],
        version,
    )


async def test_wrong_credentials_are_refused(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    keys = workspace.account(Level.READ).oauth
    forged = OAuth1(
        consumer_key=keys.consumer_key,
        consumer_secret=keys.consumer_secret,
        token=keys.token,
        token_secret="forged",
    )
    for credentials in (Bearer(token="forged"), forged):
        with pytest.raises(CredentialsRefusedError):
            await client(http, workspace, credentials).site()


@pytest.mark.parametrize("version", ["1", "2"])
async def test_objects_are_found_with_title_and_link(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    video = workspace.state.add_video("Product film")
    live = workspace.state.add_live("The launch")
    api = client(http, workspace, version=version)

    found = (await api.find(ObjectId(video.object_id))).info
    event = (await api.find(ObjectId(live.object_id))).info

    assert (found.title, found.kind) == ("Product film", ObjectKind.VIDEO)
    assert found.url == f"{workspace.url}/video/{video.object_id}"
    assert (event.title, event.kind) == ("The launch", ObjectKind.LIVE)
    assert event.url.startswith(f"{workspace.url}/live/{live.object_id}")
    assert {one.info.title for one in await api.search("LAUNCH")} == {"The launch"}


@pytest.mark.parametrize("version", ["1", "2"])
async def test_what_is_private_is_unknown_to_those_without_access(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    video = workspace.state.add_video("Not yet", is_published=False)
    live = workspace.state.add_live("Board meeting", is_private=True)

    for object_id in (video.object_id, live.object_id, 1):
        with pytest.raises(UnknownObjectError):
            await client(http, workspace, Anonymous(), version).find(ObjectId(object_id))
    found = await client(http, workspace, version=version).find(ObjectId(video.object_id))
    assert found.info.title


async def test_a_closed_site_admits_nobody_without_credentials(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    workspace.options.is_closed = True
    video = workspace.state.add_video("Inside")

    with pytest.raises((CredentialsRefusedError, AccessDeniedError)):
        await client(http, workspace, Anonymous()).find(ObjectId(video.object_id))
    found = await client(http, workspace).find(ObjectId(video.object_id))
    assert found.info.title == "Inside"


@pytest.mark.parametrize("version", ["1", "2"])
async def test_comments_come_newest_first_in_pages(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    video = workspace.state.add_video("Film")
    for number in range(5):
        await workspace.changes.post_comment(video.object_id, f"Number {number} <b>", author="Ada")
    first = min(workspace.state.comments)
    await workspace.changes.promote(first)
    api = client(http, workspace, version=version)
    object_id = ObjectId(video.object_id)

    one = await api.comments(object_id, page=1, size=2)
    two = await api.comments(object_id, page=3, size=2)
    promoted = await api.comments(object_id, promoted_only=True)

    assert [comment.text for comment in one.comments] == ["Number 4 <b>", "Number 3 <b>"]
    assert [comment.text for comment in two.comments] == ["Number 0 <b>"]
    assert (one.total, promoted.total) == (5, 1)
    assert promoted.comments[0].is_promoted
    assert promoted.comments[0].author == "Ada"
    assert "@" not in repr(one)


async def test_private_questions_are_for_readers(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    live = workspace.state.add_live("Webinar")
    await workspace.changes.post_comment(live.object_id, "Between us?", kind="question")
    object_id = ObjectId(live.object_id)

    seen = await client(http, workspace).comments(object_id)
    hidden = await client(http, workspace, Anonymous()).comments(object_id)

    assert [comment.kind for comment in seen.comments] == [CommentKind.QUESTION]
    assert hidden.comments == ()


@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_life_of_a_live_event_can_be_read(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    live = workspace.state.add_live("Webinar")
    api = client(http, workspace, version=version)
    object_id = ObjectId(live.object_id)

    await workspace.changes.schedule(live.object_id, 1_900_100_000.0)
    planned = await api.live(object_id)
    await workspace.changes.go_live(live.object_id)
    workspace.changes.set_viewers(live.object_id, 12)
    running = await api.live(object_id)
    await workspace.changes.end_broadcast(live.object_id)
    over = await api.live(object_id)
    await workspace.changes.cancel(live.object_id)
    cancelled = await api.live(object_id)

    assert planned.scheduled_at is not None
    assert planned.scheduled_at.timestamp() == 1_900_100_000
    assert not planned.is_broadcasting
    assert running.is_broadcasting
    assert running.viewers_now == 12
    assert running.broadcast_started_at is not None
    assert over.is_over
    assert not over.is_broadcasting
    assert cancelled.is_cancelled


@pytest.mark.parametrize("place", [ChannelPlace.COMMENTS, ChannelPlace.OBJECT])
@pytest.mark.parametrize("suffix", ["bare", "all_json"])
async def test_the_channels_are_found_where_they_are_told(
    workspace: Workspace, http: aiohttp.ClientSession, place: ChannelPlace, suffix: str
) -> None:
    workspace.options.place = place
    workspace.options.has_sub_channel = suffix == "all_json"
    live = workspace.state.add_live("Webinar")

    found = await client(http, workspace).realtime(info(live.object_id))

    assert found.url == workspace.realtime_url
    assert found.comments_root == live.root
    assert found.events == f"{live.events_root}/events"


async def test_where_no_channel_is_told_none_is_found(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    workspace.options.place = ChannelPlace.NOWHERE
    live = workspace.state.add_live("Webinar")

    found = await client(http, workspace, Anonymous()).realtime(info(live.object_id))

    assert found.comments_root is None
    assert found.events is None


async def test_a_workspace_that_is_down_is_unreachable(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    workspace.add_fault(WorkspaceFault(method="site/get", status=503))
    with pytest.raises(WorkspaceUnreachableError):
        await client(http, workspace, version="2").site()
    workspace.clear_faults()
    workspace.add_fault(WorkspaceFault(method="site/get", drops=True, times=None))
    with pytest.raises(WorkspaceUnreachableError):
        await client(http, workspace, version="2").site()
    workspace.clear_faults()
    workspace.is_down = True
    with pytest.raises(WorkspaceUnreachableError):
        await client(http, workspace, version="2").site()
    workspace.is_down = False

    assert (await client(http, workspace).site()).version == "2"


async def test_a_workspace_with_version_1_alone_is_understood(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    workspace.options.versions = frozenset({"1"})

    assert (await client(http, workspace).site()).version == "1"


def info(object_id: int) -> ObjectInfo:
    return ObjectInfo(
        object_id=ObjectId(object_id), kind=ObjectKind.LIVE, title="x", url="https://x"
    )


async def test_a_workspace_that_hangs_answers_when_it_is_let_go(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    fault = workspace.add_fault(WorkspaceFault(method="site/.*", hangs=True, delay_s=0.001))
    asking = asyncio.create_task(client(http, workspace).site())
    await fault.reached.wait()
    assert not asking.done()
    fault.release()

    assert (await asking).name == "Sandbox workspace"
    assert fault.hits == 1
