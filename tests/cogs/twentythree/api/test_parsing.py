from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cogs.twentythree.api.envelope import decipher
from cogs.twentythree.api.parsing import (
    LiveRow,
    PhotoRow,
    WebinarRow,
    live_event,
    live_of,
    live_rows,
    observation,
    photo_of,
    photo_rows,
    video,
)
from cogs.twentythree.domain.model import LiveObservation, ObjectId, ObjectInfo, ObjectKind
from tests.cogs.twentythree.api.recorded import body

SITE = "https://video.example.com"
VIDEO, LIVE = ObjectId(800100), ObjectId(700001)
TOKEN = "ffeeddccbbaa99887766554433221100"
START = datetime(2030, 3, 17, 18, 46, 40, tzinfo=UTC)
START_EPOCH = int(START.timestamp())


def a_video(**fields: object) -> ObjectInfo:
    return video(PhotoRow.model_validate({"photo_id": VIDEO, "token": TOKEN} | fields), SITE)


def a_live(**fields: object) -> ObjectInfo:
    return live_event(LiveRow.model_validate({"live_id": LIVE, "token": TOKEN} | fields), SITE)


def state(info: dict[str, Any] | None = None, **row: object) -> LiveObservation:
    told = None if info is None else WebinarRow.model_validate(info)
    return observation(LiveRow.model_validate({"live_id": LIVE} | row), told, LIVE)


@pytest.mark.parametrize(
    ("version", "name"), [("1", "v1_photo_list.txt"), ("2", "v2_photo_list.json")]
)
def test_a_video_is_the_same_in_both_versions(version: Any, name: str) -> None:
    row = photo_of(decipher("photo/list", version, 200, body(name)).rows, VIDEO)

    assert row is not None
    assert video(row, SITE) == ObjectInfo(
        object_id=VIDEO,
        kind=ObjectKind.VIDEO,
        title="How bread is made",
        url=f"{SITE}/how-bread-is-made",
        picture_url=f"{SITE}/7340/800100/00112233445566778899aabbccddeeff/large/thumbnail.jpg",
    )


def test_a_live_event_has_a_name_and_a_picture_made_of_its_parts() -> None:
    row = live_of(decipher("live/list", "1", 200, body("v1_live_list.json")).rows, LIVE)

    assert row is not None
    assert live_event(row, SITE) == ObjectInfo(
        object_id=LIVE,
        kind=ObjectKind.LIVE,
        title="Bread week",
        url=f"{SITE}/live/700001",
        picture_url=f"{SITE}/7340/124579/fedcba9876543210fedcba9876543210/large",
        description="",
    )


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"description_text": " We bake.\nAll week. "}, "We bake.\nAll week."),
        ({"description": "<p>We <b>bake</b>.</p>"}, "We bake."),
        ({"description_text": "x" * 5000}, "x" * 600),
        ({"description": None}, ""),
    ],
)
def test_what_an_event_is_about_is_plain_text(told: dict[str, object], shown: str) -> None:
    row = live_of([{"live_id": LIVE, **told}], LIVE)

    assert row is not None
    assert live_event(row, SITE).description == shown


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ([{"name": "Ada  Lovelace"}, {"full_name": "Bo"}], ("Ada Lovelace", "Bo")),
        (["Ada", 7, None, {}, {"name": ["x"]}, {"email": "a@b.c"}], ("Ada", "7")),
        ([{"name": "ada@example.org"}], ()),
        ("Ada", ()),
        (None, ()),
        ([{"name": "x" * 500}] * 50, ("x" * 100,) * 20),
    ],
)
def test_who_speaks_is_told_by_name(told: object, names: tuple[str, ...]) -> None:
    row = live_of([{"live_id": LIVE, "speakers": told}], LIVE)

    assert row is not None
    assert live_event(row, SITE).speakers == names


