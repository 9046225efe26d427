"""Replying to a comment from its room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.acting import Done, Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.settings import Settings
from sandbox.chat import Reply, User
from tests.fakes.pressed import QUESTION, Pressed, a_button, buttons_of, until_answered
from tests.fakes.server import SITE

REPLY = f"tt:act:reply:{QUESTION}"
PREVIEW = "Send this as **The team**? It is visible to everyone who watches."
NOT_DONE = "Not done: the workspace does not answer."


async def filled(
    pressed: Pressed, text: str, *, opened: Reply | None = None, by: User | None = None
) -> Reply:
    """Send the modal with these words; return what is said then."""
    form = opened or await pressed.press(REPLY, by=by)
    return await pressed.server.chat.people.modal(form.interaction_id, {"tt:text": text})


def parts(form: Reply) -> list[dict[str, Any]]:
    assert form.modal is not None
    found: list[dict[str, Any]] = form.modal["components"]
    return found


async def test_a_modal_opens_below_the_question(pressed: Pressed) -> None:
    opened = await pressed.press(REPLY)

    assert opened.modal is not None
    assert (opened.modal["title"], opened.modal["custom_id"]) == ("Reply", f"tt:reply:{QUESTION}")
    question, label = parts(opened)
    assert question["content"] == r"Will \*this\* be recorded?"
    assert label["description"] == "Visible to everyone who watches"
    assert (label["component"]["min_length"], label["component"]["max_length"]) == (1, 2000)


@pytest.mark.parametrize(
    "body",
    [
        {"embeds": [{"description": f"❓ **Bea**: Will it? [»](https://x/1#comment-{QUESTION})"}]},
        {
            "embeds": [],
            "content": f"A [»](<https://x/1#comment-1>)\n"
            f"❓ **Bea**: Will it? [»](<https://x/1#comment-{QUESTION}>) ⭐ <@5>",
        },
    ],
)
async def test_a_modal_opens_below_a_line_too(pressed: Pressed, body: dict[str, Any]) -> None:
    message_id = await pressed.post([a_button(REPLY)], **body)

    question, _ = parts(await pressed.click(message_id, REPLY))
    assert question["content"] == "❓ **Bea**: Will it?"


async def test_under_another_comment_the_modal_quotes_none(pressed: Pressed) -> None:
    message_id = await pressed.post([a_button(REPLY)], is_of=QUESTION + 1)

    (label,) = parts(await pressed.click(message_id, REPLY))

    assert label["label"] == "Your reply"


async def test_a_reply_is_shown_before_it_is_sent(pressed: Pressed) -> None:
    shown = await filled(pressed, "  Yes, *it* will. ")

    assert (shown.content, shown.ephemeral) == (PREVIEW, True)
    assert shown.embeds[0]["description"] == r"Yes, \*it\* will."
    assert buttons_of(shown) == {"Send": "tt:send:1", "Cancel": "tt:drop:1"}
    assert pressed.server.acting.wanted == []

    sending = await pressed.click(shown.message_id, "tt:send:1")
    sent = await pressed.until(sending, "💬 Sent; everyone who watches can see it.")

    assert (sent.components, sent.embeds) == ([], shown.embeds)
    (wanted,) = pressed.server.acting.wanted
    assert (wanted.action, wanted.text) == (Action.REPLY, "Yes, *it* will.")
    assert (wanted.comment_id, wanted.actor.name) == (QUESTION, "mo")


async def test_a_reply_of_the_greatest_length_is_shown_whole(pressed: Pressed) -> None:
    shown = await filled(pressed, "*" * 2000)

    assert shown.embeds[0]["description"] == r"\*" * 2000


async def test_a_reply_can_be_dropped(pressed: Pressed) -> None:
    shown = await filled(pressed, "Yes")

    dropped = await pressed.click(shown.message_id, "tt:drop:1")
    await pressed.until(dropped, "Cancelled; nothing was sent.")

    assert pressed.server.acting.wanted == []
    assert pressed.server.acting.drafts == {}


GONE = "There is nothing to send any more: this reply was sent or cancelled, or is too old."


@pytest.mark.parametrize("way", ["send", "drop"])
async def test_a_reply_that_is_not_there_any_more_cannot_be_sent_or_dropped(
    pressed: Pressed, way: str
) -> None:
    shown = await filled(pressed, "Yes")
    pressed.server.acting.drafts.clear()

    refused = await pressed.click(shown.message_id, f"tt:{way}:1")

    assert (await pressed.followup(refused)).content == GONE
    assert pressed.server.acting.wanted == []


async def test_who_presses_send_twice_sends_once_and_reads_that_it_was_sent(
    pressed: Pressed,
) -> None:
    shown = await filled(pressed, "Yes")

    first, second = await asyncio.gather(
        *(pressed.click(shown.message_id, "tt:send:1") for _ in range(2))
    )
    await until_answered()

    people = pressed.server.chat.people
    assert people.reply(first.interaction_id).content.startswith("💬 Sent")
    told = [people.reply(one.interaction_id).followups for one in (first, second)]
    assert [[said.content for said in one] for one in told if one] == [[GONE]]
    assert len(pressed.server.acting.wanted) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" \n ", "A reply needs some words; nothing was sent."),
        (
            "x" * 2001,
            "A reply has at most 2000 characters, and this has 2001; nothing was sent.",
        ),
    ],
)
async def test_what_is_too_short_or_too_long_is_not_sent(
    pressed: Pressed, text: str, sentence: str
) -> None:
    assert (await filled(pressed, text)).content == sentence
    assert pressed.server.acting.drafts == {}


async def test_a_modal_from_before_a_restart_is_taken(pressed: Pressed) -> None:
    opened = await pressed.press(REPLY)
    host = pressed.server.host
    await host.remove_cog("TwentyThree")
    await host.add_cog(TwentyThree(host, Settings(site_url=SITE)))

    assert (await filled(pressed, "Yes", opened=opened)).content == PREVIEW


async def test_discord_py_remembers_no_modal(pressed: Pressed) -> None:
    await pressed.press(REPLY)
    await until_answered()

    assert pressed.server.host._connection._view_store._modals == {}


async def test_who_may_not_act_any_more_has_nothing_sent(pressed: Pressed) -> None:
    opened = await pressed.press(REPLY)
    shown = await filled(pressed, "Yes", opened=opened)
    pressed.server.chat.guilds.set_roles(pressed.server.guild.id, pressed.moderator.id, [])

    again = await filled(pressed, "Yes", opened=opened)
    refused = await pressed.click(shown.message_id, "tt:send:1")

    assert again.content.startswith("You may not act on comments here")
    said = await pressed.followup(refused)
    assert said.content.startswith("You may not act on comments here")
    assert pressed.server.acting.wanted == []


async def test_a_question_that_is_gone_needs_no_reply_and_the_words_are_shown(
    pressed: Pressed,
) -> None:
    opened = await pressed.press(REPLY)
    pressed.server.acting.comments.clear()

    shown = await filled(pressed, "Yes", opened=opened)

    assert shown.content == "This comment is gone: it was deleted on the platform."
    assert shown.embeds[0]["description"] == "Yes"


async def test_a_reply_that_could_not_be_begun_opens_the_modal_again(pressed: Pressed) -> None:
    pressed.server.acting.comes = [Done(effect=Effect.NOT_DONE)]

    shown = await filled(pressed, "Yes")
    assert (shown.content, buttons_of(shown)) == (NOT_DONE, {"Try again": REPLY})
    assert shown.embeds[0]["description"] == "Yes"

    opened = await pressed.click(shown.message_id, REPLY)
    assert (await filled(pressed, "Yes", opened=opened)).content == PREVIEW


async def test_a_reply_that_was_not_sent_can_be_sent_again(pressed: Pressed) -> None:
    shown = await filled(pressed, "Yes")
    pressed.server.acting.comes = [Done(effect=Effect.NOT_DONE)]

    failed = await pressed.until(await pressed.click(shown.message_id, "tt:send:1"), NOT_DONE)
    assert buttons_of(failed) == {"Try again": "tt:send:1"}

    await pressed.until(await pressed.click(shown.message_id, "tt:send:1"), "💬 Sent")


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (
            Done(effect=Effect.REFUSED, reason="The workspace takes this for spam."),
            "The workspace takes this for spam.",
        ),
        (Done(effect=Effect.UNKNOWN, intent_id=1), "Not known yet; this message will say."),
    ],
)
async def test_what_came_of_a_reply_is_said_in_the_place_of_the_question(
    pressed: Pressed, done: Done, sentence: str
) -> None:
    shown = await filled(pressed, "Yes")
    pressed.server.acting.comes = [done]

    told = await pressed.until(await pressed.click(shown.message_id, "tt:send:1"), sentence)

    assert (told.components, told.message_id) == ([], shown.message_id)
