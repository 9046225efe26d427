"""What turned private since: nothing of it by an old button, where nobody agreed to show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import ObjectInfo, Source
from cogs.twentythree.domain.rules_asked import RulesAsked
from tests.fakes.bridge import NOW
from tests.fakes.moderating import OF, a_moderator, asked, click, make, posted
from tests.fakes.pressed import QUESTION, Pressed, a_button, a_menu
from tests.fakes.server import LIVE, VIDEO, Server

_DONE = "tt:done:2:1"
REASON = "It is private or unpublished now, and nobody has agreed to show it here"


async def turned_private(server: Server, info: ObjectInfo) -> None:
    """Have the object turn private in the workspace, with another title."""
    private = replace(info, title="The merger", is_public=False)
    server.workspace.objects[info.object_id] = private
    await server.store.memory.refresh_object(private, NOW)


@pytest.mark.parametrize(
    ("view", "custom_id"), [("board", "tt:next:2"), ("board", "tt:all:2:0"), ("speaker", _DONE)]
)
async def test_a_board_that_was_shown_tells_nothing_more(
    server: Server, view: str, custom_id: str
) -> None:
    moderator = await a_moderator(server)
    promoted = asked(1, is_promoted=True)
    await server.store.memory.ingest(OF, [promoted], source=Source.RECONCILE, now=NOW)
    server.workspace.held[promoted.comment_id] = promoted
    await make(server, view)
    message_id = await posted(server)
    await turned_private(server, LIVE)

    reply = await click(server, moderator, message_id, custom_id)

    assert reply.content.startswith(REASON)
    assert server.acting.wanted == []


@pytest.mark.parametrize("way", ["more", "row", "act:answer", "act:delete", "act:promote"])
async def test_a_comment_that_was_shown_is_not_acted_on(pressed: Pressed, way: str) -> None:
    await turned_private(pressed.server, VIDEO)

    shown = await pressed.press(f"tt:{way}:{QUESTION}")

    assert shown.content.startswith(REASON)
    assert shown.embeds == []
    assert pressed.server.acting.wanted == []


async def test_nor_is_it_deleted_by_an_answer_to_a_question_from_before(pressed: Pressed) -> None:
    question = await pressed.press(f"tt:act:delete:{QUESTION}")
    await turned_private(pressed.server, VIDEO)

    said = await pressed.click(question.message_id, f"tt:sure:{QUESTION}")

    assert (await pressed.followup(said)).content.startswith(REASON)
    assert pressed.server.acting.wanted == []


async def test_nor_is_it_chosen_from_a_menu_or_replied_to(pressed: Pressed) -> None:
    await turned_private(pressed.server, VIDEO)
    message_id = await pressed.post([a_menu(str(QUESTION))])
    other_id = await pressed.post([a_button(f"tt:act:reply:{QUESTION}")])

    chosen = await pressed.click(message_id, "tt:pick:0", values=[str(QUESTION)])
    reply = await pressed.click(other_id, f"tt:act:reply:{QUESTION}")

    assert chosen.content.startswith(REASON)
    assert reply.content.startswith(REASON)


async def test_what_is_asked_of_it_is_reported_to_nobody(server: Server) -> None:
    await server.hold(LIVE, rules=RulesAsked(has_actions=True))
    await turned_private(server, LIVE)

    shown = await server.reply("report", id_="2")

    assert shown.content.startswith(REASON)
    assert shown.embeds == []
    assert shown.attachments == []


async def test_no_board_is_made_of_it(server: Server) -> None:
    await server.hold(LIVE, rules=RulesAsked(has_actions=True))
    await turned_private(server, LIVE)

    assert REASON in await server.slash("questions", id_="2", view="speaker")


async def test_commands_know_it_by_the_name_that_the_server_knows(server: Server) -> None:
    await server.hold(LIVE, rules=RulesAsked(has_actions=True))
    await turned_private(server, LIVE)

    said = [await server.slash(one) for one in ("list", "status", "history")]
    said.append(await server.slash("status", id_="2"))
    said += [name for name, _ in await server.suggestions("detach", "")]
    said.append(await server.slash("detach", id_="2"))

    assert "merger" not in "\n".join(said)
    assert "Show" in said[0]
