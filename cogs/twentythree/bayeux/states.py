"""The session's states, and the one table of what leads from one to the next.

Theory of operation. Two things come and go independently: the *transport* (a socket, or the
habit of polling) and the *session* (the ``clientId`` a server gave us, with its subscriptions
and its queue of events). Bayeux's own three states do not tell them apart, and that is where
clients lose events: after a cut, the session is still there and holds what we missed, so it
has to be taken up again with the old ``clientId`` rather than replaced by a handshake.

============== ========= ======= =====================================================
state          transport session what is going on
============== ========= ======= =====================================================
UNCONNECTED    no        no      waiting for the time to open a transport
WAITING        yes       no      waiting for the time to handshake
HANDSHAKING    yes       no      the handshake is out
CONNECTED      yes       yes     usable; connects follow one another
SUSPENDED      no        yes     waiting for the time to open a transport
RESUMING       yes       yes     connect and probe with the old ``clientId`` are out
DISCONNECTING  yes       yes     the disconnect is out
CLOSED         no        no      we ended it
STOPPED        no        no      the server told us to stop for good
============== ========= ======= =====================================================

Everything that changes the state goes through ``TRANSITIONS``; docs/bayeux.md shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ..errors import LocalProtocolError


class State(StrEnum):
    """Where a session is; see the table above."""

    UNCONNECTED = "unconnected"
    WAITING = "waiting"
    HANDSHAKING = "handshaking"
    CONNECTED = "connected"
    SUSPENDED = "suspended"
    RESUMING = "resuming"
    DISCONNECTING = "disconnecting"
    CLOSED = "closed"
    STOPPED = "stopped"


class Trigger(StrEnum):
    """What moves a session."""

    TRANSPORT_OPENED = "transport opened"
    TRANSPORT_LOST = "transport lost"
    TRANSPORT_UNWANTED = "transport unwanted"
    HANDSHAKE_SENT = "handshake sent"
    HANDSHAKE_ACCEPTED = "handshake accepted"
    HANDSHAKE_REFUSED = "handshake refused"
    SESSION_FOUND = "session found"
    SESSION_LOST = "session lost"
    STOP_ADVISED = "stop advised"
    DISCONNECT_ASKED = "disconnect asked"
    DISCONNECT_DONE = "disconnect done"


ATTACHED = frozenset(
    {
        State.WAITING,
        State.HANDSHAKING,
        State.CONNECTED,
        State.RESUMING,
        State.DISCONNECTING,
    }
)
DETACHED = frozenset({State.UNCONNECTED, State.SUSPENDED})
OVER = frozenset({State.CLOSED, State.STOPPED})

_S, _T = State, Trigger
TRANSITIONS: Mapping[tuple[State, Trigger], State] = MappingProxyType(
    {
        (_S.UNCONNECTED, _T.TRANSPORT_OPENED): _S.WAITING,
        (_S.UNCONNECTED, _T.DISCONNECT_ASKED): _S.CLOSED,
        (_S.WAITING, _T.HANDSHAKE_SENT): _S.HANDSHAKING,
        (_S.WAITING, _T.TRANSPORT_LOST): _S.UNCONNECTED,
        (_S.WAITING, _T.DISCONNECT_ASKED): _S.CLOSED,
        (_S.HANDSHAKING, _T.HANDSHAKE_ACCEPTED): _S.CONNECTED,
        (_S.HANDSHAKING, _T.HANDSHAKE_REFUSED): _S.WAITING,
        (_S.HANDSHAKING, _T.TRANSPORT_LOST): _S.UNCONNECTED,
        (_S.HANDSHAKING, _T.TRANSPORT_UNWANTED): _S.UNCONNECTED,
        (_S.HANDSHAKING, _T.STOP_ADVISED): _S.STOPPED,
        (_S.HANDSHAKING, _T.DISCONNECT_ASKED): _S.CLOSED,
        (_S.CONNECTED, _T.TRANSPORT_LOST): _S.SUSPENDED,
        (_S.CONNECTED, _T.SESSION_LOST): _S.WAITING,
        (_S.CONNECTED, _T.STOP_ADVISED): _S.STOPPED,
        (_S.CONNECTED, _T.DISCONNECT_ASKED): _S.DISCONNECTING,
        (_S.SUSPENDED, _T.TRANSPORT_OPENED): _S.RESUMING,
        # A session never moves to another kind of transport (Faye would push to the old one).
        (_S.SUSPENDED, _T.SESSION_LOST): _S.UNCONNECTED,
        (_S.SUSPENDED, _T.DISCONNECT_ASKED): _S.CLOSED,
        (_S.RESUMING, _T.SESSION_FOUND): _S.CONNECTED,
        (_S.RESUMING, _T.TRANSPORT_LOST): _S.SUSPENDED,
        (_S.RESUMING, _T.SESSION_LOST): _S.WAITING,
        (_S.RESUMING, _T.STOP_ADVISED): _S.STOPPED,
        (_S.RESUMING, _T.DISCONNECT_ASKED): _S.DISCONNECTING,
        (_S.DISCONNECTING, _T.DISCONNECT_DONE): _S.CLOSED,
        (_S.DISCONNECTING, _T.TRANSPORT_LOST): _S.CLOSED,
    }
)


def next_state(state: State, trigger: Trigger) -> State:
    """Return where ``trigger`` leads from ``state``.

    Raises:
        LocalProtocolError: the table has no such row, so our own code is at fault.
    """
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise LocalProtocolError(f"a session that is {state} has no {trigger!r}") from None
