"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .batches import draft_lone
from .edge import DiscordEdge
from .files import MessageFile, drawn, written
from .outage_teller import OutageTeller
from .pace import RoomOptions
from .permissions import WANTED, Chat, NeededPermission, Room, cautions, missing, needed
from .supervisor import RoomSupervisor
from .threads import open_post, remove_post

__all__ = [
    "WANTED",
    "Chat",
    "DiscordEdge",
    "MessageFile",
    "NeededPermission",
    "OutageTeller",
    "Room",
    "RoomOptions",
    "RoomSupervisor",
    "cautions",
    "draft_lone",
    "drawn",
    "missing",
    "needed",
    "open_post",
    "remove_post",
    "written",
]
