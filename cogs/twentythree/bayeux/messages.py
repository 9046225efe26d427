"""Bayeux messages: the requests we make, replies read without trusting them, what they mean.

Bayeux 1.0, section 4 (meta messages) and 5.2 (advice). A message is one JSON object. Faye sends
``interval`` and ``timeout`` of its advice in milliseconds, and leaves them out of error replies,
so what was said before stays in force.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

Message = dict[str, Any]

_VERSION = "1.0"
_MAX_ERROR_LENGTH = 200
_MAX_MS = 3_600_000.0
# What a server says of a request is looked at no further, and its ids are no longer.
_MOST_READ = 1_000
# "CCC:arg,arg:text"; the arguments hold channel names and client ids.
_ERROR = re.compile(r"(\d{3}):(.*):([^:]*)", re.DOTALL)
_WHO = r"(?:client|session)(?:[ _-]*id)?"
_NOT_THERE = r"unknown|not[ _-](?:known|found)|does(?:[ _-]not|n't)[ _-]exist"
_GONE = re.compile(
    rf"(?:unknown|no[ _-]such)[ _-]*{_WHO}|{_WHO}[ _-]*(?:is|was)?[ _-]*(?:{_NOT_THERE})",
    re.IGNORECASE,
)
_GONE_CODES = ("401", "402", "403", "404")
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
_SECRET = re.compile(r"/\S+|[A-Za-z0-9_-]{20,}")
# Clients in JavaScript take whatever is not false; some servers rely on it. 1 is true, too.
_YES = (True, "true")
_NO_ADVICE: Mapping[str, object] = {}


class MetaChannel(StrEnum):
    """The requests of a session, by their channel."""

    HANDSHAKE = "/meta/handshake"
    CONNECT = "/meta/connect"
    SUBSCRIBE = "/meta/subscribe"
    UNSUBSCRIBE = "/meta/unsubscribe"
    DISCONNECT = "/meta/disconnect"


def handshake(message_id: str, connection_types: Sequence[str]) -> Message:
    """Ask for a session (Bayeux 1.0, 4.1).

    Request: MUST include channel, version, supportedConnectionTypes; MAY include minimumVersion,
    ext, id. Reply: MUST include channel, successful, and where it is successful version,
    supportedConnectionTypes, clientId, else error; MAY include advice, ext, id.
    """
    return {
        "channel": MetaChannel.HANDSHAKE.value,
        "version": _VERSION,
        "supportedConnectionTypes": list(connection_types),
        "id": message_id,
    }


def connect(
    message_id: str, client_id: str, connection_type: str, *, hold_s: float | None
) -> Message:
    """Ask for events (4.2). ``hold_s``: for how long the server is to wait for some at most.

    0: it is to answer at once; ``None``: it knows best.

    Request: MUST include channel, clientId, connectionType; MAY include ext, id. "A client MUST
    NOT have more than one" of them out. Reply: MUST include channel, successful, clientId; MAY
    include error, advice, ext, timestamp, id.
    """
    message: Message = {
        "channel": MetaChannel.CONNECT.value,
        "clientId": client_id,
        "connectionType": connection_type,
        "id": message_id,
    }
    if hold_s is not None:
        message["advice"] = {"timeout": round(hold_s * 1000)}
    return message


def subscription(
    kind: MetaChannel, message_id: str, client_id: str, channels: Sequence[str]
) -> Message:
    """Subscribe (4.4) or unsubscribe (4.5): one name or an array.

    Request: MUST include channel, clientId, subscription; MAY include ext, id. Reply: MUST
    include channel, successful, clientId, subscription; MAY include error, advice, ext,
    timestamp, id. A single name is not wrapped: many servers' extensions expect a string.
    """
    return {
        "channel": kind.value,
        "clientId": client_id,
        "subscription": channels[0] if len(channels) == 1 else list(channels),
        "id": message_id,
    }


def disconnect(message_id: str, client_id: str) -> Message:
    """Say good-bye (4.3).

    Request: MUST include channel, clientId; MAY include ext, id. Reply: MUST include channel,
    successful, clientId; MAY include error, ext, id.
    """
    return {"channel": MetaChannel.DISCONNECT.value, "clientId": client_id, "id": message_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to one of our requests. ``error`` is as the server wrote it: never log it.

    ``id`` is empty where the server left it out; the protocol lets it.
    """

    id: str
    channel: str | None
    is_successful: bool
    error: str
    advice: Mapping[str, object]
    client_id: str | None
    connection_types: frozenset[str]
    subscription: tuple[str, ...] = ()


def is_event(message: Mapping[str, Any]) -> bool:
    """Whether ``message`` is published by somebody, or is nothing that concerns us.

    Replies are on meta channels, or on none.
    """
    channel = message.get("channel")
    return isinstance(channel, str) and not channel.startswith("/meta/")


