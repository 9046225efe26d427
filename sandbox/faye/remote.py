"""The realtime service's verbs for another process.

Verb and what it takes (optional in brackets):
publish(channel, data) · subscriptions() · forget() · evict() · drop() · silence(is_silent) ·
upgrades(is_refused) · handshakes(is_refused) · advise([reconnect]) · stop() · start()
"""

from __future__ import annotations

from collections.abc import Callable

from .server import FayeServer


def functions(faye: FayeServer) -> dict[str, Callable[..., object]]:
    """Return the verbs by name."""
    own = _Functions(faye)
    return {
        "publish": faye.publish,
        "subscriptions": faye.subscriptions,
        "forget": faye.forget,
        "evict": faye.evict,
        "drop": faye.drop,
        "silence": own.silence,
        "upgrades": own.upgrades,
        "handshakes": own.handshakes,
        "advise": own.advise,
        "stop": faye.close,
        "start": faye.start,
    }


class _Functions:
    def __init__(self, faye: FayeServer) -> None:
        self._faye = faye

    def silence(self, *, is_silent: bool) -> None:
        self._faye.is_silent = is_silent

    def upgrades(self, *, is_refused: bool) -> None:
        self._faye.refuses_upgrades = is_refused

    def handshakes(self, *, is_refused: bool) -> None:
        self._faye.terms.refuses_handshakes = is_refused

    def advise(self, reconnect: str | None = None) -> None:
        self._faye.terms.reconnect = reconnect
