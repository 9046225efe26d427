"""A TwentyThree workspace on loopback: its REST API, accounts, comments and live events."""

from .changes import Changes, Fate, Published, Publisher
from .faults import Lie, WorkspaceFault
from .model import Account, Category, Comment, Level, Live, OAuthKeys, Thing, Video
from .options import ChannelPlace, Payload, WorkspaceOptions
from .problems import Problem
from .server import Call, Workspace

__all__ = [
    "Account",
    "Call",
    "Category",
    "Changes",
    "ChannelPlace",
    "Comment",
    "Fate",
    "Level",
    "Lie",
    "Live",
    "OAuthKeys",
    "Payload",
    "Problem",
    "Published",
    "Publisher",
    "Thing",
    "Video",
    "Workspace",
    "WorkspaceFault",
    "WorkspaceOptions",
]
