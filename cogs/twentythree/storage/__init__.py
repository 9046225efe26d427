"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .records import (
    Attached,
    Baseline,
    Counts,
    Drafting,
    Followed,
    Ingested,
    LiveEvent,
    NewAttachment,
    NewFollow,
    RoomWork,
)
from .store import Store

__all__ = [
    "Attached",
    "Baseline",
    "Counts",
    "Drafting",
    "Followed",
    "Ingested",
    "LiveEvent",
    "NewAttachment",
    "NewFollow",
    "RoomWork",
    "Store",
]
