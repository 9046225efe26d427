"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .records import (
    Attached,
    Baseline,
    BatchPart,
    Counts,
    Detached,
    Drafting,
    Followed,
    Ingested,
    LiveEvent,
    NewAttachment,
    NewFollow,
    RoomWork,
    Tracked,
)
from .store import Store

__all__ = [
    "Attached",
    "Baseline",
    "BatchPart",
    "Counts",
    "Detached",
    "Drafting",
    "Followed",
    "Ingested",
    "LiveEvent",
    "NewAttachment",
    "NewFollow",
    "RoomWork",
    "Store",
    "Tracked",
]
