"""Recorded frames, damaged in every way, harm no session."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.bayeux import FrameReader, MessageReceived, Session, read_frame
from cogs.twentythree.bayeux.states import DETACHED
from tests.fakes.examples import examples

# Plainer tests reach the same lines; to count them here takes longer than to run this.
_RECORDED = json.loads(Path(__file__).with_name("transcripts.json").read_text())
_FRAMES = [frame for frames in _RECORDED.values() if isinstance(frames, list) for frame in frames]
_SEEDS = range(5)
_FRAMES_PER_SEED = examples(20_000)

_ODD_VALUES: list[Callable[[random.Random], object]] = [
    lambda rng: None,
    lambda rng: rng.choice([True, False]),
    lambda rng: rng.choice([0, -1, 10**30, -(10**400), 2**63]),
    lambda rng: rng.choice([1e308, -0.0, float("inf"), float("nan")]),
    lambda rng: rng.choice(["", "/", "/**", "/meta/connect", "401:CLIENT:Unknown client", "none"]),
    lambda rng: "\ud800" if rng.random() < 0.5 else "x" * rng.randrange(300),
    lambda rng: [],
    lambda rng: {},
    lambda rng: _nested(rng.randrange(40)),
]
_ODD_BYTES = [b"", b"\xff", b"\xc3", b"\x00", b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"1e999"]
_KEYS = ["channel", "id", "successful", "advice", "clientId", "error", "subscription", "data"]


def _nested(depth: int) -> object:
    value: object = "deep"
    for _ in range(depth):
        value = [value] if depth % 2 else {"data": value}
    return value


def _odd_value(rng: random.Random) -> object:
    return rng.choice(_ODD_VALUES)(rng)


def _places(value: object) -> list[tuple[Any, Any]]:
    """Return every (container, key) in ``value``."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    places: list[tuple[Any, Any]] = []
    for key in keys:
        inner = value[key]  # type: ignore[index]  # a dict or a list, as above
        places += [(value, key), *_places(inner)]
    return places


def _change(frame: Any, rng: random.Random) -> object:
    """Change one thing in what the frame says."""
    places = _places(frame)
    if not places:
        return _odd_value(rng)
    container, key = rng.choice(places)
    what = rng.randrange(5)
    if what == 0:
        del container[key]
    elif what == 1:
        container[key] = _odd_value(rng)
    elif what == 2:
        container[key] = [container[key]]
    elif what == 3 and isinstance(container, dict):
        container[rng.choice(_KEYS)] = container.pop(key)
    elif isinstance(frame, list):
        frame.append(copy.deepcopy(rng.choice(frame)))
    return frame


def _damage(text: bytes, rng: random.Random) -> bytes:
    """Damage the bytes in one place."""
    at = rng.randrange(len(text) + 1)
    what = rng.randrange(4)
    if what == 0:
        return text[:at]
    if what == 1:
        return text[:at] + rng.choice(_ODD_BYTES) + text[at:]
    if what == 2:
        return text[:at] + text[at + rng.randrange(1, 9) :]
    return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]


class _Victim:
    """A session that is kept going, whatever it is fed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.now = 0.0
        self.fed = 0
        self.reader = FrameReader()
        # It parses payloads with their frames, whoever looks at them.
        self.reader._left, self.reader._are_looked_at = 10**9, True
        self.revive()

    def revive(self) -> None:
        self.session = Session(draw=self._rng.random)
        self.session.subscribe(["/t/1", "/t/**", "/ok/1"], self.now)
        self.welcome()

    def feed(self, frame: object) -> None:
        rng = self._rng
        pending = list(self.session._requests._pending) or ["1"]
        text = json.dumps(frame)
        for number in range(1, 12):
            text = text.replace(f'"${number}"', f'"{rng.choice(pending)}"')
        raw = text.encode()
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            raw = _damage(raw, rng)
        self.now += rng.random()
        received = read_frame(raw)
        with suppress(UnicodeDecodeError):
            assert _said(self.reader.read(raw.decode())) == _said(read_frame(raw.decode()))
        assert _said(self.reader.read(raw)) == _said(received)
        self.session.receive(received, self.now)
        self.fed += 1
        self.tend()

    def tend(self) -> None:
        for event in self.session.events_received():
            if isinstance(event, MessageReceived):
                assert event.data is not self
        self.session.messages_to_send()
        self.session.tick(self.now)
        if self.session.is_over:
            self.revive()
        elif self.session.state in DETACHED:
            self.welcome()

    def welcome(self) -> None:
        """Open a transport and answer what is asked as a good server does."""
        self.session.transport_opened("websocket", self.now)
        for _ in range(3):
            for frame in self.session.messages_to_send():
                answers = [
                    {"id": m["id"], "channel": m["channel"], "successful": True, "clientId": "c"}
                    | {"advice": {"reconnect": "retry", "interval": 0, "timeout": 4000}}
                    for m in frame
                ]
                self.session.receive(answers, self.now)


def _said(received: object) -> str:
    if not isinstance(received, list):
        return repr(received)
    return repr([(e.channel, e.data) if isinstance(e, MessageReceived) else e for e in received])


@pytest.mark.parametrize("seed", _SEEDS)
def test_damaged_frames_raise_nothing_and_leave_the_session_usable(
    seed: int,
) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same damage in every run
    victim = _Victim(rng)
    while victim.fed < _FRAMES_PER_SEED:
        frame = copy.deepcopy(rng.choice(_FRAMES))
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            frame = _change(frame, rng)
        victim.feed(frame)

    victim.session.transport_lost("cut", victim.now)
    victim.tend()
    assert victim.session.is_usable
    assert victim.session.subscriptions.is_settled
    victim.session.receive(read_frame(b'[{"channel":"/t/1","data":"still there"}]'), victim.now)
    told = victim.session.events_received()
    assert "still there" in [event.data for event in told if isinstance(event, MessageReceived)]