def test_version_2_may_name_a_live_event_like_a_video() -> None:
    row = live_of([{"photo_id": LIVE, "title": "Bread week"}], LIVE)

    assert row is not None
    assert live_event(row, SITE).title == "Bread week"


def test_rows_of_other_objects_are_not_taken_for_the_one_asked_for() -> None:
    assert photo_of([{"photo_id": 1}, {"photo_id": "x"}], VIDEO) is None
    assert live_of([{"live_id": 1}, {}], LIVE) is None
    # A video names the live event that it is the recording of.
    assert photo_of([{"photo_id": 1, "live_id": VIDEO}], VIDEO) is None


def test_rows_without_an_id_are_dropped() -> None:
    assert photo_rows([{}, {"photo_id": "7"}])[0].photo_id == 7
    assert live_rows([{}, {"live_id": "7"}])[0].identity == 7


@pytest.mark.parametrize(
    ("links", "url"),
    [
        (
            {"one": "/a", "absolute_url": "https://other.example.com/a"},
            "https://other.example.com/a",
        ),
        ({"one": "/a"}, f"{SITE}/a"),
        ({}, f"{SITE}/video/800100"),
        ({"one": f"/secret/800100/{TOKEN}"}, f"{SITE}/video/800100"),
        ({"one": "/secret/800100/a"}, f"{SITE}/video/800100"),
        ({"one": "/player?photo_id=800100&token=a"}, f"{SITE}/video/800100"),
        ({"one": "/a", "absolute_url": f"{SITE}/{TOKEN}"}, f"{SITE}/a"),
        ({"one": "javascript:alert(1)"}, f"{SITE}/video/800100"),
    ],
)
def test_a_link_never_holds_the_key_to_an_unpublished_video(
    links: dict[str, str], url: str
) -> None:
    assert a_video(**links).url == url


def test_links_of_live_events_hold_no_key_either() -> None:
    assert a_live(link=f"/live/{LIVE}/{TOKEN}").url == f"{SITE}/live/700001"
    assert a_live(link=f"/live/{LIVE}/{TOKEN}", short_link="/live/7").url == f"{SITE}/live/7"


@pytest.mark.parametrize(
    ("fields", "picture"),
    [
        ({"published_p": True}, f"{SITE}/1/{TOKEN}/large.jpg"),
        ({}, f"{SITE}/1/{TOKEN}/large.jpg"),
        ({"published_p": "f"}, None),
        ({"published_p": 0, "token": ""}, None),
        ({"published_p": 0, "large_download": "/1/large.jpg"}, f"{SITE}/1/large.jpg"),
        ({"large_download": ""}, None),
    ],
)
def test_the_picture_of_an_unpublished_video_is_not_shown_if_it_holds_the_key(
    fields: dict[str, object], picture: str | None
) -> None:
    assert a_video(**({"large_download": f"/1/{TOKEN}/large.jpg"} | fields)).picture_url == picture


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"standard_download": "/s", "medium_download": "/m"}, "/s"),
        ({"medium_download": "/m"}, "/m"),
        ({"preview_large_download": "/p", "large_download": "/l"}, "/p"),
        ({"thumbnail_large_download": "/t", "large_download": "/l"}, "/t"),
        ({"thumbnail_tree_id": 1, "thumbnail_photo_id": 2, "thumbnail_token": "c"}, "/1/2/c/large"),
    ],
)
def test_the_picture_of_a_live_event_is_the_best_there_is(
    fields: dict[str, object], path: str
) -> None:
    assert a_live(**fields).picture_url == f"{SITE}{path}"


def test_a_live_event_without_a_picture_has_none() -> None:
    assert a_live(thumbnail_tree_id="1").picture_url is None


def test_the_picture_of_a_private_live_event_is_its_own_photo_and_may_be_shown() -> None:
    assert a_live(private_p="1", preview_large_download="/p").picture_url == f"{SITE}/p"
    assert a_live(private_p="1", preview_large_download=f"/{TOKEN}").picture_url is None


