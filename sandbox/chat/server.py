"""The REST API on the network: reading, logging, faults, limits, and writing.

Of each request the order is: the fault before, the token, the rate limit, the route itself
(which nothing interrupts), and the fault after.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, Final

import aiohttp
from aiohttp import web

from .address import API_PATH
from .calls import Answer, Call, Post, Route, Upload
from .core import Core
from .errors import ApiError, refusal, unauthorized
from .faults import Fault, Faults
from .rates import RateLimits

# discord.py compares the whole header; a charset behind it makes it see text.
_JSON: Final = "application/json"


class RestServer:
    """Serves the routes and keeps the log of all requests."""

    def __init__(self, core: Core, faults: Faults) -> None:
        self._core = core
        self._faults = faults
        self.limits = RateLimits(core.options, core.rules)
        self.posts: deque[Post] = deque(maxlen=core.options.kept_posts)

    def add_to(self, app: web.Application, routes: list[Route]) -> None:
        """Serve the routes; whatever else is asked for is answered with 404."""
        for route in routes:
            handler = self._handler(route)
            app.router.add_route(route.method, API_PATH + route.template, handler)
        unknown = Route(method="*", template="", handle=_unknown, is_limited=False)
        app.router.add_route("*", API_PATH + "/{rest:.*}", self._handler(unknown))

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(route, request)

        return handle

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        call, error = await _read(route, request)
        post = Post(
            at=self._core.world.now(),
            method=call.method,
            path=call.path,
            template=call.template,
            query=call.query,
            request=call.body,
        )
        self.posts.append(post)
        self._core.changes.tell()
        fault = self._faults.take(call)
        is_early = fault is not None and fault.when == "before"
        answer = await self._faulty(fault, post, request) if fault and is_early else None
        if answer is None and not post.is_lost:
            token = request.headers.get("Authorization")
            answer = self._answer(route, call, token, error)
            if fault is not None and not is_early:
                answer = await self._faulty(fault, post, request) or answer
        return self._written(post, answer)

    async def _faulty(self, fault: Fault, post: Post, request: web.Request) -> Answer | None:
        await fault.rest()
        if fault.drops:
            post.is_lost = True
            if request.transport is not None:
                request.transport.abort()
            return None
        answer = fault.answer()
        post.is_fault = answer is not None
        return answer

    def _written(self, post: Post, answer: Answer | None) -> web.Response:
        if answer is None or post.is_lost:
            self._core.changes.tell()
            return web.Response()
        self.limits.count(answer)
        post.status, post.response = answer.status, answer.body
        self._core.changes.tell()
        at = self._core.world.now() + self._core.rules.date_offset_s
        answer.headers = {"Date": formatdate(at, usegmt=True), **answer.headers}
        return _response(answer)

    def _answer(
        self, route: Route, call: Call, token: str | None, error: ApiError | None
    ) -> Answer:
        headers: dict[str, str] = {}
        try:
            if route.needs_token:
                self._check(token)
            headers, refused = self.limits.take(route, call)
            if refused is not None:
                return refused
            if error is not None:
                raise error
            answer = route.handle(call)
        except ApiError as problem:
            answer = Answer(status=problem.status, body=problem.body())
        answer.headers = {**headers, **answer.headers}
        return answer

    def _check(self, token: str | None) -> None:
        expected = f"Bot {self._core.options.token}"
        if token != expected or self._core.rules.is_token_refused:
            raise unauthorized()


def _unknown(_: Call) -> Answer:
    raise refusal(0)


def _response(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.body, str):
        return web.Response(
            status=answer.status, text=answer.body, headers=answer.headers or {}, content_type=None
        )
    return web.Response(
        status=answer.status,
        body=json.dumps(answer.body).encode(),
        headers={"Content-Type": _JSON, **answer.headers},
    )


async def _read(route: Route, request: web.Request) -> tuple[Call, ApiError | None]:
    """Return the request, and why its body cannot be used."""
    body: Any = None
    uploads: list[Upload] = []
    error = None
    try:
        if request.content_type == "multipart/form-data":
            body, uploads = await _read_form(request)
        elif text := await request.text():
            body = json.loads(text)
    except ValueError:
        error = refusal(50109)
    call = Call(
        method=request.method,
        path=request.path.removeprefix(API_PATH),
        template=route.template,
        parts=dict(request.match_info),
        query=dict(request.query),
        body=body,
        uploads=tuple(uploads),
    )
    return call, error


async def _read_form(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = {}
    uploads = []
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader):
            continue
        data = await part.read()
        if part.filename is None:
            body = json.loads(data) if part.name == "payload_json" else body
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(name=part.filename, content_type=kind, data=bytes(data)))
    return body, uploads
