"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .batches import draft_lone
from .edge import DiscordEdge
from .files import MessageFile, drawn, written
from .outage_teller import OutageTeller
from .pace import RoomOptions
from .permissions import Chat, Room, cautions, missing
from .state_tagging import TAGS_WANTED, lacks_tags
from .supervisor import RoomSupervisor
from .threads import open_post, remove_post

__all__ = [
    "TAGS_WANTED",
    "Chat",
    "DiscordEdge",
    "MessageFile",
    "OutageTeller",
    "Room",
    "RoomOptions",
    "RoomSupervisor",
    "cautions",
    "draft_lone",
    "drawn",
    "lacks_tags",
    "missing",
    "open_post",
    "remove_post",
    "written",
]
