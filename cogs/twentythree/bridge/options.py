"""How patient the bridge is."""

from __future__ import annotations

from dataclasses import dataclass


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
        spacing_s: the least time between the beginnings of two readings of one thing.
        realtime_url: overrides the address that the workspace names.
    """

    reconcile_s: float = 300.0
    poll_s: float = 15.0
    upkeep_s: float = 3_600.0
    hold_s: float = 5.0
    held_s: float = 1.0
    spacing_s: float = 1.0
    realtime_url: str | None = None
