from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import LivePhase
from cogs.twentythree.domain.shown import Series
from cogs.twentythree.embeds import body_json, can_draw, charts_of, digest, message
from cogs.twentythree.embeds.charts import chart_of, chart_text, clock
from tests.fakes.notices import SERIES, charted_notice, comment_notice, live_notice


def test_without_a_picture_the_chart_is_two_lines() -> None:
    assert chart_text(SERIES).split("\n") == [
        "Viewers `▃█ ▆` 9 at the peak",
        "Comments `▁█ ▄` 2.5 a minute at most",
    ]


def test_what_is_not_known_or_was_nothing_has_no_line() -> None:
    quiet = replace(SERIES, comments=(0.0,) * 4)
    unknown = replace(quiet, viewers=(None,) * 4)

    assert chart_text(quiet).count("\n") == 0
    assert chart_text(unknown) == ""


def test_a_message_names_the_files_of_its_charts() -> None:
    notice = charted_notice()
    (chart,) = charts_of([notice, comment_notice(), live_notice()])

    body = message([notice], with_charts=True)

    assert body["attachments"] == [{"id": 0, "filename": chart.filename}]
    assert body["embeds"][0]["image"] == {"url": f"attachment://{chart.filename}"}
    assert "Viewers" not in body["embeds"][0]["description"]


def test_without_charts_there_are_no_files() -> None:
    body = message([charted_notice()])

    assert "attachments" not in body
    assert "Viewers `" in body["embeds"][0]["description"]
    assert "attachments" not in message([live_notice()], with_charts=True)


def test_a_card_without_a_picture_of_its_own_shows_the_chart_alone() -> None:
    notice = charted_notice()
    bare = replace(notice, object=replace(notice.object, picture_url=None))

    embed = message([bare], with_charts=True)["embeds"][0]

    assert "thumbnail" not in embed
    assert "thumbnail" not in message([notice], with_charts=True)["embeds"][0]
    assert embed["image"]["url"].startswith("attachment://")


def test_the_peak_is_said_once_and_what_was_written_is_counted() -> None:
    notice = replace(charted_notice(viewers_peak=9), comments=120, questions=1)
    lines = message([notice])["embeds"][0]["description"].split("\n")

    assert lines[1:] == [
        "9 at the peak · 120 comments · 1 question",
        "Viewers `▃█ ▆`",
        "Comments `▁█ ▄` 2.5 a minute at most",
    ]


def test_another_series_is_another_file_and_another_body() -> None:
    other = replace(SERIES, viewers=(3, 9, None, 8))

    assert chart_of(SERIES).filename != chart_of(other).filename
    bodies = {body_json([charted_notice(one)], with_charts=True) for one in (SERIES, other)}
    assert len(set(map(digest, bodies))) == 2


def test_the_recording_is_linked_once_the_broadcast_has_ended() -> None:
    url = "https://video.example.com/video/9"

    ended = message([charted_notice(recording_url=url)])["embeds"][0]["description"]
    live = message([live_notice(LivePhase.LIVE, recording_url=url)])["embeds"][0]["description"]
    bad = message([charted_notice(recording_url="javascript:x")])["embeds"][0]["description"]

    # Where a button takes the address, that leads there.
    long = f"{url}/{'x' * 600}"
    told = message([charted_notice(recording_url=long)])["embeds"][0]["description"]
    assert "recording" not in ended
    assert f"[Watch the recording](<{long}>)" in told
    assert "recording" not in live
    assert "recording" not in bad


@pytest.mark.parametrize(("minutes", "shown"), [(0, "0:00"), (5, "0:05"), (125, "2:05")])
def test_minutes_are_shown_as_on_a_clock(minutes: int, shown: str) -> None:
    assert clock(minutes) == shown


def test_pictures_can_be_drawn_where_the_tests_run() -> None:
    """Nothing about charts may be skipped: the test extra brings what draws them."""
    assert can_draw()


def test_the_embeds_do_without_what_draws() -> None:
    script = (
        "import sys; sys.modules['PIL'] = None\n"
        "import cogs.twentythree.embeds, cogs.twentythree.delivery\n"
        "print(cogs.twentythree.embeds.can_draw())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_a_series_of_one_step_has_a_chart() -> None:
    tiny = Series(started_at=SERIES.started_at, step_min=1, viewers=(1,), comments=(None,))

    assert "1 at the peak" in chart_text(tiny)
