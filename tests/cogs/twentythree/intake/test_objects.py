import asyncio
from datetime import UTC, datetime
from unittest.mock import Mock

from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.domain.needs import Needs, RealtimeAddress, Service
from cogs.twentythree.intake import Analytics
from cogs.twentythree.intake.objects import Objects, ObjectState
from tests.fakes.intake import Parts, ports

ROOT = "/" + "a1" * 20
EVENTS = "/" + "b2" * 20 + "/events"
FULL = RealtimeAddress(comments_root=ROOT, events=EVENTS)
PROMOTED = Needs(promoted=True, every_comment=False, live=False)
ALL = Needs(promoted=True, every_comment=True, live=True)
ONE = ObjectId(1)


def attachment(comments: CommentPolicy, *, live: bool = False) -> Attachment:
    return Attachment(
        attachment_id=1,
        guild_id=GuildId(1),
        room_id=RoomId(1),
        object=ObjectInfo(object_id=ONE, kind=ObjectKind.LIVE, title="x", url="https://x"),
        rules=AttachmentRules(comments=comments, announces_live=live),
        attached_by=1,
        attached_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


def known(
    address: RealtimeAddress, comments: CommentPolicy, *, live: bool, **options: object
) -> tuple[Objects, ObjectState]:
    """Return one object that is attached so, and has been looked up."""
    objects = Parts(ports(None, None), **options).objects
    return objects, learnt(objects, address, comments, live=live)


def learnt(
    objects: Objects, address: RealtimeAddress, comments: CommentPolicy, *, live: bool
) -> ObjectState:
    state = objects.set(ONE, [attachment(comments, live=live)])
    assert state is not None
    objects.learn(state, address)
    return state


async def test_the_object_behind_a_channel_is_found() -> None:
    objects, state = known(FULL, CommentPolicy.ALL, live=True)

    assert objects.behind(f"{ROOT}/all_json") == [(state, Service.COMMENTS)]
    assert objects.behind(EVENTS) == [(state, Service.LIVE)]
    assert objects.behind("/nobody/all_json") == []
    assert set(state.channels.values()) == {Service.COMMENTS, Service.LIVE}


class _Slow:
    """Attachments whose first reading is answered last."""

    def __init__(self) -> None:
        self.held: list[Attachment] = []
        self.is_asked, self.is_late = asyncio.Event(), asyncio.Event()

    async def find(self, **_: object) -> list[Attachment]:
        found, is_first = list(self.held), not self.is_asked.is_set()
        self.is_asked.set()
        if is_first:
            await self.is_late.wait()
        return found


async def test_what_is_read_late_takes_nothing_back_of_what_was_attached_meanwhile() -> None:
    slow = _Slow()
    objects = Parts(ports(Mock(attachments=slow), None)).objects
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(objects.refresh(ONE))
        await slow.is_asked.wait()
        slow.held = [attachment(CommentPolicy.ALL)]
        newer = tasks.create_task(objects.refresh(ONE))
        await asyncio.wait({newer}, timeout=0)
        slow.is_late.set()

    assert objects.get(ONE) is not None


async def test_the_objects_behind_channels_are_found_each_once() -> None:
    objects, _ = known(FULL, CommentPolicy.ALL, live=True)

    assert objects.all_behind([f"{ROOT}/all_json", EVENTS, f"{ROOT}/**", "/nobody/x"]) == (ONE,)
    assert objects.all_behind([]) == ()


async def test_what_is_asked_for_anew_replaces_what_was() -> None:
    objects, _ = known(FULL, CommentPolicy.ALL, live=True)
    objects.set(ONE, [attachment(CommentPolicy.PROMOTED)])

    assert objects.channels() == {f"{ROOT}/promoted_json"}


async def test_all_that_is_asked_for_must_have_a_channel() -> None:
    _, state = known(RealtimeAddress(comments_root=ROOT, events=None), CommentPolicy.ALL, live=True)

    assert not state.has_channels_for(ALL)
    assert state.has_channels_for(PROMOTED)
    _, other = known(RealtimeAddress(), CommentPolicy.ALL, live=True)
    assert not other.has_channels_for(PROMOTED)


async def test_an_object_that_is_detached_leaves_nothing() -> None:
    objects, _ = known(FULL, CommentPolicy.ALL, live=True)
    objects.set(ONE, [])
    objects.set(ONE, [])

    assert objects.channels() == frozenset()
    assert objects.get(ONE) is None
    again = objects.set(ONE, [attachment(CommentPolicy.ALL)])
    assert again is not None
    assert again.address is None


VIEWERS = "/" + "b2" * 20 + "/viewers"


async def test_analytics_are_listened_to_only_where_they_are_named() -> None:
    for analytics, channels in (
        (None, {EVENTS}),
        (Analytics(sub_channel="viewers"), {EVENTS, VIEWERS}),
        (
            Analytics(sub_channel="viewers", catch_up="12h"),
            {EVENTS, VIEWERS, f"{VIEWERS}/catchup/12h"},
        ),
    ):
        address = RealtimeAddress(comments_root=None, events=EVENTS)
        objects, state = known(address, CommentPolicy.ALL, live=True, analytics=analytics)

        assert objects.channels() == channels
        assert not state.has_channels_for(ALL)
        assert state.has_channels_for(Needs(promoted=False, every_comment=False, live=True))


async def test_analytics_are_of_live_events_that_a_room_announces() -> None:
    viewers = Analytics(sub_channel="viewers")
    objects, _ = known(FULL, CommentPolicy.PROMOTED, live=False, analytics=viewers)
    assert VIEWERS not in objects.channels()
    address = RealtimeAddress(comments_root=ROOT, events=None)
    learnt(objects, address, CommentPolicy.ALL, live=True)
    assert VIEWERS not in objects.channels()


async def test_what_both_channels_of_a_catch_up_carry_is_heard_once() -> None:
    viewers = Analytics(sub_channel="viewers", catch_up="12h")
    objects, state = known(FULL, CommentPolicy.ALL, live=True, analytics=viewers)

    assert objects.behind(f"{VIEWERS}/catchup/12h") == [(state, Service.ANALYTICS)]
    assert not state.is_double({"viewers": 1})
    assert state.is_double({"viewers": 1})
    state = learnt(objects, FULL, CommentPolicy.ALL, live=True)
    assert state.is_double({"viewers": 1})
    objects.set(ONE, [])
    state = learnt(objects, FULL, CommentPolicy.ALL, live=True)
    assert not state.is_double({"viewers": 1})


async def test_another_channel_is_another_stream() -> None:
    viewers = Analytics(sub_channel="viewers", catch_up="12h")
    objects, state = known(FULL, CommentPolicy.ALL, live=True, analytics=viewers)
    assert not state.is_double(1)

    moved = RealtimeAddress(comments_root=ROOT, events="/" + "c3" * 20 + "/events")
    state = learnt(objects, moved, CommentPolicy.ALL, live=True)

    assert not state.is_double(1)


async def test_without_a_catch_up_nothing_is_a_double() -> None:
    viewers = Analytics(sub_channel="viewers")
    _, state = known(FULL, CommentPolicy.ALL, live=True, analytics=viewers)

    assert not state.is_double(1)
    assert not state.is_double(1)
