"""Which channels are wanted, and how far each of them has come with the server.

Faye refuses an array as a whole when one name in it is bad, but keeps the names before that
one subscribed. So a refused array is asked again as single requests: each name then has its
own verdict, and asking twice for one that already stands does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

from .channels import RESERVED, matching_patterns, refusal

# Beyond this no name is looked up: the work grows with the square of the length.
_MAX_LENGTH = 4096
_CATCH_UP = "/catchup/"

Ask = tuple[str, ...]


class Subscriptions:
    """The wanted channels. A channel stands when it is wanted and neither due nor asked."""

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        # To look up, never to change: what is wanted, names and patterns alike, and what of it the
        # server has refused.
        self.wanted: dict[str, None] = {}
        self.refused: set[str] = set()
        self._patterns: set[str] = set()
        self._due: dict[str, None] = {}
        self._due_alone: dict[str, None] = {}
        self._asked: set[str] = set()
        # What the server may have subscribed us to in this session, answered or not.
        self._exposed: set[str] = set()
        self._leaving: dict[str, None] = {}
        self._leaving_asked: set[str] = set()

    def covers(self, channel: str) -> bool:
        """Whether an event on ``channel`` is wanted, by name or by pattern, and not refused."""
        if channel in self.wanted and channel not in self.refused:
            return True
        if not self._patterns or len(channel) > _MAX_LENGTH or channel.startswith(RESERVED):
            return False
        return not self._patterns.isdisjoint(matching_patterns(channel))

    @property
    def is_settled(self) -> bool:
        """Whether the server has given its verdict on every wanted channel."""
        return not (self._due or self._due_alone or self._asked)

    def unsettled(self, channels: Iterable[str]) -> frozenset[str]:
        """Return those of ``channels`` on which the server's verdict is still to come."""
        return frozenset(filter(self.is_waiting, channels))

    def is_waiting(self, channel: str) -> bool:
        """Whether the server's verdict on ``channel`` is still to come."""
        return channel in self._asked or channel in self._due or channel in self._due_alone

    def standing(self, channels: Collection[str]) -> frozenset[str]:
        """Return those of ``channels`` that the server has accepted."""
        good = frozenset(c for c in channels if c in self.wanted and c not in self.refused)
        return good if self.is_settled else good - self.unsettled(good)

    def probe(self) -> str | None:
        """Return a channel that stands, if any does; asking for it again changes nothing.

        Rather none whose subscription makes the server tell again what it told before.
        """
        known = (c for c in self.wanted if c not in self.refused and not self.is_waiting(c))
        first = next(known, None)
        if first is None or _CATCH_UP not in first:
            return first
        return next((c for c in known if _CATCH_UP not in c), first)

    def quiet_probe(self) -> str | None:
        """Return a channel that stands and can be asked for often: nothing is told again for it."""
        channel = self.probe()
        return None if channel is None or _CATCH_UP in channel else channel

    def halve(self, size: int) -> None:
        """Ask for fewer channels at a time: ``size`` at a time were too many."""
        if size == 0:
            return
        self._chunk = max(1, min(self._chunk, size if size > 1 else self._chunk) // 2)

    def want(self, channels: Iterable[str]) -> list[tuple[str, str]]:
        """Add channels; one that was refused is tried again, one that stands is left alone.

        Returns the names that no server would take, each with the reason.
        """
        new: dict[str, None] = {}
        bad: list[tuple[str, str]] = []
        for channel in channels:
            if channel in self.wanted and channel not in self.refused:
                continue
            error = refusal(channel)
            if error is None:
                new[channel] = None
            else:
                bad.append((channel, error))
        self.wanted.update(new)
        self.refused.difference_update(new)
        self._patterns.update(channel for channel in new if channel.endswith("*"))
        if self._leaving:
            for channel in new:
                self._leaving.pop(channel, None)
        due = {c: None for c in new if c not in self._asked} if self._asked else new
        self._due.update(due)
        return bad

    def drop(self, channels: Iterable[str]) -> None:
        """Take channels out; the server is told of those it may know."""
        for channel in channels:
            if channel not in self.wanted:
                continue
            del self.wanted[channel]
            self._patterns.discard(channel)
            self._due.pop(channel, None)
            self._due_alone.pop(channel, None)
            self.refused.discard(channel)
            if channel in self._exposed:
                self._leaving[channel] = None

    def begin_session(self) -> None:
        """Start over: a new session knows none of our channels."""
        self._due = dict(self.wanted)
        self._patterns.update(c for c in self.refused if c.endswith("*"))
        self._due_alone.clear()
        self.refused.clear()
        self._asked.clear()
        self._exposed.clear()
        self._leaving.clear()
        self._leaving_asked.clear()

    def forget_unanswered(self) -> None:
        """Make due again what was asked: the answers went down with the transport."""
        self._due.update(dict.fromkeys(c for c in self.wanted if c in self._asked))
        self._asked.clear()
        unwanted = (c for c in sorted(self._leaving_asked) if c not in self.wanted)
        self._leaving.update(dict.fromkeys(unwanted))
        self._leaving_asked.clear()

    def take_due(self) -> list[list[Ask]]:
        """Return the subscriptions to ask for now, as frames of requests, and count them asked.

        Arrays go out one to a frame; single requests share frames. Both are bounded.
        """
        together, alone = self._ready(self._due), self._ready(self._due_alone)
        frames: list[list[Ask]] = [[ask] for ask in _chunks(together, self._chunk)]
        frames += [[(channel,) for channel in ask] for ask in _chunks(alone, self._chunk)]
        self._asked.update(together, alone)
        self._exposed.update(together, alone)
        return frames

    def take_leaving(self) -> list[Ask]:
        """Return the channels to unsubscribe from now, in bounded requests."""
        ready = self._ready(self._leaving)
        self._leaving_asked.update(ready)
        return list(_chunks(ready, self._chunk))

    def accepted(self, ask: Ask, named: Ask = ()) -> Ask:
        """Note that the server accepted ``ask``; return the channels that it has accepted.

        ``named`` is what its reply names. Some answer an array with a reply to each channel; those
        that this one leaves out are asked for alone. One that names none of them is for all.
        """
        self._asked.difference_update(ask)
        if named in ((), ask):
            return ask
        told = set(named)
        taken = tuple(channel for channel in ask if channel in told) or ask
        told.update(taken)
        self._due_alone.update((c, None) for c in ask if c not in told and c in self.wanted)
        return taken

    def left(self, ask: Ask) -> None:
        """Note that the server answered the unsubscribing of ``ask``."""
        self._leaving_asked.difference_update(ask)
        self._exposed.difference_update(ask)

    def failed(self, ask: Ask) -> list[str]:
        """Note that the server refused ``ask``; return the channels that are refused by it."""
        self._asked.difference_update(ask)
        wanted = [channel for channel in ask if channel in self.wanted]
        if len(ask) > 1:
            self._due_alone.update(dict.fromkeys(wanted))
            return []
        self.refused.update(wanted)
        self._patterns.difference_update(wanted)
        self._exposed.difference_update(ask)
        self._leaving.pop(ask[0], None)
        return wanted

    def _ready(self, waiting: dict[str, None]) -> list[str]:
        """Take out those of ``waiting`` on which no answer is still to come.

        Two requests for one channel on their way could be answered, or lost, in any order, and
        nobody would know how the channel stands.
        """
        if not (self._asked or self._leaving_asked):
            ready = list(waiting)
            waiting.clear()
            return ready
        ready = [c for c in waiting if c not in self._asked and c not in self._leaving_asked]
        for channel in ready:
            del waiting[channel]
        return ready


def _chunks(channels: Iterable[str], size: int) -> Iterable[Ask]:
    rest = iter(channels)
    while chunk := tuple(islice(rest, size)):
        yield chunk
