"""``docs/scale.md`` says of each table whose it would be."""

from __future__ import annotations

import re
from pathlib import Path

from cogs.twentythree.storage.tables import VERSION_TABLE, metadata

_DOCUMENT = Path(__file__).parents[2] / "docs" / "scale.md"
_PREFIX = "twentythree_"


def test_each_table_has_an_owner_and_no_other_is_named() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text.partition("| tables |")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    tables = {*metadata.tables, VERSION_TABLE}

    assert named == {one.removeprefix(_PREFIX) for one in tables}
