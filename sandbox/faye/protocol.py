"""Bayeux as a Faye server answers it. Source: faye 1.4.3, observed on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from .engine import Engine, Message
from .grammar import is_below, is_name, is_subscribable

_TYPES = [
    "long-polling",
    "cross-origin-long-polling",
    "callback-polling",
    "websocket",
    "eventsource",
    "in-process",
]
_META_WITH_ADVICE = frozenset({"/meta/handshake", "/meta/connect"})


@dataclass(slots=True, kw_only=True)
class Terms:
    """What the server tells and does: times in seconds, and what it refuses.

    ``reconnect``: told with connects instead of ``retry``, e.g. ``none``.
    """

    timeout_s: float
    interval_s: float = 0.0
    refuses_handshakes: bool = False
    reconnect: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A connect that is answered later; ``events`` come with its answer."""

    reply: Message
    events: asyncio.Future[list[Message]]


class Protocol:
    """Answers messages one by one. Whatever a client sends has an answer, and none raises."""

    def __init__(self, engine: Engine, terms: Terms) -> None:
        self._engine = engine
        self._terms = terms

    def answer(self, messages: Sequence[object]) -> tuple[list[Message], list[Held]]:
        """Do what the messages ask; return the replies, and the connects that are held."""
        replies: list[Message] = []
        held: list[Held] = []
        for message in messages:
            # What is false in JavaScript has no answer; an object or a list is never false there.
            if _is_false(message):
                continue
            answer = self._answer(message if isinstance(message, dict) else {})
            if isinstance(answer, Held):
                held.append(answer)
            else:
                replies.append(answer)
        return replies, held

    async def finish(self, held: Held) -> list[Message]:
        """Return the answer to a connect and its events, when there are any or time is up."""
        events = await held.events
        advice = self._advice(self._terms.reconnect or "retry")
        return [held.reply | {"successful": True, "advice": advice}, *events]

    def _answer(self, message: Message) -> Message | Held:
        channel = message.get("channel")
        reply = {
            name: message[name]
            for name in ("id", "clientId", "channel")
            if not _is_false(message.get(name))
        }
        match channel:
            case "/meta/handshake":
                return self._handshake(message, reply)
            case "/meta/connect":
                return self._connect(message, reply)
            case "/meta/subscribe" | "/meta/unsubscribe":
                return self._subscription(message, reply)
            case "/meta/disconnect":
                return self._disconnect(message, reply)
            case _:
                return self._publish(message, reply)

    def _handshake(self, message: Message, reply: Message) -> Message:
        reply |= {"version": "1.0", "supportedConnectionTypes": _TYPES}
        wanted = message.get("supportedConnectionTypes")
        error = "500::Not now" if self._terms.refuses_handshakes else ""
        if _is_false(message.get("version")):
            error = _missing("version")
        if _is_false(wanted):
            error = _missing("supportedConnectionTypes")
        elif not isinstance(wanted, list) or not any(one in _TYPES for one in wanted):
            error = f"301:{_text(wanted)}:Connection types not supported"
        if error:
            return _refused(reply, error)
        opened = {
            "successful": True,
            "clientId": self._engine.open(),
            "advice": self._advice("retry"),
        }
        return reply | opened

    def _connect(self, message: Message, reply: Message) -> Message | Held:
        kind = message.get("connectionType")
        error = self._session_error(message)
        if kind not in _TYPES:
            error = f"301:{_text(kind)}:Connection types not supported"
        if _is_false(kind):
            error = _missing("connectionType")
        if error:
            reply.pop("clientId", None)
            return _refused(reply, error)
        return Held(reply, self._engine.connect(message["clientId"], _timeout(message)))

    def _subscription(self, message: Message, reply: Message) -> Message:
        wanted = message.get("subscription")
        is_missing = _is_false(wanted)
        reply["subscription"] = [] if is_missing else wanted
        error = _missing("subscription") if is_missing else self._session_error(message)
        if not error:
            error = self._turn(message, wanted if isinstance(wanted, list) else [wanted])
        return _refused(reply, error) if error else reply | {"successful": True}

    def _turn(self, message: Message, names: Sequence[object]) -> str:
        """Subscribe one after the other up to the first bad name, as Faye does."""
        is_off = message["channel"] == "/meta/unsubscribe"
        turn = self._engine.unsubscribe if is_off else self._engine.subscribe
        for name in names:
            if not isinstance(name, str) or not is_subscribable(name):
                return f"405:{_text(name)}:Invalid channel"
            if is_below(name, "meta", "service"):
                return f"403:{name}:Forbidden channel"
            turn(message["clientId"], name)
        return ""

    def _disconnect(self, message: Message, reply: Message) -> Message:
        if error := self._session_error(message):
            reply.pop("clientId", None)
            return _refused(reply, error)
        self._engine.end(message["clientId"])
        return reply | {"successful": True}

    def _publish(self, message: Message, reply: Message) -> Message:
        channel = message.get("channel")
        if isinstance(channel, str) and is_subscribable(channel) and is_below(channel, "meta"):
            return _refused(reply, f"403:{channel}:Forbidden channel")
        if "data" not in message:
            return _refused(reply, _missing("data"))
        if not isinstance(channel, str) or not is_name(channel):
            return _refused(reply, f"405:{_text(channel)}:Invalid channel")
        # Everything but the sender's session is passed on, its id included.
        self._engine.publish({key: message[key] for key in message if key != "clientId"})
        return reply | {"successful": True}

    def _session_error(self, message: Message) -> str:
        client_id = message.get("clientId")
        if _is_false(client_id):
            return _missing("clientId")
        is_known = self._engine.knows(client_id)
        return "" if is_known else f"401:{_text(client_id)}:Unknown client"

    def _advice(self, reconnect: str) -> dict[str, object]:
        return {
            "reconnect": reconnect,
            "interval": int(self._terms.interval_s * 1000),
            "timeout": int(self._terms.timeout_s * 1000),
        }


def _refused(reply: Message, error: str) -> Message:
    refused = reply | {"successful": False, "error": error}
    if reply.get("channel") in _META_WITH_ADVICE:
        refused["advice"] = {"reconnect": "handshake"}
    return refused


def _timeout(message: Message) -> float | None:
    """Return the seconds that a client wants its connect held, if it says so."""
    advice = message.get("advice")
    if not isinstance(advice, dict) or "timeout" not in advice:
        return None
    told = advice["timeout"]
    return told / 1000 if isinstance(told, int | float) else 0.0


def _missing(name: str) -> str:
    return f"402:{name}:Missing required parameter"


def _is_false(value: object) -> bool:
    """Tell whether JavaScript would take it for false."""
    return value is None or (isinstance(value, bool | int | float | str) and not value)


def _text(value: object) -> str:
    """Return a value as Faye's errors name it."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return "" if value is None else str(value)
