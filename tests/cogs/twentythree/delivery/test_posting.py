"""The edge, with the real discord.py against a few routes of Discord's API."""

import json
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import discord
import pytest

from cogs.twentythree.delivery.files import MessageFile, drawn
from cogs.twentythree.delivery.outcomes import (
    LOCKED,
    Delivered,
    GiveUp,
    Outcome,
    PauseRoom,
    Removed,
    RetryLater,
)
from cogs.twentythree.delivery.posting import Poster
from cogs.twentythree.domain.model import LivePhase, RoomId
from cogs.twentythree.embeds import body_json, charts_of
from tests.fakes.discord_rest import DiscordRest, Fault, Impatient, channel, guild, logged_in
from tests.fakes.notices import acting_notice, charted_notice, comment_notice, live_notice
from tests.fakes.rooms import open_gate

ROOM = RoomId(501)
BODY = body_json([comment_notice(1), comment_notice(2, text="<@1> @everyone")])
START = body_json([live_notice(is_start=True, role=5)])


@pytest.fixture
def server() -> DiscordRest:
    return DiscordRest()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Impatient:
    impatient = Impatient()
    monkeypatch.setattr(discord.http, "asyncio", impatient)
    return impatient


@pytest.fixture
async def poster(server: DiscordRest, patience: Impatient) -> AsyncGenerator[Poster]:
    async with logged_in(server) as client:
        yield Poster(client, open_gate(client), request_timeout_s=60.0, history_limit=150)


def delivered(outcome: Outcome | None) -> int:
    assert isinstance(outcome, Delivered)
    return outcome.message_id


@pytest.mark.parametrize("body", [BODY, START], ids=["comments", "a start with its mention"])
async def test_what_is_posted_is_the_stored_body_and_nothing_else(
    server: DiscordRest, poster: Poster, body: str
) -> None:
    """Not even the host's allowed_mentions, which here allow everything."""
    message_id = delivered(await poster.post(ROOM, body, "nonce-1"))

    method, path, sent = server.requests[-1]
    assert (method, path) == ("POST", "channels/501/messages")
    assert sent == {**json.loads(body), "nonce": "nonce-1", "enforce_nonce": True}
    assert server.in_room(ROOM)[0]["id"] == str(message_id)


async def test_the_same_nonce_gives_the_same_message(server: DiscordRest, poster: Poster) -> None:
    first = await poster.post(ROOM, BODY, "nonce-1")

    assert await poster.post(ROOM, BODY, "nonce-1") == first
    assert len(server.messages) == 1


async def test_the_nonce_of_a_deleted_message_means_removed(
    server: DiscordRest, poster: Poster
) -> None:
    server.deleted.add(str(delivered(await poster.post(ROOM, BODY, "nonce-1"))))

    assert await poster.post(ROOM, BODY, "nonce-1") == Removed()


async def test_an_edit_shows_the_new_body(server: DiscordRest, poster: Poster) -> None:
    message_id = delivered(await poster.post(ROOM, START, "nonce-1"))
    ended = body_json([live_notice(LivePhase.ENDED, is_start=True, role=5)])

    assert delivered(await poster.edit(ROOM, message_id, ended)) == message_id
    assert server.requests[-1][2] == {"attachments": [], "components": [], **json.loads(ended)}


async def test_an_edit_takes_away_the_buttons_that_the_body_has_no_more(
    server: DiscordRest, poster: Poster
) -> None:
    acted_on = body_json([acting_notice(1)])
    message_id = delivered(await poster.post(ROOM, acted_on, "nonce-1"))
    delivered(await poster.edit(ROOM, message_id, acted_on))
    delivered(await poster.edit(ROOM, message_id, BODY))

    sent = [one["components"] for _, _, one in server.requests if one]
    assert sent == [json.loads(acted_on)["components"]] * 2 + [[]]


async def test_an_edit_of_a_deleted_message_means_removed(poster: Poster) -> None:
    assert await poster.edit(ROOM, 12345, BODY) == Removed()


