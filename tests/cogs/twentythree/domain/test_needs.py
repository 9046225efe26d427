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
from cogs.twentythree.domain.needs import (
    RealtimeAddress,
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


def test_only_what_follows_the_root_may_be_shown() -> None:
    assert root_of(EVENTS) == "/" + "b2" * 20
    assert sub_channel_of(f"{ROOT}/all_json/catchup/6h") == "all_json/catchup/6h"
    assert roots_of(FULL) == (ROOT, "/" + "b2" * 20)
    assert roots_of(RealtimeAddress()) == ()
