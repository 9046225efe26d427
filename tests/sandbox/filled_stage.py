"""A scenario's stage whose rooms are filled by hand, through the bot's own REST API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox import Sandbox
from sandbox.chat import Channel
from sandbox.scenery import Stage
from sandbox.workspace import Level
from tests.sandbox.workspace.calling import Caller

ANSWER = "On Monday"


@dataclass
class FilledStage:
    """A stage, and what is said by it."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sandbox.chat.rules.is_rate_limited = False
        self.stage = Stage(self.sandbox, self.said.append)
        self.api = Caller(workspace=self.sandbox.workspace, http=self.http)

    async def fill(self) -> None:
        """Post what the rooms must hold: one comment of the film, two of the webinar, a start."""
        changes, stage = self.sandbox.workspace.changes, self.stage
        film = await changes.post_comment(stage.film.object_id, "film")
        webinar = stage.webinar.object_id
        self.promoted = (await changes.post_comment(webinar, "a", kind="question")).comment_id
        self.private = (await changes.post_comment(webinar, "b", kind="question")).comment_id
        await changes.promote(self.promoted)
        await self.post(stage.film_room, comment(film.comment_id))
        self.promoted_message = await self.post(stage.webinar_room, comment(self.promoted))
        self.start_message = await self.post(stage.webinar_room, "#live-start-1")
        await self.post(stage.staff_room, comment(self.promoted), comment(self.private))

    async def handle(self) -> None:
        """Do by the API what staff do to the promoted question, and show it."""
        webinar = self.stage.webinar.object_id
        await self.call("promote", comment_id=self.promoted, promoted_p=1)
        await self.reply()
        await self.call(
            "update", object_id=webinar, comment_id=self.promoted, comment_status="answered"
        )
        shown = {**comment_embed(self.promoted), "description": f"a\n> Team: {ANSWER}"}
        for room in (self.stage.webinar_room, self.stage.staff_room):
            for one in self.sandbox.chat.messages(room.id):
                if one.embeds[0]["url"].endswith(comment(self.promoted)):
                    await self.edit(room, one.id, shown, *one.embeds[1:])

    async def reply(self) -> None:
        """Answer the promoted question by the API."""
        await self.call(
            "add",
            object_id=self.stage.webinar.object_id,
            object_type="live",
            content=ANSWER,
            reply_to_comment_id=self.promoted,
        )

    async def call(self, method: str, **params: object) -> None:
        status, answer = await self.api.post(f"comment/{method}", Level.WRITE, **params)
        assert status == 200, answer

    async def board(self, counts: str = "1 open · 0 promoted · 1 answered") -> int:
        """Post a board of the webinar's questions in the moderators' room."""
        url = "https://example.com/#board-1"
        embed = {"url": url, "title": f"The launch · {counts}", "description": "x"}
        return await self._send("POST", self.stage.staff_room, "", [embed])

    async def report(self, listed: str = "1,Ann,a,answered,Mia\n2,Bo,b,open,\n") -> None:
        """Post a report of the webinar that names the private question, with a table."""
        embed = {"url": "https://example.com/#report-1", "description": "Not answered\n- b"}
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps({"embeds": [embed]}))
        table = f"time,name,text,state,who acted\n{listed}".encode()
        form.add_field("files[0]", table, filename="questions.csv", content_type="text/csv")
        chat, room = self.sandbox.chat, self.stage.staff_room
        url = f"{chat.api_url}/channels/{room.id}/messages"
        headers = {"Authorization": f"Bot {chat.token}"}
        async with self.http.post(url, data=form, headers=headers) as response:
            assert response.status == 200, await response.text()

    async def post(self, room: Channel, *fragments: str, **more: Any) -> int:
        embeds = [{"url": f"https://example.com/{one}", "description": "x"} for one in fragments]
        return await self._send("POST", room, "", embeds, **more)

    async def edit(self, room: Channel, message_id: int, *embeds: dict[str, Any]) -> None:
        await self._send("PATCH", room, f"/{message_id}", list(embeds))

    async def _send(
        self, method: str, room: Channel, path: str, embeds: list[dict[str, Any]], **more: Any
    ) -> int:
        chat = self.sandbox.chat
        headers = {"Authorization": f"Bot {chat.token}"}
        url = f"{chat.api_url}/channels/{room.id}/messages{path}"
        body = {"embeds": embeds, **more}
        async with self.http.request(method, url, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return int((await response.json())["id"])


def comment(comment_id: int) -> str:
    return f"#comment-{comment_id}"


def comment_embed(comment_id: int) -> dict[str, Any]:
    return {"url": f"https://example.com/{comment(comment_id)}"}