async def test_an_edit_takes_files_along_and_they_survive_a_retry(
    server: DiscordRest, poster: Poster
) -> None:
    message_id = delivered(await poster.post(ROOM, BODY, "nonce-1"))
    server.faults.append(Fault(status=502))
    body = json.dumps({**json.loads(BODY), "attachments": [{"id": 0, "filename": "a.png"}]})

    picture = MessageFile(filename="a.png", data=b"\x89PNG")
    delivered(await poster.edit(ROOM, message_id, body, [picture]))

    assert server.files == {"a.png": b"\x89PNG"}
    assert server.requests[-1][2] == {"components": [], **json.loads(body)}


async def test_a_message_is_deleted_once_and_is_removed_then(
    server: DiscordRest, poster: Poster
) -> None:
    message_id = delivered(await poster.post(ROOM, BODY, "nonce-1"))

    assert delivered(await poster.delete(ROOM, message_id)) == message_id
    assert await poster.delete(ROOM, message_id) == Removed()


async def test_files_go_where_the_cache_shows_that_they_may(server: DiscordRest) -> None:
    files = discord.Permissions(view_channel=True, send_messages=True, attach_files=True)
    none = discord.Permissions(view_channel=True, send_messages=True)
    async with logged_in(server) as client:
        poster = Poster(client, open_gate(client), request_timeout_s=60.0, history_limit=1)
        guild(client, channel(1, allow=files.value), channel(2, allow=none.value))

        assert poster.takes_files(RoomId(1))
        assert not poster.takes_files(RoomId(2))
        assert poster.takes_files(RoomId(3))


async def test_of_a_thread_whose_channel_is_not_known_files_are_tried(
    server: DiscordRest,
) -> None:
    async with logged_in(server) as client:
        poster = Poster(client, open_gate(client), request_timeout_s=60.0, history_limit=1)
        town = guild(client, channel(1))
        thread: Any = {**channel(2, 11), "parent_id": "404", "owner_id": "5", "message_count": 0}
        thread |= {"member_count": 1, "thread_metadata": _METADATA}
        town._add_thread(discord.Thread(guild=town, state=client._connection, data=thread))

        assert poster.takes_files(RoomId(2))


_METADATA = {
    "archived": False,
    "auto_archive_duration": 60,
    "archive_timestamp": "2020-01-01T00:00:00+00:00",
    "locked": False,
}


async def test_a_reply_lost_after_the_post_is_to_be_tried_again(
    server: DiscordRest, poster: Poster
) -> None:
    server.faults.append(Fault(is_done=True))

    assert isinstance(await poster.post(ROOM, BODY, "nonce-1"), RetryLater)
    delivered(await poster.post(ROOM, BODY, "nonce-1"))
    assert len(server.messages) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_what_discord_py_tries_again_itself_is_still_said_once(
    server: DiscordRest, poster: Poster, status: int
) -> None:
    server.faults.append(Fault(status=status, is_done=True))

    delivered(await poster.post(ROOM, BODY, "nonce-1"))
    assert len(server.messages) == 1


async def test_a_discord_that_stays_down_is_to_be_tried_again(
    server: DiscordRest, poster: Poster
) -> None:
    server.faults.extend([Fault(status=502)] * 5)

    assert await poster.post(ROOM, BODY, "nonce-1") == RetryLater(reason="status 502")


async def test_a_503_is_to_be_tried_again(server: DiscordRest, poster: Poster) -> None:
    server.faults.append(Fault(status=503))

    assert await poster.post(ROOM, BODY, "nonce-1") == RetryLater(reason="status 503")


async def test_a_rate_limit_is_slept_out_by_discord_py(
    server: DiscordRest, poster: Poster, patience: Impatient
) -> None:
    limited = {"retry_after": 3.5, "global": False}
    server.faults.append(Fault(status=429, headers={"Via": "1.1 google"}, body=limited))

    delivered(await poster.post(ROOM, BODY, "nonce-1"))
    assert 3.5 in patience.slept


async def test_a_rate_limit_of_a_proxy_is_to_be_tried_again(
    server: DiscordRest, poster: Poster
) -> None:
    server.faults.append(Fault(status=429))

    outcome = await poster.post(ROOM, BODY, "nonce-1")
    assert outcome == RetryLater(reason="rate limited", after_s=5.0)


@pytest.mark.parametrize("body", [{"id": None}, {"id": "x"}])
async def test_an_answer_that_cannot_be_read_is_to_be_tried_again(
    server: DiscordRest, poster: Poster, body: dict[str, object]
) -> None:
    server.faults.append(Fault(status=200, is_done=True, body=body))

    assert isinstance(await poster.post(ROOM, BODY, "nonce-1"), RetryLater)


