"""No text holds up the loop on its way into a message, however many wait."""

import gc
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import DiscordEdge
from cogs.twentythree.delivery.batches import RoomBatches
from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.fields import MAX_COMMENT
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    QueuedNotice,
    RoomId,
    Source,
)
from cogs.twentythree.metrics import Metrics
from tests.fakes.hostile import TEXTS
from tests.fakes.watchdog import LONGEST_STEP_S, Watchdog

# Plainer tests reach the same lines; to count them here takes longer than to run this.
NOW = datetime(2030, 1, 1, tzinfo=UTC)
ROOM = RoomId(1)
FILM = ObjectInfo(
    object_id=ObjectId(7), kind=ObjectKind.VIDEO, title="Film", url="https://video.example.com/7"
)


class Desk:
    """Stands for the poster and the store: lets nothing through at once, keeps what is stored."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def allowance(self, room_id: RoomId) -> int:
        return 0

    def takes_files(self, room_id: RoomId) -> bool:
        return False

    async def start_batch(self, *_: object, draft: Any, now: datetime) -> None:
        self.bodies.append(draft.body)

    async def edit(self, room_id: RoomId, message_id: int, body: str) -> None:
        self.bodies.append(body)
        raise LookupError


def queued(text: str, number: int) -> QueuedNotice:
    comment = Comment(
        comment_id=CommentId(number),
        object_id=FILM.object_id,
        kind=CommentKind.CHAT,
        is_promoted=False,
        author=text[:200],
        text=text[:MAX_COMMENT],
        created_at=NOW,
    )
    return QueuedNotice(
        notice_id=number,
        room_id=ROOM,
        event_key=f"comment:{number}",
        notice=CommentNotice(object=FILM, comment=comment, source=Source.REALTIME, seen_at=NOW),
        queued_at=NOW,
    )


@pytest.mark.parametrize("name", ["schemes", "flags"])
async def test_no_text_holds_up_the_loop_on_its_way_into_a_message(name: str) -> None:
    desk = Desk()
    edge = DiscordEdge(cast("Any", None))
    edge.poster = cast("Any", desk)
    store = cast("Any", SimpleNamespace(outbox=desk))
    batches = RoomBatches(ROOM, edge, store, Metrics(CollectorRegistry()), now=lambda: NOW)
    pending = [queued(TEXTS[name], number) for number in range(1, 7)]
    batch = Batch(
        batch_id=1,
        room_id=ROOM,
        nonce="n",
        body="",
        notices=tuple(pending[:5]),
        created_at=NOW,
        message_id=1,
    )
    gc.collect()
    async with Watchdog() as watchdog:
        await batches.start(pending)
        with pytest.raises(LookupError):
            await batches.edit(batch)

    assert len(desk.bodies) == 2
    assert watchdog.longest_s < LONGEST_STEP_S
