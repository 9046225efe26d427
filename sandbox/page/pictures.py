"""What a page may show as pictures and files: only what the sandbox itself holds, by its IDs."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from ..chat.model import Scheduled
from ..house import Sandbox
from ..workspace import Thing

_FILE: Final = "/media/{file_id:[0-9]{1,20}}"
_PICTURE: Final = "/media/objects/{object_id:[0-9]{1,20}}"
_AVATAR: Final = "/media/avatars/{number:[0-9]{1,3}}"
# Anything else might be a page with a script in it.
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ATTACHED: Final = "attachment://"
_SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360">
<rect width="640" height="360" fill="hsl({hue} 45% 30%)"/>
<circle cx="320" cy="150" r="56" fill="#fff" fill-opacity=".85"/>
<path d="M304 120v60l48-30z" fill="hsl({hue} 45% 30%)"/>
<text x="320" y="290" font-family="sans-serif" font-size="34" fill="#fff" text-anchor="middle">\
{title}</text>
</svg>
"""
_FACE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">
<rect width="64" height="64" fill="hsl({hue} 45% 42%)"/>
<circle cx="32" cy="25" r="12" fill="#fff" fill-opacity=".9"/>
<path d="M8 64c0-32 48-32 48 0z" fill="#fff" fill-opacity=".9"/>
</svg>
"""
_HUES: Final = 360
_MOST_TITLE: Final = 30


def avatar_of(name: str) -> str:
    """Return where the workspace has a viewer's picture, by its path: one of many alike."""
    return f"/avatars/{sum(name.encode()) * 47 % _HUES}.png"


class Pictures:
    """Finds pictures and files, and serves them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._files = sandbox.chat.files
        self._things = sandbox.workspace.state.things
        # The workspace's pictures are found below the ID after the object's.
        self._thumb = re.compile(re.escape(sandbox.workspace.url) + r"/(\d+)/\d+/\w+/")
        self._page = re.compile(re.escape(sandbox.workspace.url) + r"/\w+/(\d+)(?:[/#]|$)")
        self._avatar = re.compile(re.escape(sandbox.workspace.url) + r"/avatars/(\d{1,3})\.png$")
        self._file = re.compile(r"http://127\.0\.0\.1:\d+/attachments/(\d+)/")

    def dressed(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message in which what has a picture has ``src``, where the page finds it.

        That is beside each ``url`` of a picture or file of the sandbox, and ``icon_src`` beside
        ``icon_url``. What is elsewhere has none.
        """
        names = {one["filename"]: int(one["id"]) for one in message["attachments"]}
        parts = {
            key: self._dressed(message[key], names)
            for key in ("attachments", "embeds", "components")
        }
        return message | parts

    def _dressed(self, value: Any, names: dict[str, int]) -> Any:
        if isinstance(value, list):
            return [self._dressed(one, names) for one in value]
        if not isinstance(value, dict):
            return value
        made = {key: self._dressed(one, names) for key, one in value.items()}
        for key, mine in (("url", "src"), ("icon_url", "icon_src")):
            source = self._source(str(value.get(key, "")), names)
            if source is not None:
                made[mine] = source
        return made

    def _source(self, url: str, names: dict[str, int]) -> str | None:
        """Return where the page finds what is at an address."""
        if (found := self._thumb.match(url)) is not None:
            object_id = int(found[1]) - 1
            return f"/media/objects/{object_id}" if object_id in self._things else None
        if (found := self._avatar.match(url)) is not None:
            return f"/media/avatars/{found[1]}"
        if url.startswith(_ATTACHED):
            file_id = names.get(url.removeprefix(_ATTACHED))
        else:
            found = self._file.match(url)
            file_id = None if found is None else int(found[1])
        return f"/media/{file_id}" if file_id is not None and file_id in self._files else None

    def cover_of(self, scheduled: Scheduled) -> str | None:
        """Return where the page finds the picture of a scheduled event, if it has one.

        Of it Discord tells no more than a hash; it is taken for that of what is held there.
        """
        found = self._page.match(scheduled.location)
        if scheduled.image is None or found is None or int(found[1]) not in self._things:
            return None
        return f"/media/objects/{found[1]}"

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get(_FILE, self._serve_file)
        app.router.add_get(_PICTURE, self._serve_picture)
        app.router.add_get(_AVATAR, self._serve_avatar)

    async def _serve_file(self, request: web.Request) -> web.Response:
        file_id = int(request.match_info["file_id"])
        if file_id not in self._files:
            raise web.HTTPNotFound
        shown = self._files.shown(file_id)
        kind = shown["content_type"].partition(";")[0]
        if kind in _SHOWN:
            return web.Response(body=self._files.data(file_id), content_type=kind)
        name = quote(shown["filename"], safe="")
        return web.Response(
            body=self._files.data(file_id),
            content_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def _serve_picture(self, request: web.Request) -> web.Response:
        thing = self._things.get(int(request.match_info["object_id"]))
        if thing is None:
            raise web.HTTPNotFound
        return web.Response(text=_drawn(thing), content_type="image/svg+xml")

    async def _serve_avatar(self, request: web.Request) -> web.Response:
        drawn = _FACE.format(hue=int(request.match_info["number"]) % _HUES)
        return web.Response(text=drawn, content_type="image/svg+xml")


def _drawn(thing: Thing) -> str:
    hue = thing.object_id * 47 % 360
    title = thing.title
    if len(title) > _MOST_TITLE:
        title = f"{title[:_MOST_TITLE].rstrip(' ,')}…"
    return _SVG.format(hue=hue, title=escape(title))
