"""What an old leader wants to write, the database refuses: each write carries the holder's name.

The connections of a holder of the lead are called by it, and triggers of the tables look at that
(migration 0016): so no write can go past them, one statement that goes alone included, and none
takes another round trip. Connections of other names, of people or of `check`, may write.
"""

from __future__ import annotations

from typing import Final

# What the triggers raise: a class of our own.
IS_OVER: Final = "TT001"
_OURS: Final = "twentythree-"


def name_of(holder: str) -> str:
    """Return the name that connections of a holder of the lead have in the database."""
    return f"{_OURS}{holder}"
