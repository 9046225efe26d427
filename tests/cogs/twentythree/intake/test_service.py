import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from cogs.twentythree.api import FoundObject
from cogs.twentythree.domain.model import (
    CommentKind,
    CommentNotice,
    CommentPolicy,
    LiveNotice,
    LiveObservation,
    LivePhase,
    ObjectKind,
)
from cogs.twentythree.errors import (
    RealtimeClosedError,
    UnknownObjectError,
    WorkspaceUnreachableError,
)
from cogs.twentythree.intake import Mode
from cogs.twentythree.realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    SubscriptionRefused,
)
from tests.fakes.bridge_house import (
    ALL,
    GUILD,
    OTHER,
    PROMOTED,
    ROOM,
    URL,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)
from tests.fakes.workspace import EVENTS, ROOT, row


async def test_the_first_attach_is_silent(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        made.workspace.say(1, VIDEO, is_promoted=True)
        attached = await made.attach()
        async with running(made):
            made.workspace.say(2, VIDEO, is_promoted=True)
            made.bridge.read_all()
            await made.until_said("comment 2")

        assert attached.is_new


async def test_a_backfill_posts_the_newest_that_the_room_takes_oldest_first(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        for number in range(1, 7):
            made.workspace.say(number, VIDEO, is_promoted=number != 5)
        await made.attach(backfill=3)

        pending = (await made.store.outbox.work(ROOM)).pending

    assert [queued.event_key for queued in pending] == ["comment:3", "comment:4", "comment:6"]


async def test_an_unknown_object_stores_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        with pytest.raises(UnknownObjectError):
            await made.attach()

        assert await made.bridge.attachments() == []


async def test_a_workspace_that_is_away_stores_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        made.workspace.down = WorkspaceUnreachableError("photo/list")
        with pytest.raises(WorkspaceUnreachableError):
            await made.attach()

        assert await made.bridge.attachments() == []


async def test_attaching_again_changes_only_the_options_that_were_given(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        await made.attach(WEBINAR, comments=CommentPolicy.ALL, mention_role_id=5, max_age_s=60)
        again = await made.attach(WEBINAR, announces_live=False)
        cleared = await made.attach(WEBINAR, mentions_nobody=True, max_age_s=0)

    rules = again.attachment.rules
    assert not again.is_new
    assert (rules.comments, rules.announces_live, rules.mention_role_id) == (
        CommentPolicy.ALL,
        False,
        5,
    )
    assert rules.max_age_s == 60
    assert cleared.attachment.rules == replace(rules, mention_role_id=None, max_age_s=0)


async def test_realtime_comments_reach_the_outbox_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Connected(resumed=False))
        client.tell(MessageReceived(PROMOTED, row(5)))
        await made.until_said("comment 5")

        assert client.url == URL
        assert made.metric("twentythree_realtime_connected") == 1
        status = await made.bridge.status(GUILD)
        assert status.mode is Mode.REALTIME
        assert status.pending == 1
        assert status.last_event_at is not None
        one = made.bridge.object_status(await made.bridge.attachments())
        assert one.channels == ("comments",)
        assert one.last_event_at is not None


async def test_the_same_comment_by_two_ways_is_said_once(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served(comments=CommentPolicy.PUBLIC)
        await client.until_subscribed(PROMOTED, ALL)
        made.workspace.say(5, VIDEO, is_promoted=True)
        client.tell(MessageReceived(PROMOTED, row(5)), MessageReceived(ALL, row(5)))
        made.bridge.read_all()
        made.workspace.say(6, VIDEO)
        made.bridge.read_all()
        await made.until_said("comment 5", "comment 6")


async def test_what_is_no_whole_comment_makes_the_object_be_read(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        made.workspace.say(5, VIDEO, is_promoted=True)
        client.tell(MessageReceived(PROMOTED, {"comment_id": 5}))
        await made.until_said("comment 5")


async def test_a_private_question_waits_for_its_promotion(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served(comments=CommentPolicy.PUBLIC)
        await made.attach(room=OTHER, comments=CommentPolicy.ALL)
        await client.until_subscribed(PROMOTED, ALL)
        client.tell(MessageReceived(ALL, row(5, kind="question", promoted=False)))
        await made.until_said("comment 5", room=OTHER)
        assert await made.said(ROOM) == []

        made.workspace.say(5, VIDEO, kind=CommentKind.QUESTION, is_promoted=True)
        client.tell(MessageReceived(PROMOTED, row(5, kind="question", promoted=True)))
        await made.until_said("comment 5", room=ROOM)
        assert await made.said(OTHER) == ["comment 5"]


async def test_a_gap_makes_everything_be_read(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        made.workspace.say(5, VIDEO, is_promoted=True)
        client.tell(Gap(since=0, until=1))
        await made.until_said("comment 5")


async def keys(made: House) -> list[str]:
    return [queued.event_key for queued in (await made.store.outbox.work(ROOM)).pending]


async def test_after_a_gap_realtime_waits_for_the_reading_so_that_order_is_kept(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        made.workspace.say(5, VIDEO, is_promoted=True)
        made.workspace.gate.clear()
        made.workspace.reading.clear()
        client.tell(Gap(since=0, until=1), MessageReceived(PROMOTED, row(6)))
        await made.workspace.reading.wait()
        assert await keys(made) == []
        made.workspace.gate.set()
        await made.until_said("comment 5", "comment 6")

        assert await keys(made) == ["comment:5", "comment:6"]


async def test_a_reading_that_hangs_holds_realtime_back_for_a_while_only(tmp_path: Path) -> None:
    async with house(tmp_path, hold_s=0.05) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        made.workspace.gate.clear()
        client.tell(Gap(since=0, until=1), MessageReceived(PROMOTED, row(6)))
        await made.until_said("comment 6")
        made.workspace.gate.set()


async def test_without_realtime_polling_carries_the_job(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made, running(made):
        made.workspace.add(VIDEO)
        await made.attach()
        made.workspace.say(5, VIDEO, is_promoted=True)
        await made.until_said("comment 5")

        status = await made.bridge.status(GUILD)
        assert status.mode is Mode.POLLING
        assert status.last_event_at is not None
        assert (
            made.bridge.object_status(await made.bridge.attachments()).last_event_at
            == status.last_event_at
        )
        assert not made.clients


async def test_a_refused_channel_is_polled_instead(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Connected(resumed=False))
        client.tell(SubscriptionRefused(channel=PROMOTED, error="403"))
        made.workspace.say(5, VIDEO, is_promoted=True)
        await made.until_said("comment 5")

        assert (await made.bridge.status(GUILD)).mode is Mode.POLLING


async def test_a_loss_is_counted_and_polled_over(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made, running(made):
        client = await made.served()
        client.tell(Connected(resumed=False))
        client.connected = False
        client.tell(Disconnected(reason="the WebSocket was closed (1006)"))
        made.workspace.say(5, VIDEO, is_promoted=True)
        await made.until_said("comment 5")

        assert made.metric("twentythree_realtime_connected") == 0
        assert made.metric("twentythree_realtime_reconnects_total", reason="closed") == 1
        status = await made.bridge.status(GUILD)
        assert status.connected_since is None


async def test_a_service_that_dismisses_the_client_leaves_polling(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made, running(made):
        client = await made.served()
        client.tell(RealtimeClosedError("advice none"))
        made.workspace.say(5, VIDEO, is_promoted=True)
        await made.until_said("comment 5")


async def test_a_failing_workspace_is_told_and_recovered_from(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01, reconcile_s=0.02) as made:
        made.workspace.add(VIDEO)
        await made.attach()
        made.workspace.down = WorkspaceUnreachableError("comment/list", "503")
        async with running(made):
            async with asyncio.timeout(60):
                # The second call comes after the first one's failure was noted.
                await made.workspace.failed_twice.wait()
            error = (await made.bridge.status(GUILD)).last_error
            made.workspace.say(5, VIDEO, is_promoted=True)
            made.workspace.down = None
            await made.until_said("comment 5")

    assert error is not None
    assert "could not be reached" in error


async def test_a_reading_that_failed_is_tried_again_soon_and_realtime_still_waits_for_it(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, poll_s=0.01) as made, running(made):
        client = await made.served()
        client.tell(Connected(resumed=False))
        made.workspace.say(5, VIDEO, is_promoted=True)
        made.workspace.say(6, VIDEO, is_promoted=True)
        made.workspace.down = WorkspaceUnreachableError("comment/list", "503")
        client.tell(Gap(since=0, until=1), MessageReceived(PROMOTED, row(6)))
        async with asyncio.timeout(60):
            await made.workspace.failed_twice.wait()
        made.workspace.down = None
        await made.until_said("comment 5", "comment 6")

        assert await keys(made) == ["comment:5", "comment:6"]


async def test_a_live_event_goes_from_start_to_end_on_one_card(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served(WEBINAR)
        await client.until_subscribed(PROMOTED, EVENTS)
        made.workspace.live_states[WEBINAR] = LiveObservation(
            object_id=WEBINAR, is_broadcasting=True, viewers_now=3
        )
        client.tell(MessageReceived(EVENTS, {"event": "broadcasting"}))
        await made.until_said(f"live {LivePhase.LIVE}")
        made.workspace.live_states[WEBINAR] = LiveObservation(
            object_id=WEBINAR, is_broadcasting=False
        )
        client.tell(MessageReceived(EVENTS, {"event": "broadcasting"}))
        await made.until_said(f"live {LivePhase.ENDED}")

        assert made.metric("twentythree_events_total", kind="live", source="reconcile") == 2


async def test_attachments_are_taken_up_again_after_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        await made.attach()
    async with house(tmp_path) as again:
        again.workspace.add(VIDEO)
        again.workspace.say(5, VIDEO, is_promoted=True)
        async with running(again):
            await again.until_said("comment 5")


async def test_a_detached_object_is_not_listened_to_any_more(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        gone = await made.bridge.detach(ROOM, VIDEO)
        await client.until_subscribed()
        client.tell(MessageReceived(PROMOTED, row(5)))

        assert gone is not None
        assert await made.bridge.detach(ROOM, VIDEO) is None
        assert (await made.bridge.status(GUILD)).mode is Mode.IDLE


async def test_a_diagnosis_shows_sub_channels_and_shapes_and_no_value(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        listening = asyncio.create_task(made.bridge.diagnose(VIDEO, 0.2))
        await client.until_subscribed(PROMOTED, f"{ROOT}/**", EVENTS.replace("/events", "/**"))
        for _ in range(2):
            client.tell(MessageReceived(f"{ROOT}/all_html", {"content": "secret words"}))
        client.tell(MessageReceived("/elsewhere/x", 1))
        (heard,) = await listening
        await client.until_subscribed(PROMOTED)

    assert (heard.sub_channel, heard.count) == ("all_html", 2)
    assert "content" in heard.shape
    assert "secret" not in heard.shape


async def test_a_sample_shows_each_kind_and_mentions_nobody(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        of_video = made.bridge.sample(made.workspace.objects[VIDEO])
        of_event = made.bridge.sample(made.workspace.objects[WEBINAR])

    kinds = [one.comment.kind for one in of_video if isinstance(one, CommentNotice)]
    assert kinds == [CommentKind.COMMENT] * len(of_video)
    shown = {one.comment.kind for one in of_event if isinstance(one, CommentNotice)}
    assert shown == {CommentKind.CHAT, CommentKind.QUESTION}
    cards = [one for one in of_event if isinstance(one, LiveNotice)]
    assert [one.state.phase for one in cards] == ["soon", "live", "ended"]
    assert {one.mention_role_id for one in cards} == {None}


async def test_search_finds_titles(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        info = made.workspace.add(VIDEO)

        assert await made.bridge.search("Object") == [FoundObject(info=info)]
        assert await made.bridge.find(VIDEO) == FoundObject(info=info)


async def test_a_new_title_reaches_the_card_that_is_out(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01, upkeep_s=0.01) as made, running(made):
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        await made.attach(WEBINAR)
        made.workspace.live_states[WEBINAR] = LiveObservation(
            object_id=WEBINAR, is_broadcasting=True
        )
        made.bridge.read_all()
        await made.until_said(f"live {LivePhase.LIVE}")
        renamed = replace(made.workspace.objects[WEBINAR], title="A better title")
        made.workspace.objects[WEBINAR] = renamed
        made.woken.clear()
        async with asyncio.timeout(60):
            while ROOM not in made.woken:
                made.work.clear()
                await made.work.wait()

        (card,) = (await made.store.outbox.work(ROOM)).pending
    assert isinstance(card.notice, LiveNotice)
    assert card.notice.object.title == "A better title"
