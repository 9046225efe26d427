"""The slash commands: the group ``/video``, one file per command."""

from .context import CommandContext
from .group import VideoGroup
from .words import CommandTranslator

__all__ = ["CommandContext", "CommandTranslator", "VideoGroup"]
