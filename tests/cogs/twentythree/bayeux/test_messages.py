"""Requests as they go out; replies as they may come in, and what they come down to."""

import math
from typing import Any

import pytest

from cogs.twentythree.bayeux import messages
from cogs.twentythree.bayeux.messages import (
    Advice,
    Meaning,
    MetaChannel,
    Reconnect,
    meaning_of,
    read_reply,
    reconnect_in,
)

_GONE = "401:c1:Unknown client"
_H, _C, _S = MetaChannel.HANDSHAKE, MetaChannel.CONNECT, MetaChannel.SUBSCRIBE


def test_a_handshake_offers_its_connection_types() -> None:
    assert messages.handshake("1", ("websocket",)) == {
        "channel": "/meta/handshake",
        "version": "1.0",
        "supportedConnectionTypes": ["websocket"],
        "id": "1",
    }


def test_a_connect_that_is_not_held_says_so() -> None:
    held = messages.connect("2", "c", "websocket", hold_s=None)
    at_once = messages.connect("2", "c", "websocket", hold_s=0.0)

    assert at_once == held | {"advice": {"timeout": 0}}


def test_one_channel_is_asked_for_as_a_string_and_several_as_an_array() -> None:
    one = messages.subscription(MetaChannel.SUBSCRIBE, "3", "c", ("/a",))
    two = messages.subscription(MetaChannel.UNSUBSCRIBE, "3", "c", ("/a", "/b"))

    assert one["subscription"] == "/a"
    assert two["subscription"] == ["/a", "/b"]
    assert two["channel"] == "/meta/unsubscribe"


def test_a_disconnect_names_the_session() -> None:
    assert messages.disconnect("4", "c") == {
        "channel": "/meta/disconnect",
        "clientId": "c",
        "id": "4",
    }


def test_a_reply_is_read_leniently() -> None:
    reply = messages.read_reply(
        {
            "id": "1",
            "successful": "true",
            "error": 5,
            "advice": [],
            "clientId": "",
            "supportedConnectionTypes": ["websocket", 3],
        }
    )

    assert reply is not None
    assert (reply.channel, reply.is_successful, reply.error) == (None, True, "")
    assert (reply.advice, reply.client_id) == ({}, None)
    assert reply.connection_types == {"websocket"}


@pytest.mark.parametrize("said", [False, 0, "false", "", None, [], {}, 2])
def test_what_is_not_called_successful_is_not(said: object) -> None:
    reply = messages.read_reply({"id": "1", "successful": said})

    assert reply is not None
    assert not reply.is_successful


def test_a_whole_reply_is_read() -> None:
    reply = messages.read_reply(
        {
            "id": "1",
            "channel": "/meta/handshake",
            "successful": True,
            "error": "e",
            "advice": {"interval": 1},
            "clientId": "c",
            "supportedConnectionTypes": "websocket",
        }
    )

    assert reply is not None
    assert (reply.is_successful, reply.client_id, reply.error) == (True, "c", "e")
    assert reply.advice == {"interval": 1}
    assert reply.connection_types == frozenset()


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"id": "1"},
        {"successful": True},
        {"id": True, "successful": True},
        {"id": 1.0, "successful": True},
        {"id": [], "successful": True},
        {"id": "1", "successful": True, "channel": 3},
    ],
)
def test_what_lacks_successful_or_an_id_is_no_reply(message: dict[str, Any]) -> None:
    assert messages.read_reply(message) is None


@pytest.mark.parametrize(
    "error",
    [
        "401:c1:Unknown client",
        "401:c1:Client inconnu",
        "402::Unknown client",
        "403::Unknown Client",
        "402::session_unknown: Unknown session",
        "402::session_unknown",
        "402:c1:Client is unknown",
        "402:c1:Unknown clientId",
        "402::The session is not known",
        "403::No such session: c1",
        "402::Client ID not found",
        "404::session does not exist",
        "402:Unknown client",
        "402 unknownClient",
    ],
)
def test_the_dialects_of_a_lost_session_are_known(error: str) -> None:
    assert messages.names_unknown_client(error, "c1")


@pytest.mark.parametrize(
    "error",
    [
        "",
        "401",
        "401:/a:Not yours",
        "403:/a:Forbidden channel",
        "403:/a:Client may not",
        "402:/a:Unknown channel",
        "403:/unknown-client:Forbidden channel",
        "403:/unknown/client",
        "500::Unknown client",
    ],
)
def test_other_refusals_are_no_lost_session(error: str) -> None:
    assert not messages.names_unknown_client(error, "c1")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("405:/bad.name:Invalid channel", "405 Invalid channel"),
        ("403:/a,/b:Forbidden channel", "403 Forbidden channel"),
        ("no, not /0dda8/all_json!", "no, not …"),
        ("bad token 0123456789abcdef0123456789abcdef01234567", "bad token …"),
        ("", "no reason given"),
        ("x " * 500, ("x " * 100).strip()),
        ("402 no 123e4567-e89b-42d3-a456-426614174000 here", "402 no … here"),
        ("402 no Zm9v_YmFy-YmF6cXV4cXV4 here", "402 no … here"),
    ],
)
def test_an_error_is_described_without_channels_and_ids(error: str, text: str) -> None:
    assert messages.describe(error) == text


