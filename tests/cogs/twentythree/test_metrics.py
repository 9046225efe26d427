from prometheus_client import CollectorRegistry, generate_latest

from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Lead


def test_every_metric_has_the_name_that_others_hold_on_to() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.event("comment", "realtime", 3)
    metrics.notice("delivered")
    metrics.outbox(5)
    metrics.posted(0.2)
    metrics.realtime(connected=True)
    metrics.reconnect("closed")
    metrics.api_request("comment/list", 200)
    metrics.rooms_paused(1)
    metrics.leader(Lead.alone())

    shown = generate_latest(registry).decode()

    for line in (
        'twentythree_events_total{kind="comment",source="realtime"} 3.0',
        'twentythree_notices_total{outcome="delivered"} 1.0',
        "twentythree_outbox_pending 5.0",
        'twentythree_publish_to_post_seconds_bucket{le="0.25"} 1.0',
        "twentythree_realtime_connected 1.0",
        'twentythree_realtime_reconnects_total{reason="closed"} 1.0',
        'twentythree_api_requests_total{method="comment/list",status="200"} 1.0',
        "twentythree_rooms_paused 1.0",
        "twentythree_leader 1.0",
    ):
        assert line in shown


def test_a_second_load_can_register_after_the_first_has_closed() -> None:
    registry = CollectorRegistry()

    Metrics(registry).close()
    Metrics(registry)

    assert b"twentythree_outbox_pending" in generate_latest(registry)


def test_a_process_that_stands_by_is_no_leader() -> None:
    registry = CollectorRegistry()
    Metrics(registry).leader(Lead("other"))

    assert b"twentythree_leader 0.0" in generate_latest(registry)
