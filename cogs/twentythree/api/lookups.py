"""Looking up where the news of an object are published, wherever the workspace may tell it.

Source: https://www.twentythree.com/api/realtime. A channel's root (40 hexadecimal digits) is the
only key to it: no log, no error and no repr may hold one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from ..domain.fields import identity
from ..domain.model import ObjectId, ObjectInfo, ObjectKind
from ..domain.needs import RealtimeAddress
from ..errors import WorkspaceError, WorkspaceUnreachableError
from ..loopback import is_loopback
from . import methods
from .addresses import service_address
from .calling import Caller
from .credentials import ApiConfig, Version
from .envelope import ApiAnswer, Row
from .methods import Call

# The one service of all workspaces, for answers that name a channel but no address.
SERVICE_URL = "https://realtime.23video.com/faye"

_OWNERS = ("object_id", "photo_id", "live_id")
_SIZE = 100
# How far a list is read for the channels of many objects.
_MOST_PAGES = 10

# The documents name the first of each; `include_realtime_p` is said to add "a channel URL and
# token" without naming the properties.
_URLS = ("realtime_url", "realtime_channel_url")
_CHANNELS = ("realtime_channel", "realtime_token", "realtime_channel_token")
# Bayeux's alphabet without its wildcards, which would ask for other people's channels.
_CHANNEL = re.compile(r"(?:/[A-Za-z0-9_!~()$@-]{1,128}){1,8}")
_BARE = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_RESERVED = frozenset({"meta", "service"})
_EVENTS = "events"


@dataclass(frozen=True, slots=True)
class _Source:
    """A call that may tell a channel; in a version of its own, or in the one in use."""

    call: Call
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class _List:
    """A list of all objects of a kind; ``ask`` makes the call for a page of it."""

    kind: ObjectKind
    ask: Callable[..., Call]
    version: Version | None


class _LookUp:
    """One look-up of an object's channels."""

    def __init__(self, caller: Caller, config: ApiConfig, obj: ObjectInfo) -> None:
        self._caller = caller
        self._site_url = config.site_url
        self._object = obj
        self._failure: WorkspaceError | None = None
        self._is_answered = False
        self.is_whole = True
        self.url: str | None = None

    async def channel(
        self, sources: list[_Source], spell: Callable[[str], str | None]
    ) -> str | None:
        """Ask one source after the other; return the first channel that ``spell`` can use."""
        is_whole = True
        for source in sources:
            try:
                answer = await self._caller.call(source.call, source.version)
            except WorkspaceError as error:
                self._failure = self._failure or error
                is_whole = is_whole and not isinstance(error, WorkspaceUnreachableError)
                continue
            self._is_answered = True
            found = pointer(_about(self._object.object_id, answer), self._site_url)
            channel = spell(found.channel) if found.channel else None
            self.url = self.url or found.url
            if channel is not None:
                return channel
        self.is_whole = self.is_whole and is_whole
        return None

    def check(self) -> None:
        """Raise the first failure if there was no answer at all."""
        if self._failure is not None and not self._is_answered:
            raise self._failure


async def look_up(
    caller: Caller, config: ApiConfig, obj: ObjectInfo, *, root: str | None = None
) -> RealtimeAddress:
    """Return where an object's news are published; a source that fails gives way to the next.

    ``root``: that of the comments' channels, where it is known.

    Raises:
        WorkspaceError: no source gave any answer.
    """
    asked = _LookUp(caller, config, obj)
    if root is None:
        sources = _comment_sources(caller, config, obj, is_reader=await caller.is_reader())
        root = await asked.channel(sources, comments_root)
    events: str | None = None
    if obj.kind is ObjectKind.LIVE:
        events = await asked.channel(_event_sources(config, obj), events_channel)
    asked.check()
    url = service_url(asked.url, config.site_url) if root or events else asked.url
    return RealtimeAddress(url=url, comments_root=root, events=events, is_whole=asked.is_whole)


async def look_up_listed(
    caller: Caller, config: ApiConfig, wanted: Collection[ObjectInfo]
) -> dict[ObjectId, RealtimeAddress]:
    """Return what lists tell of the channels of these objects' comments.

    Raises:
        WorkspaceError: a list could not be read.
    """
    is_reader = await caller.is_reader()
    videos = partial(methods.photo_list, include_unpublished=is_reader, size=_SIZE)
    events = partial(methods.live_list, include_private=is_reader, size=_SIZE)
    versions: list[Version | None] = [None]
    if config.version == "auto" and caller.version == "2":
        versions.append("1")
    found: dict[ObjectId, RealtimeAddress] = {}
    for kind, ask in ((ObjectKind.VIDEO, videos), (ObjectKind.LIVE, events)):
        for version in versions:
            ids = {one.object_id for one in wanted if one.kind is kind} - found.keys()
            found |= await _listed(caller, config, _List(kind, ask, version), ids)
    return found


