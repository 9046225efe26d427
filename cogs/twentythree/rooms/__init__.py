"""The way out: what waits in the store becomes messages in Discord's rooms."""

from .forum import open_post
from .options import RoomOptions
from .permissions import cautions, missing
from .rooms import Rooms

__all__ = ["RoomOptions", "Rooms", "cautions", "missing", "open_post"]
