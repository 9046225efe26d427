"""A TwentyThree workspace on loopback: its REST API, accounts, comments and live events."""

from .changes import Changes, Publisher
from .faults import WorkspaceFault
from .model import Account, Comment, Level, Live, OAuthKeys, Thing, Video
from .options import ChannelPlace, Payload, WorkspaceOptions
from .problems import Problem
from .server import Workspace

__all__ = [
    "Account",
    "Changes",
    "ChannelPlace",
    "Comment",
    "Level",
    "Live",
    "OAuthKeys",
    "Payload",
    "Problem",
    "Publisher",
    "Thing",
    "Video",
    "Workspace",
    "WorkspaceFault",
    "WorkspaceOptions",
]
