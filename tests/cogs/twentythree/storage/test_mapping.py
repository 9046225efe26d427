from __future__ import annotations

from datetime import UTC, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.deeds import Acted, Actor, LogNotice
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentNotice,
    LiveNotice,
    LiveState,
    Notice,
    ObjectInfo,
    Planned,
    ProgrammeNotice,
    ReportNotice,
    VideoNotice,
)
from cogs.twentythree.domain.shown import (
    ReportedQuestion,
    ReportedQuestions,
    Series,
    ViewerQuestion,
)
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage.mapping import notice_of, payload_of, state_of, state_text
from tests.fakes.notices import comment_notice, live_notice

IDS = st.integers(1, 2**63 - 1)
TIMES = st.datetimes(
    timezones=st.just(UTC) | st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m)))
)
# Every field is given: a default would not be tried.
FIELDS: dict[str, Any] = {
    "comment_id": IDS,
    "object_id": IDS,
    "position_s": st.none() | st.floats(0, 1e9),
    "created_at": st.none() | TIMES,
    "scheduled_at": st.none() | TIMES,
    "started_at": st.none() | TIMES,
    "ended_at": st.none() | TIMES,
    "observed_at": st.none() | TIMES,
    "seen_at": TIMES,
    "asked_at": TIMES,
    "at": TIMES,
}


def made(of: type[Any], **values: Any) -> st.SearchStrategy[Any]:
    names = of.__dataclass_fields__
    fields = {name: FIELDS[name] for name in FIELDS if name in names and name not in values}
    rest = {name: ... for name in names if name not in fields and name not in {"type", *values}}
    return st.builds(of, **fields, **rest, **values)


INFOS = made(ObjectInfo)
SERIES = made(Series, started_at=TIMES, comments=st.lists(st.none() | st.floats(0, 1e6)).map(tuple))
STATES: st.SearchStrategy[LiveState] = made(LiveState)
NOTICES: st.SearchStrategy[Notice] = (
    made(CommentNotice, object=INFOS, comment=made(Comment))
    | made(LiveNotice, object=INFOS, state=STATES, series=st.none() | SERIES)
    | made(VideoNotice, object=INFOS)
    | made(
        ReportNotice,
        object=INFOS,
        until=TIMES,
        questions=made(
            ReportedQuestions,
            shown=st.lists(
                made(
                    ReportedQuestion,
                    asked_at=TIMES,
                    acted=st.lists(made(Acted, actor=made(Actor), at=TIMES)).map(tuple),
                )
            ).map(tuple),
        ),
        state=st.none() | STATES,
        series=st.none() | SERIES,
    )
    | made(BoardNotice, object=INFOS, questions=st.lists(made(ViewerQuestion)).map(tuple))
    | made(LogNotice)
    | made(ProgrammeNotice, planned=st.lists(made(Planned, object=INFOS, at=TIMES)).map(tuple))
)


def read(live_state: str) -> LiveState:
    row: Any = SimpleNamespace(live_state=live_state)
    state = state_of(row)
    assert state is not None
    return state


@given(NOTICES)
def test_a_notice_comes_back_as_it_went(notice: Notice) -> None:
    payload = payload_of(notice)

    assert notice_of(payload) == notice
    assert payload_of(notice_of(payload)) == payload


@given(STATES)
def test_a_live_state_comes_back_as_it_went(state: LiveState) -> None:
    back = read(state_text(state))

    assert back == state
    assert back.observed_at == state.observed_at


def test_hostile_text_comes_back_as_it_went() -> None:
    notice = comment_notice(text='\u202e\u200b\x01\x1b"\\\n</script>\U0001f600', author="\u2028")

    assert notice_of(payload_of(notice)) == notice


def test_a_payload_of_an_older_version_gets_the_defaults() -> None:
    assert read('{"phase": "soon", "gone": 1}') == LiveState(phase=live_notice().state.phase.SOON)


@pytest.mark.parametrize("payload", ["", "{}", '{"type": "poll"}', "[]"], ids=repr)
def test_what_is_no_notice_is_an_error_that_does_not_quote_it(payload: str) -> None:
    with pytest.raises(StorageError, match="another version") as caught:
        notice_of(payload)

    assert caught.value.__cause__ is None
