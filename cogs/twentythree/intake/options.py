"""How patient the bridge is."""

from __future__ import annotations

from dataclasses import dataclass

from .book import Analytics


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOptions:
    """Times in seconds.

    Attributes:
        reconcile_s: between readings of an object that realtime serves, and between readings that
            go down to the oldest comment on show.
        poll_s: between readings of an object that realtime does not serve.
        upkeep_s: between looks at an object's title, and between prunings.
        hold_s: the longest that realtime waits for the reading after a gap.
        held_s: until that reading is made again where it failed.
        confirm_s: after so long what realtime has shown is asked about.
        again_s: and so long after that once more, where the workspace does not know it.
        doubt_s: until an object is read again of which the workspace returns less than before;
            each time in a row it is twice as long.
        agree_s: the longest of these times.
        verifies: whether nothing is shown that the workspace has not confirmed.
        watch_s: between looks at a live event that is on air.
        follow_s: between looks for what follows attach.
        same_broadcast_s: what begins so soon after an end is the same broadcast.
        analytics: where to hear of viewers, if anywhere.
        channel_s: until a channel is asked for again that was refused, or not told for a failure;
            each time twice as long.
        spacing_s: the least time between the beginnings of two readings of one thing.
        realtime_url: overrides the address that the workspace names.
    """

    reconcile_s: float = 300.0
    poll_s: float = 15.0
    upkeep_s: float = 3_600.0
    hold_s: float = 5.0
    held_s: float = 1.0
    confirm_s: float = 0.6
    again_s: float = 1.1
    doubt_s: float = 1.0
    agree_s: float = 61.0
    verifies: bool = False
    watch_s: float = 60.0
    follow_s: float = 120.0
    same_broadcast_s: float = 180.0
    analytics: Analytics | None = None
    channel_s: float = 1.0
    spacing_s: float = 1.0
    realtime_url: str | None = None
