"""What Discord is told of the commands in other languages keeps within Discord's limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from cogs.twentythree.commands import CommandContext, CommandTranslator, VideoGroup
from cogs.twentythree.languages import Language, speaking, tr
from tests.fakes.bridge import a_bridge
from tests.fakes.staged_acting import as_acting

LOCALES = {"da": "da", "de": "de", "sv-SE": "sv"}
OTHERS = [one for one in Language if one is not Language.ENGLISH]
# https://discord.com/developers/docs/interactions/application-commands
_MAX_TEXT, _MAX_COMMAND = 100, 8_000
# https://discord.com/developers/docs/components/reference
# A button may say more, and then breaks it off.
_MAX_LABEL, _MAX_TITLE, _MAX_PLACEHOLDER = 34, 45, 150


@pytest_asyncio.fixture
async def payload() -> dict[str, Any]:
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    group = VideoGroup(CommandContext(a_bridge(), acting=as_acting(), clock=float))
    tree.add_command(group)
    return await group.get_translated_payload(tree, CommandTranslator())


def things(of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a command with its subcommands, options and choices."""
    yield of
    for one in (*of.get("options", ()), *of.get("choices", ())):
        yield from things(one)


def in_others(of: dict[str, Any]) -> dict[str, str]:
    """Return what a thing is called in other languages."""
    return of.get("name_localizations") or {}


def test_each_description_and_choice_is_translated_within_its_limit(
    payload: dict[str, Any],
) -> None:
    described = [one for one in things(payload) if "description" in one]
    choices = [one for one in things(payload) if "value" in one]

    assert len(described) > 80
    assert len(choices) > 40
    for one in described:
        assert set(one["description_localizations"]) == set(LOCALES), one["description"]
        texts = (one["description"], *one["description_localizations"].values())
        assert all(1 <= len(text) <= _MAX_TEXT for text in texts), one["description"]
    for one in choices:
        assert all(1 <= len(text) <= _MAX_TEXT for text in in_others(one).values())
    untold = {one["name"] for one in choices if not in_others(one)}
    assert untold == {"English", "Dansk", "Deutsch", "Svenska"}


def test_names_are_the_same_in_all_languages(payload: dict[str, Any]) -> None:
    named = [one for one in things(payload) if "description" in one]

    assert not any(map(in_others, named))


def test_the_command_as_a_whole_is_not_too_long_in_any_language(payload: dict[str, Any]) -> None:
    """Of each text Discord counts the longest form that it has."""
    count = sum(
        max(map(len, (one[what], *(one.get(f"{what}_localizations") or {}).values())))
        for one in things(payload)
        for what in ("name", "description")
        if what in one
    )
    count += sum(len(str(one["value"])) for one in things(payload) if "value" in one)

    assert count <= _MAX_COMMAND


@pytest.mark.parametrize("language", OTHERS)
def test_labels_fit_where_they_stand(language: Language) -> None:
    labels = (
        *("Promote", "Unpromote", "Answered", "Reopen", "Dismiss", "Reply", "Delete"),
        *("Copy to questions", "Register", "Watch", "Recording", "Give back", "Next question"),
        *("Show all", "Done → next", "Cancel", "Send", "Try again", "Previous", "Next", "Newest"),
        *("Older", "Remove", "Attach anyway", "Follow anyway", "Post anyway", "Show anyway"),
        *("Log there anyway", "Import", "Detach all"),
    )
    with speaking(language):
        assert max(len(tr(one)) for one in labels) <= _MAX_LABEL
        assert max(len(tr(one)) for one in ("Reply", "Your reply")) <= _MAX_TITLE
        assert len(tr("Visible to everyone who watches")) <= _MAX_TEXT
        assert len(tr("Act on a comment…")) <= _MAX_PLACEHOLDER
