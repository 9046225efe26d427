"""The gallery takes pictures of what a real bot has posted."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Browser

from sandbox.gallery.exhibit import LANGUAGES
from sandbox.gallery.exhibits import EXHIBITS
from sandbox.gallery.opening import opened
from sandbox.gallery.taking import WINDOWS

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_exhibit_is_made_and_seen_in_each_window(browser: Browser) -> None:
    exhibit = next(one for one in EXHIBITS if one.name == "attach")

    async with opened(browser, LANGUAGES[0]) as hall:
        taken = await hall.pictures(exhibit)

    sizes = {window.name: Image.open(BytesIO(png)).size for window, png in taken}
    assert sorted(sizes) == sorted(one.name for one in WINDOWS)
    assert {sizes[one][0] for one in ("phone-light", "phone-dark")} == {390}
    assert sizes["desktop-dark"][0] > 2 * 390 - 100
    assert sizes["phone-dark"][1] > sizes["desktop-dark"][1]
    assert len({png for _, png in taken}) == len(WINDOWS)
