"""The settings classes, `.env.example` and the documents list the same variables."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic_settings import BaseSettings

from bot.settings import HostSettings
from cogs.twentythree.settings import Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
TABLE = ROOT / "docs" / "configuration.md"


def variables_of(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper() for name in settings.model_fields}


def defaults() -> dict[str, object]:
    """Return the default of each variable; ``None`` where it is empty, or must be given."""
    found: dict[str, object] = {}
    for settings in (HostSettings, Settings):
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            default = None if field.is_required() else field.default
            found[f"{prefix}{name}".upper()] = default or None
    return found


def rows_of_table() -> dict[str, str]:
    """Return what the table of variables says of the default of each."""
    found: dict[str, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = line.split("|")
        for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cells[1] if len(cells) > 1 else ""):
            assert name not in found, f"{name} is listed twice"
            found[name] = cells[2].strip()
    return found


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


def test_the_documents_list_exactly_the_variables_that_are_read() -> None:
    assert rows_of_table().keys() == variables_of(HostSettings) | variables_of(Settings)


def test_the_documents_say_the_defaults_that_there_are() -> None:
    said = rows_of_table()
    wrong = [
        name
        for name, default in defaults().items()
        if default is not None and said[name].strip("`") != str(default)
    ]

    assert not wrong


def test_the_readme_names_no_variable_that_is_not_read() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = variables_of(HostSettings) | variables_of(Settings)
    # Of four that belong together, three are named by their ends.
    named = set(re.findall(r"`((?:DISCORD|BOT|TWENTYTHREE)?_[A-Z0-9_]+)`", text))

    assert named
    assert all(any(one.endswith(name) for one in known) for name in named)
