"""Bare calls of the sandbox's workspace, without the plugin's client."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import aiohttp
from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY, Client

from sandbox.workspace import Level, Workspace

Answer = tuple[int, Any]
Verb = Literal["GET", "POST"]


@dataclass(frozen=True, kw_only=True)
class Caller:
    workspace: Workspace
    http: aiohttp.ClientSession

    version: str = "2"

    async def get(self, method: str, level: Level | None = None, /, **params: object) -> Answer:
        return await self._call("GET", method, level, params)

    async def post(self, method: str, level: Level | None = None, /, **params: object) -> Answer:
        return await self._call("POST", method, level, params)

    async def _call(
        self, verb: str, method: str, level: Level | None, params: dict[str, object]
    ) -> Answer:
        bare = {"format": "json", "raw": "1"} if self.version == "1" else {}
        said = {name: str(value) for name, value in (params | bare).items()}
        headers = {}
        if level is not None:
            headers["Authorization"] = f"Bearer {self.workspace.account(level).bearer}"
        query, form = (said, None) if verb == "GET" else (None, said)
        async with self.http.request(
            verb, self.url(method), headers=headers, params=query, data=form
        ) as response:
            return response.status, json.loads(await response.text())

    @property
    def in_version_1(self) -> Caller:
        return replace(self, version="1")

    async def signed(
        self, verb: Literal["GET", "POST"], method: str, *, is_forged: bool = False
    ) -> Answer:
        """Call with the parameters of OAuth in the query, or in the form of a POST."""
        keys = self.workspace.account(Level.ADMIN).oauth
        client = Client(
            keys.consumer_key,
            client_secret=keys.consumer_secret,
            resource_owner_key=keys.token,
            resource_owner_secret="forged" if is_forged else keys.token_secret,
            signature_type=SIGNATURE_TYPE_QUERY if verb == "GET" else SIGNATURE_TYPE_BODY,
        )
        body = "x=1" if verb == "POST" else None
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        url, headers, data = client.sign(self.url(method), verb, body, form)
        async with self.http.request(verb, url, headers=headers, data=data) as response:
            return response.status, await response.json()

    def url(self, method: str) -> str:
        return self.workspace.url + ("/api/2/" if self.version == "2" else "/api/") + method
