"""The page's live connection without a browser: for what no hand could type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import aiohttp

# As many as a page may have under way.
_AT_ONCE = 32
_LONGEST_FRAME = 64 * 1024 * 1024


class LiveLine:
    """``async with LiveLine(address) as line``; ``line.state`` is what the page begins with."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._number = 0
        self.state: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(
            f"{self._address}/live", origin=self._address, max_msg_size=_LONGEST_FRAME
        )
        self.state = (await self._socket.receive_json())["state"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._http.close()

    async def say(self, room: str, texts: Sequence[str]) -> None:
        """Have who the page begins with say these in a room, in this order."""
        (channel,) = (one["id"] for one in self.state["channels"] if one["name"] == room)
        said = {"person": self.state["me"], "channel_id": channel}
        for start in range(0, len(texts), _AT_ONCE):
            await self._do(
                "say", [{**said, "text": one} for one in texts[start : start + _AT_ONCE]]
            )

    async def _do(self, verb: str, given: Sequence[dict[str, Any]]) -> None:
        waited_for = set()
        for one in given:
            self._number += 1
            waited_for.add(self._number)
            await self._socket.send_json({"id": self._number, "do": verb, "with": one})
        while waited_for:
            frame = await self._socket.receive_json()
            if frame["type"] == "answer":
                assert "error" not in frame, frame
                waited_for.discard(frame["id"])
