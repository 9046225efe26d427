"""What is pressed under a notice, and what is said then."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.acting import Done, Effect, WantedAction
from cogs.twentythree.domain.deeds import Acted, Action, Actor
from cogs.twentythree.domain.model import (
    CommentKind,
    CommentStatus,
    GuildId,
    RoomId,
)
from cogs.twentythree.errors import (
    CredentialsRefusedError,
    StorageClosedError,
    StorageError,
    WorkspaceUnreachableError,
)
from cogs.twentythree.settings import Settings
from tests.fakes.pressed import (
    QUESTION,
    Pressed,
    a_button,
    a_comment,
    a_menu,
    buttons_of,
)
from tests.fakes.said import said
from tests.fakes.server import LIVE, SITE, VIDEO
from tests.fakes.staged_acting import AT

ANSWER = f"tt:act:answer:{QUESTION}"
UNREACHED = "The TwentyThree workspace could not be reached (no answer); try again in a minute."
NOT_DONE = "Not done: the workspace does not answer."


# What is done.


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("promote", "⭐ Promoted."),
        ("unpromote", "Not promoted any more."),
        ("answer", "✅ Answered."),
        ("reopen", "Reopened."),
        ("dismiss", "Dismissed."),
        ("copy", "Copied to the questions."),
    ],
)
async def test_an_action_is_done_and_said_to_be(
    pressed: Pressed, action: str, sentence: str
) -> None:
    pressed.server.acting.comes = [Done(effect=Effect.DONE)]

    assert await pressed.said(f"tt:act:{action}:{QUESTION}") == sentence

    assert pressed.server.acting.wanted == [
        WantedAction(
            action=Action(action),
            guild_id=GuildId(pressed.server.guild.id),
            room_id=RoomId(pressed.server.room.id),
            object_id=VIDEO.object_id,
            comment_id=a_comment().comment_id,
            actor=Actor(user_id=pressed.moderator.id, name="mo"),
        )
    ]


async def test_who_was_first_is_named(pressed: Pressed) -> None:
    other = pressed.server.member("a*n", "manage_messages")

    assert await pressed.said(ANSWER, by=other) == "✅ Answered."
    assert await pressed.said(ANSWER) == r"@a\*n has answered this already."
    assert await pressed.said(ANSWER, by=other) == "You have answered this already."


async def test_what_was_done_on_the_platform_was_done_by_somebody(pressed: Pressed) -> None:
    pressed.server.acting.elsewhere(QUESTION, status=CommentStatus.ANSWERED)

    sentence = "Somebody has answered this already on the platform."
    assert await pressed.said(ANSWER) == sentence


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (Done(effect=Effect.GONE), "This comment is gone: it was deleted on the platform."),
        (Done(effect=Effect.GONE, reason="It never was there."), "It never was there."),
        (Done(effect=Effect.REFUSED, reason="It is too late."), "It is too late."),
        (Done(effect=Effect.REFUSED), "The workspace refused this."),
        (Done(effect=Effect.NOT_DONE), NOT_DONE),
        (Done(effect=Effect.NOT_DONE, reason=UNREACHED), f"{NOT_DONE}\n-# {UNREACHED}"),
    ],
)
async def test_each_effect_has_its_sentence(pressed: Pressed, done: Done, sentence: str) -> None:
    pressed.server.acting.comes = [done]

    assert await pressed.said(ANSWER) == sentence


async def test_what_was_not_done_can_be_tried_again_in_the_same_place(pressed: Pressed) -> None:
    pressed.server.acting.comes = [Done(effect=Effect.NOT_DONE)]
    shown = await pressed.press(ANSWER)
    assert buttons_of(shown) == {"Try again": ANSWER}

    done = await pressed.until(await pressed.click(shown.message_id, ANSWER), "✅ Answered.")

    assert (done.components, done.message_id) == ([], shown.message_id)


async def test_what_is_not_known_yet_is_said_later_in_the_same_message(pressed: Pressed) -> None:
    acting = pressed.server.acting
    acting.comes = [Done(effect=Effect.UNKNOWN, intent_id=5)]
    acting.later = Done(effect=Effect.NOT_DONE, intent_id=5)

    shown = await pressed.press(ANSWER)
    assert shown.content == "Not known yet; this message will say."
    acting.may_know.set()
    told = await pressed.until(shown, NOT_DONE)

    assert buttons_of(told) == {"Try again": ANSWER}
    assert (told.message_id, told.followups) == (shown.message_id, ())


NEVER_KNOWN = "Not known yet; the comment's own notice will show it."


async def test_what_is_never_known_is_said_to_be_shown_elsewhere(pressed: Pressed) -> None:
    pressed.server.acting.comes = [Done(effect=Effect.UNKNOWN, intent_id=5)]
    shown = await pressed.press(ANSWER)

    pressed.server.acting.may_know.set()

    await pressed.until(shown, NEVER_KNOWN)


async def test_nobody_waits_for_it_beyond_the_end_of_the_plugin(pressed: Pressed) -> None:
    pressed.server.acting.comes = [Done(effect=Effect.UNKNOWN, intent_id=5)]
    shown = await pressed.press(ANSWER)

    await pressed.server.host.remove_cog("TwentyThree")

    assert pressed.server.chat.people.reply(shown.interaction_id).content == NEVER_KNOWN
    assert "saying later" not in {one.get_name() for one in asyncio.all_tasks()}


async def test_one_person_who_presses_five_times_has_it_done_once(pressed: Pressed) -> None:
    message_id = await pressed.post([a_button(ANSWER)])

    replies = await asyncio.gather(*(pressed.click(message_id, ANSWER) for _ in range(5)))

    said = [one.content for one in replies]
    assert said.count("✅ Answered.") == 1
    assert said.count("You have answered this already.") == 4


async def test_of_two_persons_in_the_same_second_one_is_told_of_the_other(
    pressed: Pressed,
) -> None:
    ann = pressed.server.member("ann", "manage_messages")
    message_id = await pressed.post([a_button(ANSWER)])

    replies = await asyncio.gather(
        *(pressed.click(message_id, ANSWER, by=who) for who in (ann, pressed.moderator))
    )

    said = {one.content for one in replies}
    assert "✅ Answered." in said
    assert said & {"@ann has answered this already.", "@mo has answered this already."}


async def test_buttons_of_an_earlier_process_work(pressed: Pressed) -> None:
    message_id = await pressed.post([a_button(ANSWER)])
    host = pressed.server.host

    await host.remove_cog("TwentyThree")
    await host.add_cog(TwentyThree(host, Settings(site_url=SITE)))

    assert (await pressed.click(message_id, ANSWER)).content == "✅ Answered."


# Where it can be done.

NOT_HERE = (
    "What this comment is about is not attached here any more, so nobody can act on it from here; "
    "`/video attach` brings it back."
)


async def test_what_is_detached_cannot_be_acted_on(pressed: Pressed) -> None:
    await pressed.server.slash("detach", id_="1")

    for custom_id in (ANSWER, f"tt:more:{QUESTION}", f"tt:act:reply:{QUESTION}"):
        assert await pressed.said(custom_id) == NOT_HERE
    assert pressed.server.acting.wanted == []


async def test_what_is_attached_in_another_room_cannot_be_acted_on_here(
    pressed: Pressed,
) -> None:
    other = pressed.server.chat.rooms.add_channel(pressed.server.guild.id, "other")
    message_id = await pressed.post([a_button(ANSWER)], at=other)

    assert (await pressed.click(message_id, ANSWER)).content == NOT_HERE


NOT_THERE = "The workspace does not have this comment: it was deleted there, or never was there."


async def test_a_comment_that_nobody_knows_is_said_not_to_be_there(pressed: Pressed) -> None:
    assert await pressed.said("tt:act:promote:99999999999999999999") == NOT_THERE


async def test_a_comment_that_the_workspace_alone_knows_is_acted_on(pressed: Pressed) -> None:
    pressed.server.acting.forget(QUESTION)

    assert await pressed.said(ANSWER) == "✅ Answered."
    assert buttons_of(await pressed.press(f"tt:row:{QUESTION}")).keys() >= {"Reopen", "Reply"}


async def test_what_is_not_known_is_asked_for_by_moderators_alone(pressed: Pressed) -> None:
    pressed.server.acting.forget(QUESTION)
    pressed.server.acting.may_answer.clear()
    viewer = pressed.server.member("viewer")

    assert (await pressed.said(ANSWER, by=viewer)).startswith("You may not act on comments here")


async def test_what_is_not_known_and_on_something_else_is_not_attached_here(
    pressed: Pressed,
) -> None:
    pressed.server.acting.forget(QUESTION)
    pressed.server.acting.elsewhere(QUESTION, object_id=LIVE.object_id)

    assert await pressed.said(ANSWER) == NOT_HERE


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [(set(), "This comment is gone: it was deleted on the platform."), ({QUESTION}, NOT_THERE)],
)
async def test_what_was_never_there_is_not_said_to_be_deleted(
    pressed: Pressed, forged: set[int], sentence: str
) -> None:
    pressed.server.acting.comments.clear()
    pressed.server.acting.forged = forged

    for custom_id in (f"tt:more:{QUESTION}", f"tt:act:delete:{QUESTION}"):
        assert await pressed.said(custom_id) == sentence


async def test_where_actions_are_off_nobody_acts(pressed: Pressed) -> None:
    await pressed.server.slash("attach", id_="1", actions="off")

    sentence = "Actions are off here now; `/video attach` turns them on with `actions: on`."
    assert await pressed.said(ANSWER) == sentence
    assert pressed.server.acting.wanted == []


# Delete.

SURE = "Delete this comment for everyone? It cannot be undone."


async def test_deleting_asks_first_and_quotes_what_is_deleted(pressed: Pressed) -> None:
    pressed.server.acting.say(a_comment(created_text="2030-01-01 10:00:00"))
    asked = await pressed.press(f"tt:act:delete:{QUESTION}")

    assert (asked.content, asked.ephemeral) == (SURE, True)
    (embed,) = asked.embeds
    assert (embed["footer"]["text"], said(embed)) == ("Bea", r"Will \*this\* be recorded?")
    assert "2030" not in embed["description"]
    assert buttons_of(asked) == {
        "Delete": f"tt:sure:{QUESTION}",
        "Cancel": f"tt:cancel:{QUESTION}",
    }
    assert pressed.server.acting.wanted == []

    sure = await pressed.click(asked.message_id, f"tt:sure:{QUESTION}")
    done = await pressed.until(sure, "Deleted.")

    assert done.components == []
    assert done.message_id == asked.message_id
    assert pressed.server.acting.comments == {}


async def test_a_deletion_can_be_cancelled(pressed: Pressed) -> None:
    asked = await pressed.press(f"tt:act:delete:{QUESTION}")

    cancelled = await pressed.click(asked.message_id, f"tt:cancel:{QUESTION}")
    done = await pressed.until(cancelled, "Cancelled; nothing was changed.")

    assert done.components == []
    assert pressed.server.acting.wanted == []


async def test_a_comment_that_is_gone_need_not_be_deleted(pressed: Pressed) -> None:
    asked = await pressed.press(f"tt:act:delete:{QUESTION}")
    pressed.server.acting.comments.clear()

    gone = "This comment is gone: it was deleted on the platform."
    assert await pressed.said(f"tt:act:delete:{QUESTION}") == gone
    sure = await pressed.click(asked.message_id, f"tt:sure:{QUESTION}")
    await pressed.until(sure, "Somebody has deleted this already on the platform.")


# What else there is to do.


async def test_the_rest_is_behind_a_button(pressed: Pressed) -> None:
    shown = await pressed.press(f"tt:more:{QUESTION}")

    assert shown.content == "What else there is to do with this comment:"
    assert said(shown.embeds[0]) == r"Will \*this\* be recorded?"
    assert buttons_of(shown) == {"Delete": f"tt:act:delete:{QUESTION}"}


async def test_a_chat_line_can_be_copied_to_the_questions(pressed: Pressed) -> None:
    pressed.server.acting.elsewhere(QUESTION, kind=CommentKind.CHAT)

    shown = await pressed.press(f"tt:more:{QUESTION}")
    done = await pressed.click(shown.message_id, f"tt:act:copy:{QUESTION}")

    assert list(buttons_of(shown)) == ["Delete", "Copy to questions"]
    assert done.content == "Copied to the questions."


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ({}, ["Promote", "Answered", "Dismiss", "Reply", "⋯"]),
        ({"is_promoted": True}, ["Unpromote", "Answered", "Dismiss", "Reply", "⋯"]),
        (
            {"status": CommentStatus.ANSWERED},
            ["Promote", "Reopen", "Dismiss", "Reply", "⋯"],
        ),
        (
            {"status": CommentStatus.DISMISSED},
            ["Promote", "Answered", "Reopen", "Reply", "⋯"],
        ),
    ],
)
async def test_a_comment_chosen_from_a_menu_is_shown_with_its_buttons(
    pressed: Pressed, state: dict[str, object], labels: list[str]
) -> None:
    pressed.server.acting.elsewhere(QUESTION, **state)
    message_id = await pressed.post([a_menu("70", str(QUESTION))])

    shown = await pressed.click(message_id, "tt:pick:0", values=[str(QUESTION)])

    assert (shown.content, shown.ephemeral) == ("Act on this comment:", True)
    assert shown.embeds[0]["footer"]["text"] == "Bea"
    assert list(buttons_of(shown)) == labels


async def test_a_button_of_a_chosen_comment_leaves_the_others_there(pressed: Pressed) -> None:
    message_id = await pressed.post([a_menu(str(QUESTION))])
    shown = await pressed.click(message_id, "tt:pick:0", values=[str(QUESTION)])

    done = await pressed.click(shown.message_id, ANSWER)

    assert done.content == "✅ Answered."
    assert pressed.server.chat.people.reply(shown.interaction_id).components


async def test_a_choice_that_is_no_comment_is_none_of_ours(pressed: Pressed) -> None:
    message_id = await pressed.post([a_menu("none")])

    assert (await pressed.click(message_id, "tt:pick:0", values=["none"])).content == NOT_THERE


async def test_while_the_workspace_is_away_what_it_must_tell_can_be_asked_again(
    pressed: Pressed,
) -> None:
    acting = pressed.server.acting
    acting.down = WorkspaceUnreachableError("comment/list")
    message_id = await pressed.post([a_menu(str(QUESTION))])

    shown = await pressed.click(message_id, "tt:pick:0", values=[str(QUESTION)])
    assert (shown.content, buttons_of(shown)) == (NOT_DONE, {"Try again": f"tt:row:{QUESTION}"})

    acting.down = None
    pressed_again = await pressed.click(shown.message_id, f"tt:row:{QUESTION}")
    again = await pressed.until(pressed_again, "Act on this comment:")
    assert said(again.embeds[0]) == r"Will \*this\* be recorded?"
    assert len(buttons_of(again)) == 5


async def test_what_the_workspace_refuses_to_tell_has_its_sentence(pressed: Pressed) -> None:
    pressed.server.acting.down = CredentialsRefusedError("comment/list")

    assert "does not accept the bot's credentials" in await pressed.said(f"tt:more:{QUESTION}")


async def test_a_database_that_is_away_has_its_sentence(
    pressed: Pressed, caplog: pytest.LogCaptureFixture
) -> None:
    pressed.server.acting.down = StorageError("The database /srv/bot.db cannot be used.")

    sentence = "The bot's database cannot be used now; its log says why."
    assert await pressed.said(ANSWER) == sentence
    assert "/srv/bot.db" in caplog.text


async def test_who_presses_as_the_bot_ends_is_told_to_come_back(
    pressed: Pressed, caplog: pytest.LogCaptureFixture
) -> None:
    pressed.server.acting.down = StorageClosedError()

    sentence = "The bot is stopping, or being started anew; try again in a moment."
    assert await pressed.said(ANSWER) == sentence
    assert "a command failed" not in caplog.text


async def test_a_reply_that_was_first_is_told_of_as_such(pressed: Pressed) -> None:
    acted = Acted(action=Action.DISMISS, actor=Actor(user_id=1, name="ann"), at=AT)
    done = Done(effect=Effect.ALREADY, by=acted)
    pressed.server.acting.comes = [done, replace(done, by=None)]

    assert await pressed.said(ANSWER) == "@ann has dismissed this already."
    sentence = "Somebody has answered this already on the platform."
    assert await pressed.said(ANSWER) == sentence
