"""What a test asks for in one go: rules among other things."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cogs.twentythree.domain.rules_asked import RulesAsked

_NAMES = {one.name for one in fields(RulesAsked)}


def with_rules(values: dict[str, Any]) -> dict[str, Any]:
    """Put what is asked of the rules in one value, as ``WantedAttachment`` has it."""
    rules = RulesAsked(**{name: values[name] for name in values.keys() & _NAMES})
    return {name: value for name, value in values.items() if name not in _NAMES} | {"rules": rules}
