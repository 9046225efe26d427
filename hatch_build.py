"""Has the wheel hold the compiled catalogues; hatchling calls it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_CATALOGUES = "cogs/twentythree/catalogues/*/LC_MESSAGES/*.po"


class CompiledCatalogues(BuildHookInterface[Any]):
    """Compiles each catalogue beside where it is written."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        """Compile all; hatchling calls it before it builds anything."""
        for written in Path(self.root).glob(_CATALOGUES):
            out = BytesIO()
            with written.open("rb") as file:
                write_mo(out, read_po(file))
            # At once: others may be reading.
            made = written.with_suffix(".mo.new")
            made.write_bytes(out.getvalue())
            made.replace(written.with_suffix(".mo"))
