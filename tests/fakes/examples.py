"""How many examples a property is tried with.

Where a change is judged they are the same each time, so that more of them tell nothing new.
"""

from __future__ import annotations

import os
from typing import Final

IS_JUDGED: Final = bool(os.environ.get("CI"))
_LESS: Final = 3


def examples(most: int) -> int:
    """Return ``most``, or a third of it where a change is judged."""
    return max(1, most // _LESS) if IS_JUDGED else most
