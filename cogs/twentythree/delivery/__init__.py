"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .delivery import draft_lone
from .forum import open_post, remove_post
from .options import RoomOptions
from .outages import OutageTeller
from .permissions import Chat, Room, cautions, missing
from .rooms import Rooms

__all__ = [
    "Chat",
    "OutageTeller",
    "Room",
    "RoomOptions",
    "Rooms",
    "cautions",
    "draft_lone",
    "missing",
    "open_post",
    "remove_post",
]
