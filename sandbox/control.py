"""The sandbox's controls over HTTP on loopback, for tests in another process.

``POST /control/<verb>`` with a JSON object gives JSON: a verb calls a function of the sandbox's
parts with what was asked as its arguments, by name. Whoever has the sandbox in its own process
uses those parts themselves. IDs come in as numbers or strings; those of Discord go out as
strings, as Discord's own do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Final

from aiohttp import web

from .chat import Shown
from .house import Sandbox
from .verbs import REFUSALS, Asked, Verb, sentence, verb

# A reader of JSON may hold numbers as floats; from here on those are rounded.
_LARGEST: Final = 1 << 53


def verbs(sandbox: Sandbox) -> dict[str, Verb]:
    """Return all verbs by name."""
    chat, state, changes = sandbox.chat, sandbox.workspace.state, sandbox.workspace.changes

    def rules(*, is_rate_limited: bool) -> None:
        chat.rules.is_rate_limited = is_rate_limited

    async def wait_for_commands() -> object:
        return await chat.wait_for(chat.commands)

    async def wait_for_message(channel_id: int, text: str, timeout_s: float = 60.0) -> Shown:
        return await chat.wait_for_message(
            channel_id,
            lambda one: text in f"{one.content} {one.embeds} {one.components}",
            timeout_s=timeout_s,
        )

    return {
        "chat/add_guild": verb(chat.guilds.add_guild),
        "chat/set_locale": verb(chat.guilds.set_locale),
        "chat/set_client_locale": verb(chat.guilds.set_client_locale),
        "chat/add_channel": verb(chat.rooms.add_channel),
        "chat/rules": verb(rules),
        "chat/slash": verb(chat.people.slash),
        "chat/messages": verb(chat.messages),
        "chat/posts": verb(lambda: chat.posts),
        "chat/wait_for_commands": verb(wait_for_commands),
        "chat/wait_for_message": verb(wait_for_message),
        "chat/wait_until_ready": verb(chat.wait_until_ready),
        "workspace/add_video": verb(state.add_video),
        "workspace/add_live": verb(state.add_live),
        "workspace/post_comment": verb(changes.post_comment),
        "workspace/promote": verb(changes.promote),
        "workspace/go_live": verb(changes.go_live),
        "workspace/end_broadcast": verb(changes.end_broadcast),
    }


def application(sandbox: Sandbox) -> web.Application:
    """Return the control service.

    It answers 404 for a verb that is not there, and 400 with a sentence where one cannot be done.
    """
    table = verbs(sandbox)

    async def handle(request: web.Request) -> web.Response:
        name = request.match_info["verb"]
        if name not in table:
            raise web.HTTPNotFound(text=f"There is no verb {name}.")
        try:
            answer = await table[name](_asked(await request.text()))
        except REFUSALS as error:
            raise web.HTTPBadRequest(text=f"{name}: {sentence(error)}") from error
        return web.json_response(_plain(answer))

    app = web.Application()
    app.router.add_post("/control/{verb:.*}", handle)
    return app


def _asked(body: str) -> Asked:
    """Return what was posted; nothing at all is an empty object.

    Raises:
        ValueError: it is no JSON object.
    """
    asked = json.loads(body or "{}")
    if not isinstance(asked, dict):
        raise ValueError("A verb wants a JSON object.")  # noqa: TRY004 - refused like other values
    return asked


def _plain(value: object) -> object:
    """Return a value as JSON holds it."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, int) and abs(value) >= _LARGEST else value
