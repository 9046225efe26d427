"""A real bot process in a Danish server: notices in Danish, and each person in their language."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from sandbox.chat import Reply, Shown
from sandbox.workspace import Level
from tests.fakes.discord_contract import judge
from tests.fakes.pressed import buttons_of
from tests.fakes.stage import Stage

_PATIENCE_S = 60.0


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built
        judge(built.chat.posts)


def labels(shown: Shown) -> list[str]:
    return [one.get("label", "") for row in shown.components for one in row["components"]]


def said_by(stage: Stage, shown: Reply, words: str) -> str:
    """Return what an answer says by now, if it has these words."""
    content = stage.chat.people.reply(shown.interaction_id).content
    return content if words in content else ""


async def test_a_danish_server_reads_danish_and_a_german_moderator_german(stage: Stage) -> None:
    chat, changes = stage.chat, stage.workspace.changes
    chat.guilds.set_locale(stage.guild.id, "da")
    german = chat.guilds.add_member(
        stage.guild.id,
        "Greta",
        roles=[chat.guilds.add_role(stage.guild.id, "Mod", ["administrator"])],
    )
    chat.guilds.set_client_locale(german.id, "de")
    async with stage.bot(level=Level.WRITE) as bot:
        await stage.until_ready()
        (command,) = chat.commands(stage.guild.id)
        assert set(command["description_localizations"]) == {"da", "de", "sv-SE"}

        room, event = stage.room(), stage.workspace.state.add_live("Launch")
        options = {"id": str(event.object_id), "comments": "all", "actions": "on"}
        doubt = await chat.people.slash(room.id, german.id, "video attach", options)
        assert "Alle auf diesem Server sehen" in doubt.content
        assert doubt.message_id is not None
        yes = buttons_of(doubt)["Trotzdem verknüpfen"]
        await chat.people.click(german.id, doubt.message_id, yes)
        said = await chat.wait_for(
            lambda: said_by(stage, doubt, "verknüpft."), timeout_s=_PATIENCE_S
        )
        assert "- Aktionen: an" in said

        question = await changes.post_comment(event.object_id, "Hvornår?", kind="question")
        asked = await chat.wait_for_message(
            room.id, lambda one: "Hvornår" in str(one.embeds), timeout_s=_PATIENCE_S
        )
        assert "Spørgsmål" in asked.embeds[0]["description"]
        assert labels(asked)[:2] == ["Fremhæv", "Besvaret"]

        promoted = await chat.people.click(
            german.id, asked.id, f"tt:act:promote:{question.comment_id}"
        )
        assert promoted.content == "⭐ Hervorgehoben."
        await chat.wait_for_message(
            room.id, lambda one: "fremhævet af" in str(one.embeds), timeout_s=_PATIENCE_S
        )
        more = await chat.people.click(german.id, asked.id, f"tt:more:{question.comment_id}")
        assert "Löschen" in buttons_of(more)

        # A server may say otherwise than Discord; messages that are there stay as they are.
        told = await chat.people.slash(room.id, chat.owner.id, "video defaults", {"language": "sv"})
        assert "- Language: Svenska (before: As Discord says it)" in told.content
        await changes.go_live(event.object_id)
        live = await chat.wait_for_message(
            room.id, lambda one: "**Live** sedan" in str(one.embeds), timeout_s=_PATIENCE_S
        )
        assert labels(live) == ["Titta"]
        chat.guilds.set_client_locale(chat.owner.id, "sv-SE")
        listed = await chat.people.slash(room.id, chat.owner.id, "video list")
        assert "språk: Svenska" in listed.content
        assert await bot.terminate() == 0, bot.log
        assert "Hvornår" not in bot.log