def read_reply(message: Mapping[str, Any]) -> Reply | None:
    """Read ``message`` as a reply; ``None`` if it cannot be one.

    A message is a reply only if it has ``successful``: published events keep the ``id`` of
    their publisher, which may be that of one of our own requests.
    """
    message_id, channel = _text_of(message.get("id")), message.get("channel")
    client_id = _text_of(message.get("clientId"))
    if "successful" not in message or message_id is None:
        return None
    if not (isinstance(channel, str) or (channel is None and message_id)):
        return None
    error, advice = message.get("error"), message.get("advice")
    asked = message.get("subscription")
    return Reply(
        id=message_id,
        channel=channel,
        is_successful=message["successful"] in _YES,
        error=error[:_MOST_READ] if isinstance(error, str) else "",
        advice=advice if isinstance(advice, dict) else _NO_ADVICE,
        client_id=client_id if client_id and len(client_id) <= _MOST_READ else None,
        connection_types=frozenset(_texts_in(message.get("supportedConnectionTypes"))),
        subscription=(asked,) if isinstance(asked, str) else tuple(_texts_in(asked)),
    )


def _text_of(message_id: object) -> str | None:
    """Return an id as text; empty without one, ``None`` if it is none.

    Some servers make numbers of ours that look like one, or have numbers for clients.
    """
    if message_id is None:
        return ""
    if isinstance(message_id, int) and not isinstance(message_id, bool):
        return str(message_id)
    return message_id if isinstance(message_id, str) else None


def _texts_in(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def names_unknown_client(error: str, client_id: str) -> bool:
    """Whether ``error`` says that the session is gone.

    Faye says ``401:<id>:Unknown client``, other servers 402 or 403, and it in other words. A bare
    401 is not enough: extensions refuse single channels with it.
    """
    # What stands between the colons is named, and says nothing.
    text = error.split(":", 2)[-1]
    is_told = error.startswith(_GONE_CODES) and _GONE.search(text) is not None
    return is_told or error.startswith(f"401:{client_id}:")


def describe(error: str) -> str:
    """Return ``error`` with everything that may be a channel or an id taken out."""
    parts = _ERROR.fullmatch(error)
    text = f"{parts[1]} {parts[3]}" if parts else error
    return _SECRET.sub("…", text)[:_MAX_ERROR_LENGTH].strip() or "no reason given"


def stop_reason(reply: Reply) -> str:
    """Return why the session is over, with what ``reply`` says beside the advice to end it."""
    told = f" ({describe(reply.error)})" if reply.error else ""
    return f"the server advised against reconnecting{told}"


class Reconnect(StrEnum):
    """What to do after this reply."""

    RETRY = "retry"
    HANDSHAKE = "handshake"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The advice in force, in seconds.

    ``interval_s`` is the pause before the next connect; below zero the server wants no other.
    ``timeout_s`` is how long the server holds a connect that has nothing to tell.
    """

    interval_s: float = 0.0
    timeout_s: float = 60.0

    def merged(self, raw: Mapping[str, object]) -> Advice:
        """Return this advice with what ``raw`` says changed; nonsense in it is passed over."""
        return Advice(
            interval_s=_seconds(raw.get("interval"), self.interval_s),
            timeout_s=max(0.0, _seconds(raw.get("timeout"), self.timeout_s)),
        )


def reconnect_in(raw: Mapping[str, object]) -> Reconnect | None:
    """Return what a reply's own advice says about reconnecting, if it says anything known."""
    value = raw.get("reconnect")
    if isinstance(value, str) and value in set(Reconnect):
        return Reconnect(value)
    return None


def _seconds(value: object, otherwise: float) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        # Clients in JavaScript make numbers of them; some servers rely on it.
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    # An int can be too large for a float; comparing the two is still exact.
    if value > _MAX_MS:
        return _MAX_MS / 1000
    if value < -_MAX_MS:
        return -_MAX_MS / 1000
    return value / 1000 if math.isfinite(value) else otherwise


class Meaning(Enum):
    """What a reply comes down to."""

    ACCEPTED = auto()
    REFUSED = auto()
    SESSION_LOST = auto()
    STOP = auto()


def meaning_of(kind: MetaChannel, reply: Reply, *, client_id: str, advice: Advice) -> Meaning:
    """Return what ``reply`` to a request of ``kind`` means; ``advice`` is with its own merged.

    Advice of the reply itself goes first. Without it, the error's text must do: Faye's 401 on
    subscribe, unsubscribe and disconnect comes without any.
    """
    advised = reconnect_in(reply.advice)
    if advised is Reconnect.NONE:
        return Meaning.STOP
    if kind is MetaChannel.HANDSHAKE:
        is_good = reply.is_successful and reply.client_id is not None
        return Meaning.ACCEPTED if is_good else Meaning.REFUSED
    if kind is MetaChannel.CONNECT and advice.interval_s < 0:
        return Meaning.STOP
    if reply.is_successful:
        is_renewal = kind is MetaChannel.CONNECT and advised is Reconnect.HANDSHAKE
        return Meaning.SESSION_LOST if is_renewal else Meaning.ACCEPTED
    if advised is Reconnect.HANDSHAKE or names_unknown_client(reply.error, client_id):
        return Meaning.SESSION_LOST
    return Meaning.REFUSED
