"""What changes the sandbox's workspace, and what of it is published."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.workspace import Changes, Payload, Problem, WorkspaceOptions
from sandbox.workspace.state import State

Heard = list[tuple[str, Any]]


@pytest.fixture
def heard() -> Heard:
    return []


@pytest.fixture
def changes(heard: Heard) -> Changes:
    async def publish(channel: str, data: Any) -> None:
        heard.append((channel, data))

    return Changes(State(23, lambda: 1_900_000_000.0), WorkspaceOptions(), publish)


async def test_a_comment_goes_to_all_and_a_promoted_one_to_both_channels(
    changes: Changes, heard: Heard
) -> None:
    video = changes.state.add_video("Film")
    comment = await changes.post_comment(video.object_id, "Hi", position_s=1.5)
    await changes.promote(comment.comment_id)
    await changes.promote(comment.comment_id, is_promoted=False)
    await changes.delete_comment(comment.comment_id)

    every, promoted = f"{video.root}/all_json", f"{video.root}/promoted_json"
    assert [channel for channel, _ in heard] == [every, every, promoted, every, promoted]
    assert [data["promoted_p"] for _, data in heard] == [False, True, True, False, False]
    assert changes.state.comments == {}


@pytest.mark.parametrize("payload", Payload)
async def test_a_message_holds_what_the_option_says(
    changes: Changes, heard: Heard, payload: Payload
) -> None:
    changes.options.payload = payload
    video = changes.state.add_video("Film")

    comment = await changes.post_comment(video.object_id, "Hi")

    ((_, data),) = heard
    shapes: dict[Payload, Callable[[], object]] = {
        Payload.ROW: lambda: data["comment_id"],
        Payload.WRAPPED: lambda: data["comment"]["comment_id"],
        Payload.LIST: lambda: data[0]["comment_id"],
        Payload.STRING: lambda: json.loads(data)["comment_id"],
        Payload.ID: lambda: int(data["comment_id"]),
        Payload.NOTHING: lambda: comment.comment_id if data is None else None,
    }
    assert shapes[payload]() == comment.comment_id


async def test_an_edit_and_a_status_are_published_and_a_deletion_where_that_is_wanted(
    changes: Changes, heard: Heard
) -> None:
    video = changes.state.add_video("Film")
    comment = await changes.post_comment(video.object_id, "Hi", author="Ada")
    await changes.edit_comment(comment.comment_id, text="Hello")
    await changes.edit_comment(comment.comment_id, author="Bo")
    await changes.set_status(comment.comment_id, "answered")
    changes.options.tells_deletions = True
    await changes.delete_comment(comment.comment_id)

    rows = [data for _, data in heard]
    told = [(row["name"], row["content_text"], row["comment_status"]) for row in rows[1:-1]]
    assert told == [("Ada", "Hello", ""), ("Bo", "Hello", ""), ("Bo", "Hello", "answered")]
    assert rows[-1] == {"event": "deleted", "comment_id": comment.comment_id}
    assert changes.state.comments == {}


async def test_going_live_twice_changes_and_publishes_nothing(changes: Changes) -> None:
    live = changes.state.add_live("Webinar")
    await changes.go_live(live.object_id)
    await changes.go_live(live.object_id)
    assert [one.data["event"] for one in changes.published] == ["streaming", "broadcasting"]
    await changes.end_broadcast(live.object_id, is_over=False)
    await changes.end_broadcast(live.object_id)
    assert [one.data["event"] for one in changes.published[2:]] == ["broadcasting", "streaming"]
    await changes.go_live(live.object_id)

    assert live.status == "live"
    assert [one.event for one in live.log] == ["streaming", "broadcasting"] * 2


async def test_what_was_published_is_told_without_the_secret_root(
    changes: Changes, heard: Heard
) -> None:
    live = changes.state.add_live("Webinar")
    changes.losing = 1
    comment = await changes.post_comment(live.object_id, "lost")
    await changes.promote(comment.comment_id)
    await changes.cancel(live.object_id)
    await changes.schedule(live.object_id, 1_900_000_500.0)

    told = [(one.kind, one.fate) for one in changes.published]
    assert told == [
        ("all_json", "lost"),
        ("all_json", "sent"),
        ("promoted_json", "sent"),
        ("events", "sent"),
        ("events", "sent"),
    ]
    assert len(heard) == 4
    assert {one.object_id for one in changes.published} == {live.object_id}
    for root in (live.root, live.events_root):
        assert root not in repr(changes.published)


async def test_a_realtime_service_that_hangs_is_not_waited_for(changes: Changes) -> None:
    async def hang(_channel: str, _data: Any) -> None:
        await asyncio.Event().wait()

    changes.publisher = hang
    changes.options.publish_timeout_s = 0.0
    video = changes.state.add_video("Film")

    await changes.post_comment(video.object_id, "Hi")

    assert [one.fate for one in changes.published] == ["failed"]


async def test_a_change_that_is_cancelled_is_cancelled(changes: Changes) -> None:
    entered = asyncio.Event()

    async def hang(_channel: str, _data: Any) -> None:
        entered.set()
        await asyncio.Event().wait()

    changes.publisher = hang
    video = changes.state.add_video("Film")
    posting = asyncio.create_task(changes.post_comment(video.object_id, "Hi"))
    await entered.wait()
    posting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await posting


async def test_what_is_not_there_is_a_problem(changes: Changes) -> None:
    video = changes.state.add_video("Film").object_id
    for change in (
        changes.post_comment(1, "x"),
        changes.promote(1),
        changes.delete_comment(1),
        changes.edit_comment(1, text="x"),
        changes.set_status(1, "answered"),
        changes.go_live(video),
    ):
        with pytest.raises(Problem):
            await change
    with pytest.raises(Problem):
        changes.set_viewers(video, 1)
