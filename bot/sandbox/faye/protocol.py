"""Bayeux as a Faye server answers it. Source: faye 1.4.3, observed on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .engine import Engine, Message, Session, Socket
from .grammar import is_name, is_reserved, is_subscribable

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
    """What the server tells and does: times in seconds, and what it refuses."""

    timeout_s: float
    interval_s: float = 0.0
    refuses_handshakes: bool = False
    reconnect: str | None = None


class Protocol:
    """Answers messages one by one."""

    def __init__(self, engine: Engine, terms: Terms) -> None:
        self._engine = engine
        self._terms = terms

    async def answer(self, message: Message, socket: Socket | None) -> list[Message]:
        """Return the replies to one message, events that ride on them included."""
        channel = message.get("channel")
        reply: Message = {"channel": channel} if isinstance(channel, str) else {}
        if message.get("id"):
            reply["id"] = message["id"]
        match channel:
            case "/meta/handshake":
                return [self._handshake(message, reply)]
            case "/meta/connect":
                return await self._connect(message, reply, socket)
            case "/meta/subscribe" | "/meta/unsubscribe":
                return [self._subscription(message, reply)]
            case "/meta/disconnect":
                return [self._disconnect(message, reply)]
            case _:
                return [self._publish(message, reply)]

    def _handshake(self, message: Message, reply: Message) -> Message:
        reply |= {"version": "1.0", "supportedConnectionTypes": _TYPES}
        wanted = message.get("supportedConnectionTypes")
        if self._terms.refuses_handshakes:
            return self._refused(reply, "500::Not now")
        if not wanted:
            return self._refused(reply, "402:supportedConnectionTypes:Missing required parameter")
        if not message.get("version"):
            return self._refused(reply, "402:version:Missing required parameter")
        if not set(wanted) & set(_TYPES):
            names = ",".join(wanted)
            return self._refused(reply, f"301:{names}:Connection types not supported")
        session = self._engine.open()
        return reply | {
            "successful": True,
            "clientId": session.client_id,
            "advice": self._advice(),
        }

    async def _connect(
        self, message: Message, reply: Message, socket: Socket | None
    ) -> list[Message]:
        session = self._engine.find(message.get("clientId"))
        if (error := self._connect_error(message, session)) or session is None:
            return [self._refused(reply, error)]
        reply["clientId"] = session.client_id
        self._engine.touch(session)
        if socket is not None:
            self._engine.attach(session, socket)
        advice = message.get("advice")
        told = advice.get("timeout") if isinstance(advice, dict) else None
        await self._engine.hold(session, None if told is None else float(told) / 1000)
        events = [] if socket is not None else self._engine.take(session)
        return [reply | {"successful": True, "advice": self._advice()}, *events]

    def _connect_error(self, message: Message, session: Session | None) -> str:
        client_id, kind = message.get("clientId"), message.get("connectionType")
        if not client_id:
            return "402:clientId:Missing required parameter"
        if session is None:
            return f"401:{client_id}:Unknown client"
        if not kind:
            return "402:connectionType:Missing required parameter"
        return "" if kind in _TYPES else f"301:{kind}:Connection types not supported"

    def _subscription(self, message: Message, reply: Message) -> Message:
        wanted = message.get("subscription")
        reply["subscription"] = wanted or []
        client_id = message.get("clientId")
        if client_id:
            reply["clientId"] = client_id
        session = self._engine.find(client_id)
        if not client_id or not wanted:
            missing = "subscription" if client_id else "clientId"
            return self._refused(reply, f"402:{missing}:Missing required parameter")
        if session is None:
            return self._refused(reply, f"401:{client_id}:Unknown client")
        names = wanted if isinstance(wanted, list) else [wanted]
        is_off = message["channel"] == "/meta/unsubscribe"
        error = self._turn(session, names, is_off=is_off)
        return self._refused(reply, error) if error else reply | {"successful": True}

    def _turn(self, session: Session, names: Iterable[Any], *, is_off: bool) -> str:
        """Subscribe one after the other up to the first bad name, as Faye does."""
        for name in names:
            if not isinstance(name, str) or not is_subscribable(name):
                return f"405:{name}:Invalid channel"
            if is_reserved(name):
                return f"403:{name}:Forbidden channel"
            if is_off:
                self._engine.unsubscribe(session, name)
            else:
                self._engine.subscribe(session, name)
        return ""

    def _disconnect(self, message: Message, reply: Message) -> Message:
        client_id = message.get("clientId")
        session = self._engine.find(client_id)
        if session is None:
            error = (
                f"401:{client_id}:Unknown client"
                if client_id
                else "402:clientId:Missing required parameter"
            )
            return self._refused(reply, error)
        self._engine.close(session)
        return reply | {"clientId": client_id, "successful": True}

    def _publish(self, message: Message, reply: Message) -> Message:
        channel = message.get("channel")
        if message.get("clientId"):
            reply["clientId"] = message["clientId"]
        if not isinstance(channel, str):
            return self._refused(reply, "405::Invalid channel")
        if channel.startswith("/meta/"):
            return self._refused(reply, f"403:{channel}:Forbidden channel")
        if not is_name(channel):
            return self._refused(reply, f"405:{channel}:Invalid channel")
        if "data" not in message:
            return self._refused(reply, "402:data:Missing required parameter")
        # Everything but the sender's session is passed on, its id included.
        self._engine.publish({key: message[key] for key in message if key != "clientId"})
        return reply | {"successful": True}

    def _refused(self, reply: Message, error: str) -> Message:
        refused = reply | {"successful": False, "error": error}
        if reply.get("channel") in _META_WITH_ADVICE:
            refused["advice"] = {"reconnect": "handshake"}
        return refused

    def _advice(self) -> dict[str, object]:
        return {
            "reconnect": self._terms.reconnect or "retry",
            "interval": int(self._terms.interval_s * 1000),
            "timeout": int(self._terms.timeout_s * 1000),
        }
