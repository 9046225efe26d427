from dataclasses import replace

from cogs.twentythree.domain.cards import cards, of_object, showing
from cogs.twentythree.domain.live import LiveChange
from cogs.twentythree.domain.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    GuildId,
    LiveNotice,
    LivePhase,
    LiveState,
    RoomId,
)
from cogs.twentythree.domain.places import (
    PostingPlace,
    card_room,
    is_to_be_opened,
    posts_to,
    rooms_of,
    told_of,
)
from tests.fakes.notices import SEEN_AT, WEBINAR

THREAD = AttachmentRules(place=PostingPlace.THREAD, at_end=AtEnd.ANNOUNCE)
IN_ROOM = Attachment(
    attachment_id=7,
    guild_id=GuildId(1),
    room_id=RoomId(10),
    object=WEBINAR,
    rules=AttachmentRules(),
    attached_by=5,
    attached_at=SEEN_AT,
)
UNOPENED = replace(IN_ROOM, rules=THREAD)
OPENED = replace(UNOPENED, room_id=RoomId(500), forum_id=RoomId(10))
POST = replace(IN_ROOM, room_id=RoomId(500), forum_id=RoomId(10))


def test_where_things_go() -> None:
    assert [(card_room(one), posts_to(one)) for one in (IN_ROOM, UNOPENED, OPENED, POST)] == [
        (10, 10),
        (10, -7),
        (10, 500),
        (500, 500),
    ]
    assert is_to_be_opened(posts_to(UNOPENED))
    assert not is_to_be_opened(posts_to(OPENED))
    assert rooms_of(UNOPENED) == {10, -7}
    assert rooms_of(OPENED) == {10, 500}


def test_cards_stand_in_the_room_and_the_line_of_the_end_in_the_thread() -> None:
    state = LiveState(phase=LivePhase.ENDED, broadcast=1, ended_at=SEEN_AT, is_settled=True)

    (line,) = cards(WEBINAR, state, LiveChange.SETTLED, [OPENED])
    (start,) = cards(WEBINAR, replace(state, phase=LivePhase.LIVE), LiveChange.STARTED, [OPENED])
    assert (line.room_id, start.room_id, of_object(OPENED).room_id) == (500, 10, 10)


def test_the_card_that_has_the_thread_stays_when_the_event_begins() -> None:
    before = LiveNotice(object=WEBINAR, state=LiveState(phase=LivePhase.SOON), is_start=False)
    state = LiveState(phase=LivePhase.LIVE, broadcast=1, started_at=SEEN_AT)

    kept = showing(before, WEBINAR, state, THREAD, has_thread=True)
    gone = showing(before, WEBINAR, state, THREAD)
    assert (kept.is_withdrawn, kept.state.phase) == (False, LivePhase.LIVE)
    assert gone.is_withdrawn


def test_what_is_told_of_an_event_is_its_phase_until_it_is_settled() -> None:
    ended = LiveState(phase=LivePhase.ENDED)

    assert told_of(ended) == "ended"
    assert told_of(replace(ended, is_settled=True)) == "settled"
