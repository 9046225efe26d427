"""How a workspace of the sandbox behaves where the documents leave it open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .model import Level


class ChannelPlace(StrEnum):
    """Where the comments' ``realtime_channel`` is found."""

    OBJECT = "object"
    COMMENTS = "comments"
    V1_OBJECT = "v1-object"
    NOWHERE = "nowhere"


class Payload(StrEnum):
    """What a message on a comment channel holds."""

    ROW = "row"
    WRAPPED = "wrapped"
    LIST = "list"
    STRING = "string"
    ID = "id"
    NOTHING = "nothing"


@dataclass(slots=True, kw_only=True)
class WorkspaceOptions:
    """Settings; all but ``port``, ``seed`` and ``now`` may be changed while it runs.

    Attributes:
        port: 0 takes a free one.
        seed: of tokens and channel roots.
        now: seconds since 1970.
        versions: the versions of the API that are offered.
        is_closed: a closed site shows nothing to those without credentials.
        is_caching: unsigned calls are answered from a cache unless ``time`` is new.
        place: where the comments' channel is told.
        has_sub_channel: the comments' channel is told with ``/all_json``.
        is_absolute: ``realtime_url`` has a scheme.
        payload: the shape of messages on comment channels.
        tells_deletions: a deletion is published; whether the platform does that is not known.
        most_per_page: the largest page that is given.
        domain: the host name that ``site/get`` tells.
        https_url: an address that it tells besides, which may have another host name.
        date_offset_s: how far the ``Date`` of answers is ahead.
        promote_level: what ``comment/promote`` wants; one of the vendor's documents says ``read``.
        delete_level: what ``comment/delete`` wants; one of them says that rights may do.
        most_text: the most characters of a comment; the platform's own limit is not known.
        spam: what is refused as spam has this in it; with nothing here, nothing is.
        publish_timeout_s: the realtime service is not waited for longer than this.
        kept_calls: how many calls the log holds; fixed at the start.
    """

    port: int = 0
    seed: int = 23
    now: Callable[[], float] = time.time
    versions: frozenset[str] = frozenset({"1", "2"})
    is_closed: bool = False
    is_caching: bool = True
    place: ChannelPlace = ChannelPlace.COMMENTS
    has_sub_channel: bool = False
    is_absolute: bool = True
    payload: Payload = Payload.ROW
    tells_deletions: bool = False
    most_per_page: int = 100
    domain: str = "video.example.com"
    https_url: str = "https://video.example.com"
    date_offset_s: float = 0.0
    promote_level: Level = Level.WRITE
    delete_level: Level = Level.WRITE
    most_text: int = 10_000
    spam: str = ""
    publish_timeout_s: float = 5.0
    kept_calls: int = 10_000
