"""How a broadcast went: as a picture where Pillow is installed (extra ``charts``), else as text."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.model import LiveNotice, Notice, ReportNotice
from ..domain.series import sparkline
from ..domain.shown import Series
from ..languages import Language, noted, number, speaking, spoken, tr

_HOUR_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture to be made, with words in a language: its file's name says what is in it."""

    filename: str
    series: Series
    language: Language = Language.ENGLISH


def can_draw() -> bool:
    """Tell whether pictures can be made here."""
    return importlib.util.find_spec("PIL") is not None


def chart_of(series: Series) -> Chart:
    """Return the chart of a series, in the language that is spoken."""
    language = spoken()
    told = "" if language is Language.ENGLISH else language.value
    digest = hashlib.sha256(f"{series!r}{told}".encode()).hexdigest()[:12]
    return Chart(filename=f"chart-{digest}.png", series=series, language=language)


def charts_of(notices: Iterable[Notice], language: Language = Language.ENGLISH) -> list[Chart]:
    """Return the charts that belong to a message of these notices."""
    found = (one.series for one in notices if isinstance(one, LiveNotice | ReportNotice))
    with speaking(language):
        return [chart_of(series) for series in found if series is not None]


def with_chart(embed: dict[str, Any], chart: Chart) -> None:
    """Show the chart on a card."""
    embed["image"] = {"url": f"attachment://{chart.filename}"}


def chart_text(series: Series, *, with_peak: bool = True) -> str:
    """Return the series as a line each for viewers and comments, or as ``""``.

    ``with_peak``: how many watched at the most is said nowhere else.
    """
    lines = [
        _line(tr("Viewers"), series.viewers, noted("{count} at the peak") if with_peak else ""),
        _line(tr("Comments"), series.comments, noted("{count} a minute at most")),
    ]
    return "\n".join(filter(None, lines))


def _line(name: str, values: Sequence[float | None], said: str) -> str:
    known = [value for value in values if value is not None]
    if not known or not any(known):
        return ""
    # The bars in code: there every character is equally wide.
    most = f" {tr(said, count=number(max(known)))}" if said else ""
    return f"{name} `{sparkline(values)}`{most}"


def length_min(series: Series) -> int:
    """Return the minutes that a series covers."""
    return len(series.viewers) * series.step_min


def clock(minutes: int) -> str:
    """Return minutes since the start as ``0:05``."""
    return f"{minutes // _HOUR_MIN}:{minutes % _HOUR_MIN:02}"
