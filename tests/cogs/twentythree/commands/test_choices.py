from __future__ import annotations

import re

import pytest

from cogs.twentythree.commands.choices import attachments_of, is_in, meant_by, object_of, split
from cogs.twentythree.commands.context import CommandContext
from cogs.twentythree.commands.detach import _pick
from cogs.twentythree.commands.replies import Refusal
from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.errors import UnknownObjectError
from tests.fakes.bridge import a_bridge, an_attachment, an_object
from tests.fakes.staged_acting import as_acting

TALK = an_object(1, title="The Talk")
WALK = an_object(2, title="The Walk")
OTHER_WALK = an_object(3, title="The other walk")


def a_context() -> CommandContext:
    return CommandContext(a_bridge(TALK, WALK, OTHER_WALK), acting=as_acting(), clock=float)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", TALK),
        ("https://video.example.com/manage/video/2", WALK),
        ("the  TALK", TALK),
        ("“The Talk”", TALK),
        ("the walk", WALK),
        ("https://watch.example.org/video/2", WALK),
    ],
)
async def test_an_id_a_link_or_a_title_means_one_object(typed: str, meant: object) -> None:
    assert await object_of(a_context(), typed) == meant


async def test_a_title_that_fits_several_objects_is_asked_about() -> None:
    with pytest.raises(Refusal, match="fits more than one title"):
        await object_of(a_context(), "walk")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("talk", "only a part of a title"),
        ("id:0", "only a part of a title"),
        ("https://vimeo.com/1", r"of vimeo\.com"),
        ("https://evil.example/x?photo_id=1", r"of evil\.example"),
    ],
)
async def test_what_may_be_another_object_is_in_doubt(typed: str, why: str) -> None:
    context = CommandContext(
        a_bridge(TALK, an_object(7, title="700 reasons")), acting=as_acting(), clock=float
    )

    meant = await meant_by(context, typed)

    assert meant.doubt is not None
    assert re.search(why, meant.doubt.replace("\\", ""))
    with pytest.raises(Refusal, match=f"give its ID: {meant.object.object_id}"):
        await object_of(context, typed)


async def test_digits_are_an_id_first_and_a_whole_title_second() -> None:
    year, reasons = an_object(4, title="2030"), an_object(2030, title="2030 reasons")

    assert (
        await object_of(
            CommandContext(a_bridge(year, reasons), acting=as_acting(), clock=float), "2030"
        )
        == reasons
    )
    assert (
        await object_of(CommandContext(a_bridge(year), acting=as_acting(), clock=float), "2030")
        == year
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("https://youtube.com/watch?v=dQw4w9WgXcQ", "This link of youtube.* names no video"),
        ('id:" "', "Type an ID or a title, or paste a link"),
    ],
)
async def test_what_means_nothing_is_told_what_to_type(typed: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        await object_of(a_context(), typed)


async def test_a_title_that_fits_nothing_is_said_to_and_shown_disarmed() -> None:
    with pytest.raises(Refusal, match=r"\\\*nothing\\\*"):
        await object_of(a_context(), "*nothing*")


async def test_an_id_that_the_workspace_does_not_know_is_the_workspaces_to_refuse() -> None:
    with pytest.raises(UnknownObjectError):
        await object_of(a_context(), "404")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("12@34", ("12", 34)),
        ("12", ("12", None)),
        ("me@12", ("me@12", None)),
        ("12@", ("12@", None)),
        ("@12", ("@12", None)),
        ("²@34", ("²@34", None)),
    ],
)
def test_a_suggestion_of_another_room_names_that_room(
    typed: str, parts: tuple[str, int | None]
) -> None:
    assert split(typed) == parts


async def test_attachments_are_found_by_id_link_suggestion_and_exact_title() -> None:
    held = [an_attachment(info=TALK), an_attachment(info=WALK)]

    for typed in ("1", "https://video.example.com/?photo_id=1", "1@10", "“the talk”"):
        assert await attachments_of(a_context(), held, typed) == held[:1]
    assert await attachments_of(a_context(), held, "talk") == []


@pytest.mark.parametrize("typed", ["https://vimeo.com/1", "https://youtube.com/watch?v=dQw4w9"])
async def test_a_link_of_another_site_means_no_attachment(typed: str) -> None:
    with pytest.raises(Refusal, match=r"of vimeo|names no video"):
        await attachments_of(a_context(), [an_attachment(info=TALK)], typed)


def test_a_post_belongs_to_its_forum() -> None:
    post = an_attachment(room_id=10, forum_id=20)

    assert is_in(post, 10)
    assert is_in(post, 20)
    assert not is_in(post, 30)
    assert not is_in(an_attachment(room_id=10), None)


async def test_detaching_picks_the_object_of_the_room() -> None:
    here, there = an_attachment(info=TALK, room_id=10), an_attachment(info=TALK, room_id=11)

    assert await _pick(a_context(), [here, there], "1", 11) is there


@pytest.mark.parametrize(
    ("reference", "room_id", "sentence"),
    [
        ("2", 10, r"is not attached to <#10> but to <#11>"),
        ("1", 12, r"is not attached to <#12> but to <#10>"),
        ("9", 12, r"Nothing is attached to <#12>"),
        ("9", 10, r"This is not attached to <#10>"),
        ("no such title", 10, r"This is not attached to <#10>"),
    ],
)
async def test_detaching_what_is_not_there_says_what_is(
    reference: str, room_id: int, sentence: str
) -> None:
    shown = [an_attachment(info=TALK, room_id=10), an_attachment(info=WALK, room_id=11)]

    with pytest.raises(Refusal, match=sentence):
        await _pick(a_context(), shown, reference, room_id)


async def test_two_objects_of_one_title_in_one_room_need_their_ids() -> None:
    twin = an_object(ObjectId(5), title=TALK.title)
    shown = [an_attachment(info=TALK), an_attachment(info=twin)]

    with pytest.raises(Refusal, match="give the ID"):
        await _pick(a_context(), shown, "the talk", 10)
