"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .batches import draft_lone
from .edge import DiscordEdge
from .files import Covers, MessageFile, drawn, written
from .gate import open_global_lock
from .opening import TAGS_WANTED, lacks_tags
from .outage_teller import OutageTeller
from .outcomes import REQUEST_ERRORS
from .pace import RoomOptions
from .permissions import (
    WANTED,
    Chat,
    NeededPermission,
    Room,
    calendar_needs,
    cautions,
    is_seen_by_everyone,
    missing,
    needed,
)
from .presence import Presence
from .supervisor import RoomSupervisor

__all__ = [
    "REQUEST_ERRORS",
    "TAGS_WANTED",
    "WANTED",
    "Chat",
    "Covers",
    "DiscordEdge",
    "MessageFile",
    "NeededPermission",
    "OutageTeller",
    "Presence",
    "Room",
    "RoomOptions",
    "RoomSupervisor",
    "calendar_needs",
    "cautions",
    "draft_lone",
    "drawn",
    "is_seen_by_everyone",
    "lacks_tags",
    "missing",
    "needed",
    "open_global_lock",
    "written",
]
