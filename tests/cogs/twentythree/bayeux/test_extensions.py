"""Hooks that see every message."""

import logging
from typing import Any

import pytest

from cogs.twentythree.bayeux import Extension, MessageReceived, Session, SubscribeRefused
from cogs.twentythree.bayeux.messages import Message
from tests.fakes.bayeux_peer import Peer


def _peer(*extensions: Extension) -> Peer:
    return Peer(Session(extensions=extensions))


def _with_token(message: Message) -> Message:
    return message | {"ext": {"token": "secret"}}


def test_outgoing_messages_pass_the_hooks_in_their_order() -> None:
    seen: list[Message] = []

    def see(message: Message) -> Message:
        seen.append(message)
        return message

    peer = _peer(Extension(outgoing=_with_token), Extension(outgoing=see))
    peer.open()

    ((sent,),) = peer.take()
    assert sent["channel"] == "/meta/handshake"
    assert sent["ext"] == {"token": "secret"}
    assert seen == [sent]
    assert not peer.session.reads_events


def test_an_incoming_hook_can_refuse_what_the_server_accepted() -> None:
    def refuse(message: Message) -> Message:
        is_verdict = message["channel"] == "/meta/subscribe"
        return message | {"successful": False, "error": "403::No"} if is_verdict else message

    peer = _peer(Extension(incoming=refuse))
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    peer.reply("handshake")

    assert peer.reply("subscribe") == [SubscribeRefused(channel="/a", error="403 No")]


def test_an_incoming_hook_sees_events_changes_them_and_can_drop_them() -> None:
    def change(message: Message) -> Message | None:
        if message.get("data") == "drop":
            return None
        return message | {"data": "changed"} if "data" in message else message

    peer = _peer(Extension(incoming=change))
    peer.session.subscribe(["/a"], peer.now)
    peer.open()
    peer.reply("handshake")

    assert peer.session.reads_events
    assert peer.event("/a", "drop") == []
    assert peer.event("/a", 1) == [MessageReceived.of("/a", "changed")]


def test_a_hook_that_raises_is_told_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(message: Message) -> Any:
        raise RuntimeError("a bug in the hook")

    peer = _peer(Extension(outgoing=fail, incoming=fail), Extension(outgoing=_with_token))
    peer.session.subscribe(["/0dda8a1/x"], peer.now)
    peer.open()
    with caplog.at_level(logging.ERROR, "twentythree.bayeux"):
        assert peer.last("handshake")["ext"] == {"token": "secret"}
        peer.reply("handshake")
        assert peer.event("/0dda8a1/x", 1) == [MessageReceived.of("/0dda8a1/x", 1)]

    assert "a bug in the hook" in caplog.text
    assert "0dda8a1" not in caplog.text
