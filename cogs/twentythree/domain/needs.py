"""What the rooms of an object ask for together, and which channels carry it.

Names of channels are secrets: they are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .model import Attachment, CommentPolicy, RealtimeAddress

_ALL_COMMENTS = "all_json"
_PROMOTED_COMMENTS = "promoted_json"


class Service(StrEnum):
    """TwentyThree's realtime services, as a person would call them."""

    COMMENTS = "comments"
    LIVE = "live events"
    ANALYTICS = "live analytics"


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
    """Return what the attachments of one object ask for together."""
    rules = [attachment.rules for attachment in attachments]
    policies = {rule.comments for rule in rules}
    return Needs(
        promoted=bool(policies - {CommentPolicy.NONE}),
        every_comment=bool(policies & {CommentPolicy.PUBLIC, CommentPolicy.ALL}),
        live=any(rule.announces_live for rule in rules),
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
