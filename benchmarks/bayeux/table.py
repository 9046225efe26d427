"""The Markdown that a run prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .figures import Row, shown, verdicts


def table(rows: Sequence[Row], contestants: Sequence[str]) -> str:
    """One line per measure; the first of ``contestants`` is the one the others are set against."""
    head = ["measure", "unit", *contestants, "goal of ours"]
    lines = [head, ["---"] * 2 + ["---:"] * len(contestants) + ["---"]]
    lines += [
        [
            row.label,
            row.unit,
            *(_cell(row, name, contestants[0]) for name in contestants),
            _goals(row, contestants[0]),
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(row: Row, name: str, ours: str) -> str:
    parts: list[str] = []
    median = row.median(name)
    if median is not None:
        values = row.values[name]
        parts.append(f"**{shown(median)}**")
        if len(values) > 1:
            parts.append(f"[{shown(min(values))}-{shown(max(values))}]")
    advantage = row.advantage(ours, name) if name != ours else None
    if advantage is not None:
        parts.append(f"x{shown(advantage)}")
    parts += [_note(why, times) for why, times in Counter(row.notes.get(name, [])).items()]
    return " ".join(parts) or "-"


def _goals(row: Row, ours: str) -> str:
    words = {True: "met", False: "**missed**", None: "unknown"}
    return "; ".join(f"{goal}: {words[is_met]}" for goal, is_met in verdicts(row, ours))


def _note(why: str, times: int) -> str:
    return why.replace("|", "/") if times == 1 else f"{why.replace('|', '/')} ({times} runs)"
