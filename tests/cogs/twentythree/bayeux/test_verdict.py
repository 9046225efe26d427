"""What replies come down to."""

from typing import Any

import pytest

from cogs.twentythree.bayeux import Advice
from cogs.twentythree.bayeux.messages import Kind, read_reply
from cogs.twentythree.bayeux.verdict import Verdict, judge

_GONE = "401:c1:Unknown client"
_H, _C, _S = Kind.HANDSHAKE, Kind.CONNECT, Kind.SUBSCRIBE


def _judge(kind: Kind, interval_s: float = 0.0, **reply: Any) -> Verdict:
    read = read_reply({"id": "1", "channel": kind.value, **reply})
    assert read is not None
    return judge(kind, read, client_id="c1", advice=Advice(interval_s=interval_s))


@pytest.mark.parametrize(
    ("kind", "reply", "verdict"),
    [
        (_H, {"successful": True, "clientId": "c"}, Verdict.ACCEPTED),
        (_H, {"successful": True}, Verdict.REFUSED),
        (_H, {"successful": False, "advice": {"reconnect": "handshake"}}, Verdict.REFUSED),
        (_H, {"successful": False, "advice": {"reconnect": "none"}}, Verdict.STOP),
        (_C, {"successful": True, "advice": {"reconnect": "retry"}}, Verdict.ACCEPTED),
        (_C, {"successful": True, "advice": {"reconnect": "handshake"}}, Verdict.SESSION_LOST),
        (_C, {"successful": True, "advice": {"reconnect": "none"}}, Verdict.STOP),
        (_C, {"successful": False, "advice": {"reconnect": "handshake"}}, Verdict.SESSION_LOST),
        (_C, {"successful": False, "advice": {"reconnect": "retry"}}, Verdict.REFUSED),
        (_C, {"successful": False, "error": _GONE}, Verdict.SESSION_LOST),
        (_S, {"successful": True, "advice": {"reconnect": "handshake"}}, Verdict.ACCEPTED),
        (_S, {"successful": False, "error": _GONE}, Verdict.SESSION_LOST),
        (_S, {"successful": False, "error": "405:/a.b:Invalid channel"}, Verdict.REFUSED),
    ],
)
def test_a_reply_is_judged(kind: Kind, reply: dict[str, Any], verdict: Verdict) -> None:
    assert _judge(kind, **reply) is verdict


def test_a_negative_interval_means_no_further_connect() -> None:
    assert _judge(_C, -1.0, successful=True) is Verdict.STOP
    assert _judge(_S, -1.0, successful=True) is Verdict.ACCEPTED
