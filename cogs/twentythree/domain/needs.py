"""What the rooms of an object ask for together, and which channels carry it.

Names of channels are secrets: they are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .model import Attachment, CommentPolicy

_ALL_COMMENTS = "all_json"
_PROMOTED_COMMENTS = "promoted_json"


class Service(StrEnum):
    """TwentyThree's realtime services, as a person would call them."""

    COMMENTS = "comments"
    LIVE = "live events"
    ANALYTICS = "live analytics"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeAddress:
    """Where an object's news are published; ``None`` where the workspace does not tell.

    ``comments_root`` is the root channel (``/<root>``) to put a sub-channel to, ``events`` the
    whole name of the channel of a live event's changes. Both are secrets: not to be shown.
    ``is_whole``: no source that might have told more has failed.
    """

    url: str | None = None
    comments_root: str | None = field(default=None, repr=False)
    events: str | None = field(default=None, repr=False)
    is_whole: bool = True

    def over(self, before: RealtimeAddress | None) -> RealtimeAddress:
        """Return what is known now: what a failure kept back is as it was before."""
        if before is None or self.is_whole:
            return replace(self, is_whole=True)
        return RealtimeAddress(
            url=self.url or before.url,
            comments_root=self.comments_root or before.comments_root,
            events=self.events or before.events,
        )


def roots_of(address: RealtimeAddress) -> tuple[str, ...]:
    """Return an object's own root channels, for listening to all their sub-channels."""
    found = (address.comments_root, address.events and root_of(address.events))
    return tuple(dict.fromkeys(root for root in found if root))


def root_of(channel: str) -> str:
    """Return the first segment of a channel's name: ``/root/events`` is under ``/root``."""
    return "/" + channel.split("/")[1]


def sub_channel_of(channel: str) -> str:
    """Return what may be shown of a channel's name: all but its root."""
    return "/".join(channel.split("/")[2:])


@dataclass(frozen=True, slots=True)
class Needs:
    """What an object's attachments ask for together."""

    promoted: bool
    every_comment: bool
    live: bool

    @property
    def comments(self) -> bool:
        """Whether any comment is asked for."""
        return self.promoted or self.every_comment

    @property
    def anything(self) -> bool:
        """Whether anything is."""
        return self.comments or self.live

    def asks_for(self, service: Service) -> bool:
        """Tell whether a service carries any of it."""
        return self.comments if service is Service.COMMENTS else self.live


def needs_of(attachments: Iterable[Attachment]) -> Needs:
    """Return what the attachments of one object ask for together; a board needs all comments."""
    held = list(attachments)
    policies = {one.rules.comments for one in held}
    has_board = any(one.has_board for one in held)
    return Needs(
        promoted=has_board or bool(policies - {CommentPolicy.NONE}),
        every_comment=has_board or bool(policies & {CommentPolicy.PUBLIC, CommentPolicy.ALL}),
        live=any(one.rules.announces_live for one in held),
    )


def channels_of(address: RealtimeAddress, needs: Needs) -> dict[str, Service]:
    """Return the channels that carry what is asked for, each with the service behind it.

    A room that takes promoted comments only does not need, and so does not ask for, the
    channel that carries private questions.
    """
    channels: dict[str, Service] = {}
    if address.comments_root and needs.promoted:
        channels[f"{address.comments_root}/{_PROMOTED_COMMENTS}"] = Service.COMMENTS
    if address.comments_root and needs.every_comment:
        channels[f"{address.comments_root}/{_ALL_COMMENTS}"] = Service.COMMENTS
    if address.events and needs.live:
        channels[address.events] = Service.LIVE
    return channels
