"""``python -m benchmarks.actions``: a press to its edit beside a bare loop, and a busy board.

From just before somebody presses Promote until the sandbox's Discord has the message that says who
did it. All are processes of their own, with the same services, and take turns press by press. Ours
has acknowledged by then, looked up the right, read the comment, stored the intent, called the
workspace, read the comment back, and stored what came of it and what each room is to show.
"""

from __future__ import annotations

import argparse
import asyncio
import os

from ..bayeux.figures import percentile, shown
from . import board, press

_GOAL = 1.5
_NAMES = {
    press.OURS: "ours, on record",
    press.BARE: "bare loop: call and edit",
    press.CARE: "loop that acknowledges, and reads before and after",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.actions")
    parser.add_argument("--presses", type=int, default=200, help="for each of the three")
    parser.add_argument("--questions", type=int, default=500, help="open ones on the board")
    parser.add_argument("--seconds", type=int, default=20, help="of actions on the board")
    parser.add_argument("--only", choices=["press", "board"])
    parser.add_argument("--quick", action="store_true", help="40 presses, and five seconds")
    given = parser.parse_args()
    if given.only != "board":
        count = 40 if given.quick else given.presses
        print(f"- {count} presses each, in turn; load average before {os.getloadavg()[0]:.2f}")
        print(_told_press(asyncio.run(press.measure(count))), flush=True)
    if given.only != "press":
        print(f"\n- load average before the board {os.getloadavg()[0]:.2f}")
        seconds = 5 if given.quick else given.seconds
        print(_told_board(asyncio.run(board.measure(given.questions, seconds))))


def _told_press(found: dict[str, list[float]]) -> str:
    lines = ["", "| press to edit, ms | median | p99 | least |", "|---|---|---|---|"]
    for name, times in found.items():
        cells = [shown(one) for one in (percentile(times, 50), percentile(times, 99), min(times))]
        lines.append(f"| {_NAMES[name]} | {' | '.join(cells)} |")
    medians = {name: percentile(times, 50) for name, times in found.items()}
    ratio = medians[press.OURS] / medians[press.BARE]
    careful = medians[press.OURS] / medians[press.CARE]
    verdict = "met" if ratio <= _GOAL else "missed"
    lines.append(f"\nmedian: {ratio:.2f} x the bare loop's; wanted at most {_GOAL} x: {verdict}")
    lines.append(f"{careful:.2f} x that of the loop with the same requests")
    return "\n".join(lines)


def _told_board(found: board.Outcome) -> str:
    done = found.presses + found.elsewhere
    is_met = not (found.refused or found.late) and found.is_true and not found.late_edits
    said = ", ".join(f"{count} x {text!r}" for text, count in found.said.most_common())
    stayed = "and so it stayed" if found.is_true else "and not any more later"
    lines = [
        f"{found.questions} open questions; {done} actions, {done / found.asked_s:.1f} a second",
        f"{found.elsewhere} of them were on the platform",
        f"the last press was answered {found.seconds - found.asked_s:.1f} s later; told: {said}",
        f"{found.late} presses were not acknowledged within three seconds",
        f"{found.edits} edits of the board, at least {found.least_gap_s:.2f} s apart",
        f"{found.refused} requests refused with 429",
        f"true {found.settled_s:.1f} s after the last answer, {stayed}",
        f"{found.late_edits} edits after that",
        f"wanted: no 429, all acknowledged, true in the end: {'met' if is_met else 'missed'}",
    ]
    return "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    main()
