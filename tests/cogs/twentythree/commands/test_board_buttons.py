"""The buttons of boards, pressed by people in a server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.commands import replies
from cogs.twentythree.domain.acting import Done, Effect, WantedAction
from cogs.twentythree.domain.barring import Servers
from cogs.twentythree.domain.deeds import Acted, Action, Actor
from cogs.twentythree.domain.model import (
    AtEnd,
    CommentId,
    GuildId,
    RoomId,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.errors import MISTAKE
from cogs.twentythree.intake.question_boards import QuestionBoards
from cogs.twentythree.settings import Settings
from sandbox.chat import NotOfferedError, User
from tests.fakes.boards import ANSWERED
from tests.fakes.bridge import NOW
from tests.fakes.moderating import (
    ACTIONS,
    OF,
    a_moderator,
    asked,
    become,
    board,
    click,
    custom_ids,
    labels,
    make,
    posted,
    updated,
)
from tests.fakes.server import LIVE, SITE, Server


@pytest.fixture
async def moderator(server: Server) -> User:
    return await a_moderator(server)


# The next question.


async def test_the_next_question_is_handed_out_with_its_buttons(
    server: Server, moderator: User
) -> None:
    await make(server)
    message_id = await posted(server)

    reply = await click(server, moderator, message_id, "tt:next:2")

    assert reply.ephemeral
    assert reply.content.startswith("# Question 1?\n**Viewer 1** · <t:")
    assert reply.content.endswith("It is yours for five minutes; the board says so.")
    assert custom_ids(reply.components) == [
        "tt:act:promote:1",
        "tt:act:answer:1",
        "tt:act:dismiss:1",
        "tt:act:reply:1",
        "tt:more:1",
        "tt:back:2:1",
    ]
    first = (await board(server)).questions[0]
    assert first.taken_by == Actor(user_id=moderator.id, name="mod")


async def test_two_who_press_get_two_questions_and_nobody_gets_a_fourth(
    server: Server, moderator: User
) -> None:
    await make(server)
    message_id = await posted(server)
    other = server.member("other", "manage_messages")

    replies = await asyncio.gather(
        *(click(server, who, message_id, "tt:next:2") for who in (moderator, other, moderator))
    )
    last = await click(server, other, message_id, "tt:next:2")

    assert {one.content[:13] for one in replies} == {f"# Question {n}?" for n in (1, 2, 3)}
    assert last.content == "Somebody looks after each open question now; *Show all* tells who."


async def test_where_none_is_open_it_says_so(server: Server, moderator: User) -> None:
    await make(server)
    message_id = await posted(server)
    await become(server, *(asked(n, status=ANSWERED) for n in (1, 2, 3)))

    reply = await click(server, moderator, message_id, "tt:next:2")

    assert reply.content == "No question is open."


async def test_a_question_is_given_back(server: Server, moderator: User) -> None:
    await make(server)
    shown = await click(server, moderator, await posted(server), "tt:next:2")

    reply = await click(server, moderator, shown.message_id, "tt:back:2:1")

    reply = await updated(server, reply, "Given back")
    assert (reply.content, reply.components) == ("Given back; others can take it.", [])
    assert (await board(server)).questions[0].taken_by is None


async def test_what_is_not_theirs_any_more_is_not_given_back(
    server: Server, moderator: User
) -> None:
    await make(server)
    shown = await click(server, moderator, await posted(server), "tt:next:2")
    await become(server, asked(1, status=ANSWERED))

    reply = await click(server, moderator, shown.message_id, "tt:back:2:1")

    assert (await updated(server, reply, "It is not yours any more")).components == []


async def test_without_actions_questions_are_handed_out_to_be_looked_at(
    server: Server, moderator: User
) -> None:
    await server.hold(LIVE, rules=RulesAsked(has_actions=False))
    await make(server)

    reply = await click(server, moderator, await posted(server), "tt:next:2")

    assert labels(reply) == [["Give back"]]
    assert "Actions are off here" in reply.content


# All of them.


async def test_all_questions_are_shown_in_pages(server: Server, moderator: User) -> None:
    server.workspace.held |= {CommentId(n): asked(n) for n in range(1, 11)}
    await make(server)
    message_id = await posted(server)
    await click(server, moderator, message_id, "tt:next:2")

    first = await click(server, moderator, message_id, "tt:all:2:0")

    lines = first.content.split("\n")
    assert first.ephemeral
    assert lines[0] == "**10 open · 0 promoted · 0 answered**"
    assert len(lines) == 10
    assert lines[1].endswith(f"· taken by <@{moderator.id}>")
    assert lines[-1] == "-# Page 1 of 2"
    menu, turning = first.components
    assert [one["label"] for one in turning["components"]] == ["Previous", "Next"]
    assert [one["disabled"] for one in turning["components"]] == [True, False]
    (options,) = (one["options"] for one in menu["components"])
    assert [one["value"] for one in options] == [str(number) for number in range(1, 9)]
    assert [one.get("description") for one in options] == ["taken by mod"] + [None] * 7

    second = await click(server, moderator, first.message_id, "tt:all:2:1")
    second = await updated(server, second, "Page 2")

    assert second.is_update
    assert second.message_id == first.message_id
    assert "Question 9?" in second.content
    assert second.content.endswith("-# Page 2 of 2")
    back = await click(server, moderator, second.message_id, "tt:all:2:0")
    back = await updated(server, back, "Page 1")
    assert back.content == first.content


async def test_few_questions_need_no_pages(server: Server, moderator: User) -> None:
    await make(server)

    reply = await click(server, moderator, await posted(server), "tt:all:2:0")

    assert len(reply.content.split("\n")) == 4
    assert custom_ids(reply.components) == ["tt:pick:0"]


async def test_any_question_of_a_page_is_acted_on_by_the_usual_buttons(
    server: Server, moderator: User
) -> None:
    await make(server)
    shown = await click(server, moderator, await posted(server), "tt:all:2:0")
    assert shown.message_id is not None

    people = server.chat.people
    row = await people.click(moderator.id, shown.message_id, "tt:pick:0", values=["3"])
    done = await click(server, moderator, row.message_id, "tt:act:answer:3")

    assert (row.content, row.ephemeral) == ("Act on this comment:", True)
    assert labels(row) == [["Promote", "Answered", "Dismiss", "Reply", "⋯"]]
    assert done.content == "✅ Answered."
    assert [one.comment_id for one in server.acting.wanted] == [3]
    # The page is still there, for the next one.
    assert custom_ids(people.reply(shown.interaction_id).components) == ["tt:pick:0"]


async def test_without_actions_or_questions_a_page_has_no_menu(
    server: Server, moderator: User
) -> None:
    await make(server)
    message_id = await posted(server)
    await server.hold(LIVE, rules=RulesAsked(has_actions=False))

    assert (await click(server, moderator, message_id, "tt:all:2:0")).components == []

    await server.hold(LIVE, rules=ACTIONS)
    await become(server, *(asked(n, status=ANSWERED) for n in (1, 2, 3)))

    assert (await click(server, moderator, message_id, "tt:all:2:0")).components == []


# The speaker.


async def on_stage(server: Server) -> int:
    await make(server, "speaker")
    await become(server, asked(2, is_promoted=True))
    return await posted(server)


async def test_done_answers_the_question_and_the_board_tells(
    server: Server, moderator: User
) -> None:
    message_id = await on_stage(server)

    reply = await click(server, moderator, message_id, "tt:done:2:2")

    assert (reply.content, reply.ephemeral) == ("✅ Answered.", True)
    assert server.acting.wanted == [
        WantedAction(
            action=Action.ANSWER,
            guild_id=GuildId(server.guild.id),
            room_id=RoomId(server.room.id),
            object_id=OF,
            comment_id=CommentId(2),
            actor=Actor(user_id=moderator.id, name="mod"),
        )
    ]


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (Done(effect=Effect.ALREADY), "Somebody has answered this already on the platform."),
        (
            Done(
                effect=Effect.ALREADY,
                by=Acted(action=Action.ANSWER, actor=Actor(user_id=77, name="Zoe"), at=NOW),
            ),
            "@Zoe has answered this already.",
        ),
        (Done(effect=Effect.GONE), "This comment is gone: it was deleted on the platform."),
        (
            Done(effect=Effect.UNKNOWN),
            "Not known yet; this message will say.",
        ),
        (
            Done(effect=Effect.NOT_DONE, reason="The workspace does not answer."),
            "Not done: the workspace does not answer.\n-# The workspace does not answer.",
        ),
    ],
    ids=["on the platform", "here", "gone", "unknown", "not done"],
)
async def test_what_was_not_done_is_said(
    server: Server, moderator: User, done: Done, said: str
) -> None:
    message_id = await on_stage(server)
    server.acting.comes.append(done)

    reply = await click(server, moderator, message_id, "tt:done:2:2")

    assert (reply.content, reply.ephemeral) == (said, True)


async def test_a_press_is_acknowledged_while_the_workspace_thinks(
    server: Server, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = await on_stage(server)
    (before,) = server.chat.messages(server.room.id)
    monkeypatch.setattr(replies, "_PATIENCE_S", 0.01)
    server.acting.may_answer.clear()

    reply = await click(server, moderator, message_id, "tt:done:2:2")
    assert reply.content.startswith("Still waiting for the workspace")
    server.acting.may_answer.set()

    assert (await updated(server, reply, "✅ Answered.")).ephemeral
    # Whatever is said meanwhile, it is not said on the board.
    assert server.chat.messages(server.room.id) == [before]


@pytest.mark.usefixtures("moderator")
async def test_without_actions_the_speaker_has_no_button(server: Server) -> None:
    await server.hold(LIVE, rules=RulesAsked(has_actions=False, at_end=AtEnd.EDIT))
    message_id = await on_stage(server)

    with pytest.raises(NotOfferedError):
        await click(server, server.manager, message_id, "tt:done:2:2")


async def test_a_button_of_before_actions_were_turned_off_is_refused(
    server: Server, moderator: User
) -> None:
    message_id = await on_stage(server)
    await server.hold(LIVE, rules=RulesAsked(has_actions=False))

    reply = await click(server, moderator, message_id, "tt:done:2:2")

    assert reply.content.startswith("Actions are off here")
    assert server.acting.wanted == []


# Who may, and what outlives what.


PRESSES = ["tt:next:2", "tt:all:2:0"]


@pytest.mark.parametrize("custom_id", PRESSES)
@pytest.mark.usefixtures("moderator")
async def test_who_may_not_manage_messages_may_not_press(server: Server, custom_id: str) -> None:
    await make(server)
    viewer = server.chat.guilds.add_member(server.guild.id, "viewer")

    reply = await click(server, viewer, await posted(server), custom_id)

    assert reply.content.startswith("You may not act on")
    assert "Manage Messages" in reply.content
    assert all(one.taken_by is None for one in (await board(server)).questions)


async def test_where_a_role_is_set_it_is_that_which_counts(server: Server, moderator: User) -> None:
    await make(server)
    message_id = await posted(server)
    hosts = server.chat.guilds.add_role(server.guild.id, "hosts")
    host = server.chat.guilds.add_member(server.guild.id, "host", roles=[hosts])
    server.acting.roles[server.guild.id] = hosts.id

    refused = await click(server, moderator, message_id, "tt:next:2")
    allowed = await click(server, host, message_id, "tt:next:2")

    assert f"<@&{hosts.id}>" in refused.content
    assert allowed.content.startswith("# Question 1?")


@pytest.mark.parametrize(
    ("custom_id", "command", "options"),
    [("tt:next:2", "detach", {}), ("tt:all:2:0", "questions", {"view": "off"})],
)
async def test_a_board_that_is_not_kept_any_more_says_so(
    server: Server, moderator: User, custom_id: str, command: str, options: dict[str, Any]
) -> None:
    await make(server)
    message_id = await posted(server)
    await server.slash(command, id_="2", **options)

    reply = await click(server, moderator, message_id, custom_id)

    assert reply.content.startswith("This board is not kept up to date any more")


async def test_a_server_that_may_not_use_the_workspace_is_told(
    server: Server, moderator: User
) -> None:
    await make(server)
    message_id = await posted(server)
    server.bridge.servers = Servers(allowed=frozenset())

    reply = await click(server, moderator, message_id, "tt:next:2")

    assert "TWENTYTHREE_SERVERS" in reply.content


async def test_buttons_work_after_the_plugin_was_loaded_again(
    server: Server, moderator: User
) -> None:
    await make(server)
    message_id = await posted(server)
    await server.host.remove_cog("TwentyThree")
    await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))

    reply = await click(server, moderator, message_id, "tt:next:2")

    assert reply.content.startswith("# Question 1?")


async def test_a_press_that_fails_by_a_mistake_is_told_in_a_sentence(
    server: Server, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(server)
    message_id = await posted(server)

    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(QuestionBoards, "take_next", fails)

    reply = await click(server, moderator, message_id, "tt:next:2")

    assert reply.ephemeral
    assert reply.content == MISTAKE
