"""What strangers write is text on the page: no element, no request, no script comes of it."""

import pytest
from playwright.async_api import expect

from tests.fakes.guest import Guest

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Each ends in a way by which it is found again.
_TEXTS = (
    "<img src=//192.0.2.1/x onerror=window.armed=1> end-1.",
    "<script>window.armed=1</script> end-2.",
    "<svg/onload=window.armed=1><iframe srcdoc='<script>parent.armed=1</script>'> end-3.",
    "[win](javascript:window.armed=1) [more](data:text/html,<script>armed=1</script>) end-4.",
    "![x](http://192.0.2.1/x.png) http://192.0.2.1/x.png <http://192.0.2.1/y> end-5.",
    "@everyone <@1> <@&1> <#1> </video attach:1> <t:0:R> <:x:1> <a:y:1> end-6.",
    "**bold** __under__ ~~gone~~ ||hidden|| `code` ```js\nwindow.armed=1\n``` end-7.",
    "# Head\n> quote\n- point\n-# small end-8.",
    "\" autofocus onfocus=window.armed=1 x=\" {{constructor.constructor('armed=1')()}} end-9.",
    "\u202e\u2066\u200b&lt;b&gt; &amp; &#60;img src=x onerror=armed=1&#62; ${armed=1} end-10.",
)
_ELEMENTS = (
    # The picture beside each name is the platform's.
    "img:not(.embed-icon), script, iframe, svg, object, embed, style, link, "
    "a[href^='javascript'], a[href^='data']"
)


async def test_nothing_that_a_viewer_writes_does_anything(guest: Guest) -> None:
    page = guest.page
    shown = await guest.adds_video("Film <b onclick=armed=1>of</b> strangers")
    await guest.opens("general")
    await guest.commands("attach", id="of</b> strangers", comments="all")
    elements = await page.locator(_ELEMENTS).count()

    for text in _TEXTS:
        await guest.comments(shown, text, name=f"<b>{text[:20]}</b>")
    for text in _TEXTS:
        await expect(guest.log).to_contain_text(text[-7:].strip())
    await expect(guest.message("end-2.")).to_contain_text("<script>window.armed=1</script>")

    assert await page.evaluate("window.armed") is None
    assert await page.locator(_ELEMENTS).count() == elements
    assert await page.locator("[onerror], [onload], [onfocus], [onclick]").count() == 0
    # That nothing was asked of 192.0.2.1 is judged at the visit's end.


async def test_what_a_person_says_is_drawn_as_discord_draws_it(guest: Guest) -> None:
    await guest.opens("general")
    await guest.says("**loud** <img src=x onerror=window.armed=1> [x](javascript:armed=1)")
    said = guest.message("loud", "<img src=x onerror=window.armed=1>")

    await expect(said.locator("strong")).to_have_text("loud")
    await expect(said).to_contain_text("[x](javascript:armed=1)")
    assert await said.locator("a").count() == 0
    assert await guest.page.evaluate("window.armed") is None
