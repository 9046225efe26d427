"""`.env.example` and the settings classes list the same variables."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic_settings import BaseSettings

from bot.settings import HostSettings
from cogs.twentythree.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def variables_of(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper() for name in settings.model_fields}


def lines_of_example() -> dict[str, str]:
    found = re.findall(
        r"^#?\s?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(found) == len(dict(found)), "a variable is listed twice"
    return dict(found)


def test_the_example_lists_exactly_the_variables_that_are_read() -> None:
    assert set(lines_of_example()) == variables_of(HostSettings) | variables_of(Settings)


def test_each_variable_of_the_example_has_a_comment_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    seen_comment = False
    for line in lines:
        if not line.strip():
            seen_comment = False
        elif re.match(r"#?\s?[A-Z][A-Z0-9_]+=", line):
            assert seen_comment, line
        elif line.startswith("#"):
            seen_comment = True
