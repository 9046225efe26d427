"""All exhibits, in the order in which they are made and shown."""

from __future__ import annotations

from .beside_rooms import OF_SURROUNDINGS
from .comments import OF_COMMENTS
from .events import OF_EVENTS
from .replies_shown import OF_REPLIES

EXHIBITS = (*OF_COMMENTS, *OF_EVENTS, *OF_SURROUNDINGS, *OF_REPLIES)
