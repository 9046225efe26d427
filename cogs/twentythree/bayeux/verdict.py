"""What a reply means for the session, whatever the server's dialect."""

from __future__ import annotations

from enum import Enum, auto

from .advice import Advice, Reconnect, reconnect_in
from .messages import Kind, Reply, names_unknown_client


class Verdict(Enum):
    """What a reply comes down to."""

    ACCEPTED = auto()
    REFUSED = auto()
    SESSION_LOST = auto()
    STOP = auto()


def judge(kind: Kind, reply: Reply, *, client_id: str, advice: Advice) -> Verdict:
    """Return what ``reply`` to a request of ``kind`` means; ``advice`` is with its own merged.

    Advice of the reply itself goes first. Without it, the error's text must do: Faye's 401 on
    subscribe, unsubscribe and disconnect comes without any.
    """
    advised = reconnect_in(reply.advice)
    if advised is Reconnect.NONE:
        return Verdict.STOP
    if kind is Kind.HANDSHAKE:
        is_good = reply.is_successful and reply.client_id is not None
        return Verdict.ACCEPTED if is_good else Verdict.REFUSED
    if kind is Kind.CONNECT and advice.interval_s < 0:
        return Verdict.STOP
    if reply.is_successful:
        is_renewal = kind is Kind.CONNECT and advised is Reconnect.HANDSHAKE
        return Verdict.SESSION_LOST if is_renewal else Verdict.ACCEPTED
    if advised is Reconnect.HANDSHAKE or names_unknown_client(reply.error, client_id):
        return Verdict.SESSION_LOST
    return Verdict.REFUSED
