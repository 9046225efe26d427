"""What Discord's client does not let people do, but its API may bring."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord import app_commands

from cogs.twentythree.commands import CommandContext, VideoGroup
from cogs.twentythree.commands.asking import Question
from cogs.twentythree.commands.board_buttons import NextQuestion
from cogs.twentythree.commands.group import NotOurs, sentence
from cogs.twentythree.commands.pressing import Press
from cogs.twentythree.commands.replies import Refusal, Turn, answering, reason, say
from cogs.twentythree.commands.rights import is_visible
from cogs.twentythree.commands.room_option import chosen_room, guild_of
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Lead
from tests.fakes.bridge import a_bridge, an_attachment
from tests.fakes.staged_acting import as_acting


class Responses:
    """An interaction's two ways to answer; the first may be refused."""

    def __init__(self, *, is_late: bool = False) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.is_late = is_late

    def is_done(self) -> bool:
        return False

    async def send_message(self, content: str, **options: Any) -> None:
        if self.is_late:
            answer = SimpleNamespace(status=404, reason="Not Found")
            raise discord.NotFound(cast("Any", answer), "Unknown interaction")
        self.sent.append((content, options))


def an_interaction(**parts: Any) -> Any:
    usual: dict[str, Any] = {
        "guild": None,
        "command": None,
        "extras": {},
        "locale": "en-US",
        "response": Responses(),
        "client": SimpleNamespace(get_guild=lambda _: object()),
    }
    return SimpleNamespace(**(usual | parts))


def a_room(type_: Any, **parts: Any) -> Any:
    """Return a room of a real class with only the parts that are looked at."""
    room = type_.__new__(type_)
    for name, value in parts.items():
        object.__setattr__(room, name, value)
    return room


def test_a_command_from_elsewhere_is_refused() -> None:
    with pytest.raises(Refusal, match="only in a server"):
        guild_of(an_interaction())


async def test_nothing_is_shown_outside_of_a_server() -> None:
    context = CommandContext(a_bridge(), acting=as_acting(), clock=float)

    assert not await is_visible(context, an_interaction(user=None), an_attachment())


async def test_a_room_of_another_kind_is_refused() -> None:
    group = a_room(discord.CategoryChannel, id=5)
    guild = SimpleNamespace(id=1, get_channel_or_thread=lambda _: group)

    with pytest.raises(Refusal, match="Notices cannot go to <#5>; choose a text"):
        await chosen_room(an_interaction(guild=guild), cast("Any", SimpleNamespace(id=5)))
    with pytest.raises(Refusal, match="Notices cannot go to this room"):
        await chosen_room(an_interaction(guild=guild, channel=group), None)


async def test_a_thread_of_a_channel_that_the_bot_does_not_know_is_refused() -> None:
    guild = SimpleNamespace(id=1, get_channel=lambda _: None)
    thread = a_room(discord.Thread, id=5, parent_id=6, guild=guild)
    interaction = an_interaction(guild=guild, channel=thread, permissions=discord.Permissions())

    with pytest.raises(Refusal, match="The bot cannot see <#6>"):
        await chosen_room(interaction, None)


async def test_what_is_attached_to_such_a_thread_is_not_shown() -> None:
    guild = SimpleNamespace(id=1, get_channel=lambda _: None)
    thread = a_room(discord.Thread, id=10, parent_id=6, guild=guild)
    guild.get_channel_or_thread = lambda _: thread
    interaction = an_interaction(
        guild=guild, user=discord.Member.__new__(discord.Member), channel_id=1
    )

    assert not await is_visible(
        CommandContext(a_bridge(), acting=as_acting(), clock=float), interaction, an_attachment()
    )


async def test_an_answer_before_any_other_is_for_one_persons_eyes() -> None:
    interaction = an_interaction()

    await say(interaction, "x" * 3000)

    ((content, options),) = interaction.response.sent
    assert len(content) == 2000
    assert options["ephemeral"]
    assert options["allowed_mentions"].to_dict() == {"parse": []}


