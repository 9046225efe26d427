"""How answers are wrapped: version 1 per method and with status 200, version 2 in ``data``."""

from __future__ import annotations

import json
from typing import Any

from .methods import Result
from .model import Level
from .problems import Problem
from .rows import in_version_1

_WRAPPERS = {
    "album/list": "albums",
    "photo/list": "photos",
    "live/list": "live",
    "live/log": "onelog",
    "live/realtime": "live",
    "comment/list": "comments",
    "comment/add": "comment",
    "comment/clone": "comment",
    "site/get": "site",
}


def success(version: str, method: str, level: Level, result: Result, *, cached: bool) -> str:
    """Return the body of an answer."""
    common: dict[str, Any] = {"status": "ok", "permission_level": level.word, **result.extra}
    if result.total is not None:
        common["total_count"] = result.total
    if result.message:
        common["message"] = result.message
    if version == "2":
        return json.dumps(common | {"cached": cached, "data": result.rows})
    one = isinstance(result.rows, dict)
    rows = [result.rows] if isinstance(result.rows, dict) else result.rows
    spelled = [in_version_1(row) for row in rows]
    strings = {name: str(value) for name, value in common.items()}
    return json.dumps(
        strings
        | {
            "cached": str(int(cached)),
            "endpoint": "sandbox",
            _WRAPPERS.get(method, "data"): spelled[0] if one else spelled,
        }
    )


def failure(version: str, level: Level, problem: Problem) -> tuple[int, str]:
    """Return status and body of a refusal; version 1 answers 200."""
    body = json.dumps(
        {
            "status": "error",
            "message": problem.message,
            "code": problem.code,
            "permission_level": level.word,
        }
    )
    return (200 if version == "1" else problem.status), body


def dressed(version: str, body: str, params: dict[str, str]) -> tuple[str, str]:
    """Return content type and text; version 1 wants ``format=json`` and ``raw`` for bare JSON."""
    if version == "2":
        return "application/json", body
    if params.get("format") != "json":
        return "text/xml", '<?xml version="1.0" encoding="utf-8"?><response/>'
    if "raw" in params:
        return "application/json", body
    return "text/javascript", f"var visual = {body};"
