"""The writing methods of the sandbox's workspace, called bare."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import aiohttp
import pytest

from sandbox.workspace import Level, Workspace, WorkspaceFault
from tests.sandbox.workspace.calling import Caller

VIEWERS_AND_STAFF = (None, Level.WRITE)


@pytest.fixture
def live_id(workspace: Workspace) -> int:
    return workspace.state.add_live("Webinar").object_id


def published(workspace: Workspace) -> list[tuple[str, object]]:
    """Return what was published of comments: the sub-channel, and the property `comment_id`."""
    return [(one.kind, one.data["comment_id"]) for one in workspace.changes.published]


async def listed(api: Caller, **params: object) -> list[dict[str, Any]]:
    status, answer = await api.get("comment/list", Level.READ, **params)
    assert status == 200
    rows: list[dict[str, Any]] = answer["data"]
    return rows


async def test_anybody_may_comment_on_what_they_see(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    private = workspace.state.add_live("Board", is_private=True)
    given = {"object_type": "live", "content": "Hi"}
    hidden = given | {"object_id": private.object_id}

    status, answer = await api.post("comment/add", object_id=live_id, name="Ada", **given)
    refused, _ = await api.post("comment/add", **hidden)
    opened, _ = await api.post("comment/add", object_token=private.token, **hidden)

    assert (status, refused, opened) == (200, 404, 200)
    assert workspace.state.comment(answer["data"]["comment_id"]).author == "Ada"


@pytest.mark.parametrize(
    "bad",
    [
        {"content": ""},
        {"content": " \n"},
        {"content": "x" * 10_001},
        {"comment_type": "poem"},
        {"object_type": ""},
        {"object_type": "photo"},
        {"comment_time": "soon"},
        {"reply_to_comment_id": "x"},
    ],
)
async def test_a_comment_that_cannot_be_read_is_refused(
    api: Caller, workspace: Workspace, live_id: int, bad: dict[str, str]
) -> None:
    given = {"object_id": live_id, "object_type": "live", "content": "Hi"}

    assert (await api.post("comment/add", **(given | bad)))[0] == 400
    assert workspace.state.comments == {}


async def test_a_comment_is_published_and_listed_with_all_that_was_given(
    api: Caller, workspace: Workspace
) -> None:
    video_id = workspace.state.add_video("Film").object_id
    given = {"object_id": video_id, "object_type": "photo", "content": "Which <camera>?"}
    more = {"name": "Ada", "email": "ada@example.org", "comment_time": "50.4"}

    _, answer = await api.post("comment/add", Level.WRITE, **given, **more)

    comment_id = answer["data"]["comment_id"]
    (row,) = await listed(api, object_id=video_id)
    assert published(workspace) == [("all_json", comment_id)]
    assert row["comment_id"] == comment_id
    assert (row["content_text"], row["name"]) == ("Which <camera>?", "Ada")
    assert (row["email"], row["comment_time"]) == ("ada@example.org", "50.4")
    assert row["reply_to_comment_id"] is None


async def test_an_answer_knows_what_it_answers(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    asked = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    elsewhere = await workspace.changes.post_comment(
        workspace.state.add_video("Film").object_id, "Hi"
    )
    given = {"object_id": live_id, "object_type": "live", "content": "Because."}

    _, answer = await api.post(
        "comment/add", Level.WRITE, reply_to_comment_id=asked.comment_id, **given
    )
    for unknown in (elsewhere.comment_id, 1):
        status, refused = await api.post("comment/add", reply_to_comment_id=unknown, **given)
        assert (status, refused["code"]) == (404, "no_such_comment")

    wanted = {"comment_id": answer["data"]["comment_id"]}
    (row,) = await listed(api, **wanted)
    assert row["reply_to_comment_id"] == asked.comment_id
    assert "reply_to_comment" not in row
    (row,) = await listed(api, include_reply_to_comments_p=1, **wanted)
    assert row["reply_to_comment"]["content_text"] == "Why?"
    await workspace.changes.delete_comment(asked.comment_id)
    (row,) = await listed(api, include_reply_to_comments_p=1, **wanted)
    assert (row["reply_to_comment_id"], row["reply_to_comment"]) == (asked.comment_id, None)


async def test_spam_is_refused_unless_staff_say_so(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    workspace.options.spam = "watches"
    given = {"object_id": live_id, "object_type": "live", "content": "Cheap watches"}

    for level, more in ((None, {"ignore_spam_p": 1}), (Level.WRITE, {})):
        status, answer = await api.post("comment/add", level, **given, **more)
        assert (status, answer["code"]) == (400, "comment_is_spam")
    assert workspace.state.comments == {}
    assert (await api.post("comment/add", Level.WRITE, ignore_spam_p=1, **given))[0] == 200


@pytest.mark.parametrize("mode", ["none", "speakers", "admins", "full"])
async def test_who_may_comment_is_set_for_each_object(
    api: Caller, workspace: Workspace, live_id: int, mode: str
) -> None:
    video_id = workspace.state.add_video("Film").object_id
    workspace.changes.edit_object(video_id, comment_mode=mode)
    assert (await api.post("live/update", Level.WRITE, live_id=live_id, comment_mode=mode))[
        0
    ] == 200
    expected = {
        "none": ["feature_not_available"] * 2,
        "speakers": ["permission_denied", None],
        "admins": ["permission_denied", None],
        "full": [None, None],
    }

    for object_id, kind in ((video_id, "photo"), (live_id, "live")):
        given = {"object_id": object_id, "object_type": kind, "content": "Hi"}
        answers = [
            (await api.post("comment/add", level, **given))[1] for level in VIEWERS_AND_STAFF
        ]
        assert [answer.get("code") for answer in answers] == expected[mode]
    question = {"object_id": live_id, "object_type": "live", "comment_type": "question"}
    assert (await api.post("comment/add", content="Why?", **question))[0] == 200


async def test_questions_have_a_switch_of_their_own(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    given = {"object_id": live_id, "object_type": "live", "content": "Hi"}
    await api.post("live/update", Level.WRITE, live_id=live_id, question_mode="none")

    status, answer = await api.post("comment/add", comment_type="question", **given)

    assert (status, answer["code"]) == (412, "feature_not_available")
    assert (await api.post("comment/add", **given))[0] == 200
    for name in ("comment_mode", "question_mode"):
        bad = {"live_id": live_id, name: "perhaps"}
        assert (await api.post("live/update", Level.WRITE, **bad))[0] == 400


async def test_a_private_question_is_quoted_to_readers_alone(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    workspace.options.is_caching = False
    asked = await workspace.changes.post_comment(live_id, "Between us?", kind="question")
    await workspace.changes.post_comment(live_id, "Yes.", reply_to=asked.comment_id)
    given = {"object_id": live_id, "comment_type": "comment", "include_reply_to_comments_p": 1}

    async def told() -> list[object]:
        answers = [
            (await api.get("comment/list", level, **given))[1] for level in VIEWERS_AND_STAFF
        ]
        return [row["reply_to_comment"] for answer in answers for row in answer["data"]]

    public, private = await told()
    assert public is None
    assert isinstance(private, dict)
    await workspace.changes.promote(asked.comment_id)
    assert None not in await told()


async def test_somebody_else_acts_just_before_a_call_has_its_effect(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id, "object_id": live_id}
    workspace.add_fault(
        WorkspaceFault(
            method="comment/update",
            meanwhile=lambda: workspace.changes.set_status(comment.comment_id, "dismissed"),
        )
    )
    workspace.add_fault(
        WorkspaceFault(
            method="comment/promote",
            meanwhile=lambda: workspace.changes.delete_comment(comment.comment_id),
        )
    )

    status, _ = await api.post("comment/update", Level.WRITE, comment_status="answered", **given)
    gone, _ = await api.post("comment/promote", Level.WRITE, promoted_p=1, **given)

    statuses = [one.data["comment_status"] for one in workspace.changes.published]
    assert (status, gone) == (200, 404)
    assert statuses == ["", "dismissed", "answered"]


async def test_a_chat_line_is_copied_into_a_question(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    said = await workspace.changes.post_comment(live_id, "Why?", kind="chat", author="Björn")
    await workspace.changes.promote(said.comment_id)
    given = {"comment_id": said.comment_id}

    assert (await api.get("comment/clone", Level.READ, **given))[0] == 403
    assert (await api.get("comment/clone", Level.WRITE, comment_id=1))[0] == 404
    assert (await api.get("comment/clone", Level.WRITE, clone_comment_type="x", **given))[0] == 400
    _, answer = await api.get("comment/clone", Level.WRITE, clone_comment_type="question", **given)
    _, again = await api.post("comment/clone", Level.WRITE, **given)

    copy_id = answer["data"]["comment_id"]
    (row,) = await listed(api, comment_id=copy_id)
    assert (row["comment_type"], row["content_text"], row["name"]) == ("question", "Why?", "Björn")
    assert row["promoted_p"] is False
    (row,) = await listed(api, comment_id=again["data"]["comment_id"])
    assert row["comment_type"] == "chat"
    assert ("all_json", copy_id) in published(workspace)


async def test_who_may_promote_is_an_option(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id}

    assert (await api.post("comment/promote", Level.READ, **given))[0] == 403
    workspace.options.promote_level = Level.READ
    assert (await api.post("comment/promote", Level.READ, **given))[0] == 200
    assert comment.is_promoted
    assert published(workspace)[-1] == ("promoted_json", comment.comment_id)
    assert [row["promoted_p"] for row in await listed(api, promoted_p=1)] == [True]
    await api.post("comment/promote", Level.READ, **given)
    assert not comment.is_promoted
    await api.post("comment/promote", Level.READ, promoted_p=0, **given)
    assert not comment.is_promoted


async def test_questions_are_marked_as_answered(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id, "object_id": live_id}

    status, _ = await api.post("comment/update", Level.WRITE, comment_status="answered", **given)
    bad, _ = await api.post("comment/update", Level.WRITE, comment_status="x", **given)
    other, _ = await api.post("comment/update", Level.WRITE, **(given | {"object_id": 1}))

    assert (status, bad, other, comment.status) == (200, 400, 404, "answered")
    assert [row["comment_status"] for row in await listed(api, object_id=live_id)] == ["answered"]
    assert (await api.post("comment/update", Level.READ, comment_status="", **given))[0] == 403
    assert (await api.post("comment/update", Level.WRITE, comment_status="", **given))[0] == 200
    assert comment.status == ""
    assert published(workspace) == [("all_json", comment.comment_id)] * 3


async def test_only_what_was_said_at_live_events_has_a_status(
    api: Caller, workspace: Workspace
) -> None:
    video_id = workspace.state.add_video("Film").object_id
    comment = await workspace.changes.post_comment(video_id, "Why?", kind="question")
    given = {"comment_id": comment.comment_id, "object_id": video_id}

    status, answer = await api.post(
        "comment/update", Level.WRITE, comment_status="answered", **given
    )

    assert (status, answer["code"], comment.status) == (400, "invalid_type", "")


async def test_comments_are_deleted(api: Caller, workspace: Workspace, live_id: int) -> None:
    workspace.options.tells_deletions = True
    comment = await workspace.changes.post_comment(live_id, "Spam")
    given = {"comment_id": comment.comment_id}

    assert (await api.post("comment/delete", Level.READ, **given))[0] == 403
    assert (await api.post("comment/delete", Level.WRITE, **given))[0] == 200
    assert (await api.post("comment/delete", Level.WRITE, **given))[0] == 404
    assert published(workspace) == [("all_json", comment.comment_id)] * 2
    assert await listed(api, object_id=live_id) == []


async def test_who_may_delete_is_an_option(api: Caller, workspace: Workspace, live_id: int) -> None:
    workspace.options.delete_level = Level.READ
    comment = await workspace.changes.post_comment(live_id, "Spam")

    status, _ = await api.post("comment/delete", Level.READ, comment_id=comment.comment_id)

    assert (status, workspace.state.comments) == (200, {})


@pytest.mark.parametrize("fault", [{"status": 503}, {"drops": True}, {"hangs": True}])
async def test_an_answer_goes_wrong_after_the_call_has_had_its_effect(
    api: Caller, workspace: Workspace, live_id: int, fault: dict[str, Any]
) -> None:
    comment = await workspace.changes.post_comment(live_id, "Why?", kind="question")
    made = workspace.add_fault(WorkspaceFault(method="comment/promote", is_late=True, **fault))
    given = {"comment_id": comment.comment_id, "promoted_p": 1}

    calling = asyncio.create_task(api.post("comment/promote", Level.WRITE, **given))
    await made.reached.wait()
    assert comment.is_promoted
    made.release()
    with contextlib.suppress(aiohttp.ClientError, json.JSONDecodeError):
        assert (await calling)[0] == 200

    expected = {"status": 503, "drops": 0, "hangs": 200}
    assert [one.status for one in workspace.log] == [expected[next(iter(fault))]]
    assert (await api.post("comment/promote", Level.WRITE, **given))[0] == 200


async def test_a_live_event_is_run_by_the_api(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    live = workspace.state.live(live_id)

    async def update(**params: object) -> str:
        assert (await api.post("live/update", Level.WRITE, live_id=live_id, **params))[0] == 200
        return live.status

    assert await update(start_time=1_900_000_500) == "upcoming"
    assert await update(broadcasting_p=1) == "live"
    assert await update(broadcasting_p=0) == "previous"
    await update(cancelled_p=1)
    assert live.is_cancelled
    assert live.scheduled == 1_900_000_500


async def test_a_realtime_service_that_fails_fails_no_call(
    api: Caller, workspace: Workspace, live_id: int
) -> None:
    async def publisher(channel: str, data: object) -> None:
        raise OSError(channel, data)

    workspace.publish_by(publisher, "http://127.0.0.1:9/faye")

    given = {"object_id": live_id, "object_type": "live", "content": "Hi"}
    status, _ = await api.post("comment/add", **given)

    assert status == 200
    assert [one.fate for one in workspace.changes.published] == ["failed"]
