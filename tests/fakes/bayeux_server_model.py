"""A model of a Bayeux server over WebSockets, as Faye behaves, for a session to live with.

It is what a session may count on, and no more: events are pushed at once over the socket of the
last connect, kept in a queue while there is none, and lost when written to a socket that is dead
without the server's knowing. While a connect is held, another one of its session takes its place,
and is answered at its end, however the two were to be held. Effects take place in the order of
the requests; replies may be late, repeated, or in another order.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from cogs.twentythree.bayeux import matching_patterns

TIMEOUT_S = 4.0
_ADVICE = {"reconnect": "retry", "interval": 0, "timeout": int(TIMEOUT_S * 1000)}
_ANEW = {"reconnect": "handshake"}

Message = dict[str, Any]


@dataclass(eq=False, slots=True)
class Socket:
    """One WebSocket. ``arriving`` is on its way to the client; ``None`` in it is a close (1000).

    ``is_dead``: nothing passes any more, in either direction, and nobody was told.
    ``held`` are the connects without an answer, by client. ``owed`` are replies that the server
    has not written yet.
    """

    arriving: deque[str | None] = field(default_factory=deque)
    is_dead: bool = False
    is_open: bool = True
    client_id: str = ""
    held: dict[str, tuple[Message, float]] = field(default_factory=dict)
    owed: list[Message] = field(default_factory=list)

    def write(self, *messages: Message) -> None:
        if self.is_open and not self.is_dead:
            self.arriving.append(json.dumps(messages))


@dataclass(eq=False, slots=True)
class Client:
    """A session as the server knows it."""

    touched_at: float
    channels: set[str] = field(default_factory=set)
    queue: list[Message] = field(default_factory=list)
    socket: Socket | None = None


class ServerModel:
    """The server; ``now`` is its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clients: dict[str, Client] = {}
        self.sockets: list[Socket] = []
        self.refused: frozenset[str] = frozenset()
        self.refuses_whole_arrays = False
        self.takes_handshakes = True
        self.is_slow = False
        self.repeats_replies = False
        self._ids = count(1)

    # What clients do

    def open(self) -> Socket:
        socket = Socket()
        self.sockets.append(socket)
        return socket

    def take(self, socket: Socket, frame: list[Message]) -> None:
        """Take in a frame of requests."""
        if socket.is_dead or not socket.is_open:
            return
        replies = [reply for message in frame if (reply := self._process(socket, message))]
        if self.is_slow:
            socket.owed += replies
        elif replies:
            self._write(socket, *replies)

    def answer(self, socket: Socket, index: int) -> None:
        """Write one of the replies that are owed."""
        self._write(socket, socket.owed.pop(index % len(socket.owed)))

    def publish(self, channel: str, data: object) -> None:
        event = {"channel": channel, "data": data}
        names = {channel, *matching_patterns(channel)}
        for client in self.clients.values():
            if client.channels.isdisjoint(names):
                continue
            if client.socket is None:
                client.queue.append(event)
            else:
                client.socket.write(event)

    # What happens to the server

    def lose(self, socket: Socket) -> None:
        """Notice that a socket is gone. If its session has moved on, that socket is closed."""
        self._drop(socket)
        client = self.clients.get(socket.client_id)
        if client is None:
            return
        if client.socket is not None and client.socket is not socket:
            self.close(client.socket)
        client.socket = None

    def close(self, socket: Socket) -> None:
        """Close a socket in good order: all that was written before it arrives."""
        if not socket.is_dead:
            socket.arriving.append(None)
        self._drop(socket)

    def forget(self) -> None:
        """Forget all sessions, as when the store is flushed; no socket is closed."""
        self.clients.clear()

    def restart(self) -> None:
        self.clients.clear()
        for socket in self.sockets:
            socket.is_open = False
            socket.arriving.clear()
        self.sockets.clear()

    # Time

    def next_deadline(self) -> float:
        held = [until for socket in self.sockets for _, until in socket.held.values()]
        return min([*held, *map(self._expiry, self.clients.values())], default=float("inf"))

    def pass_time(self, now: float) -> None:
        self.now = now
        for socket in self.sockets:
            for client_id, (message, until) in list(socket.held.items()):
                if until <= now:
                    del socket.held[client_id]
                    self._write(socket, _reply(message, successful=True, advice=_ADVICE))
        for client_id, client in list(self.clients.items()):
            if self._expiry(client) <= now:
                del self.clients[client_id]
                if client.socket is not None:
                    self.close(client.socket)

    # Within

    def _process(self, socket: Socket, message: Message) -> Message | None:
        kind = message["channel"].removeprefix("/meta/")
        if kind == "handshake":
            return self._handshake(message)
        client = self.clients.get(message["clientId"])
        if kind == "connect":
            return self._connect(socket, client, message)
        if client is None:
            error = f"401:{message['clientId']}:Unknown client"
            return _reply(message, successful=False, error=error)
        if kind == "disconnect":
            del self.clients[message["clientId"]]
            return _reply(message, successful=True)
        wanted = message["subscription"]
        names = [wanted] if isinstance(wanted, str) else wanted
        if kind == "unsubscribe":
            client.channels.difference_update(names)
            return _reply(message, successful=True, subscription=wanted)
        return self._subscribe(client, message, names)

    def _handshake(self, message: Message) -> Message:
        if not self.takes_handshakes:
            return _reply(message, successful=False, error="500::Not now", advice=_ANEW)
        client_id = f"client{next(self._ids)}"
        self.clients[client_id] = Client(self.now)
        return _reply(message, successful=True, clientId=client_id, advice=_ADVICE)

    def _connect(self, socket: Socket, client: Client | None, message: Message) -> Message | None:
        client_id = message["clientId"]
        assert client_id not in socket.held, "Faye never answers the first of two connects"
        if client is None:
            error = f"401:{client_id}:Unknown client"
            return _reply(message, successful=False, error=error, advice=_ANEW)
        client.touched_at = self.now
        client.socket = socket
        socket.client_id = client_id
        for event in client.queue:
            socket.write(event)
        client.queue.clear()
        until = self.now + TIMEOUT_S
        of_before = [each for each in self.sockets if client_id in each.held]
        for each in of_before:
            _, until = each.held.pop(client_id)
        if "advice" in message and not of_before:
            return _reply(message, successful=True, advice=_ADVICE)
        socket.held[client_id] = (message, until)
        return None

    def _subscribe(self, client: Client, message: Message, names: list[str]) -> Message:
        bad = next((name for name in names if name in self.refused), None)
        if bad is None:
            client.channels.update(names)
            return _reply(message, successful=True, subscription=message["subscription"])
        if not self.refuses_whole_arrays:
            client.channels.update(names[: names.index(bad)])
        return _reply(message, successful=False, error=f"403:{bad}:Forbidden channel")

    def _write(self, socket: Socket, *replies: Message) -> None:
        for _ in range(2 if self.repeats_replies else 1):
            socket.write(*replies)

    def _drop(self, socket: Socket) -> None:
        socket.is_open = False
        socket.held.clear()
        socket.owed.clear()
        if socket in self.sockets:
            self.sockets.remove(socket)
        for client in self.clients.values():
            if client.socket is socket:
                client.socket = None

    def _expiry(self, client: Client) -> float:
        return client.touched_at + 2 * TIMEOUT_S


def _reply(message: Message, *, successful: bool, **more: object) -> Message:
    return {"id": message["id"], "channel": message["channel"], "successful": successful} | more
