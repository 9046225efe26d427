"""docs/bayeux.md shows the transition table as it is.

``python -m tests.cogs.twentythree.bayeux.test_docs`` in the project's root writes it anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from cogs.twentythree.bayeux import TRANSITIONS, State

_PAGE = Path(__file__).parents[4] / "docs" / "bayeux.md"
_PART = re.compile(r"(<!-- states:[^\n]*-->\n).*(<!-- end of states -->)", re.DOTALL)


def _diagram() -> str:
    lines = [f"    {old} --> {new}: {trigger}" for (old, trigger), new in TRANSITIONS.items()]
    ends = [f"    {state} --> [*]" for state in (State.CLOSED, State.STOPPED)]
    head = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.UNCONNECTED}"]
    return "\n".join([*head, *lines, *ends, "```"])


def _table() -> str:
    rows = [f"| {old} | {trigger} | {new} |" for (old, trigger), new in TRANSITIONS.items()]
    return "\n".join(["| from | when | to |", "|---|---|---|", *rows])


def _with_states(page: str) -> str:
    part = f"{_diagram()}\n\n{_table()}\n"
    return _PART.sub(lambda found: found[1] + part + found[2], page)


def test_the_page_shows_the_transitions_as_they_are() -> None:
    page = _PAGE.read_text()

    assert _PART.search(page)
    assert page == _with_states(page)


if __name__ == "__main__":
    _PAGE.write_text(_with_states(_PAGE.read_text()))
