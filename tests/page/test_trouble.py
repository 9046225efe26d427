"""What goes wrong on purpose: the page says so, and nothing is lost."""

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_with_realtime_away_the_status_says_so_and_notices_still_come(
    visitor: Visitor,
) -> None:
    shown = await visitor.adds_video("Film without realtime")
    await visitor.opens("general")
    await visitor.commands("attach", id="Film without realtime", comments="all")
    switch = visitor.happens.get_by_role("switch", name="Realtime away")
    status = visitor.happens.get_by_role("region", name="Status")

    await switch.click()
    await expect(switch).to_be_checked()
    await expect(status).to_contain_text("Realtime is not connected")
    await visitor.comments(shown, "Does this arrive?")
    await expect(visitor.message("Does this arrive?")).to_be_visible()

    await switch.click()
    await expect(status).to_contain_text("news arrives as it happens")


async def test_what_is_written_while_the_bot_is_dead_comes_once_it_lives(visitor: Visitor) -> None:
    shown = await visitor.adds_video("Film of a crash")
    await visitor.opens("general")
    await visitor.commands("attach", id="Film of a crash", comments="all")
    running = visitor.happens.get_by_role("switch", name="Bot running")

    await running.click()
    await expect(running).not_to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await visitor.comments(shown, text)
    await expect(visitor.message("of the silence")).to_have_count(0)
    await running.click()
    await expect(running).to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await expect(visitor.message(text)).to_be_visible()
        assert (await visitor.log.inner_text()).count(text) == 1


async def test_a_lost_connection_is_marked_and_taken_up_without_loading_the_page_again(
    visitor: Visitor,
) -> None:
    lines: list[WebSocketRoute] = []
    cut = True

    async def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if cut:
            await line.close(code=1001)
        else:
            line.connect_to_server()

    shown = await visitor.adds_video("Film behind a tunnel")
    await visitor.page.route_web_socket(re.compile("/live"), connect)
    cut = False
    await visitor.page.reload()
    await visitor.opens("general")
    await visitor.commands("attach", id="Film behind a tunnel", comments="all")
    await visitor.page.evaluate("window.isTheSame = true")
    mark = visitor.page.get_by_role("status").filter(has_text="Connection lost")

    cut = True
    await lines[-1].close(code=1001)
    await expect(mark).to_be_visible()
    cut = False
    await expect(mark).to_be_hidden()
    await visitor.comments(shown, "Out of the tunnel")
    await expect(visitor.message("Out of the tunnel")).to_be_visible()
    assert await visitor.page.evaluate("window.isTheSame")
