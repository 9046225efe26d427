"""What is wrong on the way in, from memory alone."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.model import ObjectId
from ..domain.troubles import Fault, Kind
from ..errors import UnreadableAnswerError
from .book import Needs
from .news import News
from .objects import Known


def faults_of(news: News, wanted: Sequence[tuple[ObjectId, Needs]]) -> dict[Kind, Fault]:
    """Return what is wrong for these objects. ``wanted``: what is asked for of each."""
    mine = [known for one, _ in wanted if (known := news.objects.get(one)) is not None]
    return _of_readings(news, mine) | _of_realtime(news, wanted) if mine else {}


def _of_readings(news: News, mine: Sequence[Known]) -> dict[Kind, Fault]:
    found: dict[Kind, Fault] = {}
    unreadable = [one.error for one in mine if isinstance(one.cause, UnreadableAnswerError)]
    if unreadable:
        text = unreadable[-1] or ""
        found[Kind.UNREADABLE] = Fault(count=len(unreadable), total=len(mine), detail=text)
    failing = [
        one.error or one.lookup_error
        for one in mine
        if not isinstance(one.cause, UnreadableAnswerError) and (one.cause or one.lookup_error)
    ]
    if failing:
        found[Kind.READING_FAILS] = Fault(count=len(failing), said=failing[-1] or "")
    level = news.witness.lowered_to(one.info.object_id for one in mine)
    if level is not None:
        found[Kind.CREDENTIALS_LOWERED] = Fault(said=level)
    doubted = [one for one in mine if one.doubt is not None]
    if doubted and level is None:
        found[Kind.FEWER] = Fault(count=len(doubted))
    return found


def _of_realtime(news: News, wanted: Sequence[tuple[ObjectId, Needs]]) -> dict[Kind, Fault]:
    found: dict[Kind, Fault] = {}
    if misread := news.misread(one for one, _ in wanted):
        found[Kind.NOT_UNDERSTOOD] = Fault(count=misread)
    away_since = news.away_since
    left = [one for one in wanted if away_since is not None or not news.channels.serves(*one)]
    unnamed = [one for one in left if news.channels.is_unnamed(*one)]
    if unnamed:
        found[Kind.NO_CHANNELS] = Fault(count=len(unnamed))
    if len(left) == len(unnamed):
        return found
    if away_since is not None and any(news.channels.has_address(one) for one, _ in left):
        return found | {Kind.REALTIME_AWAY: Fault(since=away_since)}
    refused = [known for one, _ in left if (known := news.objects.get(one)) and known.refusals]
    if refused:
        return found | {Kind.CHANNELS_REFUSED: Fault(count=len(refused))}
    there_are, standing = news.channels.counts(wanted)
    return found | {Kind.CONNECTING: Fault(count=standing, total=there_are)}
