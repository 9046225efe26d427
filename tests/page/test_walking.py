"""What a newcomer does first, through the page: all of it reaches the real bot, and comes back."""

import re

import pytest
from playwright.async_api import expect

from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_newcomer_attaches_by_typing_and_sees_what_viewers_write(visitor: Visitor) -> None:
    shown = await visitor.adds_video("Film of the walk")
    await visitor.opens("general")

    reply = await visitor.commands("attach", id="Film of the walk", comments="all")
    await expect(reply).to_contain_text("Film of the walk")

    await visitor.comments(shown, "Which camera is that?", name="Chloé")
    notice = visitor.message("Which camera is that?")
    await expect(notice).to_contain_text("Chloé")
    await expect(notice.locator("time").first).to_be_visible()
    trip = visitor.happens.get_by_role("list", name="Way of the last event")
    for step in ("Published", "Received", "Stored", "Posted"):
        await expect(trip.get_by_role("listitem").filter(has_text=step)).to_have_text(
            re.compile(rf"^{step} (\d\d:\d\d:\d\d|\+\d)")
        )


async def test_a_room_that_is_not_open_is_marked_until_it_is_read(visitor: Visitor) -> None:
    shown = await visitor.adds_video("Film for later")
    await visitor.opens("general")
    await visitor.commands("attach", id="Film for later", comments="public")
    await visitor.opens("webinar")

    await visitor.comments(shown, "Is anybody there?")
    await expect(visitor.room("general")).to_have_accessible_name(re.compile("1 unread"))
    await visitor.opens("general")
    await expect(visitor.message("Is anybody there?")).to_be_visible()
    await expect(visitor.room("general")).not_to_have_accessible_name(re.compile("unread"))


async def test_a_moderator_promotes_and_replies_by_what_is_under_the_notice(
    visitor: Visitor,
) -> None:
    shown = await visitor.adds_video("Film with questions")
    await visitor.opens("moderators")
    await visitor.commands("attach", id="Film with questions", comments="all", actions="on")
    asked = await visitor.comments(shown, "When does it ship?", kind="question")
    notice = visitor.message("When does it ship?")

    await notice.get_by_role("button", name="Promote").click()
    await expect(asked).to_contain_text("promoted")
    await expect(notice).to_contain_text("promoted by")

    await notice.get_by_role("button", name="Reply").click()
    dialog = visitor.page.get_by_role("dialog", name="Reply")
    await dialog.get_by_role("textbox").fill("From Monday on.")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_be_hidden()
    preview = visitor.replies.filter(has_text="From Monday on.").last
    await preview.get_by_role("button", name="Send").click()
    await expect(visitor.message("When does it ship?", "From Monday on.")).to_be_visible()
    await expect(shown.get_by_role("listitem").filter(has_text="From Monday on.")).to_be_visible()


async def test_the_card_of_an_event_goes_along_with_it(visitor: Visitor) -> None:
    await visitor.becomes("Ann")
    shown = await visitor.plans("Event of the walk")
    await visitor.opens("webinar")
    await visitor.commands("attach", id="Event of the walk", live="on")

    await shown.get_by_role("button", name="Go live").click()
    card = visitor.message("Event of the walk", "Live")
    await expect(card).to_be_visible()
    await shown.get_by_role("button", name="End").click()
    await expect(visitor.message("Event of the walk", "Ended")).to_be_visible()


async def test_each_person_sees_what_is_theirs(visitor: Visitor) -> None:
    await visitor.becomes("Ann")
    await expect(visitor.room("moderators")).to_be_visible()
    await visitor.opens("moderators")
    await visitor.commands("status")
    await visitor.becomes("Mia")
    await expect(visitor.replies).to_have_count(0)
    await visitor.becomes("member")
    await expect(visitor.room("moderators")).to_have_count(0)
    await expect(visitor.room("general")).to_be_visible()
