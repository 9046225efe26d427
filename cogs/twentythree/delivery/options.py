"""How patient the rooms are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOptions:
    """Times and bounds; the defaults are for Discord, tests take smaller ones.

    Attributes:
        nonce_window: for how long a nonce surely keeps Discord from posting twice. Discord
            says "the past few minutes"; past this, the room's history is asked.
        request_timeout_s: a request without an answer for so long counts as lost. Longer than
            discord.py's own five tries, which must not be cut short.
        edit_interval_s: a message whose state stays the same (only the viewers of a card, or the
            words of a comment, change) is edited no more often.
        old_edit_interval_s: the same for a message older than an hour, of which Discord takes
            few edits (error 30046); what is left of them is for the changes of state.
        removal_patience_s: what is to be taken away and may not be edited for longer is deleted,
            and what is left of its message posted again.
        aside_after_s: a message that Discord refuses for so long, for no known reason, holds up
            the others of its room no more.
        requests_per_s: of all rooms together, at most. Discord allows a bot 50; one is left for
            what else the host asks for.
        sweep_s: how often the store is looked through for rooms that nobody woke.
        measure_s: the outbox is counted no more often, since that takes long where much waits.
        history_limit: how many messages are looked through for one whose reply was lost.
        tell_again_s: a room that is paused again sooner is not told about again.
    """

    nonce_window: timedelta = timedelta(minutes=2)
    retry_first_s: float = 1.0
    retry_longest_s: float = 60.0
    pause_first_s: float = 30.0
    pause_longest_s: float = 600.0
    request_timeout_s: float = 90.0
    edit_interval_s: float = 15.0
    old_edit_interval_s: float = 600.0
    removal_patience_s: float = 2.0
    aside_after_s: float = 3600.0
    requests_per_s: int = 49
    sweep_s: float = 60.0
    measure_s: float = 1.0
    history_limit: int = 500
    tell_again_s: float = 3600.0


def backoff_s(failures: int, *, first_s: float, longest_s: float, chance: float) -> float:
    """Return the wait after ``failures`` in a row (from 1); ``chance`` in [0, 1) spreads it."""
    whole = min(longest_s, first_s * 2.0 ** min(failures - 1, 30))
    return whole * (0.5 + chance / 2)
