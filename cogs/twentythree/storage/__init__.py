"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .file import open_to_others
from .records import (
    Attached,
    Baseline,
    BatchPart,
    Counts,
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
    "Drafting",
    "Followed",
    "Ingested",
    "LiveEvent",
    "NewAttachment",
    "NewFollow",
    "RoomWork",
    "Store",
    "Tracked",
    "open_to_others",
]
