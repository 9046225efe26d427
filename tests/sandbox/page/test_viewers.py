"""What viewers and staff do in the workspace by a page."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.page.visitor import RefusedError, Visitor


async def test_staff_handle_a_question(visitor: Visitor) -> None:
    live = visitor.thing("The launch")["id"]
    asked = await visitor.do("comment", object_id=live, kind="question", text="When?")
    comment_id = asked["comment_id"]
    assert (await visitor.event("comment"))["comment"]["name"] == "Guest"

    await visitor.do("promote", comment_id=comment_id)
    assert (await visitor.event("comment"))["comment"]["is_promoted"] is True
    await visitor.do("promote", comment_id=comment_id, is_promoted=False)
    assert (await visitor.event("comment"))["comment"]["is_promoted"] is False
    await visitor.do("answer", comment_id=comment_id)
    assert (await visitor.event("comment"))["comment"]["status"] == "answered"
    await visitor.do("comment", object_id=live, text="Soon", reply_to=comment_id)
    assert (await visitor.event("comment"))["comment"]["reply_to"] == comment_id
    await visitor.do("delete", comment_id=comment_id)
    assert await visitor.event("comment_gone") == {"object_id": live, "id": comment_id}


async def test_an_event_is_planned_goes_live_and_ends(visitor: Visitor, sandbox: Sandbox) -> None:
    made = await visitor.do("plan", title="Tomorrow", start="2027-01-01T10:00:00+01:00")
    event_id = made["object_id"]
    planned = await visitor.event("object", id=event_id)
    assert (planned["title"], planned["is_live"], planned["state"]) == ("Tomorrow", True, "planned")
    assert planned["start"] == "2027-01-01T09:00:00.000+00:00"

    await visitor.do("go_live", object_id=event_id)
    assert await visitor.event("object", state="live")
    assert sandbox.workspace.state.live(int(event_id)).viewers > 0
    await visitor.do("end", object_id=event_id)
    assert await visitor.event("object", state="ended")
    await visitor.do("plan", object_id=event_id)
    assert (await visitor.event("object", state="planned"))["start"] is None


async def test_a_burst_is_as_many_comments_as_were_asked_for(
    visitor: Visitor, sandbox: Sandbox
) -> None:
    film = visitor.thing("Product film")["id"]

    assert await visitor.do("burst", object_id=film, count=20, kind="chat") == {"count": 20}

    for _ in range(20):
        assert (await visitor.event("comment"))["comment"]["kind"] == "chat"
    assert len(sandbox.workspace.state.comments) == 20


_REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("comment", {"object_id": "1", "text": "x"}, r"No such object\.$"),
    ("comment", {"object_id": "{film}", "text": ""}, r"Text: String should have at least 1"),
    ("comment", {"object_id": "{film}", "text": "x", "kind": "ode"}, r"Kind: Input should be"),
    ("promote", {"comment_id": "1"}, r"No such object\.$"),
    ("delete", {"comment_id": "x"}, r"Comment_id: Input should be a valid integer"),
    ("go_live", {"object_id": "{film}"}, r"No such object\.$"),
    ("burst", {"object_id": "{film}", "count": 501}, r"Count: Input should be less than"),
    ("plan", {"title": "x", "start": "2027-01-01T10:00"}, r"Start: Input should have timezone"),
    ("plan", {"start": "0001-01-01T00:00:00+14:00"}, r"Start: Input should be greater than"),
    ("plan", {"start": "9999-12-31T23:59:59-14:00"}, r"Start: Input should be less than"),
    ("switch", {"name": "gravity", "on": True}, r"Name: Input should be"),
    ("bot", {"do": "dance"}, r"Do: Input should be"),
    ("add_video", {"name": "x"}, r"Title: Missing required argument; name: Unexpected"),
)


async def test_what_cannot_be_done_is_refused_with_a_sentence(visitor: Visitor) -> None:
    film = visitor.thing("Product film")["id"]

    for verb, given, said in _REFUSED:
        asked = {key: film if it == "{film}" else it for key, it in given.items()}
        with pytest.raises(RefusedError, match=f"^{said}") as refused:
            await visitor.do(verb, **asked)

        assert str(refused.value).endswith(".")
