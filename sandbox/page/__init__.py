"""The sandbox as a page: its workspace, its Discord, and what goes wrong on purpose."""

from .keeper import Keeper, Said, Saying
from .scene import Scene
from .server import Page

__all__ = ["Keeper", "Page", "Said", "Saying", "Scene"]
