"""The picture of a chart. Imported only where Pillow is there; needs no fonts of the system."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil, log10

from PIL import Image, ImageDraw, ImageFont

from ..domain.shown import Series
from ..languages import Language, noted, speaking, tr
from .charts import clock, length_min

# On a phone it is 360 pixels wide: half of this, where its letters still are 14 pixels high.
_WIDTH, _HEIGHT = 720, 480
_LEFT, _RIGHT = 84, _WIDTH - 20
# Viewers above, comments below: two scales in one frame would be read as one.
_PANELS = ((56, 256), (318, 422))
_FONT_SIZE = 28
_BACKGROUND, _GRID, _TEXT = (30, 31, 34), (63, 65, 71), (219, 222, 225)
_COLOURS = ((79, 142, 247), (232, 163, 61))
_NAMES = (noted("Viewers"), noted("Comments a minute"))
_MOST_TICKS = 5
_TICK_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480)


def png(series: Series, language: Language = Language.ENGLISH) -> bytes:
    """Draw a series as a PNG: viewers over time, and comments per minute below.

    Takes some ten milliseconds: not for an event loop. The same series gives the same picture.
    """
    image = Image.new("RGB", (_WIDTH, _HEIGHT), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_FONT_SIZE)
    with speaking(language):
        names = [tr(name) for name in _NAMES]
    panels = zip(_PANELS, names, _COLOURS, (series.viewers, series.comments), strict=True)
    for number, (panel, name, colour, values) in enumerate(panels):
        top = _scale(values)
        _frame(draw, font, panel, name, top)
        if number == 0:
            _curve(draw, panel, values, top, colour)
        else:
            _bars(draw, panel, values, top, colour)
    _times(draw, font, length_min(series))
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _scale(values: Sequence[float | None]) -> float:
    """Return the top of a scale: a round number that all values are below."""
    most = max((value for value in values if value is not None), default=0)
    if most <= 1:
        return 1
    size = 10.0 ** int(log10(most))
    return next(size * step for step in (1, 2, 5, 10) if size * step >= most)


def _frame(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    panel: tuple[int, int],
    name: str,
    top: float,
) -> None:
    upper, lower = panel
    draw.text((_LEFT, upper - 8), name, font=font, fill=_TEXT, anchor="ls")
    for share in (0, 0.5, 1):
        y = lower - share * (lower - upper)
        draw.line([(_LEFT, y), (_RIGHT, y)], fill=_GRID)
        draw.text((_LEFT - 10, y), f"{share * top:g}", font=font, fill=_TEXT, anchor="rm")


def _curve(
    draw: ImageDraw.ImageDraw,
    panel: tuple[int, int],
    values: Sequence[float | None],
    top: float,
    colour: tuple[int, int, int],
) -> None:
    """Draw a line through what is known; where nothing is, there is none."""
    upper, lower = panel
    width = (_RIGHT - _LEFT) / len(values)
    run: list[tuple[float, float]] = []
    for step, value in enumerate([*values, None]):
        if value is not None:
            y = lower - value / top * (lower - upper)
            run.append((_LEFT + (step + 0.5) * width, y))
            continue
        if len(run) > 1:
            draw.line(run, fill=colour, width=5, joint="curve")
        elif run:
            x, y = run[0]
            draw.ellipse([x - 5, y - 5, x + 5, y + 5], fill=colour)
        run = []


def _bars(
    draw: ImageDraw.ImageDraw,
    panel: tuple[int, int],
    values: Sequence[float | None],
    top: float,
    colour: tuple[int, int, int],
) -> None:
    upper, lower = panel
    width = (_RIGHT - _LEFT) / len(values)
    for step, value in enumerate(values):
        if value:
            x = _LEFT + step * width
            y = lower - value / top * (lower - upper)
            draw.rectangle([x, y, x + max(1, width - 1), lower], fill=colour)


def _times(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    minutes: int,
) -> None:
    """Write the time since the start below, at round steps."""
    fitting = (step for step in _TICK_MIN if minutes / step <= _MOST_TICKS)
    step = next(fitting, ceil(minutes / _MOST_TICKS))
    for minute in range(0, minutes + 1, step):
        x = _LEFT + (_RIGHT - _LEFT) * minute / minutes
        draw.text((x, _HEIGHT - 22), clock(minute), font=font, fill=_TEXT, anchor="mm")
