"""Which Bayeux channel belongs to which object.

Channel names are secrets: they are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..bayeux import CatchUp
from ..domain.model import Attachment, CommentPolicy, ObjectId
from ..domain.realtime import RealtimeAddress

ALL_COMMENTS = "all_json"
PROMOTED_COMMENTS = "promoted_json"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """Where live analytics are to be heard: no document names the sub-channel.

    ``sub_channel`` is under the root of a live event's changes. ``catch_up`` is how far to catch
    up, such as ``12h``; of all services only this one is said to offer that.
    """

    sub_channel: str
    catch_up: str | None = None


def channels_of(address: RealtimeAddress, needs: Needs) -> dict[str, Service]:
    """Return the channels that carry what is asked for, each with the service behind it.

    A room that takes promoted comments only does not need, and so does not ask for, the
    channel that carries private questions.
    """
    channels: dict[str, Service] = {}
    if address.comments_root and needs.promoted:
        channels[f"{address.comments_root}/{PROMOTED_COMMENTS}"] = Service.COMMENTS
    if address.comments_root and needs.every_comment:
        channels[f"{address.comments_root}/{ALL_COMMENTS}"] = Service.COMMENTS
    if address.events and needs.live:
        channels[address.events] = Service.LIVE
    return channels


class ChannelBook:
    """The addresses of all attached objects and the way back from a channel to its object."""

    def __init__(self, analytics: Analytics | None = None) -> None:
        self._analytics = analytics
        self._catch_ups: dict[ObjectId, CatchUp] = {}
        self._addresses: dict[ObjectId, RealtimeAddress] = {}
        self._wanted: dict[ObjectId, dict[str, Service]] = {}
        self._objects: dict[str, tuple[ObjectId, Service]] = {}

    def learn(self, object_id: ObjectId, address: RealtimeAddress, needs: Needs) -> None:
        """Set what is known and asked for of one object."""
        heard = self._catch_ups.get(object_id)
        self.forget(object_id)
        self._addresses[object_id] = address
        extra = self._analytics_of(object_id, address, needs)
        stream = self._catch_ups.get(object_id)
        if heard is not None and stream is not None and heard.channels == stream.channels:
            # What was heard stays heard.
            self._catch_ups[object_id] = heard
        self._wanted[object_id] = channels_of(address, needs) | extra
        for channel, service in self._wanted[object_id].items():
            self._objects[channel] = (object_id, service)

    def forget(self, object_id: ObjectId) -> None:
        """Drop an object."""
        self._addresses.pop(object_id, None)
        self._catch_ups.pop(object_id, None)
        for channel in self._wanted.pop(object_id, ()):
            self._objects.pop(channel, None)

    def address(self, object_id: ObjectId) -> RealtimeAddress | None:
        """Return what is known of the object, or ``None`` where it was not looked up."""
        return self._addresses.get(object_id)

    def addresses(self) -> Iterable[RealtimeAddress]:
        """Return all that is known."""
        return self._addresses.values()

    def wanted(self, object_id: ObjectId) -> Mapping[str, Service]:
        """Return the channels to listen to for the object."""
        return self._wanted.get(object_id, {})

    def knows(self, object_id: ObjectId, needs: Needs) -> bool:
        """Tell whether there is a channel for all that is asked for of the object."""
        address = self._addresses.get(object_id)
        has_root = address is not None and address.comments_root is not None
        has_events = address is not None and address.events is not None
        return (has_root or not needs.comments) and (has_events or not needs.live)

    def channels(self) -> frozenset[str]:
        """Return every channel to listen to."""
        return frozenset(self._objects)

    def objects_of(self, channels: Iterable[str]) -> tuple[ObjectId, ...]:
        """Return the objects behind these channels; a probe's patterns have none."""
        found = (self._objects.get(channel) for channel in channels)
        return tuple(dict.fromkeys(each[0] for each in found if each is not None))

    def find(self, channel: str) -> tuple[ObjectId, Service] | None:
        """Return the object and service behind a channel, or ``None``."""
        return self._objects.get(channel)

    def is_double(self, object_id: ObjectId, data: object) -> bool:
        """Tell whether a message of an object's analytics came before, by catching up or not."""
        stream = self._catch_ups.get(object_id)
        return stream is not None and not stream.is_new(data)

    def _analytics_of(
        self, object_id: ObjectId, address: RealtimeAddress, needs: Needs
    ) -> dict[str, Service]:
        """Return the channels of an object's analytics; nothing relies on them."""
        if self._analytics is None or not address.events or not needs.live:
            return {}
        channel = f"{root_of(address.events)}/{self._analytics.sub_channel}"
        if self._analytics.catch_up is None:
            return {channel: Service.ANALYTICS}
        stream = CatchUp(channel, self._analytics.catch_up)
        self._catch_ups[object_id] = stream
        return dict.fromkeys(stream.channels, Service.ANALYTICS)
