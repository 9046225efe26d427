"""What must survive a restart: attachments, the memory of comments, the outbox."""

from .engine import Why
from .kept_settings import RoomsSet
from .lead import Lead
from .leading import leading, new_lead
from .location import open_to_others
from .records import (
    Attached,
    Baseline,
    BatchPart,
    CalendarCounts,
    CalendarWork,
    Counts,
    Detached,
    Drafting,
    DueThread,
    ExposuresSettled,
    Followed,
    Ingested,
    LiveEvent,
    MadeBoard,
    NewAttachment,
    NewBoard,
    NewFollow,
    NewSetup,
    Refused,
    RoomWork,
    SetupDone,
    Standpoint,
    TakenQuestion,
    ThreadToOpen,
    Tracked,
    Waiting,
)
from .sql import (
    DOOMED,
    REMOVED,
)
from .store import Store

__all__ = [
    "DOOMED",
    "REMOVED",
    "Attached",
    "Baseline",
    "BatchPart",
    "CalendarCounts",
    "CalendarWork",
    "Counts",
    "Detached",
    "Drafting",
    "DueThread",
    "ExposuresSettled",
    "Followed",
    "Ingested",
    "Lead",
    "LiveEvent",
    "MadeBoard",
    "NewAttachment",
    "NewBoard",
    "NewFollow",
    "NewSetup",
    "Refused",
    "RoomWork",
    "RoomsSet",
    "SetupDone",
    "Standpoint",
    "Store",
    "TakenQuestion",
    "ThreadToOpen",
    "Tracked",
    "Waiting",
    "Why",
    "leading",
    "new_lead",
    "open_to_others",
]
