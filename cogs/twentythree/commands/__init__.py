"""The slash commands: the group ``/video``, one file per command."""

from .desk import Desk
from .group import VideoGroup

__all__ = ["Desk", "VideoGroup"]
