from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from prometheus_client import CollectorRegistry

from cogs.twentythree.api import WorkspaceClient
from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.domain.realtime import RealtimeAddress
from cogs.twentythree.intake import Analytics, BridgeOptions
from cogs.twentythree.intake.book import Needs, root_of
from cogs.twentythree.intake.news import News
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.realtime import RealtimeClient
from cogs.twentythree.storage import Store
from tests.fakes.bridge import an_attachment
from tests.fakes.budget import NoLimit
from tests.fakes.realtime import FakeRealtime
from tests.fakes.workspace import EVENTS, FakeWorkspace

WEBINAR = ObjectId(8)
NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
LIVE = Needs(promoted=False, every_comment=False, live=True)
VIEWERS = f"{root_of(EVENTS)}/viewers"


def news(store: Any, **options: Any) -> News:
    return News(
        store,
        cast("WorkspaceClient", FakeWorkspace()),
        lambda url: cast("RealtimeClient", FakeRealtime(url)),
        Metrics(CollectorRegistry()),
        wake=lambda rooms, started=(): None,
        draft=None,
        options=BridgeOptions(**options),
        budget=NoLimit(),
        now=lambda: NOW,
    )


async def test_analytics_are_heard_once_in_any_order_and_have_nothing_read(store: Store) -> None:
    made = news(store, analytics=Analytics(sub_channel="viewers", catch_up="12h"))
    made.channels.book.learn(WEBINAR, RealtimeAddress(comments_root=None, events=EVENTS), LIVE)
    new, old = ({"viewers": count, "timestamp": 1_893_500_000 + count} for count in (9, 5))

    for channel, data in (
        (VIEWERS, new),
        (f"{VIEWERS}/catchup/12h", new),
        (f"{VIEWERS}/catchup/12h", old),
        (VIEWERS, "words"),
    ):
        made.delivered(channel, data)

    assert [one.viewers for one in made._watch._heard[WEBINAR]] == [9, 5]
    assert made._schedule._reader._plans == {}
    assert made.last_event_at is None


async def test_a_failed_reading_comes_again_soon_while_realtime_waits_for_it() -> None:
    made = news(None, poll_s=15, reconcile_s=300, held_s=2)
    attachment = an_attachment()
    object_id = attachment.object.object_id
    known = made.objects.set(object_id, [attachment])
    assert known is not None
    known.failures = 2
    assert made._schedule._interval(object_id) == 60

    made.missed()
    assert made._schedule._interval(object_id) == 2
    made._intake.release(object_id, made._intake.held(object_id))
    assert made._schedule._interval(object_id) == 60
