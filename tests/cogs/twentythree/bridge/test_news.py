"""What is behind the bridge, without a workspace: when an object is read again."""

from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from cogs.twentythree.bridge import BridgeOptions
from cogs.twentythree.bridge.news import News
from cogs.twentythree.metrics import Metrics
from tests.fakes.bridge import an_attachment
from tests.fakes.budget import NoLimit


async def test_a_failed_reading_comes_again_soon_while_realtime_waits_for_it() -> None:
    nothing: Any = None
    news = News(
        nothing,
        nothing,
        nothing,
        Metrics(CollectorRegistry()),
        wake=lambda rooms, started=(): None,
        draft=nothing,
        options=BridgeOptions(poll_s=15, reconcile_s=300, held_s=2),
        budget=NoLimit(),
        now=lambda: datetime.now(UTC),
    )
    attachment = an_attachment()
    object_id = attachment.object.object_id
    known = news.objects.set(object_id, [attachment])
    assert known is not None
    known.failures = 2
    assert news._schedule._interval(object_id) == 60

    news.missed()
    assert news._schedule._interval(object_id) == 2
    news._intake.release(object_id, news._intake.held(object_id))
    assert news._schedule._interval(object_id) == 60
