"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .records import (
    Attached,
    Baseline,
    BatchPart,
    Counts,
    Drafting,
    Followed,
    Ingested,
    NewAttachment,
    RoomWork,
)
from .store import Store

__all__ = [
    "Attached",
    "Baseline",
    "BatchPart",
    "Counts",
    "Drafting",
    "Followed",
    "Ingested",
    "NewAttachment",
    "RoomWork",
    "Store",
]
