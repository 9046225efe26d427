"""Seeking the realtime channels of an object, in every place where the workspace may tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import WorkspaceError
from ..relay.model import ObjectInfo, ObjectKind
from ..relay.scalars import identity
from . import requests
from .calling import Caller
from .channels import comments_root, events_channel, pointer, service_url
from .envelope import Answer, Row
from .model import ApiConfig, RealtimeAddress, Version
from .requests import Request

_OWNERS = ("object_id", "photo_id", "live_id")


@dataclass(frozen=True, slots=True)
class _Source:
    """A call that may tell a channel; in a version of its own, or in the one in use."""

    request: Request
    version: Version | None = None


class _Search:
    """One search for an object's channels."""

    def __init__(self, caller: Caller, config: ApiConfig, obj: ObjectInfo) -> None:
        self._caller = caller
        self._site_url = config.site_url
        self._object = obj
        self._failure: WorkspaceError | None = None
        self._is_answered = False
        self.url: str | None = None

    async def channel(
        self, sources: list[_Source], spell: Callable[[str], str | None]
    ) -> str | None:
        """Ask one source after the other; return the first channel that ``spell`` can use."""
        for source in sources:
            try:
                answer = await self._caller.call(source.request, source.version)
            except WorkspaceError as error:
                self._failure = self._failure or error
                continue
            self._is_answered = True
            found = pointer(_about(self._object, answer), self._site_url)
            channel = spell(found.channel) if found.channel else None
            self.url = self.url or found.url
            if channel is not None:
                return channel
        return None

    def check(self) -> None:
        """Raise the first failure if there was no answer at all."""
        if self._failure is not None and not self._is_answered:
            raise self._failure


async def seek(caller: Caller, config: ApiConfig, obj: ObjectInfo) -> RealtimeAddress:
    """Return where an object's news are published; a source that fails gives way to the next.

    Raises:
        WorkspaceError: no source gave any answer.
    """
    search = _Search(caller, config, obj)
    sources = _comment_sources(caller, config, obj, is_reader=await caller.is_reader())
    root = await search.channel(sources, comments_root)
    events: str | None = None
    if obj.kind is ObjectKind.LIVE:
        events = await search.channel(_event_sources(config, obj), events_channel)
    search.check()
    url = service_url(search.url, config.site_url) if root or events else search.url
    return RealtimeAddress(url=url, comments_root=root, events=events)


def _comment_sources(
    caller: Caller, config: ApiConfig, obj: ObjectInfo, *, is_reader: bool
) -> list[_Source]:
    object_id = obj.object_id
    listed = requests.live_list(live_id=object_id, include_private=is_reader, size=1)
    if obj.kind is ObjectKind.VIDEO:
        listed = requests.photo_list(photo_id=object_id, include_unpublished=is_reader, size=1)
    asked = requests.comment_list(object_id=object_id, include_realtime=True, size=1)
    sources = [_Source(asked), _Source(listed)]
    # The documents of version 2 do not show the property that the realtime documents speak of.
    if config.version == "auto" and caller.version == "2":
        sources.append(_Source(listed, "1"))
    return sources


def _event_sources(config: ApiConfig, obj: ObjectInfo) -> list[_Source]:
    # The log needs the lower level, and is in both versions.
    sources = [_Source(requests.live_log(obj.object_id))]
    if config.version != "2":
        sources.append(_Source(requests.live_realtime(obj.object_id), "1"))
    return sources


def _about(obj: ObjectInfo, answer: Answer) -> Answer:
    """Return the answer without rows of other objects: their channels are not asked for."""

    def is_ours(row: Row) -> bool:
        named = [identity(row[name]) for name in _OWNERS if name in row]
        return not named or obj.object_id in named

    return replace(answer, rows=tuple(row for row in answer.rows if is_ours(row)))
