"""What goes wrong on purpose: the page says so, and nothing is lost."""

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.fakes.guest import Guest

pytestmark = pytest.mark.asyncio(loop_scope="session")

_STORM = 40


async def test_with_realtime_away_the_status_says_so_and_notices_still_come(
    guest: Guest,
) -> None:
    shown = await guest.adds_video("Film without realtime")
    await guest.opens("general")
    await guest.commands("attach", id="Film without realtime", comments="all")

    async with guest.wrong("Realtime away"):
        await expect(guest.status).to_contain_text("Realtime is not connected")
        await guest.comments(shown, "Does this arrive?")
        await expect(guest.message("Does this arrive?")).to_be_visible()
    await expect(guest.status).to_contain_text("news arrives as it happens")


async def test_with_the_workspace_away_the_status_says_so_and_what_realtime_brings_comes(
    guest: Guest,
) -> None:
    shown = await guest.adds_video("Film without a workspace")
    await guest.opens("general")
    await guest.commands("attach", id="Film without a workspace", comments="all")

    async with guest.wrong("Workspace away"):
        await guest.comments(shown, "And does this arrive?")
        await expect(guest.message("And does this arrive?")).to_be_visible()
        await expect(guest.status).to_contain_text("The workspace does not answer")
    await expect(guest.status).to_contain_text("news arrives as it happens")


async def test_what_is_written_while_the_bot_is_dead_comes_once_it_lives(guest: Guest) -> None:
    shown = await guest.adds_video("Film of a crash")
    await guest.opens("general")
    await guest.commands("attach", id="Film of a crash", comments="all")
    running = guest.happens.get_by_role("switch", name="Bot running")

    await running.click()
    await expect(running).not_to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await guest.comments(shown, text)
    await expect(guest.message("of the silence")).to_have_count(0)
    await running.click()
    await expect(running).to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await expect(guest.message(text)).to_be_visible()
        assert (await guest.log.inner_text()).count(text) == 1


async def test_a_lost_connection_is_marked_and_taken_up_without_loading_the_page_again(
    guest: Guest,
) -> None:
    lines: list[WebSocketRoute] = []
    cut = False

    async def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if cut:
            await line.close(code=1001)
        else:
            line.connect_to_server()

    await guest.page.route_web_socket(re.compile("/live"), connect)
    await guest.page.reload()
    shown = await guest.adds_video("Film behind a tunnel")
    await guest.opens("general")
    await guest.commands("attach", id="Film behind a tunnel", comments="all")
    await guest.page.evaluate("window.isTheSame = true")
    mark = guest.page.get_by_role("status").filter(has_text="Connection lost")

    cut = True
    await lines[-1].close(code=1001)
    await expect(mark).to_be_visible()
    # What was typed meanwhile is not lost.
    await guest.says("Can you hear me?")
    await expect(guest.page.get_by_role("alert").filter(has_text="Not connected")).to_be_visible()
    await expect(guest.box).to_have_value("Can you hear me?")
    cut = False
    await expect(mark).to_be_hidden()
    await guest.box.press("Enter")
    await expect(guest.message("Can you hear me?")).to_be_visible()
    await guest.comments(shown, "Out of the tunnel")
    await expect(guest.message("Out of the tunnel")).to_be_visible()
    assert await guest.page.evaluate("window.isTheSame")


async def test_a_form_that_did_not_go_out_stands_there_again_as_it_was_filled_in(
    guest: Guest,
) -> None:
    lines: list[WebSocketRoute] = []

    async def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if len(lines) == 1:
            line.connect_to_server()

    await guest.page.route_web_socket(re.compile("/live"), connect)
    await guest.page.reload()
    await guest.opens("moderators")
    question = guest.message("When does it ship?")
    await question.get_by_role("button", name="Reply").click()
    form = guest.page.get_by_role("dialog")
    await form.get_by_role("textbox").fill("In May, and a\nlonger word about it.")

    await lines[0].close(code=1001)
    await form.get_by_role("button", name="Submit").click()

    await expect(guest.page.get_by_text("Not connected; it is tried again")).to_be_visible()
    await expect(form.get_by_role("textbox")).to_have_value("In May, and a\nlonger word about it.")
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_be_hidden()


async def test_a_storm_that_discord_refuses_comes_once_it_does_not(guest: Guest) -> None:
    shown = await guest.adds_video("Film of a storm")
    await guest.opens("moderators")
    await guest.commands("attach", id="Film of a storm", comments="all", actions="on")
    last = f"Bravo! ({_STORM})"

    async with guest.wrong("Discord answers 429"):
        await shown.get_by_role("spinbutton", name="At once").fill(str(_STORM))
        await shown.get_by_role("button", name="Burst").click()
        await expect(shown.get_by_role("listitem").filter(has_text=last)).to_be_visible()
        await expect(guest.status).to_contain_text(re.compile(r"Waiting: [1-9]\d* notice"))
        await expect(guest.message("Bravo!")).to_have_count(0)
    await expect(guest.message(last)).to_be_visible()

    # Messages of several comments have a menu in the place of buttons.
    await guest.message(last).get_by_role("button", name="Act on a comment").click()
    menu = guest.page.get_by_role("listbox", name="Act on a comment")
    await menu.get_by_role("option").filter(has_text=last).click()
    await expect(guest.replies.last.get_by_role("button", name="Promote")).to_be_visible()
