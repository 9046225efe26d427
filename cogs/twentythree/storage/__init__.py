"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .claim import claim
from .engine import Why
from .location import open_to_others
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
    Refused,
    RoomWork,
    Tracked,
    Waiting,
)
from .store import Store
from .tables import DOOMED

__all__ = [
    "DOOMED",
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
    "Refused",
    "RoomWork",
    "Store",
    "Tracked",
    "Waiting",
    "Why",
    "claim",
    "open_to_others",
]
