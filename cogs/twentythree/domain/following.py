"""What a follow is, which objects it attaches, and when it lets go of them again.

A follow may find dozens of planned events at once. Past a few, its room is told of them by its
programme, one message that lists what is planned, and gets the card of each a day before its start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from .model import (
    Attachment,
    AttachmentRules,
    CategoryId,
    GuildId,
    LivePhase,
    LiveState,
    ObjectId,
    ObjectKind,
    Planned,
    ProgrammeNotice,
    RoomId,
)

# A room is never flooded: the rest comes with the next look.
MOST_AT_ONCE = 10
# No more drafts are published, or put into a category, between two looks.
MOST_LATE = 3
# So far apart two looks are that must agree on there being no video at all.
AGREE = timedelta(minutes=1)
LIVE_KEPT = timedelta(days=7)
VIDEO_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of the workspace, ``album`` in its API."""

    category_id: CategoryId
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A standing order: new objects of a kind are attached to a room by themselves.

    ``category`` limits it to one category; ``None`` is the whole workspace. ``rules`` are those of
    the attachments it makes. ``has_calendar``: what it covers is in the server's calendar; see
    ``domain.calendar``. ``is_exposure_agreed``: see ``Attachment``. ``looked_at`` is ``None`` until
    the first look; objects with an ID below ``floor`` are older than it. ``error`` is the sentence
    of the last look that failed.
    """

    follow_id: int
    guild_id: GuildId
    room_id: RoomId
    kind: ObjectKind
    category: Category | None
    rules: AttachmentRules
    followed_by: int
    followed_at: datetime
    is_forum: bool = False
    has_calendar: bool = False
    is_exposure_agreed: bool | None = False
    looked_at: datetime | None = None
    floor: ObjectId | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookResult:
    """What one look of a follow amounts to.

    ``attach``: in this order. ``known``: to be remembered without being attached. ``floor``: the
    follow's from now on. ``is_done``: nothing was left for the next look.
    """

    attach: tuple[ObjectId, ...]
    known: tuple[ObjectId, ...] = ()
    floor: ObjectId | None = None
    is_done: bool = True


def choose(
    follow: Follow,
    found: Sequence[ObjectId],
    known: Collection[ObjectId],
    *,
    is_all: bool,
    published: Mapping[ObjectId, datetime] = MappingProxyType({}),
    passed_over: Collection[ObjectId] = (),
) -> LookResult:
    """Return what to attach of what a look has found.

    Live events to come are attached at the first look as well; of videos it is the baseline, but
    for those that were published since the follow was made. A video that comes later is new,
    whenever it was published: it was a draft, or in another category. Where many come at once that
    were published before the follow was made, an earlier list has lacked them, and they are old.

    Args:
        follow: the order.
        found: what there is now.
        known: what the follow has seen already.
        is_all: whether there is nothing beside what was found.
        published: when those of them were published of which that is known.
        passed_over: those that could not be attached, the longest ago first: others go before them.
    """
    is_baseline = begins_with_baseline(follow)
    floor = follow.floor
    unseen = {one for one in set(found) - set(known) if floor is None or one > floor}
    before = {one for one in unseen if _is_before(follow, published.get(one))}
    if is_baseline:
        old = before | (unseen - published.keys())
    else:
        old = before if len(before) > MOST_LATE else set()
    left = unseen - old
    new = sorted(left - set(passed_over))
    again = [one for one in passed_over if one in left]
    if is_baseline and not is_all:
        floor = min(old, default=None)
    return LookResult(
        attach=tuple([*new, *again][:MOST_AT_ONCE]),
        known=tuple(sorted(old)),
        floor=floor,
        is_done=len(new) <= MOST_AT_ONCE,
    )


def begins_with_baseline(follow: Follow) -> bool:
    """Tell whether the next look of a follow is the one that says what is old."""
    return follow.kind is ObjectKind.VIDEO and follow.looked_at is None


def _is_before(follow: Follow, published_at: datetime | None) -> bool:
    # The workspace tells whole seconds.
    return published_at is not None and published_at < follow.followed_at.replace(microsecond=0)


def is_spent(attachment: Attachment, state: LiveState | None, now: datetime) -> bool:
    """Tell whether an attachment that a follow made has outlived its use.

    A live event stays for a week after its end, or after the time for which it was planned if it
    was cancelled; a video for ninety days.
    """
    if attachment.object.kind is ObjectKind.VIDEO:
        return now - attachment.attached_at > VIDEO_KEPT
    if state is None or state.phase not in {LivePhase.ENDED, LivePhase.CANCELLED}:
        return False
    times = (state.ended_at, state.scheduled_at, attachment.attached_at)
    last = max(moment for moment in times if moment is not None)
    return now - last > LIVE_KEPT


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
