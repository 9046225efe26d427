"""Plain requests to a stand-in for Discord, without discord.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from sandbox.chat import Chat, ChatOptions, Limit

QUICK = ChatOptions(
    limits={"POST /channels/{channel_id}/messages": Limit(requests=1000, window_s=5.0)},
    default_limit=Limit(requests=1000, window_s=1.0),
    global_limit=Limit(requests=1000, window_s=1.0),
)
# Discord waits three seconds for an answer; a busy machine may hold up a bot for longer.
PATIENT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> int:
        return int(self.body["code"])


class Rest:
    """Requests as they are, for what a library would not send or would not show."""

    def __init__(self, chat: Chat, session: aiohttp.ClientSession) -> None:
        self._chat = chat
        self._session = session
        self.token = f"Bot {chat.token}"

    async def __call__(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"Authorization": self.token}
        async with self._session.request(
            method, self._chat.api_url + path, json=body, headers=headers
        ) as answer:
            is_json = answer.headers.get("Content-Type") == "application/json"
            shown = await (answer.json() if is_json else answer.text())
            return Answer(status=answer.status, body=shown, headers=answer.headers)


class Listener:
    """A bare gateway client that is told what happens, and answers nothing."""

    def __init__(self, chat: Chat, session: aiohttp.ClientSession) -> None:
        self._chat = chat
        self._session = session

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(self._chat.gateway_url)
        identity = {"token": self._chat.token, "intents": 1}
        await self._socket.send_json({"op": 2, "d": identity})
        await self.next("READY")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def next(self, event: str) -> dict[str, Any]:
        """Return the data of the next event of this name."""
        while True:
            name, data = await self.event()
            if name == event:
                return data

    async def event(self) -> tuple[str, dict[str, Any]]:
        """Return the next event, whatever it is."""
        frame = await self._socket.receive_json(timeout=60)
        return frame["t"], frame["d"]