async def test_a_refusal_pauses_or_gives_up(server: DiscordRest, poster: Poster) -> None:
    server.faults.extend([Fault(status=403, code=50013), Fault(status=400, code=200000)])

    assert isinstance(await poster.post(ROOM, BODY, "nonce-1"), PauseRoom)
    assert await poster.post(ROOM, BODY, "nonce-1") == GiveUp(reason="automod")


async def test_a_request_without_end_is_cut_off(server: DiscordRest, patience: Impatient) -> None:
    async with logged_in(server) as client:
        poster = Poster(client, open_gate(client), request_timeout_s=0, history_limit=1)

        assert await poster.post(ROOM, BODY, "n") == RetryLater(reason="no answer")


async def test_an_archived_thread_is_opened(server: DiscordRest, poster: Poster) -> None:
    server.archived.add(ROOM)

    message_id = delivered(await poster.post(ROOM, BODY, "nonce-1"))
    server.archived.add(ROOM)
    delivered(await poster.edit(ROOM, message_id, BODY))
    assert ("PATCH", "channels/501", {"archived": False}) in server.requests


async def test_a_locked_thread_pauses_the_room(server: DiscordRest, poster: Poster) -> None:
    server.archived.add(ROOM)
    server.locked.add(ROOM)

    assert await poster.post(ROOM, BODY, "nonce-1") == LOCKED


async def test_a_thread_that_may_not_be_opened_pauses_the_room(
    server: DiscordRest, poster: Poster
) -> None:
    server.archived.add(ROOM)
    server.refusals["PATCH", ROOM] = (403, 50013)

    assert isinstance(await poster.post(ROOM, BODY, "nonce-1"), PauseRoom)


async def test_the_history_tells_whether_a_message_is_there(
    server: DiscordRest, poster: Poster
) -> None:
    since = server.now
    await poster.post(ROOM, START, "other")
    server.now += timedelta(seconds=3)
    message_id = delivered(await poster.post(ROOM, BODY, "nonce-1"))
    part = body_json([comment_notice(1)])

    assert delivered(await poster.find(ROOM, BODY, since)) == message_id
    assert await poster.find(ROOM, part, since) is None
    assert await poster.find(ROOM, BODY, since + timedelta(hours=1)) is None


async def test_messages_of_others_do_not_count(server: DiscordRest, poster: Poster) -> None:
    since = server.now
    await poster.post(ROOM, BODY, "nonce-1")
    server.messages[0]["author"] = {**server.messages[0]["author"], "id": "666"}

    assert await poster.find(ROOM, BODY, since) is None


async def test_the_history_is_read_as_far_as_is_bounded(
    server: DiscordRest, poster: Poster
) -> None:
    since = server.now
    for number in range(149):
        await poster.post(ROOM, START, f"n{number}")
    await poster.post(ROOM, BODY, "nonce-1")
    delivered(await poster.find(ROOM, BODY, since))
    await poster.post(ROOM, body_json([comment_notice(9)]), "nonce-9")

    assert await poster.find(ROOM, body_json([comment_notice(9)]), since) is None


@pytest.mark.parametrize("fault", [Fault(status=403, code=50001), Fault(status=404, code=10003)])
async def test_a_history_that_may_not_be_read_leaves_it_to_the_post(
    server: DiscordRest, poster: Poster, fault: Fault
) -> None:
    server.faults.append(fault)

    assert await poster.find(ROOM, BODY, server.now) is None


async def test_a_history_that_did_not_answer_is_asked_again_before_any_post(
    server: DiscordRest, poster: Poster
) -> None:
    server.faults.append(Fault(status=503))

    assert isinstance(await poster.find(ROOM, BODY, server.now), RetryLater)


async def test_a_chart_becomes_a_png_under_its_name() -> None:
    (chart,) = charts_of([charted_notice()])

    (picture,) = await drawn([chart])

    assert picture.filename == chart.filename
    assert picture.data.startswith(b"\x89PNG\r\n")


async def test_no_charts_are_no_pictures() -> None:
    assert await drawn([]) == []


async def test_without_the_extra_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)

    assert await drawn(charts_of([charted_notice()])) == []
