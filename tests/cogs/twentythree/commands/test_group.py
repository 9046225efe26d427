"""The commands as they are registered: names, options and Discord's limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from cogs.twentythree.commands import CommandContext, VideoGroup
from cogs.twentythree.commands.group import sentence
from tests.fakes.bridge import a_bridge
from tests.fakes.staged_acting import as_acting

_TEXT = discord.AppCommandOptionType.string.value
# What is typed as one likes: words of one's own, and words to hide.
FREE = {"text", "hide"}
CHANNEL_TYPES = {0, 2, 5, 10, 11, 12, 13, 15, 16}
_RULES = ["comments", "live", "mention", "max_age", "no_mention", "at_end", "actions"]
_RULES += ["text", "no_text", "place"]
_SETTINGS = ["layout", "silent", "kinds", "hide", "min_length", "language"]
_SETTINGS += ["unhide", "no_hide", "reset"]


@pytest.fixture
async def payload() -> dict[str, Any]:
    bot = commands.Bot("!", intents=discord.Intents.none())
    group = VideoGroup(CommandContext(a_bridge(), acting=as_acting(), clock=float))
    bot.tree.add_command(group)
    found: dict[str, Any] = group.to_dict(bot.tree)
    return found


def options(payload: dict[str, Any], command: str) -> dict[str, Any]:
    (found,) = [c for c in payload["options"] if c["name"] == command]
    return {option["name"]: option for option in found["options"]}


def texts(payload: dict[str, Any]) -> Iterator[str]:
    yield payload["name"]
    yield payload.get("description", "")
    for choice in payload.get("choices", ()):
        yield choice["name"]
        yield str(choice["value"])
    for option in payload.get("options", ()):
        yield from texts(option)


def test_the_group_is_for_those_who_manage_a_server_the_bot_is_in(payload: dict[str, Any]) -> None:
    assert payload["name"] == "video"
    assert payload["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert payload["contexts"] == [0]
    assert payload["integration_types"] == [0]


def test_no_two_commands_share_a_name(payload: dict[str, Any]) -> None:
    names = [command["name"] for command in payload["options"]]

    assert names == [
        *("attach", "detach", "follow", "unfollow"),
        *("list", "status", "test", "diagnose"),
        *("questions", "moderators", "history", "log"),
        *("report", "export", "import"),
        *("room", "defaults", "setup"),
    ]
    assert len(set(names)) == len(names) <= 25


def test_names_and_descriptions_fit_discords_limits(payload: dict[str, Any]) -> None:
    assert sum(map(len, texts(payload))) <= 8000
    for command in payload["options"]:
        assert command["description"]
        for part in (command, *command.get("options", ())):
            assert 1 <= len(part["name"]) <= 32
            assert part["name"] == part["name"].lower()
            assert 1 <= len(part["description"]) <= 100
            assert len(part.get("choices", ())) <= 25


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("attach", ["id", "room", *_RULES, "backfill"]),
        ("detach", ["id", "room", "cards"]),
        ("follow", ["what", "category", "room", *_RULES, "calendar"]),
        ("list", ["room"]),
        ("status", ["id"]),
        ("test", ["id", "room"]),
        ("diagnose", ["id", "seconds"]),
        ("questions", ["id", "room", "view"]),
        ("moderators", ["role", "no_role"]),
        ("history", ["id", "by"]),
        ("log", ["room", "no_room"]),
        ("room", ["room", *_SETTINGS]),
        ("defaults", _SETTINGS),
    ],
)
def test_each_command_has_the_options_that_are_documented(
    payload: dict[str, Any], command: str, names: list[str]
) -> None:
    found = options(payload, command)

    assert list(found) == names
    required = {name for name, option in found.items() if option.get("required")}
    needs_none = command in {"status", "detach", "history"}
    assert required == (set() if needs_none else {"id"} & set(names))
    if "id" in found:
        assert found["id"]["autocomplete"]
    if "room" in found:
        assert set(found["room"]["channel_types"]) == CHANNEL_TYPES


# What names an object, a category, or something else that there is a list of. Rooms, roles, people
# and files are chosen in Discord's own way.
NAMING = {"id", "category", "what", "unhide"}


def test_everything_that_is_named_is_completed(payload: dict[str, Any]) -> None:
    named = set()
    for command in payload["options"]:
        for option in command.get("options", ()):
            is_chosen = option["type"] != _TEXT or "choices" in option
            if is_chosen or option["name"] in FREE:
                continue
            assert option.get("autocomplete"), f"{command['name']} {option['name']}"
            named.add(option["name"])
    assert named == NAMING


def test_attach_offers_the_documented_choices(payload: dict[str, Any]) -> None:
    found = options(payload, "attach")

    comments = [choice["value"] for choice in found["comments"]["choices"]]
    assert comments == ["promoted", "public", "all", "none"]
    assert [choice["value"] for choice in found["live"]["choices"]] == ["on", "off"]
    assert (found["backfill"]["min_value"], found["backfill"]["max_value"]) == (0, 50)
    assert found["mention"]["type"] == discord.AppCommandOptionType.role.value


def test_every_failure_has_one_clear_sentence() -> None:
    unexpected = app_commands.AppCommandError("secret details")

    assert "Something went wrong" in sentence("video attach", unexpected)
    assert "secret" not in sentence("video attach", unexpected)
    assert "may not use" in sentence("video attach", app_commands.CheckFailure())
