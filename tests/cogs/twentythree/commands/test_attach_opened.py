from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import AtEnd, AttachmentRules, CommentPolicy, LiveObservation
from cogs.twentythree.errors import StorageError
from sandbox.chat import ChannelType
from tests.fakes.bridge import NOW
from tests.fakes.server import LIVE, Server

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


def observed(*, is_broadcasting: bool = False, **values: object) -> LiveObservation:
    return LiveObservation(
        object_id=LIVE.object_id,
        is_broadcasting=is_broadcasting,
        **values,  # type: ignore[arg-type]  # the values of one field each
    )


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (observed(scheduled_at=NOW), "- Posted the card: planned for <t:1893585600:F>."),
        (
            observed(is_broadcasting=True, broadcast_started_at=BEGAN),
            f"- Posted the card: live since <t:{int(BEGAN.timestamp())}:t>.",
        ),
    ],
    ids=["planned", "on air"],
)
async def test_the_reply_says_which_card_was_posted(
    server: Server, seen: LiveObservation, line: str
) -> None:
    server.workspace.live_states[LIVE.object_id] = seen

    assert line in (await server.slash("attach", id_="2")).split("\n")
    await server.slash("attach", id_="2", live="off")
    changed = (await server.slash("attach", id_="2", live="on")).split("\n")
    assert changed[0].endswith("changed:")
    assert line in changed


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (observed(), "- No card yet: no start is planned."),
        (observed(is_over=True), "- No card: the event is over."),
        (observed(is_cancelled=True, scheduled_at=NOW), "- No card: the event is cancelled."),
    ],
)
async def test_the_reply_says_why_there_is_no_card(
    server: Server, seen: LiveObservation, line: str
) -> None:
    server.workspace.live_states[LIVE.object_id] = seen

    assert line in (await server.slash("attach", id_="2")).split("\n")


@pytest.mark.parametrize("status", [404, 403, 200])
async def test_a_post_that_only_a_page_says_is_gone_is_not_taken_for_deleted(
    server: Server, status: int
) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    await server.slash("attach", id_="2", room=forum.id)
    (held,) = await server.held()
    server.chat.rooms.archive(held.room_id)
    guild = server.host.guilds[0]
    async with asyncio.timeout(10):
        while guild.get_thread(held.room_id) is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    server.chat.fault("GET", f"/channels/{held.room_id}", times=None, status=status, is_html=True)

    text = await server.slash("attach", id_="2", room=forum.id)

    assert "was attached to" in text
    assert [one.room_id for one in await server.held()] == [held.room_id]


async def test_what_several_change_at_once_is_all_changed(server: Server) -> None:
    await server.hold(LIVE)
    given: list[dict[str, Any]] = [
        {"comments": "public"},
        {"at_end": "delete"},
        {"actions": "on"},
    ]

    said = await asyncio.gather(*(server.slash("attach", id_="2", **one) for one in given))

    assert all("already; changed:" in one for one in said)
    (held,) = await server.held()
    assert held.rules == AttachmentRules(
        comments=CommentPolicy.PUBLIC, at_end=AtEnd.DELETE, has_actions=True
    )


async def test_a_post_stays_where_the_answer_to_what_is_attached_there_was_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    attach = server.store.attachments.attach

    async def lost(*args: Any, **values: Any) -> None:
        await attach(*args, **values)
        raise StorageError("The database went away.")

    monkeypatch.setattr(server.store.attachments, "attach", lost)
    await server.slash("attach", id_="2", room=forum.id)

    (held,) = await server.held()
    post = server.guild.channels[held.room_id].thread
    assert post is not None
    assert not post.is_archived
