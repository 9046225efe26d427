"""The stand-in's verbs for another process: JSON objects in, JSON out.

IDs go out as strings, as Discord's own do, and come in as strings or numbers.
"""

from __future__ import annotations

from .chat import Chat
from .remote_json import Verb
from .remote_people import people_verbs
from .remote_trouble import trouble_verbs
from .remote_world import world_verbs


def verbs(chat: Chat) -> dict[str, Verb]:
    """Return the verbs by name.

    A verb raises ``KeyError``, ``ValueError`` or ``TypeError`` for what it cannot read,
    ``NotOfferedError`` and ``NoReplyError`` as :class:`Chat` does, ``TimeoutError`` for what did
    not come.
    """
    return world_verbs(chat) | people_verbs(chat) | trouble_verbs(chat)
