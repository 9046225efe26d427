"""One mutation for each row of docs/conformance.md; ``make mutants`` tries them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple


class Mutation(NamedTuple):
    """How a behaviour is broken: in a file of the plugin, what is there once, what it becomes."""

    path: str
    old: str
    new: str


_LIST = Path(__file__).parent / "mutations.toml"
MUTATIONS = {
    row: Mutation(*parts) for row, parts in tomllib.loads(_LIST.read_text("utf-8")).items()
}
