"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .batches import draft_lone
from .covers import Covers
from .edge import DiscordEdge
from .files import MessageFile, drawn, written
from .outage_teller import OutageTeller
from .pace import RoomOptions
from .permissions import Chat, Room, calendar_needs, cautions, missing
from .presence import Presence
from .supervisor import RoomSupervisor
from .threads import open_post, remove_post

__all__ = [
    "Chat",
    "Covers",
    "DiscordEdge",
    "MessageFile",
    "OutageTeller",
    "Presence",
    "Room",
    "RoomOptions",
    "RoomSupervisor",
    "calendar_needs",
    "cautions",
    "draft_lone",
    "drawn",
    "missing",
    "open_post",
    "remove_post",
    "written",
]