def test_a_title_is_one_line_in_bounds_and_never_empty() -> None:
    assert a_video(title=" Bread\n and   salt ").title == "Bread and salt"
    assert a_video(title=" ").title == "Video 800100"
    assert a_live().title == "Live 700001"
    assert len(a_video(title="x" * 1000).title) == 300


def test_streaming_alone_is_not_on_the_air() -> None:
    row = live_of(decipher("live/list", "1", 200, body("v1_live_list.json")).rows, LIVE)
    assert row is not None

    seen = observation(row, None, LIVE)

    assert seen == LiveObservation(
        object_id=LIVE,
        is_broadcasting=False,
        scheduled_at=START,
        viewers_now=12,
    )


def test_the_webinar_info_is_newer_than_the_row() -> None:
    rows = decipher("live/webinar/info", "2", 200, body("v2_live_webinar_info.json")).rows

    seen = state(
        dict(rows[0]),
        broadcasting_p=False,
        broadcasting_start_time_epoch=1800000000,
        current_viewers="12",
        cancelled_p="f",
        next_start_time_epoch=str(START_EPOCH),
    )

    assert seen == LiveObservation(
        object_id=LIVE,
        is_broadcasting=True,
        scheduled_at=START,
        broadcast_started_at=START,
        viewers_now=34,
    )


def test_what_the_webinar_info_leaves_out_the_row_tells() -> None:
    seen = state(
        {},
        broadcasting_p="1",
        broadcasting_start_time_epoch=START_EPOCH,
        current_viewers=0,
    )

    assert seen.is_broadcasting
    assert seen.broadcast_started_at == START
    assert seen.viewers_now == 0


def test_the_start_of_an_earlier_broadcast_is_not_taken_for_this_ones() -> None:
    old: dict[str, Any] = {"broadcasting_p": 0, "broadcasting_start_time_epoch": START_EPOCH}

    assert state(**old).broadcast_started_at is None
    assert state({"broadcasting_p": True}, **old).broadcast_started_at is None


@pytest.mark.parametrize(
    ("row", "is_broadcasting", "is_over"),
    [
        ({"live_status": "live"}, True, False),
        ({"live_status": "upcoming"}, False, False),
        ({"live_status": "Previous"}, False, True),
        ({"live_status": "live", "broadcasting_p": "f"}, False, False),
        ({"live_status": "previous", "broadcasting_p": "t"}, True, False),
        ({}, False, False),
    ],
)
def test_the_status_decides_where_nothing_is_said_about_broadcasting(
    row: dict[str, Any], *, is_broadcasting: bool, is_over: bool
) -> None:
    seen = state(**row)

    assert (seen.is_broadcasting, seen.is_over) == (is_broadcasting, is_over)


def test_a_cancelled_event_is_seen_as_such() -> None:
    assert state(cancelled_p="t").is_cancelled


def test_viewers_are_never_fewer_than_none() -> None:
    assert state(current_viewers="-1").viewers_now == 0
    assert state(current_viewers="").viewers_now is None


@pytest.mark.parametrize(
    "row",
    [
        {"next_start_time_epoch": str(START_EPOCH), "live_date_epoch": 1},
        {"next_start_time": "2030-03-17 20:46:40+02", "live_date_epoch": 1},
        {"next_start_time_epoch": "", "next_start_time": "", "live_date_epoch": START_EPOCH},
        {"live_date": "2030-03-17 18:46", "start_time": START_EPOCH},
        {"live_date_ansi": "2030-03-17 18:46:40.0+00"},
    ],
)
def test_the_planned_start_is_the_first_that_names_its_zone(row: dict[str, Any]) -> None:
    assert state(**row).scheduled_at == START


def test_a_planned_start_without_a_zone_is_not_guessed() -> None:
    assert state(live_date="2030-03-17 18:46:40").scheduled_at is None