async def _listed(
    caller: Caller, config: ApiConfig, source: _List, ids: Collection[ObjectId]
) -> dict[ObjectId, RealtimeAddress]:
    """Read a list until all are found, for no more pages than asking for each would take."""
    found: dict[ObjectId, RealtimeAddress] = {}
    page, rows, is_end = 0, 0, False
    while not is_end and page < min(_MOST_PAGES, len(ids)) and len(found) < len(ids):
        page += 1
        answer = await caller.call(source.ask(page=page), source.version)
        told = _told(answer, source.kind, config.site_url)
        found |= {object_id: told[object_id] for object_id in ids if object_id in told}
        rows += len(answer.rows)
        is_end = not told or (answer.total_count is not None and rows >= answer.total_count)
    return found


def _told(answer: ApiAnswer, kind: ObjectKind, site_url: str) -> dict[ObjectId, RealtimeAddress]:
    """Return the address in each row that tells one; a channel in two rows is neither's."""
    found: dict[ObjectId, RealtimeAddress] = {}
    for row in answer.rows:
        number = identity(row.get("photo_id"))
        if kind is ObjectKind.LIVE:
            number = identity(row.get("live_id")) or number
        seen = pointer(replace(answer, rows=(row,), extra={}), site_url)
        root = comments_root(seen.channel) if seen.channel else None
        if number and root:
            url = service_url(seen.url, site_url)
            found[ObjectId(number)] = RealtimeAddress(url=url, comments_root=root)
    uses = Counter(one.comments_root for one in found.values())
    return {key: one for key, one in found.items() if uses[one.comments_root] == 1}


def _comment_sources(
    caller: Caller, config: ApiConfig, obj: ObjectInfo, *, is_reader: bool
) -> list[_Source]:
    object_id = obj.object_id
    listed = methods.live_list(live_id=object_id, include_private=is_reader, size=1)
    if obj.kind is ObjectKind.VIDEO:
        listed = methods.photo_list(photo_id=object_id, include_unpublished=is_reader, size=1)
    asked = methods.comment_list(object_id=object_id, include_realtime=True, size=1)
    sources = [_Source(asked), _Source(listed)]
    # The documents of version 2 do not show the property that the realtime documents speak of.
    if config.version == "auto" and caller.version == "2":
        sources.append(_Source(listed, "1"))
    return sources


def _event_sources(config: ApiConfig, obj: ObjectInfo) -> list[_Source]:
    # The log needs the lower level, and is in both versions.
    sources = [_Source(methods.live_log(obj.object_id))]
    if config.version != "2":
        sources.append(_Source(methods.live_realtime(obj.object_id), "1"))
    return sources


def told_beside(answer: ApiAnswer, object_id: ObjectId, site_url: str) -> RealtimeAddress | None:
    """Return what an answer about an object tells of the channels of its comments, if anything."""
    found = pointer(_about(object_id, answer), site_url)
    root = comments_root(found.channel) if found.channel else None
    if root is None:
        return None
    return RealtimeAddress(url=service_url(found.url, site_url), comments_root=root)


def _about(object_id: ObjectId, answer: ApiAnswer) -> ApiAnswer:
    """Return the answer without rows of other objects: their channels are not asked for."""

    def is_ours(row: Row) -> bool:
        named = [identity(row[name]) for name in _OWNERS if name in row]
        return not named or object_id in named

    return replace(answer, rows=tuple(row for row in answer.rows if is_ours(row)))


# How an answer tells a channel, and how it is spelled.


@dataclass(frozen=True, slots=True)
class Pointer:
    """What one answer says about realtime; the channel as it is spelled there."""

    url: str | None = None
    channel: str | None = field(default=None, repr=False)


def pointer(answer: ApiAnswer, site_url: str) -> Pointer:
    """Return the address and the channel that an answer holds, beside its rows or in them."""
    places = [answer.extra, *answer.rows]
    return Pointer(
        next((url for place in places for url in _urls(place, site_url)), None),
        next((channel for place in places for channel in _channels(place)), None),
    )


def comments_root(channel: str) -> str | None:
    """Return the root to put ``all_json`` and the like to.

    The channel may come bare or with a sub-channel. ``None``: it is the events service's.
    """
    _, root, *rest = channel.split("/")
    return None if rest == [_EVENTS] else f"/{root}"


def events_channel(channel: str) -> str:
    """Return the channel of a live event's changes; ``events`` is added to a bare root."""
    return channel if channel.count("/") > 1 else f"{channel}/{_EVENTS}"


def service_url(found: str | None, site_url: str) -> str | None:
    """Return the address of the service; a workspace on this machine never means the real one."""
    if found is not None or is_loopback(urlsplit(site_url).hostname or ""):
        return found
    return SERVICE_URL


def _urls(place: Row, site_url: str) -> Iterator[str]:
    for name in _URLS:
        value = place.get(name)
        if isinstance(value, str) and (url := service_address(value, site_url)) is not None:
            yield url


def _channels(place: Row) -> Iterator[str]:
    for name in _CHANNELS:
        value = place.get(name)
        channel = value.strip() if isinstance(value, str) else ""
        if _BARE.fullmatch(channel):
            channel = f"/{channel}"
        if _CHANNEL.fullmatch(channel) and channel.split("/")[1] not in _RESERVED:
            yield channel
