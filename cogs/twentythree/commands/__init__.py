"""The slash commands: the group ``/video``, one file per command."""

from .context import CommandContext
from .group import VideoGroup

__all__ = ["CommandContext", "VideoGroup"]
