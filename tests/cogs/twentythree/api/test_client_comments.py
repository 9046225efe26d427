"""Reading comments through the client: pages, caches, single ones."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.model import CommentId, CommentKind, ObjectId
from cogs.twentythree.errors import (
    UnreadableAnswerError,
)
from tests.cogs.twentythree.api.recorded import answer
from tests.cogs.twentythree.api.test_client import COMMENTS, LIVE, MISSING, VIDEO
from tests.fakes.site import Make, ScriptedSite, page


async def test_a_page_of_comments_is_read_newest_first_whatever_its_spelling(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(COMMENTS, answer("v2_comment_list.json"))

    found = await make().comments(LIVE)

    assert (found.total, found.is_cached) == (3, False)
    first, second = found.comments
    assert (first.comment_id, first.kind, first.is_promoted) == (
        900003,
        CommentKind.QUESTION,
        True,
    )
    assert (second.comment_id, second.text, second.position_s) == (900002, "Hello & welcome", 50.4)
    assert "ada@example.org" not in repr(found)
    query = site.queries(COMMENTS)[0]
    assert (query["object_id"], query["p"], query["size"]) == ("700001", "1", "100")
    assert (query["order"], query["prioritize_promoted_p"]) == ("desc", "0")
    assert not {"object_type", "promoted_p", "include_realtime_p"} & query.keys()


async def test_further_pages_and_promoted_comments_alone_can_be_read(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(COMMENTS, page())

    await make().comments(LIVE, page=3, size=50, promoted_only=True)

    query = site.queries(COMMENTS)[0]
    assert (query["p"], query["size"], query["promoted_p"]) == ("3", "50", "1")


async def test_the_comments_of_the_whole_workspace_are_those_of_each_object(
    site: ScriptedSite, make: Make
) -> None:
    rows = [{"comment_id": 2, "object_id": 7}, {"comment_id": 1, "object_id": 8}]
    site.answer(COMMENTS, page(*rows, {"comment_id": 3}))

    found = await make().comments(None)

    assert [(one.comment_id, one.object_id) for one in found.comments] == [(2, 7), (1, 8)]
    assert "object_id" not in site.queries(COMMENTS)[0]


async def test_comments_from_a_cache_are_asked_for_once_more(
    site: ScriptedSite, make: Make
) -> None:
    row = {"comment_id": 2, "object_id": LIVE}
    site.answer(COMMENTS, page(cached=True), page(row, cached=False))
    assert [one.comment_id for one in (await make().comments(LIVE)).comments] == [2]
    first, second = site.queries(COMMENTS)
    assert first["time"] != second["time"]
    site.answer(COMMENTS, page(row, cached=True))

    assert (await make().comments(LIVE)).is_cached


async def test_comments_of_version_1_are_read(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/comment/list", answer("v1_comment_list.json"))

    found = await make(version="1").comments(VIDEO)

    assert [comment.comment_id for comment in found.comments] == [900001]


@pytest.mark.parametrize("about", [VIDEO, None])
async def test_rows_of_which_none_can_be_read_are_not_taken_for_no_comments(
    site: ScriptedSite, make: Make, about: ObjectId | None
) -> None:
    renamed = answer("v2_comment_list.json")
    for one in renamed["data"]:
        one["id"] = one.pop("comment_id")
    site.answer(COMMENTS, renamed)

    with pytest.raises(UnreadableAnswerError, match="its interface may have changed"):
        await make().comments(about)


async def test_comments_of_other_objects_are_left_out(site: ScriptedSite, make: Make) -> None:
    site.answer(COMMENTS, answer("v2_comment_list.json"))

    found = await make().comments(VIDEO)

    assert (found.comments, found.total) == ((), 3)


async def test_a_comment_is_found_by_its_id(site: ScriptedSite, make: Make) -> None:
    site.answer(COMMENTS, answer("v2_comment_list.json"))
    client = make()

    found = await client.comment(CommentId(900002))

    assert found is not None
    assert (found.comment_id, found.object_id) == (900002, LIVE)
    assert site.queries(COMMENTS)[0]["comment_id"] == "900002"
    # Whether that one is there was not answered.
    with pytest.raises(UnreadableAnswerError):
        await client.comment(CommentId(1))
    site.answer(COMMENTS, page())
    assert await client.comment(CommentId(1)) is None


async def test_a_comment_that_is_gone_is_none(site: ScriptedSite, make: Make) -> None:
    site.answer(COMMENTS, MISSING, status=404)

    assert await make().comment(CommentId(1)) is None


async def test_a_page_tells_where_its_comments_are_published_where_that_is_asked(
    site: ScriptedSite, make: Make
) -> None:
    root = "/" + "a1" * 20
    told = page(realtime_url="https://realtime.23video.com/faye", realtime_channel=root)
    site.answer(COMMENTS, told, told)

    asked = await make().comments(VIDEO, with_address=True)

    assert site.queries(COMMENTS)[0]["include_realtime_p"] == "1"
    assert asked.address is not None
    assert asked.address.comments_root == root
    assert root not in repr(asked)
    assert (await make().comments(VIDEO)).address is None


@pytest.mark.parametrize("channel", ["", "/"])
async def test_a_page_that_tells_no_channel_leaves_it_to_the_look_up(
    site: ScriptedSite, make: Make, channel: str
) -> None:
    told = page(realtime_url="https://realtime.23video.com/faye", realtime_channel=channel)
    site.answer(COMMENTS, told)

    assert (await make().comments(VIDEO, with_address=True)).address is None
