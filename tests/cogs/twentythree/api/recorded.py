"""Answers of the API as they are recorded in documents, with invented values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "samples"


def body(name: str) -> bytes:
    """Return an answer as it comes over the wire."""
    return (_FOLDER / name).read_bytes()


def answer(name: str, **changes: object) -> dict[str, Any]:
    """Return a JSON answer, with changes to its top level."""
    found: dict[str, Any] = json.loads(body(name))
    return found | changes
