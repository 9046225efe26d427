"""Listening to all channels of one object, for ``/video diagnose``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from ..domain.decoding import shape
from .book import root_of, sub_channel_of
from .model import ChannelShape

# More different shapes than a person would read, or a hostile publisher should cost.
_MOST_SHAPES = 50
# Together well below what Discord takes as a file.
_MAX_SHAPE = 8_000


class Probe:
    """What was heard under some root channels: sub-channels and shapes, never values."""

    def __init__(self, roots: frozenset[str]) -> None:
        self.roots = roots
        self._heard: Counter[tuple[str, str]] = Counter()

    def hear(self, channel: str, data: object) -> None:
        """Note a message if it is under one of the roots."""
        if root_of(channel) not in self.roots:
            return
        key = (sub_channel_of(channel), shape(data, _MAX_SHAPE))
        if key in self._heard or len(self._heard) < _MOST_SHAPES:
            self._heard[key] += 1

    def shapes(self) -> list[ChannelShape]:
        """Return what was heard, by sub-channel."""
        return [
            ChannelShape(sub_channel=sub_channel, shape=seen, count=count)
            for (sub_channel, seen), count in sorted(self._heard.items())
        ]


class Probes:
    """The diagnoses under way."""

    def __init__(self) -> None:
        self._probes: list[Probe] = []

    def patterns(self) -> frozenset[str]:
        """Return the channel patterns to listen to: everything under the objects' own roots."""
        return frozenset(f"{root}/**" for probe in self._probes for root in probe.roots)

    def hear(self, channel: str, data: object) -> None:
        """Pass a message to the diagnoses."""
        for probe in self._probes:
            probe.hear(channel, data)

    @contextmanager
    def listening(self, roots: tuple[str, ...]) -> Generator[Probe]:
        """Collect what comes under the roots while the context is open."""
        probe = Probe(frozenset(roots))
        self._probes.append(probe)
        try:
            yield probe
        finally:
            self._probes.remove(probe)
