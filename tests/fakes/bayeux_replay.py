"""A session that gets the answers which a real server once gave."""

from __future__ import annotations

import json
from pathlib import Path

from cogs.twentythree.bayeux import MessageReceived, Session, SessionEvent, read_frame

_BAYEUX_TESTS = Path(__file__).parents[1] / "cogs" / "twentythree" / "bayeux"
TRANSCRIPTS = json.loads((_BAYEUX_TESTS / "transcripts.json").read_text())
CHANNELS = ["/t/1", "/t/2", "/t/**"]


class Replay:
    """The ids are the recorded ones: the session counts alike. Time passes when it is told to."""

    def __init__(self, connection_type: str = "websocket") -> None:
        self.now = 0.0
        self.session = Session()
        self.session.subscribe(CHANNELS, self.now)
        self._connection_type = connection_type
        self.open()

    def open(self) -> None:
        self.session.transport_opened(self._connection_type, self.now)

    def lose(self, *, is_clean: bool = False) -> list[SessionEvent]:
        self.session.transport_lost("cut", self.now, is_clean=is_clean)
        return self.session.events_received()

    def play(self, name: str) -> list[SessionEvent]:
        """Let the session receive what is recorded as ``name``; return what it tells."""
        for payload in TRANSCRIPTS[name]:
            recorded = json.dumps(payload).replace('"$', '"')
            self.session.receive(read_frame(recorded), self.now)
        return self.session.events_received()

    def sent(self) -> list[str]:
        """Return the channels of each frame sent since the last time."""
        return [
            " ".join(message["channel"] for message in frame)
            for frame in self.session.messages_to_send()
        ]


def opened(connection_type: str = "websocket") -> Replay:
    """Return a replay whose session is connected, and has a held connect out."""
    replay = Replay(connection_type)
    replay.play("open over a websocket")
    replay.sent()
    return replay


def payloads(events: list[SessionEvent]) -> list[object]:
    """Return the data of those that are messages."""
    return [event.data for event in events if isinstance(event, MessageReceived)]
