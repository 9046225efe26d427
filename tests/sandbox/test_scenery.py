"""What is printed of rooms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.sandbox.filled_stage import FilledStage

_ROW = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "⋯", "custom_id": "x"}]}]


@asynccontextmanager
async def printed(filled: FilledStage) -> AsyncIterator[asyncio.Queue[str]]:
    told: asyncio.Queue[str] = asyncio.Queue()
    filled.stage.say = told.put_nowait
    printing = asyncio.create_task(filled.stage.print_rooms())
    yield told
    printing.cancel()
    await asyncio.gather(printing, return_exceptions=True)
    assert told.empty()


async def test_each_message_is_printed_once_when_it_is_edited_and_when_it_is_gone(
    filled: FilledStage,
) -> None:
    room = filled.stage.webinar_room
    async with printed(filled) as told:
        lines = [await told.get() for _ in range(4)]
        await filled.edit(room, filled.start_message, {"title": "Film", "description": "**Live**"})
        edited = await told.get()
        filled.sandbox.chat.rooms.delete_message(filled.start_message)
        gone = await told.get()

    assert [line.split()[0] for line in lines] == ["#film", "#webinar", "#webinar", "#moderators"]
    assert edited == "  #webinar (edited)  [Film] Live"
    assert gone == "  #webinar (deleted)  [Film] Live"


async def test_buttons_are_printed_and_of_an_edit_what_is_new(filled: FilledStage) -> None:
    room = filled.stage.film_room
    filled.stage.print_unseen()
    async with printed(filled) as told:
        message_id = await filled.post(room, "a", "b", components=_ROW)
        posted = [await told.get(), await told.get()]
        embeds = [{"description": "x"}, {"description": f"<@{filled.stage.mia.id}>"}]
        await filled.edit(room, message_id, *embeds)
        edited = [await told.get(), await told.get()]

    assert posted == ["  #film  x\n  #film  x", "    [⋯]"]
    assert edited == ["  #film (edited)  @Mia", "    [⋯]"]
