"""TwentyThree's REST API: calls and answers as plain values, and a thin client over aiohttp."""

from ..domain.levels import is_lower, is_reader
from ..domain.needs import RealtimeAddress
from .calling import RequestBudget
from .client import CommentPage, FoundObject, SiteInfo, WorkspaceClient
from .clock import WorkspaceClock
from .credentials import Anonymous, ApiConfig, Bearer, Credentials, OAuth1
from .lists import Listed, Listing
from .writing import Writing

__all__ = [
    "Anonymous",
    "ApiConfig",
    "Bearer",
    "CommentPage",
    "Credentials",
    "FoundObject",
    "Listed",
    "Listing",
    "OAuth1",
    "RealtimeAddress",
    "RequestBudget",
    "SiteInfo",
    "WorkspaceClient",
    "WorkspaceClock",
    "Writing",
    "is_lower",
    "is_reader",
]
