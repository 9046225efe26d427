"""Options of commands that are described once, in a table, and taken in one go."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Concatenate, Protocol, TypeAlias

import discord
from discord import app_commands

Takes: TypeAlias = Callable[Concatenate[discord.Interaction, ...], Coroutine[Any, Any, None]]


class DescribedOption(Protocol):
    """An option that nobody need give."""

    @property
    def name(self) -> str:
        """Its name, as people type it."""

    @property
    def type(self) -> Any:
        """Its type."""

    @property
    def description(self) -> str:
        """What Discord says of it."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What people choose from, by what is chosen then; none: as its type has it."""


def takes_options(
    command: Takes, options: Sequence[DescribedOption], read: Callable[[dict[str, Any]], object]
) -> Takes:
    """Let a command have options in place of its parameter ``given``.

    ``read``: makes ``given`` of what was typed, by the options' names; ``None``: it was not.
    """

    @functools.wraps(command)
    async def taking(interaction: discord.Interaction, /, **typed: Any) -> None:
        of_them = {one.name: typed.pop(one.name, None) for one in options}
        await command(interaction, given=read(of_them), **typed)

    # What discord.py makes the options of; it would look for the names of types in this module.
    own = inspect.signature(command, eval_str=True)
    taking.__signature__ = _with(own, options)  # type: ignore[attr-defined]
    labelled = {
        one.name: [app_commands.Choice(name=label, value=key) for key, label in one.labels.items()]
        for one in options
        if one.labels
    }
    described = app_commands.describe(**{one.name: one.description for one in options})(taking)
    return app_commands.choices(**labelled)(described)


def _with(own: inspect.Signature, options: Sequence[DescribedOption]) -> inspect.Signature:
    found = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=(str if one.labels else one.type) | None,
        )
        for one in options
    ]
    parameters: list[inspect.Parameter] = []
    for one in own.parameters.values():
        parameters += found if one.name == "given" else [one]
    return own.replace(parameters=parameters)
