"""The programme: one message that lists what is planned in a room, in place of many cards.

A follow may find dozens of planned events at once. Past a few, its room is told of them by this
one message, and gets the card of each a day before its start.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from .model import Attachment, LivePhase, LiveState, Planned, ProgrammeNotice

# A follow that finds more than these attaches them by way of the programme.
MOST_CARDS = 5
MOST_LISTED = 10
CARD_BEFORE = timedelta(days=1)


def is_card_due(state: LiveState, now: datetime) -> bool:
    """Tell whether what is on the programme is to have its card by now."""
    start = state.scheduled_at
    return state.phase is not LivePhase.SOON or start is None or start - now <= CARD_BEFORE


def programme(found: Iterable[tuple[Attachment, LiveState]]) -> ProgrammeNotice | None:
    """Return what lists the planned events of a room; ``None``: there is none to be.

    Those that a follow attached are listed, as soon as one of them is to be there by way of the
    programme.
    """
    planned = [
        (one, state.scheduled_at)
        for one, state in found
        if state.phase is LivePhase.SOON
        and state.scheduled_at is not None
        and one.rules.announces_live
        and one.bar is None
        and (one.is_on_programme or one.follow_id is not None)
    ]
    if not any(one.is_on_programme for one, _ in planned):
        return None
    planned.sort(key=lambda item: (item[1], item[0].object.object_id))
    return ProgrammeNotice(
        planned=tuple(Planned(object=one.object, at=at) for one, at in planned[:MOST_LISTED]),
        more=max(0, len(planned) - MOST_LISTED),
    )
