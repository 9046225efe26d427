from datetime import UTC, datetime

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
from cogs.twentythree.domain.realtime import RealtimeAddress
from cogs.twentythree.intake.book import (
    Analytics,
    ChannelBook,
    Needs,
    Service,
    channels_of,
    needs_of,
    root_of,
    roots_of,
    sub_channel_of,
)

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


def test_a_room_for_promoted_comments_does_not_ask_for_the_channel_with_private_questions() -> None:
    needs = needs_of([attachment(CommentPolicy.PROMOTED), attachment(CommentPolicy.NONE)])

    assert list(channels_of(FULL, needs)) == [f"{ROOT}/promoted_json"]


def test_one_room_that_takes_more_opens_the_channel_of_all_comments() -> None:
    needs = needs_of([attachment(CommentPolicy.PROMOTED), attachment(CommentPolicy.PUBLIC)])

    assert list(channels_of(FULL, needs)) == [f"{ROOT}/promoted_json", f"{ROOT}/all_json"]


def test_live_events_are_listened_to_where_a_room_announces_them() -> None:
    needs = needs_of([attachment(CommentPolicy.NONE, live=True)])

    assert channels_of(FULL, needs) == {EVENTS: Service.LIVE}
    assert not needs.comments


def test_the_book_finds_the_object_behind_a_channel() -> None:
    book = ChannelBook()
    book.learn(ONE, FULL, ALL)

    assert book.find(f"{ROOT}/all_json") == (ONE, Service.COMMENTS)
    assert book.find(EVENTS) == (ONE, Service.LIVE)
    assert book.find("/nobody/all_json") is None
    assert set(book.wanted(ONE).values()) == {Service.COMMENTS, Service.LIVE}


def test_the_book_finds_the_objects_behind_channels_each_once() -> None:
    book = ChannelBook()
    book.learn(ONE, FULL, ALL)

    assert book.objects_of([f"{ROOT}/all_json", EVENTS, f"{ROOT}/**", "/nobody/x"]) == (ONE,)
    assert book.objects_of([]) == ()


def test_what_is_learnt_anew_replaces_what_was_known() -> None:
    book = ChannelBook()
    book.learn(ONE, FULL, ALL)
    book.learn(ONE, FULL, PROMOTED)

    assert book.channels() == {f"{ROOT}/promoted_json"}


def test_an_object_is_known_only_if_all_that_is_asked_for_has_a_channel() -> None:
    book = ChannelBook()
    book.learn(ONE, RealtimeAddress(comments_root=ROOT, events=None), ALL)

    assert not book.knows(ONE, ALL)
    assert book.knows(ONE, PROMOTED)
    assert not book.knows(ObjectId(2), PROMOTED)


def test_a_forgotten_object_leaves_nothing() -> None:
    book = ChannelBook()
    book.learn(ONE, FULL, ALL)
    book.forget(ONE)
    book.forget(ONE)

    assert book.channels() == frozenset()
    assert book.address(ONE) is None


def test_only_what_follows_the_root_may_be_shown() -> None:
    assert root_of(EVENTS) == "/" + "b2" * 20
    assert sub_channel_of(f"{ROOT}/all_json/catchup/6h") == "all_json/catchup/6h"
    assert roots_of(FULL) == (ROOT, "/" + "b2" * 20)
    assert roots_of(RealtimeAddress()) == ()


VIEWERS = "/" + "b2" * 20 + "/viewers"


def test_analytics_are_listened_to_only_where_they_are_named() -> None:
    for analytics, channels in (
        (None, {EVENTS}),
        (Analytics(sub_channel="viewers"), {EVENTS, VIEWERS}),
        (
            Analytics(sub_channel="viewers", catch_up="12h"),
            {EVENTS, VIEWERS, f"{VIEWERS}/catchup/12h"},
        ),
    ):
        book = ChannelBook(analytics)
        book.learn(ONE, RealtimeAddress(comments_root=None, events=EVENTS), ALL)

        assert book.channels() == channels
        assert not book.knows(ONE, ALL)
        assert book.knows(ONE, Needs(promoted=False, every_comment=False, live=True))


def test_analytics_are_of_live_events_that_a_room_announces() -> None:
    book = ChannelBook(Analytics(sub_channel="viewers"))
    book.learn(ONE, FULL, PROMOTED)
    assert VIEWERS not in book.channels()
    book.learn(ONE, RealtimeAddress(comments_root=ROOT, events=None), ALL)
    assert VIEWERS not in book.channels()


def test_what_both_channels_of_a_catch_up_carry_is_heard_once() -> None:
    book = ChannelBook(Analytics(sub_channel="viewers", catch_up="12h"))
    book.learn(ONE, FULL, ALL)

    assert book.find(f"{VIEWERS}/catchup/12h") == (ONE, Service.ANALYTICS)
    assert not book.is_double(ONE, {"viewers": 1})
    assert book.is_double(ONE, {"viewers": 1})
    book.learn(ONE, FULL, ALL)
    assert book.is_double(ONE, {"viewers": 1})
    book.forget(ONE)
    assert not book.is_double(ONE, {"viewers": 1})


def test_another_channel_is_another_stream() -> None:
    book = ChannelBook(Analytics(sub_channel="viewers", catch_up="12h"))
    book.learn(ONE, FULL, ALL)
    assert not book.is_double(ONE, 1)

    book.learn(ONE, RealtimeAddress(comments_root=ROOT, events="/" + "c3" * 20 + "/events"), ALL)

    assert not book.is_double(ONE, 1)


def test_without_a_catch_up_nothing_is_a_double() -> None:
    book = ChannelBook(Analytics(sub_channel="viewers"))
    book.learn(ONE, FULL, ALL)

    assert not book.is_double(ONE, 1)
    assert not book.is_double(ONE, 1)
