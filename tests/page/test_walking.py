"""What a newcomer does first, through the page: all of it reaches the real bot, and comes back."""

import re

import pytest
from playwright.async_api import expect

from tests.fakes.guest import Guest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_newcomer_attaches_by_typing_and_sees_what_viewers_write(guest: Guest) -> None:
    shown = await guest.adds_video("Film of the walk")
    await guest.opens("general")

    reply = await guest.commands("attach", id="Film of the walk", comments="all")
    await expect(reply).to_contain_text("Film of the walk")

    await guest.comments(shown, "Which camera is that?", name="Chloé")
    notice = guest.message("Which camera is that?")
    await expect(notice).to_contain_text("Chloé")
    await expect(notice.locator("time").first).to_be_visible()
    journey = guest.happens.get_by_role("list", name="Way of the last event")
    for step in ("Published", "Received", "Stored", "Posted"):
        await expect(journey.get_by_role("listitem").filter(has_text=step)).to_have_text(
            re.compile(rf"^{step} (\d\d:\d\d:\d\d|\+\d)")
        )


async def test_a_room_that_is_not_open_is_marked_until_it_is_read(guest: Guest) -> None:
    shown = await guest.adds_video("Film for later")
    await guest.opens("general")
    await guest.commands("attach", id="Film for later", comments="public")
    await guest.opens("webinar")

    await guest.comments(shown, "Is anybody there?")
    await expect(guest.room("general")).to_have_accessible_name(re.compile("1 unread"))
    await guest.opens("general")
    await expect(guest.message("Is anybody there?")).to_be_visible()
    await expect(guest.room("general")).not_to_have_accessible_name(re.compile("unread"))


async def test_a_moderator_promotes_and_replies_by_what_is_under_the_notice(
    guest: Guest,
) -> None:
    shown = await guest.plans("Event with questions")
    await guest.opens("moderators")
    await guest.commands("attach", id="Event with questions", comments="all", actions="on")
    asked = await guest.comments(shown, "Does it come in blue?", kind="question")
    notice = guest.message("Does it come in blue?")

    await notice.get_by_role("button", name="Promote").click()
    await expect(asked).to_contain_text("promoted")
    await expect(notice).to_contain_text("promoted by")

    await notice.get_by_role("button", name="Reply").click()
    dialog = guest.page.get_by_role("dialog", name="Reply")
    await dialog.get_by_role("textbox").fill("In all colours.")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_be_hidden()
    preview = guest.replies.filter(has_text="In all colours.").last
    await preview.get_by_role("button", name="Send").click()
    await expect(guest.message("Does it come in blue?", "In all colours.")).to_be_visible()
    await expect(shown.get_by_role("listitem").filter(has_text="In all colours.")).to_be_visible()


async def test_the_card_of_an_event_goes_along_with_it(guest: Guest) -> None:
    await guest.becomes("Ann")
    shown = await guest.plans("Event of the walk")
    await guest.opens("webinar")
    await guest.commands("attach", id="Event of the walk", live="on")

    await shown.get_by_role("button", name="Go live").click()
    card = guest.message("Event of the walk", "Live")
    await expect(card).to_be_visible()
    await shown.get_by_role("button", name="End", exact=True).click()
    await expect(guest.message("Event of the walk", "Ended")).to_be_visible()


async def test_each_person_sees_what_is_theirs(guest: Guest) -> None:
    await guest.becomes("Ann")
    await expect(guest.room("moderators")).to_be_visible()
    await guest.opens("moderators")
    await guest.commands("status")
    await guest.becomes("Mia")
    await expect(guest.replies).to_have_count(0)
    await guest.becomes("Noah")
    await expect(guest.room("moderators")).to_have_count(0)
    await expect(guest.room("general")).to_be_visible()


async def test_a_forum_gets_a_post_that_can_be_opened(guest: Guest) -> None:
    shown = await guest.adds_video("Film of the forum")
    await guest.opens("general")
    await guest.commands("attach", id="Film of the forum", room="videos", comments="all")
    await guest.comments(shown, "Which music is that?")

    await guest.room("videos").click()
    posts = guest.discord.get_by_role("list", name="Posts")
    post = posts.get_by_role("button", name="Film of the forum")
    await expect(post).to_contain_text(re.compile(r"bot: Which music is that\?\s*1 message"))
    await post.click()
    await expect(guest.message("Which music is that?")).to_be_visible()
