from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest

from cogs.twentythree.domain.troubles import Fault, Kind, Outage, outages, troubles

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
FAULT = Fault(since=NOON, count=2, total=3, said="It failed {so}.", detail="")
DATABASE = [
    Kind.DATABASE_GONE,
    Kind.DATABASE_FULL,
    Kind.DATABASE_AWAY,
    Kind.DATABASE_READ_ONLY,
    Kind.DATABASE_LOCKED,
    Kind.DATABASE_UNUSABLE,
]
PASSING = [Kind.DATABASE_AWAY, Kind.DATABASE_READ_ONLY, Kind.DATABASE_LOCKED]
LOSES = {
    *DATABASE,
    Kind.WORK_FAILED,
    Kind.CREDENTIALS_REFUSED,
    Kind.CREDENTIALS_LOWERED,
    Kind.UNREADABLE,
    Kind.READING_FAILS,
    Kind.FEWER,
}


def kinds(*given: Kind) -> list[Kind]:
    return [one.kind for one in troubles(dict.fromkeys(given, FAULT))]


def test_where_nothing_is_wrong_there_is_no_trouble() -> None:
    assert troubles({}) == []


@pytest.mark.parametrize("kind", Kind)
def test_each_is_said_in_whole_sentences_with_its_time_and_what_to_do(kind: Kind) -> None:
    (trouble,) = troubles({kind: FAULT})

    text = trouble.sentence(lambda at: f"at {at:%H:%M}")

    assert re.fullmatch(r"[A-Z0-9].*[^.] \(began at 12:00\)\. [A-Z`].*\.", text), text
    assert not re.search(r"\.\.|\{(?!so\})|  | ,|None|a look|delayed|by (it|them)sel", text), text
    assert trouble.sentence() == text.replace(" (began at 12:00)", "") == trouble.for_host


def test_the_worst_comes_first_whatever_comes_together() -> None:
    order = list(Kind)
    for some in (*combinations(Kind, 2), *combinations(Kind, 3), tuple(reversed(Kind))):
        found = [order.index(kind) for kind in kinds(*some)]

        assert found, some
        assert all(one < next_ for one, next_ in pairwise(found)), some


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([Kind.WORKSPACE_AWAY, Kind.READING_FAILS], [Kind.WORKSPACE_AWAY]),
        ([Kind.CREDENTIALS_REFUSED, Kind.READING_FAILS], [Kind.CREDENTIALS_REFUSED]),
        ([Kind.WORKSPACE_AWAY, Kind.REALTIME_AWAY], [Kind.NOTHING_COMES]),
        ([Kind.REALTIME_AWAY, Kind.CONNECTING], [Kind.REALTIME_AWAY]),
        ([Kind.CHANNELS_REFUSED, Kind.CONNECTING], [Kind.CHANNELS_REFUSED]),
        ([Kind.DISCORD_LIMIT, Kind.NOT_TAKEN, Kind.BACKLOG], [Kind.DISCORD_LIMIT]),
        ([Kind.DATABASE_FULL, Kind.WORK_FAILED], [Kind.DATABASE_FULL]),
        ([Kind.DATABASE_FULL, Kind.BACKLOG], [Kind.DATABASE_FULL]),
    ],
)
def test_what_follows_from_something_worse_is_left_out(given: list[Kind], said: list[Kind]) -> None:
    assert kinds(*given) == said


@pytest.mark.parametrize(("standing", "kind"), [(0, Kind.NOTHING_COMES), (1, Kind.WORKSPACE_AWAY)])
def test_before_the_first_channel_stands_nothing_comes_either(standing: int, kind: Kind) -> None:
    connecting = Fault(count=standing, total=2)

    found = troubles({Kind.WORKSPACE_AWAY: Fault(), Kind.CONNECTING: connecting})

    assert found[0].kind is kind


@pytest.mark.parametrize("other", [None, *Kind])
def test_nothing_is_lost_is_said_only_where_it_is_so(other: Kind | None) -> None:
    given = [Kind.REALTIME_AWAY] if other is None else [Kind.REALTIME_AWAY, other]

    text = " ".join(one.sentence() for one in troubles(dict.fromkeys(given, FAULT)))

    is_promised = other not in LOSES | {Kind.WORKSPACE_AWAY, Kind.NOTHING_COMES}
    assert ("nothing is lost" in text) is is_promised


@pytest.mark.parametrize("kind", Kind)
def test_what_stops_everything_keeps_the_bot_from_being_ready(kind: Kind) -> None:
    stopping = {
        *DATABASE,
        Kind.NOT_LOADED,
        Kind.WORK_FAILED,
        Kind.CREDENTIALS_REFUSED,
        Kind.NOTHING_COMES,
        Kind.MANY_REFUSALS,
        Kind.DISCORD_LIMIT,
    }

    assert troubles({kind: FAULT})[0].stops is (kind in stopping)


@pytest.mark.parametrize(("count", "stops"), [(2, False), (3, True)])
def test_answers_that_cannot_be_read_stop_all_only_where_none_can(count: int, stops: bool) -> None:  # noqa: FBT001
    assert troubles({Kind.UNREADABLE: Fault(count=count, total=3)})[0].stops is stops


def test_whoever_runs_the_bot_is_told_what_nobody_else_is() -> None:
    (found,) = troubles({Kind.DATABASE_FULL: Fault(detail="The database /srv/x is full.")})

    assert found.for_host == "The database /srv/x is full."
    assert "/srv" not in found.sentence()


@pytest.mark.parametrize(
    ("kind", "minutes", "told"),
    [
        *((kind, 0, Outage.DATABASE) for kind in DATABASE if kind not in PASSING),
        *((kind, 0, None) for kind in PASSING),
        *((kind, 1, Outage.DATABASE) for kind in PASSING),
        (Kind.CREDENTIALS_REFUSED, 0, Outage.CREDENTIALS),
        (Kind.WORKSPACE_AWAY, 9, None),
        (Kind.WORKSPACE_AWAY, 10, Outage.WORKSPACE),
        (Kind.NOTHING_COMES, 10, Outage.WORKSPACE),
        (Kind.REALTIME_AWAY, 1000, None),
    ],
)
def test_people_are_told_of_outages_that_last(
    kind: Kind, minutes: int, told: Outage | None
) -> None:
    found = outages(troubles({kind: FAULT}), NOON + timedelta(minutes=minutes))

    assert [outage for outage, trouble in found.items() if trouble is not None] == (
        [] if told is None else [told]
    )
