"""TwentyThree's REST API: calls and answers as plain values, and a thin client over aiohttp."""

from ..domain.realtime import RealtimeAddress
from .auth import Anonymous, Bearer, Credentials, OAuth1
from .budget import RequestBudget
from .client import WorkspaceClient
from .clock import WorkspaceClock
from .listing import Listed, Listing
from .model import ApiConfig, CommentPage, SiteInfo, is_lower, is_reader

__all__ = [
    "Anonymous",
    "ApiConfig",
    "Bearer",
    "CommentPage",
    "Credentials",
    "Listed",
    "Listing",
    "OAuth1",
    "RealtimeAddress",
    "RequestBudget",
    "SiteInfo",
    "WorkspaceClient",
    "WorkspaceClock",
    "is_lower",
    "is_reader",
]