async def test_an_answer_that_comes_too_late_is_let_go() -> None:
    group = VideoGroup(CommandContext(a_bridge(), acting=as_acting(), clock=float))
    interaction = an_interaction(response=Responses(is_late=True))

    await group.on_error(interaction, app_commands.AppCommandError("broken"))

    assert interaction.response.sent == []


async def test_an_answer_while_the_bot_stops_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    group = VideoGroup(CommandContext(a_bridge(), acting=as_acting(), clock=float))
    interaction = an_interaction()

    async def send_message(*_: object, **__: object) -> None:
        # What aiohttp says once the session is closed.
        raise RuntimeError("Session is closed")

    monkeypatch.setattr(interaction.response, "send_message", send_message)

    await group.on_error(interaction, app_commands.AppCommandError("broken"))


async def test_once_another_process_leads_nothing_is_answered() -> None:
    lead = Lead.alone()
    context = CommandContext(a_bridge(), acting=as_acting(), clock=float, lead=lead)
    group, interaction = VideoGroup(context), an_interaction()
    done: list[str] = []

    async def doing() -> None:
        done.append("done")

    lead.lose("Another leads.")
    with pytest.raises(NotOurs) as refused:
        await group.interaction_check(interaction)
    await group.on_error(interaction, refused.value)
    await Press(context, interaction, "tt:x", 1).answered(doing())

    assert interaction.response.sent == []
    assert done == []


async def test_once_another_process_leads_no_button_of_any_kind_is_answered() -> None:
    lead = Lead.alone()
    context = CommandContext(a_bridge(), acting=as_acting(), clock=float, lead=lead)
    VideoGroup(context)
    interaction = an_interaction(user=SimpleNamespace(id=5), guild_id=1)
    (next_question,) = [one for one in context.buttons if issubclass(one, NextQuestion)]
    (turn,) = [one for one in context.buttons if issubclass(one, Turn)]
    shown: list[Any] = [
        Question(context, interaction, cast("Any", None), label="Go on"),
        next_question(discord.ui.Button(custom_id="tt:next:2"), {"object": "2"}),
        turn(0, 0, "next"),
    ]

    lead.lose("Another leads.")

    assert [await one.interaction_check(interaction) for one in shown] == [False] * 3
    assert interaction.response.sent == []


async def test_a_command_that_discord_knows_in_an_older_form_says_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    group = VideoGroup(CommandContext(a_bridge(), acting=as_acting(), clock=float))
    command = group.get_command("attach")
    assert isinstance(command, app_commands.Command)
    error = app_commands.CommandSignatureMismatch(command)
    interaction = an_interaction(command=command)

    await group.on_error(interaction, error)

    assert interaction.response.sent[0][0] == sentence("video attach", error)
    assert "register its commands again" in sentence("video attach", error)
    assert caplog.records == []


def test_a_reason_without_words_is_the_kind_of_failure() -> None:
    assert reason(TimeoutError()) == "TimeoutError."


async def test_no_place_on_the_machine_is_told(caplog: pytest.LogCaptureFixture) -> None:
    asked = an_interaction()
    async with answering(asked):
        raise StorageError("The database /srv/bot/secret.db cannot be used: disk I/O error.")

    ((said, _),) = asked.response.sent
    assert "/" not in said
    assert "The bot's database cannot be used now" in said
    assert "/srv/bot/secret.db" in caplog.text


@pytest.mark.parametrize("custom_id", ["other:1", "tt:reply:x", "tt:reply:"])
async def test_what_is_typed_into_modals_of_others_is_left_alone(custom_id: str) -> None:
    context = CommandContext(a_bridge(), acting=as_acting(), clock=float)
    VideoGroup(context)
    data = {"custom_id": custom_id, "components": [{"type": 10}]}
    typed = an_interaction(type=discord.InteractionType.modal_submit, data=data)

    await context.take_modal(typed)

    assert typed.response.sent == []
