"""A backlog that is older than an attachment allows becomes one notice that says so."""

from datetime import timedelta

from tests.fakes.notices import WEBINAR
from tests.fakes.rooms import ROOM, World, idle


def shown(world: World) -> list[str]:
    return world.poster.texts(ROOM)


async def test_stale_chat_is_one_digest_that_counts_it(world: World) -> None:
    await world.attach(ROOM)
    await world.say(*range(1, 1001), is_promoted=False)
    world.now += timedelta(hours=6, seconds=1)
    await world.say(2001, 2002, is_promoted=False)
    await world.say(2003)
    async with world.running() as rooms:
        await idle(rooms)

    promoted, digest, *chat = shown(world)
    assert promoted == "Comment 2003"
    assert digest.startswith("**1000 comments** from <t:")
    assert chat == ["Comment 2001", "Comment 2002"]
    assert world.poster.messages[1].embeds[0]["url"].startswith("https://video.example.com/bridge#")
    assert (world.count("digested"), world.count("delivered")) == (1000, 4)


async def test_promoted_comments_and_live_cards_are_never_too_old(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(ROOM, WEBINAR)
    await world.say(1, 2)
    rooms = world.rooms()
    await world.see(rooms, is_broadcasting=True)
    world.now += timedelta(days=2)
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world)[1:] == ["Comment 1", "Comment 2"]
    assert world.count("digested") == 0


async def test_a_single_old_comment_and_young_ones_are_posted(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, is_promoted=False)
    world.now += timedelta(hours=6, seconds=1)
    await world.say(2, is_promoted=False)
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world) == ["Comment 1", "Comment 2"]


async def test_the_limit_is_each_attachments_own(world: World) -> None:
    await world.attach(ROOM, max_age_s=60)
    await world.say(1, 2, 3, is_promoted=False)
    world.now += timedelta(seconds=61)
    async with world.running() as rooms:
        await idle(rooms)

    (text,) = shown(world)
    assert text.startswith("**3 comments**")


async def test_without_a_limit_everything_is_posted_however_late(world: World) -> None:
    await world.attach(ROOM, max_age_s=0)
    await world.attach(ROOM, WEBINAR, max_age_s=60)
    await world.say(1, 2, 3, is_promoted=False)
    world.now += timedelta(days=30)
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world) == ["Comment 1", "Comment 2", "Comment 3"]
    assert world.count("digested") == 0


async def test_a_comment_of_a_digest_is_news_when_it_is_promoted(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, 2, is_promoted=False)
    world.now += timedelta(hours=7)
    async with world.running() as rooms:
        await idle(rooms)
        rooms.wake(await world.say(2))
        await idle(rooms)

    assert shown(world)[1:] == ["Comment 2"]
