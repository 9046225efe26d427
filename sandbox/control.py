"""The sandbox's controls over HTTP on loopback, for tests in another process.

``POST /control/<part>/<verb>`` with a JSON object gives JSON. The parts are ``chat``,
``workspace`` and ``faye``; their verbs are told in ``chat/remote.py`` and its siblings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from functools import partial

from aiohttp import web

from .chat import NoReplyError, NotOfferedError
from .chat import verbs as chat_verbs
from .faye.remote import functions as faye_functions
from .house import Sandbox
from .verbs import Asked, Verb, verb
from .workspace import Problem
from .workspace.remote import functions as workspace_functions

_REFUSALS = (
    Problem,
    NotOfferedError,
    NoReplyError,
    LookupError,
    TimeoutError,
    TypeError,
    ValueError,
)


def verbs(sandbox: Sandbox) -> dict[str, Mapping[str, Verb]]:
    """Return all verbs by part."""
    return {
        "chat": chat_verbs(sandbox.chat),
        "workspace": _table(workspace_functions(sandbox.workspace)),
        "faye": _table(faye_functions(sandbox.faye)),
    }


def application(sandbox: Sandbox) -> web.Application:
    """Return the control service.

    It answers 404 for a verb that is not there, and 400 with a sentence where one cannot be done.
    """
    table = verbs(sandbox)

    async def handle(request: web.Request) -> web.Response:
        part, name = request.match_info["part"], request.match_info["verb"]
        found = table.get(part, {}).get(name)
        if found is None:
            raise web.HTTPNotFound(text=f"There is no verb {part}/{name}.")
        try:
            answer = await found(_asked(await request.text()))
        except _REFUSALS as error:
            raise web.HTTPBadRequest(text=f"{part}/{name}: {_sentence(error)}") from error
        return web.json_response(answer, dumps=partial(json.dumps, default=_plain))

    app = web.Application()
    app.router.add_post("/control/{part}/{verb}", handle)
    return app


def _table(functions: Mapping[str, Callable[..., object]]) -> dict[str, Verb]:
    return {name: verb(function) for name, function in functions.items()}


def _asked(body: str) -> Asked:
    """Return what was posted; nothing at all is an empty object.

    Raises:
        ValueError: it is no JSON object.
    """
    asked = json.loads(body or "{}")
    if not isinstance(asked, dict):
        raise ValueError("A verb wants a JSON object.")  # noqa: TRY004 - refused like other values
    return asked


def _sentence(error: Exception) -> str:
    match error:
        case KeyError():
            return f"{error} is missing, or nothing has this ID."
        case TimeoutError():
            return "What was waited for did not come in time."
        case _:
            return str(error) or type(error).__name__


def _plain(value: object) -> object:
    """Return a value as JSON can hold it; only dataclasses come out of verbs otherwise."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is no JSON.")