def test_an_id_that_came_back_as_a_number_is_ours() -> None:
    reply = messages.read_reply({"id": 7, "successful": True})

    assert reply is not None
    assert reply.id == "7"


def test_interval_and_timeout_are_milliseconds() -> None:
    advice = Advice().merged({"reconnect": "retry", "interval": 1500, "timeout": 4000})

    assert advice == Advice(interval_s=1.5, timeout_s=4.0)


def test_numbers_may_be_written_as_text() -> None:
    advice = Advice().merged({"interval": "1500", "timeout": "110000.0"})

    assert advice == Advice(interval_s=1.5, timeout_s=110.0)
    assert Advice().merged({"interval": "-1"}).interval_s < 0


def test_what_a_later_advice_leaves_out_stays_in_force() -> None:
    advice = Advice(interval_s=1.5, timeout_s=4.0)

    assert advice.merged({"reconnect": "handshake"}) == advice
    assert advice.merged({"interval": 0}) == Advice(interval_s=0.0, timeout_s=4.0)


@pytest.mark.parametrize("value", [None, "", "soon", "5s", "٥", True, math.nan, [], {}])
def test_nonsense_changes_nothing(value: object) -> None:
    advice = Advice(interval_s=1.5, timeout_s=4.0)

    assert advice.merged({"interval": value, "timeout": value}) == advice


@pytest.mark.parametrize("value", [1e300, math.inf, 10**400])
def test_times_are_capped_at_an_hour(value: float) -> None:
    assert Advice().merged({"timeout": value}).timeout_s == 3600.0


@pytest.mark.parametrize("value", [-1, -math.inf, -(10**400)])
def test_a_negative_interval_stays_negative_and_a_negative_timeout_is_none(value: float) -> None:
    advice = Advice().merged({"interval": value, "timeout": value})

    assert advice.interval_s < 0
    assert advice.timeout_s == 0.0


def test_only_known_words_are_advice_to_reconnect() -> None:
    assert reconnect_in({"reconnect": "none"}) is Reconnect.NONE
    assert reconnect_in({"reconnect": "sideways"}) is None
    assert reconnect_in({"reconnect": ["none"]}) is None
    assert reconnect_in({}) is None


def _meaning(kind: MetaChannel, interval_s: float = 0.0, **reply: Any) -> Meaning:
    read = read_reply({"id": "1", "channel": kind.value, **reply})
    assert read is not None
    return meaning_of(kind, read, client_id="c1", advice=Advice(interval_s=interval_s))


@pytest.mark.parametrize(
    ("kind", "reply", "meaning"),
    [
        (_H, {"successful": True, "clientId": "c"}, Meaning.ACCEPTED),
        (_H, {"successful": True}, Meaning.REFUSED),
        (_H, {"successful": False, "advice": {"reconnect": "handshake"}}, Meaning.REFUSED),
        (_H, {"successful": False, "advice": {"reconnect": "none"}}, Meaning.STOP),
        (_C, {"successful": True, "advice": {"reconnect": "retry"}}, Meaning.ACCEPTED),
        (_C, {"successful": True, "advice": {"reconnect": "handshake"}}, Meaning.SESSION_LOST),
        (_C, {"successful": True, "advice": {"reconnect": "none"}}, Meaning.STOP),
        (_C, {"successful": False, "advice": {"reconnect": "handshake"}}, Meaning.SESSION_LOST),
        (_C, {"successful": False, "advice": {"reconnect": "retry"}}, Meaning.REFUSED),
        (_C, {"successful": False, "error": _GONE}, Meaning.SESSION_LOST),
        (_S, {"successful": True, "advice": {"reconnect": "handshake"}}, Meaning.ACCEPTED),
        (_S, {"successful": False, "error": _GONE}, Meaning.SESSION_LOST),
        (_S, {"successful": False, "error": "405:/a.b:Invalid channel"}, Meaning.REFUSED),
    ],
)
def test_a_reply_is_judged(kind: MetaChannel, reply: dict[str, Any], meaning: Meaning) -> None:
    assert _meaning(kind, **reply) is meaning


def test_a_negative_interval_means_no_further_connect() -> None:
    assert _meaning(_C, -1.0, successful=True) is Meaning.STOP
    assert _meaning(_S, -1.0, successful=True) is Meaning.ACCEPTED
