"""Verbs for what goes wrong.

Verb and what it takes (optional in brackets):
gateway(do: drop, reconnect, invalidate, forget_sessions, stop_acks, go_silent, close;
[resumable, code]) · rules([any of Rules]) · set_limit(route, requests, window_s) ·
limit_globally(for_s) · fault(what a Fault may be) · faults() · release_fault(fault_id) ·
wait_for_fault(fault_id, [timeout_s]) · clear_faults()
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

from .chat import Chat
from .faults import Fault
from .options import Limit
from .remote_json import Asked, Verb, later

_PATIENCE_S = 60.0


def trouble_verbs(chat: Chat) -> dict[str, Verb]:
    """Return the verbs by name."""
    return _TroubleVerbs(chat).verbs()


class _TroubleVerbs:
    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._faults: dict[str, Fault] = {}

    def verbs(self) -> dict[str, Verb]:
        return {
            "gateway": later(self.gateway),
            "rules": later(self.rules),
            "set_limit": later(self.set_limit),
            "limit_globally": later(self.limit_globally),
            "fault": later(self.fault),
            "faults": later(self.faults),
            "release_fault": later(self.release_fault),
            "clear_faults": later(self.clear_faults),
            "wait_for_fault": self.wait_for_fault,
        }

    def gateway(self, asked: Asked) -> object:
        """Do one thing to the connections; ``do`` names it."""
        gateway = self._chat.gateway
        deeds: Mapping[str, Callable[[], None]] = {
            "drop": gateway.drop,
            "reconnect": gateway.ask_to_reconnect,
            "invalidate": lambda: gateway.invalidate(resumable=bool(asked.get("resumable"))),
            "forget_sessions": gateway.forget_sessions,
            "stop_acks": gateway.stop_acks,
            "go_silent": gateway.go_silent,
            "close": lambda: gateway.close_all(int(asked["code"])),
        }
        return deeds[asked["do"]]()

    def rules(self, asked: Asked) -> object:
        """Switch rules and return them all; ``automod`` is a regular expression or null."""
        rules = self._chat.rules
        names = (
            "is_token_refused",
            "refuses_connections",
            "limits_old_edits",
            "reopens_threads",
            "is_rate_limited",
        )
        for name in names:
            setattr(rules, name, bool(asked.get(name, getattr(rules, name))))
        if "automod" in asked:
            pattern = asked["automod"]
            rules.automod = None if pattern is None else re.compile(pattern)
        rules.date_offset_s = float(asked.get("date_offset_s", rules.date_offset_s))
        shown = {name: getattr(rules, name) for name in (*names, "date_offset_s")}
        return {**shown, "automod": rules.automod.pattern if rules.automod else None}

    def set_limit(self, asked: Asked) -> None:
        limit = Limit(requests=int(asked["requests"]), window_s=float(asked["window_s"]))
        self._chat.rules.limits[asked["route"]] = limit

    def limit_globally(self, asked: Asked) -> None:
        self._chat.limit_globally(float(asked["for_s"]))

    def fault(self, asked: Asked) -> object:
        name = str(len(self._faults) + 1)
        self._faults[name] = self._chat.fault(**asked)
        return {"fault_id": name}

    def faults(self, _: Asked) -> object:
        return {name: {"hits": fault.hits} for name, fault in self._faults.items()}

    def release_fault(self, asked: Asked) -> None:
        self._faults[str(asked["fault_id"])].release()

    async def wait_for_fault(self, asked: Asked) -> object:
        fault = self._faults[str(asked["fault_id"])]
        async with asyncio.timeout(float(asked.get("timeout_s", _PATIENCE_S))):
            await fault.reached.wait()
        return {"hits": fault.hits}

    def clear_faults(self, _: Asked) -> None:
        self._faults.clear()
        self._chat.faults.clear()
