"""Files that the bot or people have sent: kept for a while, under addresses of their own."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from .address import Address
from .calls import Upload
from .snowflakes import Snowflakes

_TEMPLATE: Final = "/attachments/{file_id}/{name}"
_MOST: Final = 1_000


class Files:
    """The last files that were sent, by ID.

    Attributes:
        is_away: whoever asks for a file gets none.
        fetches: how often each file was fetched.
    """

    def __init__(self, address: Address, ids: Snowflakes) -> None:
        self._address = address
        self._ids = ids
        self._files: OrderedDict[int, Upload] = OrderedDict()
        self.is_away = False
        self.fetches: Counter[int] = Counter()

    def add(self, upload: Upload) -> dict[str, Any]:
        """Keep a file; return it as an attachment object."""
        file_id = self._ids.next()
        self._files[file_id] = upload
        if len(self._files) > _MOST:
            self._files.popitem(last=False)
        return self.shown(file_id)

    def shown(self, file_id: int) -> dict[str, Any]:
        """Return a file as an attachment object.

        Raises:
            KeyError: there is none of this ID.
        """
        upload = self._files[file_id]
        url = f"{self._address.files_url}/attachments/{file_id}/{quote(upload.name)}"
        return {
            "id": str(file_id),
            "filename": upload.name,
            "content_type": upload.content_type,
            "size": upload.size,
            "url": url,
            "proxy_url": url,
        }

    def __contains__(self, file_id: int) -> bool:
        return file_id in self._files

    def data(self, file_id: int) -> bytes:
        """Return what is in a file.

        Raises:
            KeyError: there is none of this ID.
        """
        return self._files[file_id].data

    def add_to(self, app: web.Application) -> None:
        """Serve the files to whoever knows their addresses."""
        app.router.add_get(_TEMPLATE, self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        text = request.match_info["file_id"]
        upload = self._files.get(int(text)) if text.isdecimal() else None
        if upload is None or self.is_away or upload.name != request.match_info["name"]:
            raise web.HTTPNotFound
        self.fetches[int(text)] += 1
        return web.Response(body=upload.data, headers={"Content-Type": upload.content_type})
