"""The sandbox as a page: its workspace, its Discord, and what goes wrong on purpose."""

from .bot import Bot, Said, Saying
from .scene import Scene
from .server import Page

__all__ = ["Bot", "Page", "Said", "Saying", "Scene"]
