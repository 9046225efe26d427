"""The sandbox's controls over HTTP on loopback, for tests in another process.

``POST /control/<part>/<verb>`` with a JSON object gives JSON; an error is a 400 with a sentence.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any, TypeAlias

from aiohttp import web

from .chat.remote import verbs as chat_verbs
from .house import Sandbox
from .workspace import ChannelPlace, Payload, Problem, WorkspaceFault

Verb: TypeAlias = Callable[[dict[str, Any]], Awaitable[object]]


def verbs(sandbox: Sandbox) -> dict[str, dict[str, Verb]]:
    """Return all verbs by part."""
    return {
        "chat": chat_verbs(sandbox.chat),
        "workspace": _workspace_verbs(sandbox),
        "faye": _faye_verbs(sandbox),
    }


def application(sandbox: Sandbox) -> web.Application:
    """Return the control service."""
    table = verbs(sandbox)

    async def handle(request: web.Request) -> web.Response:
        verb = table.get(request.match_info["part"], {}).get(request.match_info["verb"])
        if verb is None:
            raise web.HTTPNotFound(text="There is no such verb.")
        try:
            return web.json_response(_plain(await verb(await request.json())))
        except (Problem, KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from error

    app = web.Application()
    app.router.add_post("/control/{part}/{verb}", handle)
    return app


def _plain(value: object) -> object:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _workspace_verbs(sandbox: Sandbox) -> dict[str, Verb]:
    workspace = sandbox.workspace
    changes, state = workspace.changes, workspace.state

    async def options(given: dict[str, Any]) -> None:
        kinds = {"payload": Payload, "place": ChannelPlace}
        for name, value in given.items():
            if not hasattr(workspace.options, name):
                raise KeyError(name)
            setattr(workspace.options, name, kinds.get(name, lambda same: same)(value))

    async def down(given: dict[str, Any]) -> None:
        workspace.is_down = bool(given["is_down"])

    async def fault(given: dict[str, Any]) -> None:
        workspace.add_fault(WorkspaceFault(**given))

    async def lose(given: dict[str, Any]) -> None:
        changes.losing = int(given["count"])

    async def comments(_: dict[str, Any]) -> list[dict[str, Any]]:
        return [asdict(comment) for comment in state.comments.values()]

    async def set_viewers(given: dict[str, Any]) -> None:
        changes.set_viewers(**given)

    async def add_video(given: dict[str, Any]) -> object:
        return state.add_video(**given)

    async def add_live(given: dict[str, Any]) -> object:
        return state.add_live(**given)

    return {
        "add_video": add_video,
        "add_live": add_live,
        "post_comment": lambda given: changes.post_comment(**given),
        "promote": lambda given: changes.promote(**given),
        "delete_comment": lambda given: changes.delete_comment(**given),
        "schedule": lambda given: changes.schedule(**given),
        "go_live": lambda given: changes.go_live(**given),
        "end_broadcast": lambda given: changes.end_broadcast(**given),
        "cancel": lambda given: changes.cancel(**given),
        "set_viewers": set_viewers,
        "comments": comments,
        "options": options,
        "down": down,
        "fault": fault,
        "lose": lose,
    }


def _faye_verbs(sandbox: Sandbox) -> dict[str, Verb]:
    faye = sandbox.faye

    async def publish(given: dict[str, Any]) -> None:
        await faye.publish(given["channel"], given["data"])

    async def forget(_: dict[str, Any]) -> None:
        faye.forget()

    async def drop(_: dict[str, Any]) -> None:
        faye.drop()

    async def silence(given: dict[str, Any]) -> None:
        faye.is_silent = bool(given["is_silent"])

    async def stop(_: dict[str, Any]) -> None:
        await faye.close()

    async def start(_: dict[str, Any]) -> None:
        await faye.start()

    async def subscriptions(_: dict[str, Any]) -> list[str]:
        return faye.subscriptions()

    return {
        "publish": publish,
        "forget": forget,
        "drop": drop,
        "silence": silence,
        "stop": stop,
        "start": start,
        "subscriptions": subscriptions,
    }
